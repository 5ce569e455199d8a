package main

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/tools/bench/side"
)

// solution goes to the optimum of the problem that Step names. What came out are the
// parameters of least squares and ridge regression, which have exact solutions, and
// the objective of the others.
func solution(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	_, inputs := x.Dims()
	m := model.NewLinear(inputs, 1)
	var l loss.Loss
	var run func() error
	switch a.Step {
	case "leastsquares":
		run = func() error { return solve.LeastSquares(m, x, y, nil) }
	case "ridge":
		run = func() error { return solve.Ridge(m, x, y, nil, a.Lambda) }
	case "lasso", "elasticnet":
		ratio := l1Ratio(a.Step)
		lambda := a.Lambda * 2 * steepest(x, y) / ratio
		run = func() error {
			_, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: lambda, L1Ratio: ratio, Tolerance: a.Tolerance})
			return err
		}
		return again(m, run, func() []float64 { return []float64{netObjective(m, x, y, lambda/2, ratio)} }), nil
	case "logistic":
		l = loss.BinaryCrossEntropy{}
		run = func() error {
			_, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: a.Lambda, Tolerance: a.Tolerance})
			return err
		}
	case "softmax":
		m, l = model.NewSoftmax(inputs, 1+int(mat.Max(y))), loss.CrossEntropy{}
	case "poisson":
		l = loss.Poisson{}
	default:
		return side.Task{}, fmt.Errorf("there is no problem called %q", a.Step)
	}
	if run == nil {
		run = func() error {
			_, err := solve.Minimize(context.Background(), m, x, y, solve.MinimizeOptions{
				Loss: l, Regularizer: regularizer.L2{Lambda: a.Lambda}, GradTolerance: a.Tolerance,
			})
			return err
		}
	}
	if l == nil {
		return again(m, run, parameters(m)), nil
	}
	return again(m, run, func() []float64 { return []float64{penalised(m, l, x, y, a.Lambda)} }), nil
}

// l1Ratio is ρ of both sides.
func l1Ratio(step string) float64 {
	if step == "lasso" {
		return 1
	}
	return 0.5
}

// steepest is the largest |Σ(xᵢⱼ−x̄ⱼ)(yᵢ−ȳ)|/m.
func steepest(x, y *mat.Dense) float64 {
	rows, cols := x.Dims()
	means, sums := make([]float64, cols), make([]float64, cols)
	mean := mat.Sum(y) / float64(rows)
	for i := range rows {
		for j, v := range x.RawRowView(i) {
			means[j] += v / float64(rows)
		}
	}
	for i := range rows {
		for j, v := range x.RawRowView(i) {
			sums[j] += (v - means[j]) * (y.At(i, 0) - mean) / float64(rows)
		}
	}
	return mat.Norm(mat.NewVecDense(cols, sums), math.Inf(1))
}

// netObjective is ½‖y − f(x)‖²/m + α(ρ‖w‖₁ + ½(1−ρ)‖w‖²), scikit-learn's.
func netObjective(m *model.Linear, x, y *mat.Dense, alpha, ratio float64) float64 {
	l1, l2 := 0.0, 0.0
	for _, v := range m.Weights().RawMatrix().Data {
		l1 += math.Abs(v)
		l2 += v * v
	}
	return penalised(m, loss.MSE{}, x, y, 0)/2 + alpha*(ratio*l1+(1-ratio)/2*l2)
}

// penalised is the mean loss plus ½λ‖w‖².
func penalised(m *model.Linear, l loss.Loss, x, y *mat.Dense, lambda float64) float64 {
	rows, _ := x.Dims()
	_, outputs := m.Dims()
	f := mat.NewDense(rows, outputs, nil)
	m.Forward(f, x)
	squares := 0.0
	for _, v := range m.Weights().RawMatrix().Data {
		squares += v * v
	}
	return l.Loss(nil, f, y, nil) + lambda/2*squares
}
