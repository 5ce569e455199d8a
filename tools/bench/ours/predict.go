package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/tools/bench/networks"
	"github.com/descent-go/descent/tools/bench/side"
)

// predict predicts from rows: numbers by a linear model or a network, or
// probabilities by a logistic model.
func predict(a side.Args) (side.Task, error) {
	x, err := side.Matrix(a.X)
	if err != nil {
		return side.Task{}, err
	}
	theta, err := side.Read(a.Theta)
	if err != nil {
		return side.Task{}, err
	}
	_, inputs := x.Dims()
	var m model.Model = model.NewLinear(inputs, 1)
	if a.Step == "mlp" {
		build := model.NewNetwork
		if a.Precision == "float32" {
			build = model.NewNetwork32
		}
		if m, err = networks.Small(build); err != nil {
			return side.Task{}, err
		}
	}
	if got, want := len(theta.Data), len(m.Params()); got != want {
		return side.Task{}, fmt.Errorf("%d parameters in %s, want %d", got, a.Theta, want)
	}
	copy(m.Params(), theta.Data)
	var pred mat.Dense
	run := func() *mat.Dense {
		if a.Step == "logistic" {
			return model.Probabilities(m, x)
		}
		m.Predict(&pred, x)
		return &pred
	}
	return side.Task{Run: func() { run() }, Check: func() []float64 { return some(run().RawMatrix().Data) }}, nil
}
