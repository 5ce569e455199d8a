// Package columns computes statistics of the columns of a row-major matrix at the
// speed of reading it.
//
// Sums over a column run from the first row to the last, as in a loop over that
// column alone, on any number of cores.
package columns

import (
	"math"
	"runtime"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// A Summary holds the smallest number, the largest number, the sum and the count of
// each column. NaN is ignored. A column without a number has Low +Inf and High
// −Inf.
type Summary struct{ Low, High, Sum, Count []float64 }

// Ranges returns the summary of x.
func Ranges(x blas64.General) Summary {
	s := Summary{make([]float64, x.Cols), make([]float64, x.Cols), make([]float64, x.Cols), make([]float64, x.Cols)}
	for j := range s.Low {
		s.Low[j], s.High[j] = math.Inf(1), math.Inf(-1)
	}
	pass(x, [][]float64{s.Low, s.High, s.Sum, s.Count}, func(a []blas.Statistic, x []float64, stride, n int) {
		blas.Ranges(x, stride, n, &a[0], &a[1], &a[2], &a[3])
	})
	return s
}

// Moments returns Σ d and Σ d² of each column over its numbers v, with d = (v −
// center)·inverse. Each inverse is a power of two.
func Moments(x blas64.General, center, inverse []float64) (sum, squares []float64) {
	sum, squares = make([]float64, x.Cols), make([]float64, x.Cols)
	pass(x, [][]float64{center, inverse, sum, squares}, func(a []blas.Statistic, x []float64, stride, n int) {
		blas.Moments(x, stride, n, &a[0], &a[1], &a[2], &a[3])
	})
	return sum, squares
}

// blockBytes is how much of a matrix is taken at a time, so that the next columns
// find their elements in the first cache.
const blockBytes = 1 << 15

// pass calls add for every block of rows of every group of neighbouring columns,
// the blocks of a group in their order: with its statistics, which are those of
// the columns, the elements from the group's first to the end of the block, the
// distance between rows and the number of columns. Cores share the groups.
func pass(x blas64.General, statistics [][]float64, add func(a []blas.Statistic, x []float64, stride, n int)) {
	width := min(x.Cols, blas.Octet)
	count := (x.Cols + width - 1) / width
	start := func(g int) int { return min(g*width, x.Cols-width) } // the last one may overlap with the one before
	all := make([]blas.Statistic, count*len(statistics))
	of := func(g int) []blas.Statistic { return all[g*len(statistics):][:len(statistics)] }
	for g := range count {
		for k, s := range statistics {
			copy(of(g)[k][:width], s[start(g):])
		}
	}
	block := max(1, blockBytes/8/x.Cols)
	workers := rows.Workers(runtime.GOMAXPROCS(0), x.Rows*x.Cols)
	parts := min(workers, count)
	new(crew.Crew).Do(workers, parts, func(_, part int) {
		for lo := 0; lo < x.Rows; lo += block {
			end := (min(lo+block, x.Rows)-1)*x.Stride + x.Cols
			for g := part * count / parts; g < (part+1)*count/parts; g++ {
				add(of(g), x.Data[lo*x.Stride+start(g):end], x.Stride, width)
			}
		}
	})
	for g := range count {
		for k, s := range statistics {
			copy(s[start(g):], of(g)[k][:width])
		}
	}
}

// Each calls f with a copy of each column of x, which f may change. It calls f on
// several cores at once.
func Each(x blas64.General, f func(j int, column []float64)) {
	const line = 8 // elements of a line of memory, which is read once
	parts := (x.Cols + line - 1) / line
	workers := rows.Workers(runtime.GOMAXPROCS(0), x.Rows*x.Cols)
	if parts < workers {
		parts = min(workers, x.Cols)
	}
	buffers := make([][]float64, workers)
	new(crew.Crew).Do(workers, parts, func(worker, part int) {
		lo, hi := part*x.Cols/parts, (part+1)*x.Cols/parts
		buffer := buffers[worker]
		if buffer == nil {
			buffer = make([]float64, (x.Cols+parts-1)/parts*x.Rows)
			buffers[worker] = buffer
		}
		gather(buffer, x, lo, hi)
		for j := lo; j < hi; j++ {
			f(j, buffer[(j-lo)*x.Rows:][:x.Rows:x.Rows])
		}
	})
}

// gather sets dst to the columns from lo to hi of x, one after the other.
func gather(dst []float64, x blas64.General, lo, hi int) {
	const together = 64 // rows
	for from := 0; from < x.Rows; from += together {
		to := min(from+together, x.Rows)
		for j := lo; j < hi; j++ {
			column := dst[(j-lo)*x.Rows:][from:to]
			at := from*x.Stride + j
			for i := range column {
				column[i] = x.Data[at]
				at += x.Stride
			}
		}
	}
}
