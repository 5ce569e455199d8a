package ch02

import "math"

// bestDegree returns the degree from 1 to most that is best for people that the
// model has not seen; of equals the smallest. errors fits a polynomial and
// returns both of its errors.
func bestDegree(errors func(degree int) (training, validation float64), most int) int {
	// BEGIN SOLUTION
	best, lowest := 0, math.Inf(1)
	for degree := 1; degree <= most; degree++ {
		if _, validation := errors(degree); validation < lowest {
			best, lowest = degree, validation
		}
	}
	return best
	// END SOLUTION
}
