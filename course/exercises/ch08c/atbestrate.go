package ch08c

import "math"

// atBestRate compares optimizers fairly. losses[o][k] has the losses of optimizer
// o at its k-th rate, one for each seed. It returns one number for each
// optimizer: the mean over seeds at the rate where this mean is smallest.
func atBestRate(losses [][][]float64) []float64 {
	// BEGIN SOLUTION
	out := make([]float64, len(losses))
	for o, rates := range losses {
		out[o] = math.Inf(1)
		for _, seeds := range rates {
			mean := 0.0
			for _, l := range seeds {
				mean += l / float64(len(seeds))
			}
			out[o] = min(out[o], mean)
		}
	}
	return out
	// END SOLUTION
}
