package ch08

import "math"

// lottery rounds x to a multiple of step: to the one below it or to the one
// above. If x has gone 0.3 of the way from the one to the other, it goes up for
// three tenths of all u, which are random numbers from 0 to 1.
func lottery(x, step, u float64) float64 {
	// BEGIN SOLUTION
	below := math.Floor(x / step)
	if u < x/step-below {
		return step * (below + 1)
	}
	return step * below
	// END SOLUTION
}
