package ch08

import "math"

// perUnit quantises each column of a matrix to b bits, with a scale of its own.
// The rows of the matrix, of so many units each, lie one after the other in w.
// A column of zeros stays as it is.
func perUnit(w []float64, units, b int) {
	// BEGIN SOLUTION
	for j := range units {
		largest := 0.0
		for i := j; i < len(w); i += units {
			largest = max(largest, math.Abs(w[i]))
		}
		if largest == 0 {
			continue
		}
		s := largest / float64(int(1)<<(b-1)-1)
		for i := j; i < len(w); i += units {
			w[i] = s * math.Round(w[i]/s)
		}
	}
	// END SOLUTION
}
