package ch04

import "math"

// cheapest returns the threshold with the lowest cost. Whoever has p ≥ threshold
// is called positive; a missed positive (truth 1) costs miss, a false alarm
// costs 1.
func cheapest(truth []int, p []float64, miss float64) float64 {
	// BEGIN SOLUTION
	best, lowest := 0.0, math.Inf(1)
	for _, threshold := range append([]float64{2}, p...) { // 2 calls nobody positive
		cost := 0.0
		for i, y := range truth {
			switch {
			case y == 1 && p[i] < threshold:
				cost += miss
			case y == 0 && p[i] >= threshold:
				cost++
			}
		}
		if cost < lowest {
			best, lowest = threshold, cost
		}
	}
	return best
	// END SOLUTION
}
