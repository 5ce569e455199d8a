package ch04

// huberGradient returns the gradient of the mean Huber loss of the line w0 + w1x:
// the derivatives with respect to w0 and to w1. With the error e, prediction
// minus target, the loss is ½e² where |e| ≤ delta, and grows linearly beyond, with
// the slope that it has at delta.
func huberGradient(x, y []float64, w0, w1, delta float64) (g0, g1 float64) {
	// BEGIN SOLUTION
	m := float64(len(x))
	for i := range x {
		e := w0 + w1*x[i] - y[i]
		e = max(-delta, min(delta, e))
		g0 += e / m
		g1 += e * x[i] / m
	}
	return g0, g1
	// END SOLUTION
}
