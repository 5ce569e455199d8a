package ch03

// momentumStep does one step of gradient descent with momentum. It changes b
// and theta in place:
//
//	b ← μb + g
//	θ ← θ − αb
func momentumStep(theta, b, grad []float64, alpha, mu float64) {
	// BEGIN SOLUTION
	for j, g := range grad {
		b[j] = mu*b[j] + g
		theta[j] -= alpha * b[j]
	}
	// END SOLUTION
}
