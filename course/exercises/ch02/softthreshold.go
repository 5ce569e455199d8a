package ch02

import "math"

// softThreshold does the proximal step of L1 in place: it pulls each weight
// towards 0 by pull, and stops at 0.
func softThreshold(theta []float64, pull float64) {
	// BEGIN SOLUTION
	for j, w := range theta {
		theta[j] = math.Copysign(max(math.Abs(w)-pull, 0), w)
	}
	// END SOLUTION
}
