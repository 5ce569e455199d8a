package ch04

// auc returns the share of the pairs of a sample of class 1 and one of class 0 in
// which the one of class 1 has the higher score. A pair with equal scores counts
// half.
func auc(truth []int, score []float64) float64 {
	// BEGIN SOLUTION
	right, pairs := 0.0, 0.0
	for i := range truth {
		for j := range truth {
			if truth[i] != 1 || truth[j] != 0 {
				continue
			}
			pairs++
			switch {
			case score[i] > score[j]:
				right++
			case score[i] == score[j]:
				right += 0.5
			}
		}
	}
	return right / pairs
	// END SOLUTION
}
