package solve

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// checkData returns the rows of a regression that have a weight, or an error for
// what can be wrong with them.
func checkData(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64) (objective.Data, error) {
	return checkProblem(m, x, y, weights, loss.MSE{}, nil)
}

// checkProblem returns the rows that have a weight and a label, or an error for what can be
// wrong with data and settings of any model and loss.
func checkProblem(m model.Model, x mat.Matrix, y *mat.Dense, weights []float64, l loss.Loss, penalty any) (objective.Data, error) {
	d := objective.Data{X: x, Y: y, SampleWeights: weights}
	if l == nil {
		return d, errors.New("solve: the Loss is not set: choose one from package loss")
	}
	for _, part := range []any{l, penalty} {
		if v, ok := part.(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				return d, fmt.Errorf("solve: %w", err)
			}
		}
	}
	if err := d.Check(m, l); err != nil {
		return d, fmt.Errorf("solve: %w", err)
	}
	return d.Used().Labelled(l), nil
}

func checkLambda(lambda float64) error {
	if !(lambda >= 0) || math.IsInf(lambda, 1) {
		return fmt.Errorf("solve: λ = %g, want a finite number ≥ 0", lambda)
	}
	return nil
}

// shares returns the sample weights divided by their sum.
func shares(weights []float64, rows int) []float64 {
	v := make([]float64, rows)
	var total accurate.Sum
	for i := range v {
		v[i] = weight(weights, i)
		total.Add(v[i])
	}
	for i := range v {
		v[i] /= total.Value()
	}
	return v
}

func weight(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}
