package ch07b

// epochLoss returns the mean loss over all samples of an epoch, from the mean
// losses of its batches and the batches' sizes.
func epochLoss(losses []float64, sizes []int) float64 {
	// BEGIN SOLUTION
	sum, n := 0.0, 0
	for i, l := range losses {
		sum += l * float64(sizes[i])
		n += sizes[i]
	}
	return sum / float64(n)
	// END SOLUTION
}
