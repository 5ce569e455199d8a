package ch07b

import "math"

// kerasAdam does the t-th step of Adam as Keras has it; t begins at 1. It changes
// theta, m and v in place.
func kerasAdam(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
	// BEGIN SOLUTION
	rate := alpha * math.Sqrt(1-math.Pow(beta2, float64(t))) / (1 - math.Pow(beta1, float64(t)))
	for j, g := range grad {
		m[j] = beta1*m[j] + (1-beta1)*g
		v[j] = beta2*v[j] + (1-beta2)*g*g
		theta[j] -= rate * m[j] / (math.Sqrt(v[j]) + epsilon)
	}
	// END SOLUTION
}
