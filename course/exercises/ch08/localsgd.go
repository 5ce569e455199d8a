package ch08

import "slices"

// localSGD lets each worker take k steps of gradient descent from theta, and
// replaces theta by the mean of where they have come to; and all that as often as
// there are exchanges. It returns the last mean, and leaves theta as it is. A
// worker sets grad to its own gradient at a given theta.
func localSGD(theta []float64, workers []func(grad, theta []float64), alpha float64, k, exchanges int) []float64 {
	// BEGIN SOLUTION
	mean, grad := slices.Clone(theta), make([]float64, len(theta))
	for range exchanges {
		sum := make([]float64, len(theta))
		for _, gradient := range workers {
			own := slices.Clone(mean)
			for range k {
				gradient(grad, own)
				for j, g := range grad {
					own[j] -= alpha * g
				}
			}
			for j, v := range own {
				sum[j] += v
			}
		}
		for j, v := range sum {
			mean[j] = v / float64(len(workers))
		}
	}
	return mean
	// END SOLUTION
}
