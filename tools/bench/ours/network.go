package main

import (
	"context"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/tools/bench/networks"
	"github.com/descent-go/descent/tools/bench/side"
)

// A trainee is a model that can start again.
type trainee interface {
	model.Model
	Init(seed uint64)
}

// network trains one of tools/bench/networks, made of layers, with Adam for an epoch.
// What came out are the losses of the first batches, and of the epoch.
func network(of func(networks.Build) (*model.Network, error)) side.Work {
	return trained(1./255, layered(of))
}

// texts does the same with rows of characters.
func texts(of func(networks.Build) (*model.Network, error)) side.Work {
	return trained(1, layered(of))
}

// layered builds a network of layers, in float32 or float64.
func layered(of func(networks.Build) (*model.Network, error)) func(single bool) (trainee, error) {
	return func(single bool) (trainee, error) {
		if single {
			return of(model.NewNetwork32)
		}
		return of(model.NewNetwork)
	}
}

// written does the same with a forward of lib/grad.
func written(forward func(g *grad.Graph, x *grad.Node) *grad.Node) side.Work {
	return trained(1./255, func(single bool) (trainee, error) {
		if single {
			return grad.NewModel32(784, networks.Seed, forward)
		}
		return grad.NewModel(784, networks.Seed, forward)
	})
}

// trained is the work of a network on samples that are multiplied by scale.
func trained(scale float64, build func(single bool) (trainee, error)) side.Work {
	return func(a side.Args) (side.Task, error) {
		x, y, err := side.Data(a)
		if err != nil {
			return side.Task{}, err
		}
		floats.Scale(scale, x.RawMatrix().Data)
		n, err := build(a.Precision == "float32")
		if err != nil {
			return side.Task{}, err
		}
		opt := train.Options{
			Loss: loss.CrossEntropy{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(a.Rate),
			Epochs: 1, BatchSize: a.Batch, Seed: a.Seed,
		}
		return side.Task{
			Run:   func() { epoch(n, x, y, opt) },
			Check: func() []float64 { return losses(n, x, y, opt) },
		}, nil
	}
}

// epoch trains from the weights that the network was built with.
func epoch(n trainee, x, y *mat.Dense, opt train.Options) *train.History {
	n.Init(networks.Seed)
	h, err := train.Fit(context.Background(), n, x, y, opt)
	if err != nil {
		panic(err)
	}
	return h
}

func losses(n trainee, x, y *mat.Dense, opt train.Options) []float64 {
	var l []float64
	opt.OnStep = []train.Callback{func(s *train.State) error {
		if s.Step <= 20 {
			l = append(l, s.BatchLoss)
		}
		return nil
	}}
	return append(l, epoch(n, x, y, opt).Records[0].Loss)
}
