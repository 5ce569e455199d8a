package main

import (
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/tools/bench/side"
)

// text trains a linear model on sparse rows with train.Fit.
func text(a side.Args) (side.Task, error) {
	y, err := side.Matrix(a.Y)
	if err != nil {
		return side.Task{}, err
	}
	var parts [3][]float64
	for i, path := range []string{a.Ptr, a.Cols, a.Values} {
		t, err := side.Read(path)
		if err != nil {
			return side.Task{}, err
		}
		parts[i] = t.Data
	}
	rows, _ := y.Dims()
	x, err := sparse.NewCSR(rows, a.Features, indices(parts[0]), indices(parts[1]), parts[2])
	if err != nil {
		return side.Task{}, err
	}
	return fitTask(model.NewLinearNoIntercept(a.Features, 1), x, y, options(a)), nil
}

func indices(v []float64) []int {
	n := make([]int, len(v))
	for i, e := range v {
		n[i] = int(e)
	}
	return n
}
