package main

import (
	"fmt"

	"github.com/descent-go/descent/tools/bench/side"
)

// optimizers are steps on one vector of parameters, long and short.
func optimizers(in inputs) ([]contest, error) {
	const (
		plain    = "PyTorch"
		foreach  = "foreach"
		fused    = "fused"
		compiled = "torch.compile"
		optax    = "Optax"
	)
	var all []contest
	for _, usual := range []int{1_000_000, 1_000} {
		n := in.size("parameters", usual)
		for _, w := range []struct {
			step, about string
			solvers     []string
		}{
			{"sgd", "SGD", []string{plain, foreach, fused, compiled, optax}},
			{"momentum", "SGD with momentum", []string{plain, foreach, fused, compiled, optax}},
			{"nesterov", "SGD with Nesterov's momentum", []string{plain, foreach, fused, compiled, optax}},
			{"adam", "Adam", []string{plain, foreach, fused, compiled, optax}},
			{"amsgrad", "Adam with AMSGrad", []string{plain, foreach, fused, compiled}},
			{"adamw", "AdamW", []string{plain, foreach, fused, compiled, optax}},
			{"rmsprop", "RMSprop", []string{plain, foreach, compiled, optax}},
			{"adagrad", "Adagrad", []string{plain, foreach, fused, compiled, optax}},
			{"adadelta", "Adadelta", []string{plain, foreach, compiled, optax}},
			{"nadam", "NAdam", []string{plain, foreach, compiled}},
			{"radam", "RAdam", []string{plain, foreach, compiled}},
			{"adamax", "Adamax", []string{plain, foreach, compiled, optax}},
			{"rprop", "Rprop", []string{plain, foreach, compiled}},
			{"lion", "Lion", []string{optax}},
			{"adabelief", "AdaBelief", []string{optax}},
			{"muon", "Muon", []string{optax}},
		} {
			size, shape := n, grouped(n)+" parameters"
			if w.step == "muon" {
				side := in.size("rows of Muon", map[int]int{1_000_000: 512, 1_000: 32}[usual])
				size, shape = side*side, fmt.Sprintf("a matrix of %d × %d", side, side)
			}
			theta, err := in.normal(size, 1)
			if err != nil {
				return nil, err
			}
			grad, err := in.targets(size, 1, false)
			if err != nil {
				return nil, err
			}
			all = append(all, contest{
				work: fmt.Sprintf("a step of %s, %s", w.about, shape), precision: "float64",
				// PyTorch counts steps in a float32, with which torch.compile corrects Adam's moments.
				ours: "optim", args: side.Args{X: theta, Y: grad, Step: w.step, Rate: 1e-3}, tolerance: 1e-7,
				rivals: []rival{elementwise("PyTorch or Optax", "optim", aim, w.solvers...)},
			})
		}
	}
	return all, nil
}

// elementwise is a rival in Python whose work has no use for OpenBLAS: there is no
// choice of its kernels.
func elementwise(name, work string, bar float64, solvers ...string) rival {
	return rival{name: name, side: "python", work: work, bar: bar, solvers: solvers, before: []string{}, noBLAS: true}
}
