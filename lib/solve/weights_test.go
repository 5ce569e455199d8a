package solve_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/sparse"
)

// TestRowsOfWeightZeroAreNotThere gives every solver a row of weight 0 in which
// nothing is right, and wants every bit as without it.
func TestRowsOfWeightZeroAreNotThere(t *testing.T) {
	const rows, cols = 40, 3
	x, y := normal(rows, cols, 8), mat.NewDense(rows, 1, nil)
	weights := slices.Repeat([]float64{1, 2, 0.5, 1}, rows/4)
	for i, noise := range normal(rows, 1, 9).RawMatrix().Data {
		if x.At(i, 0)-x.At(i, 1)+noise > 0 {
			y.Set(i, 0, 1)
		}
	}
	ghost, ghostY := mat.NewDense(rows+1, cols, nil), mat.NewDense(rows+1, 1, nil)
	at := 17
	for i := range rows {
		k := i
		if i >= at {
			k++
		}
		ghost.SetRow(k, x.RawRowView(i))
		ghostY.Set(k, 0, y.At(i, 0))
	}
	ghost.SetRow(at, []float64{math.NaN(), math.Inf(1), 1e300})
	ghostY.Set(at, 0, -1)
	ghostWeights := slices.Insert(slices.Clone(weights), at, 0)

	ctx := context.Background()
	solvers := map[string]func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error{
		"LeastSquares": func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			return solve.LeastSquares(m, x, y, w)
		},
		"Ridge": func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			return solve.Ridge(m, x, y, w, 0.1)
		},
		"ElasticNet": func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			_, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 0.01, L1Ratio: 0.7, SampleWeights: w})
			return err
		},
		"Path": func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			path, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 1, N: 5, SampleWeights: w})
			if err == nil {
				path.Set(m, 4)
			}
			return err
		},
		"Logistic": func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			_, err := solve.Logistic(m, x, y, solve.NewtonOptions{SampleWeights: w})
			return err
		},
		"Minimize": func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			_, err := solve.Minimize(ctx, m, x, y, solve.MinimizeOptions{Loss: loss.BinaryCrossEntropy{}, SampleWeights: w})
			return err
		},
		"ISTA": func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			_, err := solve.ISTA(ctx, m, x, y, solve.ProximalOptions{Loss: loss.MSE{}, Proximal: regularizer.L1{Lambda: 0.01}, SampleWeights: w, MaxIterations: 20})
			return err
		},
		"FISTA, step by StepBound": func(m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			step, err := solve.StepBound(m, x, w, loss.MSE{})
			if err != nil {
				return err
			}
			_, err = solve.FISTA(ctx, m, x, y, solve.ProximalOptions{Loss: loss.MSE{}, Step: step, SampleWeights: w, MaxIterations: 20})
			return err
		},
	}
	for name, f := range solvers {
		for _, as := range []func(x *mat.Dense) mat.Matrix{
			func(x *mat.Dense) mat.Matrix { return x },
			func(x *mat.Dense) mat.Matrix { return sparse.FromDense(x) },
		} {
			want, got := model.NewLinear(cols, 1), model.NewLinear(cols, 1)
			if err := f(want, as(x), y, weights); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := f(got, as(ghost), ghostY, ghostWeights); err != nil {
				t.Errorf("%s, with a row of weight 0: %v", name, err)
			} else if !slices.Equal(got.Params(), want.Params()) {
				t.Errorf("%s: with a row of weight 0 θ is %v, without it %v", name, got.Params(), want.Params())
			}
		}
	}
}
