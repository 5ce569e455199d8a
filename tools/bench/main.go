// Bench times this library against its peers and against the limits of the
// machine, and writes the tables of docs/performance.md. make bench runs it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/descent-go/descent/tools/bench/side"
	"github.com/descent-go/descent/tools/document"
)

// bench is one run: its settings, and the sides that are running.
type bench struct {
	repeat    int
	threads   []int    // numbers of threads to compare with
	coretypes []string // values of OPENBLAS_CORETYPE to try; "" is unset
	clock     func(side.Reply) float64
	in        inputs
	results   []result            // of all rows with this seed
	jupyter   string              // a Python that has Jupyter
	charts    string              // where they are drawn
	usual     bool                // as the document has it, so that rows are recorded
	commands  map[string][]string // of the sides
	running   map[string]*process
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	seedList := flag.String("seed", "", "draws shapes and numbers; with several, separated by commas, their verdicts are compared")
	names := flag.String("rows", "", "the rows to measure, separated by commas; all if empty")
	repeat := flag.Int("repeat", 7, "how often each side is timed")
	threads := flag.String("threads", "", "numbers of threads, separated by commas; 1 and all cores if empty")
	clock := flag.String("clock", "wall", "wall, or cpu: the time of all threads together, for a busy machine")
	python := flag.String("python", "python3", "a Python that has the peers")
	before := flag.String("before", "", "a Python that has them as a distribution ships them; none if empty")
	jupyter := flag.String("jupyter", "python3", "a Python that has Jupyter and the kernel")
	folder := flag.String("folder", ".lab/bench", "where the data and the programs of the sides are")
	file := flag.String("file", "docs/performance.md", "whose tables a run of all rows writes anew")
	flag.Parse()
	chosen, err := choose(*names)
	if err != nil {
		return err
	}
	if *repeat < 1 {
		return fmt.Errorf("REPEAT is %d, want at least 1", *repeat)
	}
	in := inputs{root: *folder, python: *python}
	drawn, err := seeds(*seedList)
	if err != nil {
		return err
	}
	b := &bench{
		repeat: *repeat, coretypes: coretypes(), in: in, jupyter: *jupyter, charts: in.root,
		commands: map[string][]string{
			"ours":    {in.folder("bin", "ours")},
			"gopeers": {in.folder("bin", "gopeers")},
			"python":  {*python, "tools/bench/peer.py"},
		},
		running: map[string]*process{},
	}
	if *before != "" {
		b.commands["before"] = []string{*before, "tools/bench/peer.py"}
	}
	if b.threads, err = counts(*threads); err != nil {
		return err
	}
	if b.clock, err = clocks(*clock); err != nil {
		return err
	}
	// What the document says comes from runs with the usual settings.
	b.usual = *threads == "" && *clock == "wall" && *seedList == ""
	defer func() { err = errors.Join(err, b.stop()) }()
	begin := time.Now()
	machine, err := b.machine()
	if err != nil {
		return err
	}
	var runs [][]result
	var failed []error
	for _, seed := range drawn {
		b.in.seed, b.results = seed, nil
		if err := os.MkdirAll(filepath.Dir(b.in.path("x")), 0o755); err != nil {
			return err
		}
		outcomes, err := b.measure(chosen, machine)
		if err != nil {
			failed = append(failed, fmt.Errorf("seed %d: %w", seed, err))
		}
		tables, err := b.tables(outcomes)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		tables["machine"] = machine
		if *clock != "wall" { // processor time does not say who waits
			delete(tables, "threads")
		}
		fmt.Println("\nseed", seed)
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			fmt.Printf("\n%s\n\n%s", name, tables[name])
		}
		runs = append(runs, b.results)
	}
	if len(drawn) > 1 {
		fmt.Printf("\nverdicts\n\n%s", agreement(runs, drawn))
	}
	fmt.Println("\ntook", time.Since(begin).Round(time.Second))
	if err := errors.Join(failed...); err != nil || !b.usual {
		return err
	}
	return b.write(*file, machine)
}

