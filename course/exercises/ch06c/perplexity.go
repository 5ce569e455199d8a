package ch06c

import "math"

// perplexity returns the perplexity of a text and its bits per character. p has
// the probability that a model gave to each token of the text, after the tokens
// before it; the text has the given number of characters.
func perplexity(p []float64, characters int) (perplexity, bits float64) {
	// BEGIN SOLUTION
	sum := 0.0
	for _, v := range p {
		sum -= math.Log(v)
	}
	return math.Exp(sum / float64(len(p))), sum / math.Ln2 / float64(characters)
	// END SOLUTION
}
