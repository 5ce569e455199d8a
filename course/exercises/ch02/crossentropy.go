package ch02

import "math"

// crossEntropy returns the cross-entropy of one sample, −y log p − (1−y) log(1−p)
// with p = σ(z), from its logit z. It must be right for z = 800 as well.
func crossEntropy(z, y float64) float64 {
	// BEGIN SOLUTION
	return max(z, 0) - y*z + math.Log1p(math.Exp(-math.Abs(z)))
	// END SOLUTION
}
