package ch02

import "math"

// earlyStop returns the epoch in which training stops, since the validation loss
// has not been below its best for patience epochs in a row, and the epoch of
// that best loss. Epochs count from 1: losses[0] is that of epoch 1. If nothing
// stops training, stop is the last epoch.
func earlyStop(losses []float64, patience int) (stop, best int) {
	// BEGIN SOLUTION
	lowest := math.Inf(1)
	for i, loss := range losses {
		stop = i + 1
		if loss < lowest {
			lowest, best = loss, stop
		}
		if stop-best >= patience {
			break
		}
	}
	return stop, best
	// END SOLUTION
}
