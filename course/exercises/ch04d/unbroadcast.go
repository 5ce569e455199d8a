package ch04d

import "gonum.org/v1/gonum/mat"

// unbroadcast returns the gradient of X, which has the given shape and was
// stretched to the shape of dy, the gradient of the result: rows is 1 or as in
// dy, and so is cols.
func unbroadcast(dy *mat.Dense, rows, cols int) *mat.Dense {
	// BEGIN SOLUTION
	dx := mat.NewDense(rows, cols, nil)
	m, n := dy.Dims()
	for i := range m {
		for j := range n {
			r, c := min(i, rows-1), min(j, cols-1)
			dx.Set(r, c, dx.At(r, c)+dy.At(i, j))
		}
	}
	return dx
	// END SOLUTION
}
