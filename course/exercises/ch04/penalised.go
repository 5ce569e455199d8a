package ch04

// penalised returns the cross-entropy of theta plus ½λ‖w‖², and writes the
// gradient of both into grad. crossEntropy does that for the cross-entropy
// alone. The intercept theta[0] is not penalised.
func penalised(crossEntropy func(theta, grad []float64) float64, lambda float64, theta, grad []float64) float64 {
	// BEGIN SOLUTION
	sum := crossEntropy(theta, grad)
	for j := 1; j < len(theta); j++ {
		sum += lambda / 2 * theta[j] * theta[j]
		grad[j] += lambda * theta[j]
	}
	return sum
	// END SOLUTION
}
