package ch06e

import "math"

// causalWeights returns the weights of attention with a causal mask: the softmax
// of each row of scores, where token i may look at itself and at the tokens
// before it. Weights of later tokens are 0. scores is square, and stays as it is.
func causalWeights(scores [][]float64) [][]float64 {
	// BEGIN SOLUTION
	weights := make([][]float64, len(scores))
	for i, row := range scores {
		weights[i] = make([]float64, len(row))
		sum := 0.0
		for j := range i + 1 {
			weights[i][j] = math.Exp(row[j])
			sum += weights[i][j]
		}
		for j := range i + 1 {
			weights[i][j] /= sum
		}
	}
	return weights
	// END SOLUTION
}
