package ch01

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// fillMissing replaces each NaN in x by the mean of the values that its column
// has, or by 0 in a column that has none.
func fillMissing(x *mat.Dense) {
	// BEGIN SOLUTION
	rows, cols := x.Dims()
	for j := range cols {
		sum, n := 0.0, 0
		for i := range rows {
			if v := x.At(i, j); !math.IsNaN(v) {
				sum += v
				n++
			}
		}
		mean := sum / float64(max(n, 1))
		for i := range rows {
			if math.IsNaN(x.At(i, j)) {
				x.Set(i, j, mean)
			}
		}
	}
	// END SOLUTION
}
