package ch03

// stableRate returns the largest learning rate between 0.1 and 3 at which
// training converges, to 0.001. Each call of converges is a training, so call it
// a dozen times, not a thousand. It is true at 0.1 and false at 3.
func stableRate(converges func(alpha float64) bool) float64 {
	// BEGIN SOLUTION
	lo, hi := 0.1, 3.0
	for hi-lo > 0.001 {
		mid := (lo + hi) / 2
		if converges(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
	// END SOLUTION
}
