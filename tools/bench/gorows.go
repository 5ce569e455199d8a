package main

import (
	"github.com/descent-go/descent/tools/bench/networks"
)

// goPeers does some of the work again with other packages for Go.
func goPeers(in inputs) ([]contest, error) {
	full, err := fullBatch(in)
	if err != nil {
		return nil, err
	}
	var all []contest
	for _, c := range full {
		if c.args.Optimizer == "gd" {
			c.rivals = []rival{{name: "a loop over gonum's Gemv", side: "gopeers", work: "fit"}}
			all = append(all, c)
		}
	}
	products, err := products(in)
	if err != nil {
		return nil, err
	}
	for _, c := range products {
		square, layer := in.product(512, 512, 512), in.product(128, 784, 128)
		square.Precision, layer.Precision = c.precision, c.precision
		if c.args == square || c.args == layer {
			c.rivals = []rival{
				{name: "gonum", side: "gopeers", work: "gonum"},
				{name: "GoMLX, pure Go", side: "gopeers", work: "gomlx"},
				{name: "gorgonia's tensor", side: "gopeers", work: "gorgonia"},
			}
			all = append(all, c)
		}
	}
	return perceptrons(in, all)
}

// perceptrons adds a short epoch of the MLP.
func perceptrons(in inputs, all []contest) ([]contest, error) {
	m := in.size("images for Go", 1_280)
	a, err := training(in, m, 1, 28)
	if err != nil {
		return nil, err
	}
	if a.Theta, err = in.weights("mlp", networks.MLP); err != nil {
		return nil, err
	}
	a.Batch = 128
	for _, precision := range []string{"float64", "float32"} {
		c := against("mlp", "MLP 784-128-10, Adam, "+grouped(m)+" images in batches of 128, one epoch", precision, a, 0)
		c.rivals = []rival{{name: "GoMLX, pure Go", side: "gopeers", work: "mlp"}}
		all = append(all, c)
	}
	return all, nil
}
