package main

import (
	"fmt"

	"github.com/descent-go/descent/tools/bench/networks"
	"github.com/descent-go/descent/tools/bench/side"
)

func perceptron(in inputs) ([]contest, error) {
	m := in.size("images of the MLP", 60_000)
	a, err := training(in, m, 1, 28)
	if err != nil {
		return nil, err
	}
	if a.Theta, err = in.weights("mlp", networks.MLP); err != nil {
		return nil, err
	}
	var all []contest
	for _, batch := range []int{32, 128} {
		a.Batch = batch
		work := fmt.Sprintf("MLP 784-128-10, Adam, %s images in batches of %d, one epoch", grouped(m), batch)
		for _, precision := range precisions {
			all = append(all, against("mlp", work, precision, a, 1.5), differentiated("mlp", work, precision, a, 0.77))
		}
	}
	return all, nil
}

func convolutional(in inputs) ([]contest, error) {
	m := in.size("images of LeNet", 6_400)
	a, err := training(in, m, 1, 28)
	if err != nil {
		return nil, err
	}
	if a.Theta, err = in.weights("lenet", networks.LeNet); err != nil {
		return nil, err
	}
	a.Batch = 64
	work := fmt.Sprintf("LeNet-5, Adam, %s images in batches of 64, one epoch", grouped(m))
	var all []contest
	for _, precision := range precisions {
		bar := map[string]float64{"float64": 0, "float32": 2}[precision]
		all = append(all, against("lenet", work, precision, a, bar), differentiated("lenet", work, precision, a, 0))
	}
	return all, nil
}

// deep is a convolutional network with residual connections and normalised batches.
func deep(in inputs) ([]contest, error) {
	const m = 640
	a, err := training(in, m, 3, 32)
	if err != nil {
		return nil, err
	}
	if a.Theta, err = in.weights("resnet", networks.ResNet); err != nil {
		return nil, err
	}
	a.Batch = 64
	work := "ResNet of 9 layers, 32 × 32 × 3, Adam, 640 images in batches of 64, one epoch"
	var all []contest
	for _, precision := range precisions {
		bar := map[string]float64{"float64": 0, "float32": 1.5}[precision]
		c := against("resnet", work, precision, a, bar)
		// XLA's convolutions in a compiled loop take a minute for this epoch on a processor.
		c.rivals[0].name, c.rivals[0].solvers = "PyTorch", []string{"PyTorch", "torch.compile"}
		all = append(all, c)
	}
	return all, nil
}

// recurrent is the work on texts, whose steps follow one another 64 times in a row of
// two layers.
func recurrent(in inputs) ([]contest, error) {
	a, err := reading(in)
	if err != nil {
		return nil, err
	}
	if a.Theta, err = in.weights("lstm", networks.LSTM); err != nil {
		return nil, err
	}
	return []contest{withoutJAX(against("lstm", "LSTM, 2 layers of 128, "+readingWork, "float32", a, 1.5))}, nil
}

// transformer is the work on texts whose tokens are computed side by side. Compiling the
// peer's network takes a minute, which does not count.
func transformer(in inputs) ([]contest, error) {
	a, err := reading(in)
	if err != nil {
		return nil, err
	}
	if a.Theta, err = in.weights("gpt", networks.GPT); err != nil {
		return nil, err
	}
	return []contest{withoutJAX(against("gpt", "GPT, 4 blocks of 128, "+readingWork, "float32", a, 1.5))}, nil
}

// withoutJAX leaves PyTorch, and PyTorch compiled, whose bar is 1.
func withoutJAX(c contest) contest {
	plain := c.rivals[0]
	plain.name, plain.solvers = "PyTorch", []string{"PyTorch"}
	compiled := plain
	compiled.solvers, compiled.before, compiled.bar = []string{"torch.compile"}, []string{}, 1
	c.rivals = []rival{plain, compiled}
	return c
}

const readingWork = "Adam, 640 rows of 64 characters in batches of 32, one epoch"

// reading is the work of an epoch on rows of characters.
func reading(in inputs) (a side.Args, err error) {
	const m = 640
	a = side.Args{Seed: 3, Rate: 1e-3, Batch: 32}
	if a.X, a.Y, err = in.texts(m, 64); err != nil {
		return a, err
	}
	a.Order, err = in.order(m, a.Seed)
	return a, err
}

// training is the work of an epoch on m images.
func training(in inputs, m, channels, side int) (a side.Args, err error) {
	if a.X, a.Y, err = in.images(m, channels, side); err != nil {
		return a, err
	}
	a.Seed, a.Rate = 3, 1e-3
	a.Order, err = in.order(m, a.Seed)
	return a, err
}

// against is the contest with PyTorch, compiled and not, and with JAX. Losses are compared: rounding errors grow
// from step to step, in float32 to a tenth of a percent in an epoch.
func against(network, work, precision string, a side.Args, bar float64) contest {
	a.Precision = precision
	return contest{
		work: work, precision: precision, ours: network, args: a,
		tolerance: map[string]float64{"float64": 1e-6, "float32": 5e-3}[precision],
		rivals: []rival{{
			name: "PyTorch or JAX", side: "python", work: network, bar: bar,
			solvers: []string{"PyTorch", "torch.compile", "JAX"}, before: []string{"PyTorch"}, noBLAS: true,
		}},
	}
}

var precisions = []string{"float64", "float32"}

// ownLayers is no peer.
const ownLayers = "Descent's layers"

// differentiated is the contest of the network that is written with lib/grad with
// PyTorch, which works operation by operation too, and with our own layers: it may take
// 1.3 times their time, a bar of 0.77.
func differentiated(network, work, precision string, a side.Args, bar float64) contest {
	c := against(network, work+", written with lib/grad", precision, a, 1.5)
	c.ours += ".grad"
	c.rivals = append(c.rivals, rival{name: ownLayers, side: "ours", work: network, bar: bar})
	return c
}
