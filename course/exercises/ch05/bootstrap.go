package ch05

import (
	"math/rand/v2"
	"slices"
)

// bootstrap returns the interval that holds the middle 95 % of 1000 scores, each
// of as many rows as there are, drawn with replacement. score computes the score
// of the rows with the given numbers, which go from 0 to rows − 1.
func bootstrap(rows int, score func(drawn []int) float64, r *rand.Rand) (low, high float64) {
	// BEGIN SOLUTION
	var scores []float64
	for range 1000 {
		drawn := make([]int, rows)
		for i := range drawn {
			drawn[i] = r.IntN(rows)
		}
		scores = append(scores, score(drawn))
	}
	slices.Sort(scores)
	return scores[25], scores[974]
	// END SOLUTION
}
