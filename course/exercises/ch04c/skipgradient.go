package ch04c

import "math"

// skipGradient returns the gradients of x and of w for yᵢ = xᵢ + tanh(w·xᵢ), where
// dy is the gradient of y.
func skipGradient(x []float64, w float64, dy []float64) (dx []float64, dw float64) {
	// BEGIN SOLUTION
	dx = make([]float64, len(x))
	for i, v := range x {
		t := math.Tanh(w * v)
		dx[i] = dy[i] * (1 + w*(1-t*t))
		dw += dy[i] * v * (1 - t*t)
	}
	return dx, dw
	// END SOLUTION
}
