package main

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/tools/bench/side"
)

// logistic is penalised logistic regression to a gradient of Tolerance.
func logistic(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	m := linear(a, x)
	return again(m, func() (*train.History, error) {
		_, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: a.Lambda, Tolerance: a.Tolerance})
		return nil, err
	}), nil
}

// lbfgs is the same by L-BFGS.
func lbfgs(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	m := linear(a, x)
	opt := solve.MinimizeOptions{Loss: loss.BinaryCrossEntropy{}, Regularizer: regularizer.L2{Lambda: a.Lambda}, GradTolerance: a.Tolerance}
	return again(m, func() (*train.History, error) { return solve.Minimize(context.Background(), m, x, y, opt) }), nil
}

// fista makes as many steps as there are epochs towards the lasso for one λ.
func fista(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	m := linear(a, x)
	opt := solve.ProximalOptions{
		Loss: loss.MSE{}, Proximal: regularizer.L1{Lambda: a.Lambda}, Step: a.Rate,
		MaxIterations: a.Epochs, Tolerance: math.SmallestNonzeroFloat64,
	}
	return again(m, func() (*train.History, error) { return solve.FISTA(context.Background(), m, x, y, opt) }), nil
}

// again is a search from parameters that are all 0.
func again(m *model.Linear, search func() (*train.History, error)) side.Task {
	run := func() {
		clear(m.Params())
		if _, err := search(); err != nil {
			panic(err)
		}
	}
	return side.Task{Run: run, Check: func() []float64 {
		run()
		return slices.Clone(m.Params())
	}}
}

// lasso is the whole path, without intercept. What came out are the objectives
// of its points.
func lasso(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	path := func() *solve.RegularizationPath {
		p, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 1, NoIntercept: true, Tolerance: a.Tolerance})
		if err != nil {
			panic(err)
		}
		return p
	}
	return side.Task{Run: func() { path() }, Check: func() []float64 {
		p := path()
		objectives := make([]float64, len(p.Lambdas))
		for i, lambda := range p.Lambdas {
			objectives[i] = objective(x, y, p.Coefficients[i], lambda/2)
		}
		return objectives
	}}, nil
}

// objective is ½‖y − Xw‖²/m + α‖w‖₁, scikit-learn's.
func objective(x, y *mat.Dense, w []float64, alpha float64) float64 {
	rows, _ := x.Dims()
	r := mat.NewVecDense(rows, nil)
	r.MulVec(x, mat.NewVecDense(len(w), w))
	r.SubVec(y.ColView(0), r)
	penalty := 0.0
	for _, v := range w {
		penalty += math.Abs(v)
	}
	return mat.Dot(r, r)/(2*float64(rows)) + alpha*penalty
}
