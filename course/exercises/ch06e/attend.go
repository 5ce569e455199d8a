package ch06e

import "math"

// attend returns what a token with query q takes from the others: the mean of
// the values, weighted by the softmax of q·k/√d over the keys k, where d is the
// length of q. keys and values have a row for each token, and at least one.
func attend(q []float64, keys, values [][]float64) []float64 {
	// BEGIN SOLUTION
	weights, sum := make([]float64, len(keys)), 0.0
	most := math.Inf(-1)
	for j, k := range keys {
		for i := range q {
			weights[j] += q[i] * k[i]
		}
		weights[j] /= math.Sqrt(float64(len(q)))
		most = max(most, weights[j])
	}
	for j := range weights {
		weights[j] = math.Exp(weights[j] - most)
		sum += weights[j]
	}
	out := make([]float64, len(values[0]))
	for j, v := range values {
		for i := range v {
			out[i] += weights[j] / sum * v[i]
		}
	}
	return out
	// END SOLUTION
}
