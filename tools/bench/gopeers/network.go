package main

import (
	"fmt"

	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"

	"github.com/descent-go/descent/tools/bench/side"
)

// mlp is an epoch of 784-128-10 with Adam in GoMLX, from weights in a file. What
// came out are the losses of the first batches, and of the epoch.
func mlp(a side.Args) (side.Task, error) {
	if a.Precision == "float32" {
		return mlpOf[float32](a)
	}
	return mlpOf[float64](a)
}

// digits are the images, their classes, the order of an epoch and the weights to
// start from.
type digits[T element] struct {
	x     []T
	y     []int64
	order []int
	theta []T
}

func mlpOf[T element](a side.Args) (side.Task, error) {
	d := digits[T]{}
	for _, f := range []struct {
		path string
		take func(v float64)
	}{
		{a.X, func(v float64) { d.x = append(d.x, T(v/255)) }},
		{a.Y, func(v float64) { d.y = append(d.y, int64(v)) }},
		{a.Order, func(v float64) { d.order = append(d.order, int(v)) }},
		{a.Theta, func(v float64) { d.theta = append(d.theta, T(v)) }},
	} {
		t, err := side.Read(f.path)
		if err != nil {
			return side.Task{}, err
		}
		for _, v := range t.Data {
			f.take(v)
		}
	}
	run := func() []float64 {
		l, err := d.epoch(a)
		if err != nil {
			panic(err)
		}
		return l
	}
	return side.Task{Run: func() { run() }, Check: run}, nil
}

func (d *digits[T]) epoch(a side.Args) ([]float64, error) {
	backend, err := simplego.New("")
	if err != nil {
		return nil, err
	}
	adam := optimizers.Adam().LearningRate(a.Rate).Epsilon(1e-8).Done()
	trainer := train.NewTrainer(backend, context.New(), d.graph, losses.SparseCategoricalCrossEntropyLogits, adam, nil, nil)
	var first []float64
	total := 0.0
	for lo := 0; lo < len(d.order); lo += a.Batch {
		rows := d.order[lo:min(lo+a.Batch, len(d.order))]
		x, y := d.batch(rows)
		out, err := trainer.TrainStep(nil, []*tensors.Tensor{x}, []*tensors.Tensor{y})
		if err != nil {
			return nil, fmt.Errorf("the batch from %d on: %w", lo, err)
		}
		loss := float64(tensors.ToScalar[T](out[0]))
		total += loss * float64(len(rows))
		if len(first) < 20 {
			first = append(first, loss)
		}
	}
	return append(first, total/float64(len(d.order))), nil
}

func (d *digits[T]) batch(rows []int) (x, y *tensors.Tensor) {
	xs, ys := make([]T, 0, 784*len(rows)), make([]int64, 0, len(rows))
	for _, i := range rows {
		xs, ys = append(xs, d.x[784*i:784*(i+1)]...), append(ys, d.y[i])
	}
	return tensors.FromFlatDataAndDimensions(xs, len(rows), 784), tensors.FromFlatDataAndDimensions(ys, len(rows), 1)
}

// graph is the forward pass. θ holds the weights of each layer, row by row, and
// then its biases.
func (d *digits[T]) graph(ctx *context.Context, _ any, inputs []*graph.Node) []*graph.Node {
	at := 0
	parameter := func(name string, shape ...int) *graph.Node {
		size := shape[0] * shape[len(shape)-1]
		if len(shape) == 1 {
			size = shape[0]
		}
		v := ctx.VariableWithValue(name, tensors.FromFlatDataAndDimensions(d.theta[at:at+size], shape...))
		at += size
		return v.ValueGraph(inputs[0].Graph())
	}
	dense := func(name string, x *graph.Node, in, out int) *graph.Node {
		y := graph.Dot(x, parameter(name+" weights", in, out)).Product()
		return graph.Add(y, graph.InsertAxes(parameter(name+" biases", out), 0))
	}
	hidden := activations.Relu(dense("hidden", inputs[0], 784, 128))
	return []*graph.Node{dense("output", hidden, 128, 10)}
}
