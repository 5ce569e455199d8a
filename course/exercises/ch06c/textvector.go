package ch06c

// textVector returns the mean of the vectors of the words, which have width
// numbers. Words without a vector are left out; if none has one, the result is
// all zeros. vectors stays as it is.
func textVector(words []string, vectors map[string][]float64, width int) []float64 {
	// BEGIN SOLUTION
	mean, known := make([]float64, width), 0.0
	for _, word := range words {
		v, ok := vectors[word]
		if !ok {
			continue
		}
		known++
		for j := range mean {
			mean[j] += v[j]
		}
	}
	for j := range mean {
		mean[j] /= max(1, known)
	}
	return mean
	// END SOLUTION
}
