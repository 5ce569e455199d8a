package blas

import "math"

// Octet is the number of neighbouring columns whose statistics are taken together.
const Octet = 8

// A Statistic is one number for each of up to [Octet] columns.
type Statistic [Octet]float64

// Ranges looks at n columns of a matrix, from the first element of x on, whose rows
// are stride elements apart: it lowers low and raises high to the elements, and adds
// them to sum and their number to count. A NaN is left out. Each column is summed
// from the first row to the last.
func Ranges(x []float64, stride, n int, low, high, sum, count *Statistic) {
	if rows := rowsOf(len(x), stride, n); n == Octet && rows > 0 && ranges8(rows, x, stride, low, high, sum, count) {
		return
	}
	for ; len(x) >= n; x = x[min(stride, len(x)):] {
		for j, v := range x[:n] {
			if v < low[j] {
				low[j] = v
			}
			if v > high[j] {
				high[j] = v
			}
			if !math.IsNaN(v) {
				sum[j] += v
				count[j]++
			}
		}
	}
}

// Moments adds d and d² of each element v of n columns to sum and squares, where d
// is (v − center)·inverse and inverse a power of two. A NaN is left out. The matrix
// and the order are those of [Ranges].
func Moments(x []float64, stride, n int, center, inverse, sum, squares *Statistic) {
	if rows := rowsOf(len(x), stride, n); n == Octet && rows > 0 && moments8(rows, x, stride, center, inverse, sum, squares) {
		return
	}
	for ; len(x) >= n; x = x[min(stride, len(x)):] {
		for j, v := range x[:n] {
			if d := (v - center[j]) * inverse[j]; !math.IsNaN(d) {
				sum[j] += d
				squares[j] += float64(d * d)
			}
		}
	}
}

// rowsOf returns how many rows of n elements, stride apart, so many elements have.
func rowsOf(length, stride, n int) int {
	if length < n {
		return 0
	}
	return (length-n)/stride + 1
}

// Standardize replaces each element v of x by (v − center) / scale.
func Standardize(x, center, scale []float64) {
	n := sameLength("x, center and scale", len(x), len(center), len(scale))
	done := standardize(x, center, scale)
	for j := done; j < n; j++ {
		x[j] = (x[j] - center[j]) / scale[j]
	}
}

// FillNaN replaces each element of x that is NaN by that of fill.
func FillNaN(x, fill []float64) {
	n := sameLength("x and fill", len(x), len(fill))
	for j := fillNaN(x, fill); j < n; j++ {
		if math.IsNaN(x[j]) {
			x[j] = fill[j]
		}
	}
}

// Widen sets dst to x.
func Widen(dst []float64, x []float32) {
	n := sameLength("dst and x", len(dst), len(x))
	for j := widen(dst, x); j < n; j++ {
		dst[j] = float64(x[j])
	}
}

// Divide divides each element of x by a number.
func Divide(x []float64, by float64) {
	for j := divide(x, by); j < len(x); j++ {
		x[j] /= by
	}
}

// SumExactly returns the sum of x as if additions were not rounded, but for the last
// digits of low: high + low is the sum. It is Σ of the rounded sums and of what they
// lost (Ogita, Rump and Oishi, Accurate Sum and Dot Product, 2005, algorithm 4.3),
// for sixteen parts of x at a time where there is a kernel.
func SumExactly(x []float64) (high, low float64) {
	var lanes, lost [16]float64
	done := sumExactly(x, &lanes, &lost)
	add := func(v float64) {
		t := high + v
		z := t - high
		low += (high - (t - z)) + (v - z)
		high = t
	}
	if done > 0 {
		for k, v := range lanes {
			add(v)
			low += lost[k]
		}
	}
	for _, v := range x[done:] {
		add(v)
	}
	return high, low
}
