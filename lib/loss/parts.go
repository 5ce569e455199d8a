package loss

import (
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
)

// shared is the number of elements from which on they are divided among the cores.
const shared = 1 << 15

// A division is rows, or elements, in parts of one size, whatever the number of cores, so that
// their sums, added in order, are the same on any.
type division struct {
	parts rows.Parts
	sum   func(lo, hi int) accurate.Sum
	sums  []accurate.Sum
	run   func(worker, part, lo, hi int) // part, bound once

	mu    sync.Mutex
	panic any // of a part
}

var divisions = sync.Pool{New: func() any {
	d := new(division)
	d.run = d.part
	return d
}}

// inParts returns the sum of what sum returns for the parts of n rows.
func inParts(n, size int, sum func(lo, hi int) accurate.Sum) accurate.Sum {
	d := divisions.Get().(*division)
	d.parts.Set(0, n, size, size)
	d.sum, d.panic = sum, nil
	count := d.parts.Count()
	if cap(d.sums) < count {
		d.sums = make([]accurate.Sum, count)
	}
	d.sums = d.sums[:count]
	d.parts.Do(runtime.GOMAXPROCS(0), d.run)
	var all accurate.Sum
	for _, s := range d.sums {
		all.AddSum(s)
	}
	failure := d.panic
	d.sum, d.panic = nil, nil
	divisions.Put(d)
	if failure != nil { // on the caller's stack, where it can be recovered
		panic(failure)
	}
	return all
}

func (d *division) part(_, number, lo, hi int) {
	defer func() {
		if r := recover(); r != nil {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.panic = r
		}
	}()
	d.sums[number] = d.sum(lo, hi)
}

// rowsInParts is inParts with the rows of each part.
func rowsInParts(dPred, pred, target blas64.General, weight []float64, sum func(dPred, pred, target blas64.General, weight []float64) accurate.Sum) accurate.Sum {
	return inParts(pred.Rows, max(1, shared/4/pred.Cols), func(lo, hi int) accurate.Sum {
		some := weight
		if some != nil {
			some = some[lo:hi]
		}
		return sum(rowsOf(dPred, lo, hi), rowsOf(pred, lo, hi), rowsOf(target, lo, hi), some)
	})
}

// rowsFrom returns the rows from lo on.
func rowsFrom(dPred, pred, target blas64.General, weight []float64, lo int) (_, _, _ blas64.General, _ []float64) {
	hi := pred.Rows
	if weight != nil {
		weight = weight[lo:]
	}
	return rowsOf(dPred, lo, hi), rowsOf(pred, lo, hi), rowsOf(target, lo, hi), weight
}

// rowsOf returns the rows from lo to hi, or nothing if m holds nothing.
func rowsOf(m blas64.General, lo, hi int) blas64.General {
	if m.Data == nil {
		return m
	}
	m.Rows, m.Data = hi-lo, m.Data[lo*m.Stride:]
	return m
}
