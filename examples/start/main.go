// Start trains a classifier of handwritten digits with three optimizers and draws
// their losses. It is the program in the README.
package main

import (
	"context"
	"fmt"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/must"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/plots"
)

func main() {
	digits, test := datasets.Digits().Split(0.25, 1)
	var runs []plots.Run
	for i, optimizer := range []optim.Optimizer{&optim.SGD{}, &optim.SGD{Momentum: 0.9}, optim.NewAdam()} {
		m := model.NewSoftmax(64, 10)
		history := must.Get(train.Fit(context.Background(), m, digits.X, digits.Y, train.Options{
			Loss:      loss.CrossEntropy{},
			Optimizer: optimizer,
			Schedule:  optim.Constant(0.001),
			BatchSize: 32,
			Epochs:    20,
		}))
		name := []string{"SGD", "SGD with momentum", "Adam"}[i]
		right := metric.Accuracy(test.Labels(), model.Classes(m, test.X), nil)
		fmt.Printf("%s: %.1f %% of the test digits are right\n", name, 100*right)
		runs = append(runs, plots.Run{Name: name, History: history})
	}
	chart := plots.Loss("Handwritten digits", plots.LossOptions{Log: true}, runs...)
	must.Do(plots.Save(chart, "digits.png"))
}
