package ch05

import "slices"

// seenBefore returns how many rows of test are also in training, with all their
// numbers. Each row of test counts once.
func seenBefore(training, test [][]float64) int {
	// BEGIN SOLUTION
	n := 0
	for _, wanted := range test {
		if slices.ContainsFunc(training, func(row []float64) bool { return slices.Equal(row, wanted) }) {
			n++
		}
	}
	return n
	// END SOLUTION
}
