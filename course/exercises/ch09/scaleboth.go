package ch09

import "math"

// scaleBoth brings a feature to mean 0 and standard deviation 1 on the training
// data (divided by n, not n − 1), and changes the test data in the same way. It
// changes both in place. Where all training values are equal it only subtracts.
func scaleBoth(training, test []float64) {
	// BEGIN SOLUTION
	n := float64(len(training))
	mean := 0.0
	for _, v := range training {
		mean += v / n
	}
	variance := 0.0
	for _, v := range training {
		variance += (v - mean) * (v - mean) / n
	}
	std := math.Sqrt(variance)
	if std == 0 {
		std = 1
	}
	for _, data := range [][]float64{training, test} {
		for i := range data {
			data[i] = (data[i] - mean) / std
		}
	}
	// END SOLUTION
}
