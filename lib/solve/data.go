package solve

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// checkData returns an error for what can be wrong with the data of a
// regression.
func checkData(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64) error {
	inputs, outputs := m.Dims()
	if err := checkSamples(x, y, weights, inputs); err != nil {
		return err
	}
	if _, cols := y.Dims(); cols != outputs {
		return fmt.Errorf("solve: y has %d columns, the model has %d outputs", cols, outputs)
	}
	return nil
}

// checkProblem returns an error for what can be wrong with data and settings
// of any model and loss.
func checkProblem(m model.Model, x mat.Matrix, y *mat.Dense, weights []float64, l loss.Loss, penalty any) error {
	if l == nil {
		return errors.New("solve: the Loss is not set: choose one from package loss")
	}
	for _, part := range []any{l, penalty} {
		if v, ok := part.(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				return fmt.Errorf("solve: %w", err)
			}
		}
	}
	inputs, outputs := m.Dims()
	if err := checkSamples(x, y, weights, inputs); err != nil {
		return err
	}
	if c, ok := m.(model.InputChecker); ok {
		if err := c.CheckInput(x); err != nil {
			return fmt.Errorf("solve: %w", err)
		}
	}
	if c, ok := l.(loss.TargetChecker); ok {
		if err := c.CheckTarget(y, outputs); err != nil {
			return fmt.Errorf("solve: %w", err)
		}
		return nil
	}
	if _, cols := y.Dims(); cols != outputs {
		return fmt.Errorf("solve: y has %d columns, the model has %d outputs", cols, outputs)
	}
	return nil
}

func checkSamples(x mat.Matrix, y *mat.Dense, weights []float64, inputs int) error {
	if x == nil || y == nil {
		return errors.New("solve: x or y is nil")
	}
	rows, cols := x.Dims()
	yRows, _ := y.Dims()
	switch {
	case rows == 0:
		return errors.New("solve: there are no samples")
	case cols != inputs:
		return fmt.Errorf("solve: x has %d columns, the model takes %d", cols, inputs)
	case yRows != rows:
		return fmt.Errorf("solve: x has %d rows, y has %d", rows, yRows)
	}
	if err := checkWeights(weights, rows); err != nil {
		return err
	}
	if err := checkFinite("x", x); err != nil {
		return err
	}
	return checkFinite("y", y)
}

func checkWeights(weights []float64, rows int) error {
	if weights == nil {
		return nil
	}
	if len(weights) != rows {
		return fmt.Errorf("solve: there are %d sample weights for %d rows", len(weights), rows)
	}
	total := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return fmt.Errorf("solve: the sample weight of row %d is %g, want a finite number ≥ 0", i, w)
		}
		total += w
	}
	if total == 0 {
		return errors.New("solve: all sample weights are 0")
	}
	return nil
}

// checkFinite names the first element that is NaN or infinite.
func checkFinite(name string, x mat.Matrix) error {
	rows, cols := x.Dims()
	row := make([]float64, cols)
	for i := range rows {
		columns, values := rowOf(x, i, row)
		for p, v := range values {
			if v-v == 0 {
				continue
			}
			j := p
			if columns != nil {
				j = columns[p]
			}
			return fmt.Errorf("solve: %s is %g in row %d, column %d: impute or remove it", name, v, i, j)
		}
	}
	return nil
}

func checkLambda(lambda float64) error {
	if !(lambda >= 0) || math.IsInf(lambda, 1) {
		return fmt.Errorf("solve: λ = %g, want a finite number ≥ 0", lambda)
	}
	return nil
}

// rowOf returns row i of x: of a sparse matrix the columns and values of its
// non-zeros, of any other all values, and nil for the columns. It uses the
// memory of row if x has none to share.
func rowOf(x mat.Matrix, i int, row []float64) (columns []int, values []float64) {
	switch x := x.(type) {
	case *sparse.CSR:
		return x.Row(i)
	case mat.RawRowViewer:
		return nil, x.RawRowView(i)
	}
	return nil, mat.Row(row, i, x)
}

// shares returns the sample weights divided by their sum.
func shares(weights []float64, rows int) []float64 {
	v := make([]float64, rows)
	total := 0.0
	for i := range v {
		v[i] = weight(weights, i)
		total += v[i]
	}
	for i := range v {
		v[i] /= total
	}
	return v
}

func weight(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}
