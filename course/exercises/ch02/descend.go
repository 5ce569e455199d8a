package ch02

// descend does the given number of steps of gradient descent in one dimension,
// and returns where they end. slope returns the slope of the loss at theta; a step
// goes against it, alpha times as far.
func descend(slope func(theta float64) float64, theta, alpha float64, steps int) float64 {
	// BEGIN SOLUTION
	for range steps {
		theta -= alpha * slope(theta)
	}
	return theta
	// END SOLUTION
}
