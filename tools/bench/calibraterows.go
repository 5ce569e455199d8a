package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/tools/bench/side"
)

// calibration turns scores into probabilities.
func calibration(in inputs) ([]contest, error) {
	m := in.size("scores", 200_000)
	a, err := samples(in, m, 1, "logistic")
	if err != nil {
		return nil, err
	}
	var all []contest
	for _, w := range []struct {
		step, about string
		tolerance   float64
	}{
		{"isotonic", "isotonic regression", 1e-10},
		{"isotonic at", "probabilities by isotonic regression", 1e-10},
		{"platt", "Platt's sigmoid", 1e-4}, // scikit-learn stops L-BFGS at a small gradient
	} {
		args := a
		args.Step = w.step
		all = append(all, contest{
			work: fmt.Sprintf("%s, %s scores", w.about, grouped(m)), precision: "float64",
			ours: "calibrated", args: args, tolerance: w.tolerance,
			rivals: []rival{elementwise("scikit-learn", "calibrated", aim, "")},
		})
	}
	return all, nil
}

// splitters divide rows for cross-validation. The rows of each fold are listed.
func splitters(in inputs) ([]contest, error) {
	many, fewer := in.size("rows to split", 1_000_000), in.size("rows in groups", 100_000)
	var all []contest
	for _, w := range []struct {
		step, about  string
		rows, groups int
	}{
		{"kfold", "10 folds in order", many, 1},
		{"shuffled", "10 folds, shuffled", many, 1},
		{"stratified", "10 stratified folds", many, 1},
		{"time", "10 folds in time", many, 1},
		{"groups", "10 folds of groups", many, 10_000},
		{"stratifiedgroups", "10 stratified folds of groups", fewer, 1_000},
	} {
		a := side.Args{Step: w.step}
		var err error
		a.X, err = in.file(fmt.Sprintf("groups-%d-%d", w.rows, w.groups), func(r *rand.Rand) format.Tensor {
			v := make([]float64, w.rows)
			for i := range v {
				v[i] = float64(r.IntN(w.groups))
			}
			return format.Tensor{Shape: []int{w.rows}, Data: v, Type: format.Int64}
		})
		if err != nil {
			return nil, err
		}
		if a.Y, err = in.targets(w.rows, 1, true); err != nil {
			return nil, err
		}
		bar := aim
		if w.step == "time" {
			bar = 0 // scikit-learn's are views of one array, which a caller must not change
		}
		all = append(all, contest{
			work: fmt.Sprintf("%s, %s rows", w.about, grouped(w.rows)), precision: "float64", ours: "folds", args: a, tolerance: 1e-12,
			rivals: []rival{elementwise("scikit-learn", "folds", bar, "")},
		})
	}
	return all, nil
}
