package ch01

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// costExponent returns k of the law seconds = c · sizeᵏ that fits best on doubly
// logarithmic axes. Both slices have the same length, at least two numbers, all
// of them positive.
func costExponent(size, seconds []float64) float64 {
	// BEGIN SOLUTION
	a, b := make([]float64, len(size)), make([]float64, len(size))
	for i := range size {
		a[i], b[i] = math.Log(size[i]), math.Log(seconds[i])
	}
	_, slope := stat.LinearRegression(a, b, nil, false)
	return slope
	// END SOLUTION
}
