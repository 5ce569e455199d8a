package main

import (
	"context"
	"math"
	"slices"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/tools/bench/side"
)

// logistic is penalised logistic regression to a gradient of Tolerance.
func logistic(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	m := linear(a, x)
	return again(m, func() error {
		_, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: a.Lambda, Tolerance: a.Tolerance})
		return err
	}, parameters(m)), nil
}

// lbfgs is the same by L-BFGS.
func lbfgs(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	m := linear(a, x)
	opt := solve.MinimizeOptions{Loss: loss.BinaryCrossEntropy{}, Regularizer: regularizer.L2{Lambda: a.Lambda}, GradTolerance: a.Tolerance}
	return again(m, func() error {
		_, err := solve.Minimize(context.Background(), m, x, y, opt)
		return err
	}, parameters(m)), nil
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
	return again(m, func() error {
		_, err := solve.FISTA(context.Background(), m, x, y, opt)
		return err
	}, parameters(m)), nil
}

// again is a search from parameters that are all 0, and what came out of it.
func again(m *model.Linear, search func() error, result func() []float64) side.Task {
	run := func() {
		clear(m.Params())
		if err := search(); err != nil {
			panic(err)
		}
	}
	return side.Task{Run: run, Check: func() []float64 {
		run()
		return result()
	}}
}

// parameters are those of the model.
func parameters(m *model.Linear) func() []float64 {
	return func() []float64 { return slices.Clone(m.Params()) }
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
		p, m := path(), linear(a, x)
		objectives := make([]float64, len(p.Lambdas))
		for i, lambda := range p.Lambdas {
			p.Set(m, i)
			objectives[i] = netObjective(m, x, y, lambda/2, 1)
		}
		return objectives
	}}, nil
}
