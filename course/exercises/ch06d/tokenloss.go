package ch06d

// tokenLoss returns the mean of the losses of all words that count. losses[i][t] is
// the loss of word t of text i, and targets[i][t] the word that should have come, or
// −1 where there is only padding. If no word counts it returns 0.
func tokenLoss(losses [][]float64, targets [][]int) float64 {
	// BEGIN SOLUTION
	sum, count := 0.0, 0
	for i, row := range losses {
		for t, l := range row {
			if targets[i][t] >= 0 {
				sum += l
				count++
			}
		}
	}
	if count == 0 {
		return 0
	}
	return sum / float64(count)
	// END SOLUTION
}
