package ch05

import "github.com/descent-go/descent/lib/preprocess"

// outOfFold returns for each of so many rows the prediction of a model that has
// not seen it. learn trains a model on the given rows, and returns the function
// with which that model predicts a row.
func outOfFold(rows int, folds []preprocess.Fold, learn func(training []int) func(row int) float64) []float64 {
	// BEGIN SOLUTION
	out := make([]float64, rows)
	for _, fold := range folds {
		predict := learn(fold.Train)
		for _, row := range fold.Test {
			out[row] = predict(row)
		}
	}
	return out
	// END SOLUTION
}
