package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/context/checkpoints"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/layers/regularizers"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

// The settings that notebook 5 found by its search.
const (
	units   = 35
	penalty = 0.05 // λ of ½λ‖w‖²
	eta     = 0.0025
	epochs  = 81
	batch   = 32
)

// network is the graph of one hidden layer: rows of features in, one logit for each out.
func network(ctx *context.Context, _ any, inputs []*graph.Node) []*graph.Node {
	hidden := activations.Relu(layers.Dense(ctx.In("hidden"), inputs[0], true, units))
	return []*graph.Node{layers.Dense(ctx.In("output"), hidden, true, 1)}
}

// fitNetwork trains the network and leaves its parameters in ctx.
func fitNetwork(backend backends.Backend, ctx *context.Context, x, y [][]float64) error {
	if err := ctx.SetRNGStateFromSeed(1); err != nil {
		return err
	}
	ctx.SetParam(regularizers.ParamL2, penalty/2)
	ctx.SetParam(optimizers.ParamLearningRate, eta)
	trainer := train.NewTrainer(backend, ctx, network, losses.BinaryCrossentropyLogits, optimizers.Adam().Done(), nil, nil)
	_, err := train.NewLoop(trainer).RunEpochs(newBatches(x, y, batch, 1), epochs)
	return err
}

// probabilities runs the network of ctx forward.
func probabilities(backend backends.Backend, ctx *context.Context, x [][]float64) ([]float64, error) {
	forward, err := context.NewExec(backend, ctx.Reuse(), func(ctx *context.Context, x *graph.Node) *graph.Node {
		return graph.Sigmoid(network(ctx, nil, []*graph.Node{x})[0])
	})
	if err != nil {
		return nil, err
	}
	out, err := forward.Exec1(x)
	if err != nil {
		return nil, err
	}
	return tensors.CopyFlatData[float64](out)
}

// trainIn trains on the rows in folder, and saves what was learned there.
func trainIn(folder string) error {
	x, y, err := readLabelled(filepath.Join(folder, "train.csv"))
	if err != nil {
		return err
	}
	saved := filepath.Join(folder, "checkpoint")
	if err := os.RemoveAll(saved); err != nil { // or the training would go on from there
		return err
	}
	backend, err := simplego.New("")
	if err != nil {
		return err
	}
	ctx := context.New()
	checkpoint, err := checkpoints.Build(ctx).Dir(saved).Done()
	if err != nil {
		return err
	}
	if err := fitNetwork(backend, ctx, x, y); err != nil {
		return err
	}
	fmt.Printf("%s: trained on %d rows\n", filepath.Base(folder), len(x))
	return checkpoint.Save()
}

// predictIn loads what trainIn has saved, and writes a probability for each row to predict.
func predictIn(folder string) error {
	x, err := readRows(filepath.Join(folder, "test.csv"))
	if err != nil {
		return err
	}
	backend, err := simplego.New("")
	if err != nil {
		return err
	}
	ctx := context.New()
	if _, err := checkpoints.Load(ctx).Dir(filepath.Join(folder, "checkpoint")).Immediate().Done(); err != nil {
		return err
	}
	p, err := probabilities(backend, ctx, x)
	if err != nil {
		return err
	}
	fmt.Printf("%s: predicted %d rows\n", filepath.Base(folder), len(x))
	return writeColumn(filepath.Join(folder, "predictions.csv"), p)
}
