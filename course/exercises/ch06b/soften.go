package ch06b

import (
	"math"
	"slices"

	"github.com/descent-go/descent/lib/metric"
)

// soften returns the scores after soft suppression: the best box that is not yet
// taken, by the new scores, is taken, and every box that is not yet taken has
// its score multiplied by exp(−u²/σ), where u is its IoU with the one just taken.
// This is repeated until all are taken. scores stays as it is.
func soften(boxes []metric.Box, scores []float64, sigma float64) []float64 {
	// BEGIN SOLUTION
	scores = slices.Clone(scores)
	taken := make([]bool, len(boxes))
	for range boxes {
		best := -1
		for i := range boxes {
			if !taken[i] && (best < 0 || scores[i] > scores[best]) {
				best = i
			}
		}
		taken[best] = true
		for i := range boxes {
			if !taken[i] {
				u := metric.IoU(boxes[best], boxes[i])
				scores[i] *= math.Exp(-u * u / sigma)
			}
		}
	}
	return scores
	// END SOLUTION
}
