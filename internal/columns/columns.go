// Package columns makes statistics of the columns of a matrix whose rows lie in
// memory one after the other, as fast as they are read.
//
// What is summed over a column is summed from the first row to the last, as a
// loop over that column alone would do it, on any number of cores.
package columns

import (
	"runtime"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/rows"
)

// width is the number of neighbouring columns that are summed at a time: their
// sums stay in registers.
const width = 4

// A group is the numbers of that many columns.
type group [width]float64

// Fits reports whether x has enough rows and columns for this package.
func Fits(x blas64.General) bool { return x.Cols >= width && x.Rows > 0 }

// Ranges returns the smallest and the largest value of each column and the sum,
// which is not finite if a value is not.
func Ranges(x blas64.General) (low, high, sum []float64) {
	low, high, sum = make([]float64, x.Cols), make([]float64, x.Cols), make([]float64, x.Cols)
	copy(low, x.Data[:x.Cols])
	copy(high, low)
	pass(x, [][]float64{low, high, sum}, func(a []group, x []float64, stride int, _ int) {
		l0, l1, l2, l3 := a[0][0], a[0][1], a[0][2], a[0][3]
		h0, h1, h2, h3 := a[1][0], a[1][1], a[1][2], a[1][3]
		s0, s1, s2, s3 := a[2][0], a[2][1], a[2][2], a[2][3]
		for at := 0; at+width <= len(x); at += stride {
			v := (*group)(x[at:])
			if v[0] < l0 {
				l0 = v[0]
			}
			if v[1] < l1 {
				l1 = v[1]
			}
			if v[2] < l2 {
				l2 = v[2]
			}
			if v[3] < l3 {
				l3 = v[3]
			}
			if v[0] > h0 {
				h0 = v[0]
			}
			if v[1] > h1 {
				h1 = v[1]
			}
			if v[2] > h2 {
				h2 = v[2]
			}
			if v[3] > h3 {
				h3 = v[3]
			}
			s0, s1, s2, s3 = s0+v[0], s1+v[1], s2+v[2], s3+v[3]
		}
		a[0], a[1], a[2] = group{l0, l1, l2, l3}, group{h0, h1, h2, h3}, group{s0, s1, s2, s3}
	})
	return low, high, sum
}

// Residues returns Σ (x − center)·inverse of each column, where inverse is a power
// of two.
func Residues(x blas64.General, center, inverse []float64) []float64 {
	sum := make([]float64, x.Cols)
	pass(x, [][]float64{sum}, func(a []group, x []float64, stride, j int) {
		c, u, s := (*group)(center[j:]), (*group)(inverse[j:]), &a[0]
		c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
		u0, u1, u2, u3 := u[0], u[1], u[2], u[3]
		s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
		for at := 0; at+width <= len(x); at += stride {
			v := (*group)(x[at:])
			s0 += (v[0] - c0) * u0
			s1 += (v[1] - c1) * u1
			s2 += (v[2] - c2) * u2
			s3 += (v[3] - c3) * u3
		}
		*s = group{s0, s1, s2, s3}
	})
	return sum
}

// Squares returns Σ d and Σ d² of each column for d = (x − center)·inverse, where
// inverse is a power of two.
func Squares(x blas64.General, center, inverse []float64) (sum, squares []float64) {
	sum, squares = make([]float64, x.Cols), make([]float64, x.Cols)
	pass(x, [][]float64{sum, squares}, func(a []group, x []float64, stride, j int) {
		c, u, s, q := (*group)(center[j:]), (*group)(inverse[j:]), &a[0], &a[1]
		c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
		u0, u1, u2, u3 := u[0], u[1], u[2], u[3]
		s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
		q0, q1, q2, q3 := q[0], q[1], q[2], q[3]
		for at := 0; at+width <= len(x); at += stride {
			v := (*group)(x[at:])
			d0, d1, d2, d3 := (v[0]-c0)*u0, (v[1]-c1)*u1, (v[2]-c2)*u2, (v[3]-c3)*u3
			s0, s1, s2, s3 = s0+d0, s1+d1, s2+d2, s3+d3
			q0 += d0 * d0
			q1 += d1 * d1
			q2 += d2 * d2
			q3 += d3 * d3
		}
		*s, *q = group{s0, s1, s2, s3}, group{q0, q1, q2, q3}
	})
	return sum, squares
}

// blockBytes is how much of a matrix is taken at a time, so that the next columns
// find their elements in the first cache.
const blockBytes = 1 << 15

// pass calls add for every block of rows of every group of columns, the blocks of
// a group in their order: with what is summed so far of each of totals, the
// elements from the group's first to the end of the block, the distance between
// rows, and the group's first column. Cores share the groups. The last group may
// overlap with the one before.
func pass(x blas64.General, totals [][]float64, add func(a []group, x []float64, stride, j int)) {
	count := (x.Cols + width - 1) / width
	start := func(g int) int { return min(g*width, x.Cols-width) }
	sums := make([]group, count*len(totals))
	of := func(g int) []group { return sums[g*len(totals):][:len(totals)] }
	for g := range count {
		for k, total := range totals {
			copy(of(g)[k][:], total[start(g):])
		}
	}
	block := max(1, blockBytes/8/x.Cols)
	workers := rows.Workers(runtime.GOMAXPROCS(0), x.Rows*x.Cols)
	parts := min(workers, count)
	new(crew.Crew).Do(workers, parts, func(_, part int) {
		for lo := 0; lo < x.Rows; lo += block {
			end := (min(lo+block, x.Rows)-1)*x.Stride + x.Cols
			for g := part * count / parts; g < (part+1)*count/parts; g++ {
				j := start(g)
				add(of(g), x.Data[lo*x.Stride+j:end], x.Stride, j)
			}
		}
	})
	for g := range count {
		for k, total := range totals {
			copy(total[start(g):], of(g)[k][:])
		}
	}
}

// Each calls f with a copy of every column of x, which f may change. Cores share
// the columns.
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
