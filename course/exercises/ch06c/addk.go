package ch06c

// addK returns the probability of each token after a context, smoothed by
// adding k > 0 to each count. counts has, for every token of the vocabulary,
// how often it occurred after the context; all may be 0.
func addK(counts []float64, k float64) []float64 {
	// BEGIN SOLUTION
	total := 0.0
	for _, c := range counts {
		total += c + k
	}
	p := make([]float64, len(counts))
	for w, c := range counts {
		p[w] = (c + k) / total
	}
	return p
	// END SOLUTION
}
