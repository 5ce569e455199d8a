package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/tools/bench/side"
)

// TestMain makes the test a side when BENCH_SIDE is set.
func TestMain(m *testing.M) {
	if os.Getenv("BENCH_SIDE") == "" {
		os.Exit(m.Run())
	}
	gives := func(v float64) side.Work {
		return func(side.Args) (side.Task, error) {
			return side.Task{Run: func() { time.Sleep(time.Millisecond) }, Check: func() []float64 { return []float64{v} }}, nil
		}
	}
	err := side.Serve(os.Stdin, os.Stdout, map[string]side.Work{
		"one": gives(1), "two": gives(2),
		"compiled": func(side.Args) (side.Task, error) {
			return side.Task{Run: func() { time.Sleep(time.Millisecond) }, Check: func() []float64 { time.Sleep(long); return []float64{1} }}, nil
		},
		"exit": func(side.Args) (side.Task, error) { os.Exit(3); return side.Task{}, nil },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestFailedRows: where the sides differ, or one of them dies, the contests and rows
// after it are held all the same, and the error names every row that failed.
func TestFailedRows(t *testing.T) {
	t.Setenv("BENCH_SIDE", "1")
	command := []string{os.Args[0]}
	b := &bench{
		repeat: 1, threads: []int{1}, coretypes: []string{""}, clock: func(r side.Reply) float64 { return r.Wall },
		commands: map[string][]string{"ours": command, "python": command}, running: map[string]*process{},
	}
	against := func(works ...string) func(inputs) ([]contest, error) {
		var all []contest
		for _, w := range works {
			all = append(all, contest{work: "ours against " + w, ours: "one", rivals: []rival{{name: "peer", side: "python", work: w}}})
		}
		return func(inputs) ([]contest, error) { return all, nil }
	}
	chosen := []row{
		{"differs", "", against("two", "one")},
		{"dies", "", against("exit")},
		{"inputs", "", func(inputs) ([]contest, error) { return nil, fmt.Errorf("the disk is full") }},
		{"fine", "", against("one", "one")},
	}
	counts := map[string]int{}
	err := each(chosen, func(r row) error {
		results, err := b.row(r)
		counts[r.name] = len(results)
		return err
	})
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	for _, want := range []string{
		"differs: ours against two, , 1 threads: peer, , does not come to our result: number 0 is 1 against 2",
		"dies: ours against exit", "ended in the middle of its work", "inputs: the disk is full",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if want := "\n3 of 4 rows failed, and no document is written: differs, dies, inputs"; !strings.HasSuffix(text, want) {
		t.Errorf("the error does not end with %q:\n%s", want, text)
	}
	if got := fmt.Sprint(counts); got != "map[dies:0 differs:1 fine:2 inputs:0]" || len(b.results) != 3 {
		t.Errorf("results of %s, %d in all", got, len(b.results))
	}
	if err := b.stop(); err != nil {
		t.Error(err)
	}
	if err := each(chosen[3:], func(row) error { return nil }); err != nil {
		t.Errorf("a row that does not fail: %v", err)
	}
	if n := len(b.results); b.results[n-2].place == b.results[n-1].place {
		t.Errorf("two contests have the place %q", b.results[n-1].place)
	}
}

// TestCompilersAreTimedAgain: what compiles in its first run is judged by another one, or it
// would be left out, however fast it is.
func TestCompilersAreTimedAgain(t *testing.T) {
	t.Setenv("BENCH_SIDE", "1")
	b := &bench{commands: map[string][]string{"python": {os.Args[0]}}, coretypes: []string{""}, running: map[string]*process{}}
	p, err := b.process("python", 1, "")
	if err != nil {
		t.Fatal(err)
	}
	wall := func(r side.Reply) float64 { return r.Wall }
	for solver, first := range map[string]bool{"JAX": false, "torch.compile": false, "PyTorch": true} {
		e := &entrant{process: p, id: solver}
		if _, err := e.prepare("compiled", side.Args{Solver: solver}, wall); err != nil {
			t.Fatal(err)
		}
		if is := e.seconds[0] >= long.Seconds(); is != first {
			t.Errorf("%s: %g s are taken from the first run: %t, want %t", solver, e.seconds[0], is, first)
		}
	}
	if err := b.stop(); err != nil {
		t.Error(err)
	}
}
