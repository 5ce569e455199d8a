// Startup is the whole way to a first picture, as a program: read the article's
// data, train its example, draw the loss. startup.py is the same in Python.
//
//	startup X.npy Y.npy PICTURE.png
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/plots"
	"github.com/descent-go/descent/tools/bench/side"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
}

func run(features, targets, picture string) error {
	x, y, err := side.Data(side.Args{X: features, Y: targets})
	if err != nil {
		return err
	}
	m := model.NewLinear(2, 1)
	h, err := train.Fit(context.Background(), m, x, y, train.Options{
		Loss: loss.MSE{}, Schedule: optim.Constant(0.05), Epochs: 100,
	})
	if err != nil {
		return err
	}
	chart := plots.Loss("Gradient descent", plots.LossOptions{}, plots.Run{Name: "loss", History: h})
	if err := plots.Save(chart, picture); err != nil {
		return err
	}
	for _, v := range m.Params() {
		fmt.Println(v)
	}
	return nil
}
