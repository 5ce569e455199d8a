package ch06d

import "math"

// lstmCell returns the cell and the state after a word, from the cell before it and
// from the gates: in, forget and out, and the candidate, which has been through tanh.
func lstmCell(before, in, forget, candidate, out []float64) (cell, state []float64) {
	// BEGIN SOLUTION
	cell, state = make([]float64, len(before)), make([]float64, len(before))
	for j := range before {
		cell[j] = forget[j]*before[j] + in[j]*candidate[j]
		state[j] = out[j] * math.Tanh(cell[j])
	}
	return cell, state
	// END SOLUTION
}
