package ch03

import "math"

// adamStep does steps 4 to 8 of Adam, for the t-th time; t begins at 1. It
// changes theta, m and v in place.
func adamStep(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
	// BEGIN SOLUTION
	for j, g := range grad {
		m[j] = beta1*m[j] + (1-beta1)*g
		v[j] = beta2*v[j] + (1-beta2)*g*g
		mHat := m[j] / (1 - math.Pow(beta1, float64(t)))
		vHat := v[j] / (1 - math.Pow(beta2, float64(t)))
		theta[j] -= alpha * mHat / (math.Sqrt(vHat) + epsilon)
	}
	// END SOLUTION
}
