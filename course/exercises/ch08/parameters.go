package ch08

// parameters returns how many parameters a multilayer perceptron has, weights and
// intercepts. sizes has the number of inputs, then the number of units of each
// layer; the last is the number of outputs.
func parameters(sizes []int) int {
	// BEGIN SOLUTION
	n := 0
	for i := 0; i+1 < len(sizes); i++ {
		n += (sizes[i] + 1) * sizes[i+1]
	}
	return n
	// END SOLUTION
}
