package main

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/bench/side"
	"github.com/descent-go/descent/lib/solve"
)

// logistic is penalised logistic regression to a gradient of Tolerance.
func logistic(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	m := linear(a, x)
	run := func() {
		clear(m.Params())
		if _, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: a.Lambda, Tolerance: a.Tolerance}); err != nil {
			panic(err)
		}
	}
	return side.Task{Run: run, Check: func() []float64 {
		run()
		return slices.Clone(m.Params())
	}}, nil
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
