package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/tools/bench/networks"
	"github.com/descent-go/descent/tools/bench/side"
)

// layer is a layer forward and backward, in training. What came out are some
// predictions and some of the gradient.
func layer(a side.Args) (side.Task, error) {
	x, d, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	of, ok := networks.Layers[a.Step]
	if !ok {
		return side.Task{}, fmt.Errorf("there is no layer %q", a.Step)
	}
	n, err := of(model.NewNetwork32)
	if err != nil {
		return side.Task{}, err
	}
	grad := make([]float64, len(n.Params()))
	var pred mat.Dense
	run := func() {
		clear(grad)
		n.Forward(&pred, x)
		n.Backward(grad, d)
	}
	return side.Task{Run: run, Check: func() []float64 {
		run()
		return append(some(pred.RawMatrix().Data), some(grad)...)
	}}, nil
}
