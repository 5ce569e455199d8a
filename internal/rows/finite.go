package rows

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// FirstBad returns the place and the value of the first element that is NaN,
// unless those may be missing, or infinite, and false if there is none.
func (m Matrix) FirstBad(missing bool) (i, j int, v float64, found bool) {
	stored := m.dense
	if m.csr != nil {
		n := m.csr.NNZ()
		stored = blas64.General{Rows: 1, Cols: n, Stride: n, Data: m.csr.Values}
	}
	if stored.Data != nil && sumsFinite(stored) {
		return 0, 0, 0, false
	}
	rows, buffer := m.begin()
	for i := range rows {
		columns, values := m.Row(i, buffer)
		for p, v := range values {
			if number.IsFinite(v) || missing && math.IsNaN(v) {
				continue
			}
			if columns != nil {
				p = columns[p]
			}
			return i, p, v, true
		}
	}
	return 0, 0, 0, false
}

// Finite reports whether all elements of x are finite.
func Finite(x []float64) bool {
	if number.IsFinite(blas.Implementation{}.Ddot(len(x), x, 1, x, 1)) {
		return true // which is faster found out, but for huge elements
	}
	return !slices.ContainsFunc(x, func(v float64) bool { return !number.IsFinite(v) })
}

// sumsFinite reports that the sums of squares of lines of x are finite, and with
// that all elements: false may also mean that some are huge. It runs on all
// cores, as fast as memory is read.
func sumsFinite(x blas64.General) bool {
	lines, length := x.Rows, x.Cols
	total := lines * length
	if total < finiteLine {
		return false
	}
	if x.Stride == x.Cols { // longer lines are worth more
		lines, length, x.Stride = (total+finiteLine-1)/finiteLine, finiteLine, finiteLine
	}
	var bad atomic.Bool
	new(crew.Crew).Do(crew.Worth(runtime.GOMAXPROCS(0), float64(total)/4), lines, func(_, i int) {
		line := x.Data[i*x.Stride : min(i*x.Stride+length, len(x.Data))]
		if !number.IsFinite(blas.Implementation{}.Ddot(len(line), line, 1, line, 1)) {
			bad.Store(true)
		}
	})
	return !bad.Load()
}

// finiteLine is the number of elements of such a line.
const finiteLine = 1 << 12
