package ch08c

import "math"

// loraStart returns the two matrices of low-rank adaptation at their start, for a
// matrix of n × units: a has n rows of rank numbers, b has rank rows of units
// numbers. The network must begin as it was, and must be able to learn. The
// numbers of a are normal with the variance 1/n; draw returns normal numbers with
// the variance 1. Call it once for each number of a, row by row.
func loraStart(n, units, rank int, draw func() float64) (a, b [][]float64) {
	// BEGIN SOLUTION
	a, b = make([][]float64, n), make([][]float64, rank)
	for i := range a {
		a[i] = make([]float64, rank)
		for k := range a[i] {
			a[i][k] = draw() / math.Sqrt(float64(n))
		}
	}
	for k := range b {
		b[k] = make([]float64, units)
	}
	return a, b
	// END SOLUTION
}
