package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/tools/bench/networks"
	"github.com/descent-go/descent/tools/bench/side"
)

// layers are single kinds of layers, forward and backward in training.
func layers(in inputs) ([]contest, error) {
	var all []contest
	for _, w := range []struct {
		step, about string
		batch       int
		words       int // of which the rows are made; 0 for rows of normal numbers
	}{
		{"dense", "two dense layers, 512 to 512", 128, 0},
		{"conv", "two convolutions, 16 filters of 3 × 3 on 32 × 32 × 16", 32, 0},
		{"batchnorm", "batch normalisation twice, 32 × 32 × 16", 32, 0},
		{"layernorm", "layer normalisation twice, 512", 512, 0},
		{"maxpool", "batch normalisation and the largest of 2 × 2, 32 × 32 × 16", 32, 0},
		{"gelu", "layer normalisation and GELU, 512", 512, 0},
		{"embedding", "embedding of 64 words of 10,000 in 128", 64, networks.Words},
		{"gru", "GRU of 128, 64 characters", 32, networks.Characters},
	} {
		n, err := networks.Layers[w.step](model.NewNetwork32)
		if err != nil {
			return nil, err
		}
		a := side.Args{Step: w.step, Precision: "float32"}
		if a.Theta, err = in.weights("layer-"+w.step, networks.Layers[w.step]); err != nil {
			return nil, err
		}
		batch := in.size("batch of "+w.step, w.batch)
		inputs, outputs := n.Dims()
		a.X, err = in.file(fmt.Sprintf("layer-%s-%d", w.step, batch), func(r *rand.Rand) format.Tensor {
			x := draw(r, batch*inputs)
			for i := range x {
				if w.words > 0 {
					x[i] = float64(r.IntN(w.words))
				}
			}
			return format.Tensor{Shape: []int{batch, inputs}, Data: x}
		})
		if err != nil {
			return nil, err
		}
		if a.Y, err = in.normal(batch*max(1, n.Tokens()), outputs); err != nil {
			return nil, err
		}
		all = append(all, contest{
			work: fmt.Sprintf("%s, batch of %d, forward and backward", w.about, batch), precision: a.Precision,
			ours: "layer", args: a, tolerance: 1e-4,
			rivals: []rival{elementwise("PyTorch", "layer", aim, "PyTorch", "torch.compile")},
		})
	}
	return all, nil
}
