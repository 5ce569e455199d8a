package ch07

// ridgeAlpha returns scikit-learn's alpha that means the same as our λ, for m
// samples.
func ridgeAlpha(lambda float64, m int) float64 {
	// BEGIN SOLUTION
	return lambda * float64(m) / 2
	// END SOLUTION
}
