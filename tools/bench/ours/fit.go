package main

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/tools/bench/side"
)

// fit trains a linear model on dense rows with train.Fit, from θ = 0. The
// article's squared error is half of loss.MSE, so its learning rate is twice
// ours.
func fit(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	return fitTask(linear(a, x), x, y, options(a)), nil
}

func linear(a side.Args, x mat.Matrix) *model.Linear {
	_, inputs := x.Dims()
	if a.Intercept {
		return model.NewLinear(inputs, 1)
	}
	return model.NewLinearNoIntercept(inputs, 1)
}

// fitTask is the training of m from where it is.
func fitTask(m model.Model, x mat.Matrix, y *mat.Dense, opt train.Options) side.Task {
	start := slices.Clone(m.Params())
	run := func() {
		copy(m.Params(), start)
		if _, err := train.Fit(context.Background(), m, x, y, opt); err != nil {
			panic(err)
		}
	}
	return side.Task{Run: run, Check: func() []float64 {
		run()
		return slices.Clone(m.Params())
	}}
}

func options(a side.Args) train.Options {
	opt := train.Options{
		Loss: loss.BinaryCrossEntropy{}, Schedule: optim.Constant(a.Rate),
		Epochs: a.Epochs, BatchSize: a.Batch, Seed: a.Seed,
	}
	adam := optim.NewAdam()
	if a.Loss == "linear" {
		opt.Loss = loss.MSE{}
		adam.Epsilon *= 2 // m̂ and √v̂ are twice the article's, too
		if a.Optimizer == "gd" {
			opt.Schedule = optim.Constant(a.Rate / 2)
		}
	}
	switch a.Optimizer {
	case "gd":
		opt.Optimizer = &optim.SGD{}
	case "adam":
		opt.Optimizer = adam
	default:
		panic(fmt.Sprintf("there is no optimizer %q here", a.Optimizer))
	}
	if a.Lambda > 0 {
		opt.Regularizer = regularizer.L2{Lambda: a.Lambda}
	}
	return opt
}
