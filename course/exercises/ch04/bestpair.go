package ch04

// bestPair returns the features a < b, of n numbered from 0, whose model has the
// highest AUC. Each call of auc trains a model: ask for each pair once.
func bestPair(n int, auc func(a, b int) float64) (a, b int) {
	// BEGIN SOLUTION
	best := -1.0
	for i := range n {
		for j := i + 1; j < n; j++ {
			if v := auc(i, j); v > best {
				best, a, b = v, i, j
			}
		}
	}
	return a, b
	// END SOLUTION
}
