package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/tools/bench/side"
)

// lossesOf are what the work losses computes.
var lossesOf = map[string]loss.Loss{
	"mse": loss.MSE{}, "mae": loss.MAE{}, "huber": loss.NewHuber(), "logcosh": loss.LogCosh{}, "quantile": loss.Quantile{Tau: 0.9},
	"bce": loss.BinaryCrossEntropy{}, "focal": loss.NewFocal(), "hinge": loss.Hinge{}, "squaredhinge": loss.SquaredHinge{},
	"poisson": loss.Poisson{}, "crossentropy": loss.CrossEntropy{}, "smoothed": loss.CrossEntropy{LabelSmoothing: 0.1},
	"kl": loss.KLDivergence{}, "multiclasshinge": loss.MulticlassHinge{},
}

// lossTask is a loss with its gradient with respect to the predictions.
func lossTask(a side.Args) (side.Task, error) {
	pred, target, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	l, ok := lossesOf[a.Step]
	if !ok {
		return side.Task{}, fmt.Errorf("there is no loss %q", a.Step)
	}
	var grad mat.Dense
	run := func() float64 { return l.Loss(&grad, pred, target, nil) }
	return side.Task{Run: func() { run() }, Check: func() []float64 {
		value := run()
		each := mat.DenseCopyOf(&grad)
		rows, _ := pred.Dims()
		each.Scale(float64(rows), each)
		return append([]float64{value}, some(each.RawMatrix().Data)...)
	}}, nil
}
