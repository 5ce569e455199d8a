package ch06c

import "math"

// tfidf returns the numbers of one text: for each word, tf·(ln((1+m)/(1+df)) + 1),
// and all of them divided by their length, so that the sum of their squares is 1.
// tf says how often each word occurs in the text, df in how many of the m texts
// it occurs. A text without any of the words has only zeros.
func tfidf(tf, df []float64, m int) []float64 {
	// BEGIN SOLUTION
	x := make([]float64, len(tf))
	squares := 0.0
	for j := range x {
		x[j] = tf[j] * (math.Log((1+float64(m))/(1+df[j])) + 1)
		squares += x[j] * x[j]
	}
	if squares == 0 {
		return x
	}
	for j := range x {
		x[j] /= math.Sqrt(squares)
	}
	return x
	// END SOLUTION
}
