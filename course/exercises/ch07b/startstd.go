package ch07b

import "math"

// startStd returns the standard deviation with which the weights of a dense layer
// begin. "pytorch" draws them from the uniform distribution on ±1/√inputs, "keras"
// on ±√(6/(inputs + outputs)).
func startStd(tool string, inputs, outputs int) float64 {
	// BEGIN SOLUTION
	bound := 1 / math.Sqrt(float64(inputs))
	if tool == "keras" {
		bound = math.Sqrt(6 / float64(inputs+outputs))
	}
	return bound / math.Sqrt(3)
	// END SOLUTION
}
