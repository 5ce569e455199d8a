package ch06e

import (
	"math"
	"slices"
)

// temper returns the probabilities of the tokens at a temperature > 0: the
// softmax of the scores divided by it. It must survive scores of any size.
func temper(scores []float64, temperature float64) []float64 {
	// BEGIN SOLUTION
	most, sum := slices.Max(scores), 0.0
	p := make([]float64, len(scores))
	for w, z := range scores {
		p[w] = math.Exp((z - most) / temperature)
		sum += p[w]
	}
	for w := range p {
		p[w] /= sum
	}
	return p
	// END SOLUTION
}
