package ch04c

import "gonum.org/v1/gonum/mat"

// denseGradient returns the gradients of W (n×k), b (k numbers) and X (m×n) for
// Y = XW + b, where b is added to each of the m rows; dy (m×k) is that of Y.
func denseGradient(x, w, dy *mat.Dense) (dw *mat.Dense, db []float64, dx *mat.Dense) {
	// BEGIN SOLUTION
	m, k := dy.Dims()
	dw, dx, db = new(mat.Dense), new(mat.Dense), make([]float64, k)
	dw.Mul(x.T(), dy)
	dx.Mul(dy, w.T())
	for i := range m {
		for j := range k {
			db[j] += dy.At(i, j)
		}
	}
	return dw, db, dx
	// END SOLUTION
}
