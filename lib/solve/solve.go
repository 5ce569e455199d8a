// Package solve finds the optimum of a model directly, where there is more to
// use than the gradient.
//
// The squared error of a linear model has an exact minimum, which a QR
// factorisation finds without a learning rate. The cross-entropy of a logistic
// model is convex and smooth, and Newton's method reaches its minimum to the
// last digit in a handful of steps. Such answers are what a gradient method is
// compared with, and for moderate sizes they are what one should use.
//
// Every function takes the model as training does and sets its parameters, so
// that the two are interchangeable. All use the same objective: the weighted
// mean of the loss plus the penalty, with the intercept unpenalised.
package solve

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// LeastSquares sets the parameters of m to the minimum of the mean squared
// error Σᵢ wᵢ‖yᵢ − f(xᵢ; θ)‖² / Σᵢ wᵢ, by a QR factorisation of the matrix of
// samples. weights may be nil. The columns are scaled to unit length first,
// which loses nothing and saves digits where their units differ much.
//
// It returns an error, and leaves m alone, if there are fewer samples than
// parameters or if the columns are linearly dependent: then there are many
// minima, and [Ridge] chooses one.
//
// Source: Golub and Van Loan, Matrix Computations, 4th ed., §5.3.
func LeastSquares(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64) error {
	return leastSquares(m, x, y, weights, 0)
}

// Ridge sets the parameters of m to the minimum of the mean squared error plus
// ½λ‖W‖², exactly, as the least squares of the samples with √(λ·Σw/2)·I below
// them. The intercept is not penalised. λ > 0 always has one minimum.
//
// scikit-learn's Ridge has the same minimum for alpha = λ·m/2.
func Ridge(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64, lambda float64) error {
	if !(lambda >= 0) || math.IsInf(lambda, 1) {
		return fmt.Errorf("solve: ridge with λ = %g, want a finite number ≥ 0", lambda)
	}
	return leastSquares(m, x, y, weights, lambda)
}

func leastSquares(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64, lambda float64) error {
	rows, err := checkData(m, x, y, weights)
	if err != nil {
		return err
	}
	a, b := design(m, x, y, weights, lambda)
	_, params := a.Dims()
	if lambda == 0 && rows < params {
		return fmt.Errorf("solve: %d samples cannot determine %d parameters: use more samples or Ridge", rows, params)
	}
	scale := unitColumns(a)
	var qr mat.QR
	qr.Factorize(a)
	var theta mat.Dense
	if err := qr.SolveTo(&theta, false, b); err != nil {
		var condition mat.Condition
		if !errors.As(err, &condition) || math.IsInf(float64(condition), 1) {
			return fmt.Errorf("solve: the columns of x are linearly dependent: remove one or use Ridge")
		}
		return fmt.Errorf("solve: the columns of x are linearly dependent (condition number %.1e): remove one or use Ridge", float64(condition))
	}
	_, outputs := y.Dims()
	for i := range params {
		for k := range outputs {
			m.Params()[i*outputs+k] = theta.At(i, k) / scale[i]
		}
	}
	return nil
}

// design returns the matrix with a row √wᵢ·(1, xᵢ) for each sample, the right
// side √wᵢ·yᵢ, and below them the rows of the ridge penalty. Its columns are in
// the order of θ.
func design(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64, lambda float64) (a, b *mat.Dense) {
	rows, inputs := x.Dims()
	_, outputs := y.Dims()
	first := 0
	if m.HasIntercept() {
		first = 1
	}
	extra := 0
	if lambda > 0 {
		extra = inputs
	}
	a = mat.NewDense(rows+extra, first+inputs, nil)
	b = mat.NewDense(rows+extra, outputs, nil)
	total := 0.0
	for i := range rows {
		w := weight(weights, i)
		total += w
		root := math.Sqrt(w)
		if first == 1 {
			a.Set(i, 0, root)
		}
		for j := range inputs {
			a.Set(i, first+j, root*x.At(i, j))
		}
		for k := range outputs {
			b.Set(i, k, root*y.At(i, k))
		}
	}
	// Of several outputs the squared error is the mean.
	penalty := math.Sqrt(lambda * total * float64(outputs) / 2)
	for j := range extra {
		a.Set(rows+j, first+j, penalty)
	}
	return a, b
}

// unitColumns scales the columns of a to length 1 and returns their lengths.
func unitColumns(a *mat.Dense) []float64 {
	rows, cols := a.Dims()
	scale := make([]float64, cols)
	for j := range cols {
		scale[j] = mat.Norm(a.ColView(j), 2)
		if scale[j] == 0 {
			scale[j] = 1
		}
		for i := range rows {
			a.Set(i, j, a.At(i, j)/scale[j])
		}
	}
	return scale
}

func weight(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}

// checkData returns an error for what the data can get wrong.
func checkData(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64) (rows int, err error) {
	rows, cols := x.Dims()
	inputs, outputs := m.Dims()
	yRows, yCols := y.Dims()
	switch {
	case rows == 0:
		return 0, errors.New("solve: there are no samples")
	case cols != inputs:
		return 0, fmt.Errorf("solve: x has %d columns, the model takes %d", cols, inputs)
	case yRows != rows || yCols != outputs:
		return 0, fmt.Errorf("solve: y is %d×%d, want %d×%d", yRows, yCols, rows, outputs)
	case weights != nil && len(weights) != rows:
		return 0, fmt.Errorf("solve: there are %d sample weights for %d rows", len(weights), rows)
	}
	total := 0.0
	for i := range rows {
		w := weight(weights, i)
		if !(w >= 0) || math.IsInf(w, 1) {
			return 0, fmt.Errorf("solve: the sample weight of row %d is %g, want a finite number ≥ 0", i, w)
		}
		total += w
		for j := range cols {
			if v := x.At(i, j); v-v != 0 {
				return 0, fmt.Errorf("solve: x is %g in row %d, column %d: impute or remove it", v, i, j)
			}
		}
		for k := range outputs {
			if v := y.At(i, k); v-v != 0 {
				return 0, fmt.Errorf("solve: y is %g in row %d, column %d: impute or remove it", v, i, k)
			}
		}
	}
	if total == 0 {
		return 0, errors.New("solve: all sample weights are 0")
	}
	return rows, nil
}
