package ch02

import "math"

// meanAbsoluteError returns the mean of |yᵢ − ŷᵢ|.
func meanAbsoluteError(y, prediction []float64) float64 {
	// BEGIN SOLUTION
	sum := 0.0
	for i := range y {
		sum += math.Abs(y[i] - prediction[i])
	}
	return sum / float64(len(y))
	// END SOLUTION
}
