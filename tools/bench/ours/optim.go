package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/tools/bench/side"
)

// optimizers are what the work optim takes a step with.
var optimizers = map[string]func() optim.Optimizer{
	"sgd":       func() optim.Optimizer { return &optim.SGD{} },
	"momentum":  func() optim.Optimizer { return &optim.SGD{Momentum: 0.9} },
	"nesterov":  func() optim.Optimizer { return &optim.SGD{Momentum: 0.9, Nesterov: true} },
	"adam":      func() optim.Optimizer { return optim.NewAdam() },
	"amsgrad":   func() optim.Optimizer { return optim.NewAMSGrad() },
	"adamw":     func() optim.Optimizer { return optim.NewAdamW() },
	"rmsprop":   func() optim.Optimizer { return optim.NewRMSprop() },
	"adagrad":   func() optim.Optimizer { return optim.NewAdagrad() },
	"adadelta":  func() optim.Optimizer { return optim.NewAdadelta() },
	"nadam":     func() optim.Optimizer { return optim.NewNAdam() },
	"radam":     func() optim.Optimizer { return optim.NewRAdam() },
	"adamax":    func() optim.Optimizer { return optim.NewAdamax() },
	"adabelief": func() optim.Optimizer { return optim.NewAdaBelief() },
	"lion":      func() optim.Optimizer { return optim.NewLion() },
	"rprop":     func() optim.Optimizer { return optim.NewRprop() },
}

// stepTask is a step of an optimizer from the θ in a file with the gradient in
// another. What is checked is θ after ten steps whose gradients differ in their
// length and at last in their sign.
func stepTask(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	theta, grad := x.RawMatrix().Data, y.RawMatrix().Data
	n := len(theta)
	build, ok := optimizers[a.Step]
	if a.Step == "muon" {
		s := int(math.Sqrt(float64(n)))
		build, ok = func() optim.Optimizer { return optim.NewMuon(optim.Matrix{Rows: s, Cols: s}) }, true
	}
	if !ok {
		return side.Task{}, fmt.Errorf("there is no optimizer %q", a.Step)
	}
	opt := build()
	opt.Init(n)
	return side.Task{
		Run: func() { opt.Step(theta, grad, a.Rate) },
		Check: func() []float64 {
			for k := range 10 {
				g := slices.Clone(grad)
				for i := range g {
					g[i] *= 1 - 0.15*float64(k)
				}
				opt.Step(theta, g, a.Rate)
			}
			return some(theta)
		},
	}, nil
}

// some returns about a thousand of the numbers.
func some(v []float64) []float64 {
	var few []float64
	for i := 0; i < len(v); i += max(1, len(v)/1000) {
		few = append(few, v[i])
	}
	return few
}
