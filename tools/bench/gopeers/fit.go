package main

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/tools/bench/side"
)

// fit is the article's gradient descent as one writes it with gonum.
func fit(a side.Args) (side.Task, error) {
	if a.Optimizer != "gd" || a.Batch != 0 {
		return side.Task{}, fmt.Errorf("only gradient descent on all samples is written here")
	}
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	run := func() []float64 {
		if a.Loss == "logistic" {
			return descend(x, y, a, crossEntropy)
		}
		return descend(x, y, a, squares)
	}
	return side.Task{Run: func() { run() }, Check: run}, nil
}

func descend(x, y *mat.Dense, a side.Args, residuals func(z, y *mat.VecDense) float64) []float64 {
	m, n := x.Dims()
	theta, gradient, z := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil), mat.NewVecDense(m, nil)
	target := mat.NewVecDense(m, mat.Col(nil, 0, y))
	for range a.Epochs {
		z.MulVec(x, theta)
		if loss := residuals(z, target); math.IsNaN(loss) {
			panic("the loss is NaN")
		}
		gradient.MulVec(x.T(), z)
		theta.AddScaledVec(theta, -a.Rate/float64(m), gradient)
	}
	return theta.RawVector().Data
}

// squares replaces predictions by residuals and returns the loss.
func squares(z, y *mat.VecDense) float64 {
	z.SubVec(z, y)
	return mat.Dot(z, z) / float64(2*z.Len())
}

func crossEntropy(z, y *mat.VecDense) float64 {
	scores, labels := z.RawVector().Data, y.RawVector().Data
	losses := 0.0
	for i, s := range scores {
		p := 1 / (1 + math.Exp(-s))
		losses -= labels[i]*math.Log(p) + (1-labels[i])*math.Log(1-p)
		scores[i] = p
	}
	floats.Sub(scores, labels)
	return losses / float64(len(scores))
}
