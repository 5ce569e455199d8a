package main

import (
	"fmt"
	"math"
	"time"

	"github.com/descent-go/descent/tools/bench/side"
)

// limits is what the machine can do with at most that many threads.
type limits struct {
	bytes      float64 // read from memory, per second
	operations float64 // of float64, per second; 0 if not measured
}

// limit measures both. The reading is our dot product or OpenBLAS's of 400 MB,
// whichever is faster, the operations are multiply-adds in registers.
func (b *bench) limit(threads int) (l limits, err error) {
	const numbers, rounds = 50_000_000, 20_000_000
	for _, reader := range []string{"ours", "python"} {
		_, t, err := b.best(reader, threads, "read", side.Args{Samples: numbers})
		if err != nil {
			return l, err
		}
		l.bytes = max(l.bytes, 8*numbers/t)
	}
	operations, t, err := b.best("ours", threads, "multiply-add", side.Args{Samples: rounds})
	if err != nil {
		return l, err
	}
	l.operations = operations[0] / t
	return l, b.forget()
}

// best returns the result of a work and the shortest of several times.
func (b *bench) best(name string, threads int, work string, a side.Args) ([]float64, float64, error) {
	p, err := b.process(name, threads, "")
	if err != nil {
		return nil, 0, err
	}
	result, err := p.ask(side.Request{Do: "prepare", ID: work, Work: work, Args: a})
	if err != nil {
		return nil, 0, err
	}
	shortest := math.Inf(1)
	for range max(9, b.repeat) {
		time.Sleep(rest)
		t, err := p.ask(side.Request{Do: "time", ID: work, Times: 1})
		if err != nil {
			return nil, 0, err
		}
		shortest = min(shortest, t.Wall)
	}
	return result.Result, shortest, nil
}

// share writes a fraction of a limit.
func share(v, limit float64) string {
	if limit == 0 {
		return "not measured"
	}
	return fmt.Sprintf("%.0f %%", 100*v/limit)
}
