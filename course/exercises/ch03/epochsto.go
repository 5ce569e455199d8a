package ch03

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// epochsTo trains a linear model without intercept from θ = 0, with seed 1, and
// returns the number of the first epoch after which the mean squared error on
// all of x is at most target. It returns 0 if 100 epochs are not enough, or if
// training diverges.
func epochsTo(target float64, o optim.Optimizer, alpha float64, batch int, x, y *mat.Dense) int {
	// BEGIN SOLUTION
	_, n := x.Dims()
	m := model.NewLinearNoIntercept(n, 1)
	var pred mat.Dense
	for s, err := range train.Epochs(context.Background(), m, x, y, train.Options{
		Loss: loss.MSE{}, Optimizer: o, Schedule: optim.Constant(alpha), BatchSize: batch, Seed: 1, Epochs: 100,
	}) {
		if err != nil {
			return 0
		}
		m.Predict(&pred, x)
		if (loss.MSE{}).Loss(nil, &pred, y, nil) <= target {
			return s.Epoch
		}
	}
	return 0
	// END SOLUTION
}
