package ch05

import (
	"cmp"
	"slices"
)

// halving returns the candidate, of n numbered from 0, that successive halving
// finds. All that are left get the same number of epochs; the third of them with
// the lowest loss, rounded up, goes on with three times as many; the last one
// wins. loss trains a candidate for so many epochs, from the beginning, and
// returns its loss on validation rows.
func halving(n, epochs int, loss func(candidate, epochs int) float64) int {
	// BEGIN SOLUTION
	left := make([]int, n)
	for i := range left {
		left[i] = i
	}
	for ; len(left) > 1; epochs *= 3 {
		score := map[int]float64{}
		for _, candidate := range left {
			score[candidate] = loss(candidate, epochs)
		}
		slices.SortFunc(left, func(a, b int) int { return cmp.Compare(score[a], score[b]) })
		left = left[:(len(left)+2)/3]
	}
	return left[0]
	// END SOLUTION
}
