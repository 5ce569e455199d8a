package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/descent-go/descent/internal/crew"
)

// slowest is how much longer a row may take on more threads than on one.
const slowest = 1.02

// secondThread is the table of the time on more threads in proportion to that on
// one, the worst first, and of what it would be on more cores. It counts on a
// quiet machine alone.
func secondThread(results []result) string {
	type pair struct {
		one, more result
		ratio     float64
	}
	var pairs []pair
	for i, r := range results {
		if r.threads == 1 || i > 0 && results[i-1].same(r) && results[i-1].threads == r.threads {
			continue // another rival of the same contest
		}
		j := slices.IndexFunc(results, func(o result) bool { return o.same(r) && o.threads == 1 })
		if j >= 0 {
			pairs = append(pairs, pair{results[j], r, median(r.mine) / median(results[j].mine)})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.ratio, a.ratio) })
	t := table{head: []string{"work", "precision", "on one thread", "threads", "on these", "share", fmt.Sprintf("at most %g", slowest), "jobs shared"}}
	for _, cores := range more {
		t.head = append(t.head, fmt.Sprintf("on %d, on paper", cores))
	}
	over, overOnPaper := 0, 0
	for _, p := range pairs {
		if p.ratio > slowest {
			over++
		}
		one, several := median(p.one.mine), median(p.more.mine)
		row := []string{p.more.work, p.more.precision, seconds(one), fmt.Sprint(p.more.threads), seconds(several), digits(p.ratio), sign(p.ratio <= slowest), digits(p.more.jobs)}
		worst := 0.0
		for _, cores := range more {
			share := onPaper(one, several, p.more.threads, p.more.jobs, cores) / one
			worst = max(worst, share)
			row = append(row, digits(share))
		}
		if worst > slowest {
			overOnPaper++
		}
		t.add(row...)
	}
	return t.String() + fmt.Sprintf("\nMore threads cost time in %d of %d rows, and on paper in %d.\n", over, len(pairs), overOnPaper)
}

// more are the numbers of cores that are not here.
var more = []int{8, 64}

const (
	// hail is what the caller of a job loses for each helper after the first, in
	// seconds: a line of memory goes to another core and back, 50 to 100 ns on
	// servers.
	hail = 200e-9
	// arrival is how long a helper takes that looks for work.
	arrival = 2500 * time.Nanosecond
)

// onPaper returns the time on a number of cores, given the times on one thread and on
// several. By Amdahl's law n of them take s + p/n, and two times tell s and p. Work
// that has no use for several has none for more. A job is shared by no more than
// [crew.Worth] finds for the mean of all, and each of them after the first costs a
// hail.
func onPaper(one, several float64, threads int, jobs float64, cores int) float64 {
	parallel := min(max(0, (one-several)/(1-1/float64(threads))), one)
	serial := max(one, several) - parallel
	workers := cores
	if jobs > 0 {
		defer crew.Fix(arrival)()
		workers = max(threads, crew.Worth(cores, parallel/jobs*1e9))
	}
	return serial + parallel/float64(workers) + jobs*float64(workers-threads)*hail
}