// write fills the document's tables from the records of all rows that have one, and names
// the others.
func (b *bench) write(file, machine string) error {
	outcomes, days, missing, err := b.recorded(machine)
	if err != nil {
		return err
	}
	b.charts = filepath.Dir(file)
	tables, err := b.tables(outcomes)
	if err != nil {
		return err
	}
	tables["machine"] = machine + fmt.Sprintf("| measured on | %s |\n", strings.Join(days, ", "))
	if missing != nil {
		tables["machine"] += fmt.Sprintf("| not measured yet with these versions | %s |\n", strings.Join(missing, ", "))
		fmt.Println("\nrows without a record, whose tables stay as they were:", strings.Join(missing, ","))
	}
	texts := map[string]string{}
	for name, table := range tables {
		texts["bench: "+name] = table
	}
	return document.Fill(file, texts)
}

// measure returns what the rows come to, by name, and keeps a record of each. If rows
// fail, it returns those of the others, and an error that names them.
func (b *bench) measure(chosen []row, machine string) (map[string]outcome, error) {
	all := map[string]outcome{}
	failed := each(chosen, func(r row) (err error) {
		var o outcome
		switch r.name {
		case "cells":
			o.table, err = cells(b.jupyter, b.repeat)
		case "growth":
			o.samples, o.features, err = b.growth()
		default:
			o.results, err = b.row(r)
		}
		all[r.name] = o
		if err != nil || !b.usual {
			return err
		}
		return b.keep(r.name, machine, o)
	})
	return all, failed
}

// tables writes outcomes of rows as tables, by name.
func (b *bench) tables(outcomes map[string]outcome) (map[string]string, error) {
	all := map[string]string{}
	most := map[int]limits{}
	for _, n := range b.threads {
		var err error
		if most[n], err = b.limit(n); err != nil {
			return nil, err
		}
	}
	var peers, products, goPeers []result
	for _, r := range rows {
		o := outcomes[r.name]
		switch r.name {
		case "cells":
			if o.table != "" {
				all["cells"] = o.table
			}
		case "growth":
			if o.samples != nil {
				var err error
				if all["growth"], err = drawGrowth(b.charts, o.samples, o.features); err != nil {
					return nil, err
				}
			}
		case "gemm":
			products = o.results
		case "gopeers":
			goPeers = o.results
		default:
			if r.name == "gd" && o.results != nil {
				all["passes"] = passes(o.results, most)
			}
			peers = append(peers, o.results...)
		}
	}
	compared := slices.Concat(peers, products)
	if compared != nil {
		var err error
		if all["ratios"], err = drawRatios(b.charts, compared); err != nil {
			return nil, err
		}
	}
	if len(b.threads) > 1 {
		all["threads"] = secondThread(slices.Concat(compared, goPeers))
	}
	for name, results := range map[string][]result{"peers": peers, "gopeers": goPeers} {
		if results != nil {
			all[name] = comparison(results)
		}
	}
	if products != nil {
		all["gemm"] = rates(products, most)
	}
	return all, nil
}

