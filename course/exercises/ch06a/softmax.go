package ch06a

import (
	"math"
	"slices"
)

// softmax returns the probabilities of the classes with the scores z: their
// exponentials, divided by the sum of all. It must be right for scores of 1000 as
// well. z stays as it is.
func softmax(z []float64) []float64 {
	// BEGIN SOLUTION
	p, sum, high := make([]float64, len(z)), 0.0, slices.Max(z)
	for k, v := range z {
		p[k] = math.Exp(v - high)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
	// END SOLUTION
}
