package ch05

import "math"

// rowsNeeded returns how many test rows are needed, so that two standard errors
// of a model's accuracy are no more than margin.
func rowsNeeded(accuracy, margin float64) int {
	// BEGIN SOLUTION
	return int(math.Ceil(4 * accuracy * (1 - accuracy) / (margin * margin)))
	// END SOLUTION
}
