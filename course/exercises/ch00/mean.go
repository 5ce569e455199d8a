package ch00

// mean returns the mean of v.
func mean(v []float64) float64 {
	// BEGIN SOLUTION
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
	// END SOLUTION
}