// each measures one row after another and says how far it is. A row that fails
// does not keep the next from being measured: the error at the end names all that
// failed, with their reasons.
func each(chosen []row, measure func(row) error) error {
	begin := time.Now()
	var names []string
	var reasons []error
	for i, r := range chosen {
		fmt.Printf("[%d of %d, after %s] %s: %s\n", i+1, len(chosen), time.Since(begin).Round(time.Second), r.name, r.about)
		if err := measure(r); err != nil {
			fmt.Fprintf(os.Stderr, "row %s failed: %v\n", r.name, err)
			names, reasons = append(names, r.name), append(reasons, fmt.Errorf("%s: %w", r.name, err))
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("%w\n%d of %d rows failed, and no document is written: %s",
		errors.Join(reasons...), len(names), len(chosen), strings.Join(names, ", "))
}

// row holds the contests of a row and says how they end. A contest that fails does
// not keep the next from being held.
func (b *bench) row(r row) (all []result, err error) {
	if r.contests == nil {
		return nil, nil
	}
	contests, err := r.contests(b.in)
	if err != nil {
		return nil, err
	}
	var failed []error
	for i, c := range contests {
		threads := b.threads
		if c.serial {
			threads = threads[:1]
		}
		for _, n := range threads {
			results, err := b.hold(c, n)
			if err != nil {
				failed = append(failed, fmt.Errorf("%s, %s, %d threads: %w", c.work, c.precision, n, err))
				continue
			}
			for k := range results {
				results[k].place = fmt.Sprint(r.name, i, n, k)
				fmt.Println(results[k].progress())
			}
			all = append(all, results...)
		}
	}
	b.results = append(b.results, all...)
	return all, errors.Join(failed...)
}

// choose returns the rows with the given names.
func choose(names string) ([]row, error) {
	if names == "" {
		return rows, nil
	}
	var chosen []row
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
		if i < 0 {
			var known []string
			for _, r := range rows {
				known = append(known, r.name)
			}
			return nil, fmt.Errorf("there is no row %q: choose from %s", name, strings.Join(known, ","))
		}
		chosen = append(chosen, rows[i])
	}
	return chosen, nil
}

// A variant is a choice that a rival leaves open.
type variant struct {
	solver, kernels string
	before          bool // with a distribution's libraries
}

func (v variant) String() string {
	if v.kernels != "" {
		return strings.TrimSpace(v.solver + " " + v.kernels)
	}
	return v.solver
}

// variants are all choices of a rival: its solvers, and for the Python side
// OpenBLAS's kernels and a distribution's libraries.
func (b *bench) variants(r rival) []variant {
	solvers, kernels := r.solvers, []string{""}
	if solvers == nil {
		solvers = []string{""}
	}
	before := r.before
	if before == nil {
		before = solvers
	}
	if r.side == "python" && !r.noBLAS {
		kernels = b.coretypes
	}
	var all []variant
	for _, s := range solvers {
		for _, k := range kernels {
			all = append(all, variant{s, k, false})
			if b.commands["before"] != nil && r.side == "python" && r.needs == "" && slices.Contains(before, s) {
				all = append(all, variant{s, k, true})
			}
		}
	}
	return all
}

// coretypes are the kernels of OpenBLAS to try: those that it chooses itself,
// and those of OPENBLAS_CORETYPE or, without it, its AVX2 kernels, which are
// sometimes faster.
func coretypes() []string {
	if c := os.Getenv("OPENBLAS_CORETYPE"); c != "" {
		return []string{"", c}
	}
	return []string{"", "Haswell"}
}

// process returns the running side with so many threads, and starts it first if
// there is none.
func (b *bench) process(name string, threads int, kernels string) (*process, error) {
	key := fmt.Sprint(name, " ", threads, kernels)
	if p, ok := b.running[key]; ok && !p.ended {
		return p, nil
	}
	n := fmt.Sprint(threads)
	settings := []string{"GOMAXPROCS=" + n, "OMP_NUM_THREADS=" + n, "OPENBLAS_NUM_THREADS=" + n, "OPENBLAS_CORETYPE"}
	if kernels != "" {
		settings[3] += "=" + kernels
	}
	p, err := start(name, b.commands[name], settings)
	if err != nil {
		return nil, err
	}
	b.running[key] = p
	return p, nil
}

// end stops a side if it runs, so that the next to ask for it gets a fresh one.
func (b *bench) end(name string, threads int) error {
	key := fmt.Sprint(name, " ", threads)
	p, ok := b.running[key]
	if !ok {
		return nil
	}
	delete(b.running, key)
	if p.ended {
		return nil
	}
	return p.stop()
}

// forget makes all sides that still run let go of their data.
func (b *bench) forget() error {
	for _, p := range b.running {
		if p.ended {
			continue
		}
		if _, err := p.ask(side.Request{Do: "forget"}); err != nil {
			return err
		}
	}
	return nil
}

// stop ends all sides.
func (b *bench) stop() error {
	var errs []error
	for _, p := range b.running {
		if p.ended {
			continue // and the row that it ended in has said so
		}
		if err := p.stop(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w: %s", p.name, err, p.stderr.String()))
		}
	}
	return errors.Join(errs...)
}
