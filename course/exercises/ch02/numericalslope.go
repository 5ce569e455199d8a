package ch02

// numericalSlope returns the slope of f at x from two values of f, a step h to
// the right of x and a step h to the left.
func numericalSlope(f func(x float64) float64, x, h float64) float64 {
	// BEGIN SOLUTION
	return (f(x+h) - f(x-h)) / (2 * h)
	// END SOLUTION
}
