package ch08

// serialShare returns the share of the work that cannot be shared, after
// Amdahl's law, if so many workers were so many times as fast as one.
func serialShare(speedup float64, workers int) float64 {
	// BEGIN SOLUTION
	w := float64(workers)
	return (w/speedup - 1) / (w - 1)
	// END SOLUTION
}
