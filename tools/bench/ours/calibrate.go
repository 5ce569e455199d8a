package main

import (
	"fmt"

	"github.com/descent-go/descent/lib/calibrate"
	"github.com/descent-go/descent/lib/must"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/tools/bench/side"
)

// calibrated fits a calibrator to scores and labels, or calls a fitted one.
func calibrated(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	score, truth := x.RawMatrix().Data, y.RawMatrix().Data
	labels, at := make([]int, len(truth)), make([]float64, len(score))
	for i, v := range truth {
		labels[i] = int(v)
	}
	isotonic := func() *calibrate.Isotonic { return must.Get(calibrate.FitIsotonic(score, truth, nil)) }
	var run func()
	fitted := isotonic()
	predict := func() {
		for i, v := range score {
			at[i] = fitted.At(v)
		}
	}
	check := func() []float64 {
		run()
		predict()
		return some(at)
	}
	switch a.Step {
	case "isotonic":
		run = func() { fitted = isotonic() }
	case "isotonic at":
		run = predict
	case "platt":
		var p *calibrate.Platt
		run = func() { p = must.Get(calibrate.FitPlatt(score, labels, nil)) }
		check = func() []float64 {
			run()
			return []float64{p.A, p.B}
		}
	default:
		return side.Task{}, fmt.Errorf("there is no calibrator %q", a.Step)
	}
	return side.Task{Run: run, Check: check}, nil
}

// folds divides rows for cross-validation. What came out are sums over the rows to
// test on in each fold, and how many there are to train on.
func folds(a side.Args) (side.Task, error) {
	const k = 10
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	labels, groups := ints(y.RawMatrix().Data), ints(x.RawMatrix().Data)
	n := len(labels)
	run, ok := map[string]func() ([]preprocess.Fold, error){
		"kfold":            func() ([]preprocess.Fold, error) { return preprocess.KFoldInOrder(n, k) },
		"shuffled":         func() ([]preprocess.Fold, error) { return preprocess.KFold(n, k, 1) },
		"stratified":       func() ([]preprocess.Fold, error) { return preprocess.StratifiedKFoldInOrder(labels, k) },
		"groups":           func() ([]preprocess.Fold, error) { return preprocess.GroupKFold(groups, k) },
		"stratifiedgroups": func() ([]preprocess.Fold, error) { return preprocess.StratifiedGroupKFoldInOrder(labels, groups, k) },
		"time":             func() ([]preprocess.Fold, error) { return preprocess.TimeSeriesSplit{Folds: k}.Split(n) },
	}[a.Step]
	if !ok {
		return side.Task{}, fmt.Errorf("there is no splitter %q", a.Step)
	}
	return side.Task{Run: func() { must.Get(run()) }, Check: func() []float64 {
		var sums []float64
		for _, f := range must.Get(run()) {
			sum := 0.0
			if a.Step != "shuffled" { // the order of another generator
				for i, row := range f.Test {
					sum += float64(row * (i%13 + 1))
				}
			}
			sums = append(sums, float64(len(f.Train)), float64(len(f.Test)), sum)
		}
		return sums
	}}, nil
}

func ints(v []float64) []int {
	all := make([]int, len(v))
	for i, e := range v {
		all[i] = int(e)
	}
	return all
}
