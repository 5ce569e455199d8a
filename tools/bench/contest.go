package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/descent-go/descent/tools/bench/side"
)

// A contest is the same work done by this library and by its rivals.
type contest struct {
	work      string // as the table calls it
	precision string // likewise
	ours      string // what our side calls the work
	args      side.Args
	rivals    []rival
	tolerance float64 // within which results must agree, see differ
	serial    bool    // no side has a use for a second thread
	bytes     float64 // what would be read if each iteration read the data once
}

// A rival does the work of a contest with another library.
type rival struct {
	name    string   // as the table calls it
	side    string   // python or go
	work    string   // what its side calls the work
	solvers []string // the fastest counts; nil if there is nothing to choose
	before  []string // those of them that the libraries of a distribution know; nil for all
	needs   string   // the package of Python without which it is left out; "" for those that are always there
	noBLAS  bool     // its work, at least by the libraries of today, has no use for OpenBLAS, whose kernels are then not tried
	bar     float64  // how many times faster we mean to be; 0 for no aim
}

// A result is a line of a table.
type result struct {
	contest
	place      string // of the row, the same with every seed
	rival      rival
	threads    int
	variant    string    // of the rival, the fastest
	mine, peer []float64 // seconds for one run, in turn
	jobs       float64   // of ours in one run that are shared among the threads
	before     []float64 // of the rival as a distribution has it; nil if it is not there
}

// ratio returns how many times faster we are: the median of the rounds' ratios
// and their quartiles.
func (r result) ratio() (middle, low, high float64) {
	q := quotients(r.peer, r.mine)
	return median(q), quantile(q, 0.25), quantile(q, 0.75)
}

// An entrant is one way to do the work of a contest.
type entrant struct {
	rival   int // index, −1 for us
	variant string
	before  bool // with a distribution's libraries
	process *process
	id      string
	times   int       // runs in one measurement
	seconds []float64 // for one run
	jobs    float64   // shared among threads in one run, the last time
}

// shortest is what a measurement lasts at least, so that the clock and the
// call over a pipe do not count.
const shortest = 50 * time.Millisecond

// rest is the pause between measurements. Threads of OpenBLAS and OpenMP wait
// for more work in a loop for a while before they sleep.
const rest = 60 * time.Millisecond

// long is a run that needs no warm-up but the one whose result is compared.
const long = 500 * time.Millisecond

// compilers compile in their first run, whose time therefore says nothing.
var compilers = []string{"torch.compile", "JAX", "Optax"}

// A contest ends after enough time, but not before a few rounds, or when it has taken
// too much.
const (
	enough  = 8 * time.Second
	few     = 3
	tooMuch = 2 * time.Minute
)

// prepare makes an entrant ready, finds out how often to run, which is also the
// warm-up, and returns the result of a run.
func (e *entrant) prepare(work string, a side.Args, clock func(side.Reply) float64) ([]float64, error) {
	reply, err := e.process.ask(side.Request{Do: "prepare", ID: e.id, Work: work, Args: a})
	if err != nil {
		return nil, err
	}
	e.times = 1
	if reply.Wall >= long.Seconds() && !slices.Contains(compilers, a.Solver) {
		e.seconds = []float64{reply.Wall}
		return reply.Result, nil
	}
	for {
		t, err := e.process.ask(side.Request{Do: "time", ID: e.id, Times: e.times})
		if err != nil {
			return nil, err
		}
		if t.Wall >= shortest.Seconds()/2 {
			e.seconds = []float64{clock(t) / float64(e.times)}
			e.times = max(1, int(math.Ceil(float64(e.times)*shortest.Seconds()/t.Wall)))
			return reply.Result, nil
		}
		e.times *= 4
	}
}

// hold runs a contest with the given number of threads on each side.
func (b *bench) hold(c contest, threads int) (results []result, err error) {
	defer func() { err = errors.Join(err, b.forget()) }()
	entrants, err := b.enter(c, threads)
	if err != nil {
		return nil, err
	}
	entrants = contenders(entrants)
	for _, e := range entrants {
		e.seconds = e.seconds[:0]
	}
	begin := time.Now()
	for round := range b.repeat {
		if round >= few && time.Since(begin) > enough || round > 0 && time.Since(begin) > tooMuch {
			break
		}
		for _, e := range entrants {
			time.Sleep(rest)
			t, err := e.process.ask(side.Request{Do: "time", ID: e.id, Times: e.times})
			if err != nil {
				return nil, err
			}
			e.seconds = append(e.seconds, b.clock(t)/float64(e.times))
			e.jobs = float64(t.Jobs) / float64(e.times)
		}
	}
	for i, r := range c.rivals {
		best := fastest(entrants, i, false)
		all := result{
			contest: c, rival: r, threads: threads, variant: best.variant, mine: entrants[0].seconds, jobs: entrants[0].jobs, peer: best.seconds,
		}
		if old := fastest(entrants, i, true); old != nil {
			all.before = old.seconds
		}
		results = append(results, all)
	}
	return results, nil
}

// enter prepares all entrants of a contest, us first, and compares what came
// out.
func (b *bench) enter(c contest, threads int) ([]*entrant, error) {
	mine, err := b.process("ours", threads, "")
	if err != nil {
		return nil, err
	}
	us := &entrant{rival: -1, process: mine, id: c.ours}
	want, err := us.prepare(c.ours, c.args, b.clock)
	if err != nil {
		return nil, err
	}
	entrants := []*entrant{us}
	for i, r := range c.rivals {
		for _, v := range b.variants(r) {
			side := r.side
			if v.before {
				side = "before"
			}
			p, err := b.process(side, threads, v.kernels)
			if err != nil {
				return nil, err
			}
			e := &entrant{rival: i, variant: v.String(), before: v.before, process: p, id: r.name + v.solver}
			a := c.args
			a.Solver = v.solver
			got, err := e.prepare(r.work, a, b.clock)
			if err == nil {
				if err = differ(want, got, c.tolerance); err != nil {
					err = fmt.Errorf("%s, %s, does not come to our result: %w", r.name, e.variant, err)
				}
			}
			if err != nil && v.before { // an old library may not know all of it
				fmt.Fprintf(os.Stderr, "left out: %s of the distribution: %v\n", r.name, err)
				continue
			}
			if err != nil {
				return nil, err
			}
			entrants = append(entrants, e)
		}
	}
	return entrants, nil
}

// contenders leaves out the variants that took more than twice the time of
// their rival's best when they were prepared.
func contenders(all []*entrant) []*entrant {
	var kept []*entrant
	for _, e := range all {
		if median(e.seconds) <= 2*median(fastest(all, e.rival, e.before).seconds) {
			kept = append(kept, e)
		}
	}
	return kept
}

// fastest returns the variant of a rival with the smallest median, of today's libraries or of those before them.
func fastest(all []*entrant, rival int, before bool) *entrant {
	var best *entrant
	for _, e := range all {
		if e.rival == rival && e.before == before && (best == nil || median(e.seconds) < median(best.seconds)) {
			best = e
		}
	}
	return best
}
