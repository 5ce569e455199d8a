package ch04c

import "gonum.org/v1/gonum/mat"

// hiddenGradient returns the gradient of A (m×n) for Z = HW with H = tanh A. It
// is given H (m×n), W (n×k) and dz (m×k), the gradient of Z.
func hiddenGradient(h, w, dz *mat.Dense) *mat.Dense {
	// BEGIN SOLUTION
	da := new(mat.Dense)
	da.Mul(dz, w.T())
	da.Apply(func(i, j int, dh float64) float64 { return dh * (1 - h.At(i, j)*h.At(i, j)) }, da)
	return da
	// END SOLUTION
}
