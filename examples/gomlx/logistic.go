package main

import (
	"fmt"
	"strconv"

	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/context/initializers"
	"github.com/gomlx/gomlx/pkg/ml/datasets"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/regularizers"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

const (
	lambda = 0.01 // of the penalty ½λ‖w‖²
	rate   = 0.1
)

// linear is the graph of z = xW + b.
func linear(ctx *context.Context, _ any, inputs []*graph.Node) []*graph.Node {
	return []*graph.Node{layers.Dense(ctx, inputs[0], true, 1)}
}

// fitLogistic takes steps of Adam on all rows at once, from zero, and returns intercept and weights.
func fitLogistic(x, y [][]float64, steps int) ([]float64, error) {
	backend, err := simplego.New("")
	if err != nil {
		return nil, err
	}
	rows, err := datasets.InMemoryFromData(backend, "rows", []any{x}, []any{y})
	if err != nil {
		return nil, err
	}
	rows.BatchSize(len(x), false).Infinite(true)

	ctx := context.New().WithInitializer(initializers.Zero)
	ctx.SetParam(regularizers.ParamL2, lambda/2) // GoMLX adds this times ‖w‖², with no ½
	ctx.SetParam(optimizers.ParamLearningRate, rate)
	adam := optimizers.Adam().Epsilon(1e-8).Done() // its own default is 1e-7
	trainer := train.NewTrainer(backend, ctx, linear, losses.BinaryCrossentropyLogits, adam, nil, nil)
	if _, err := train.NewLoop(trainer).RunSteps(rows, steps); err != nil {
		return nil, err
	}

	var theta []float64
	for _, name := range []string{"biases", "weights"} {
		value, err := ctx.GetVariableByScopeAndName("/dense", name).Value()
		if err != nil {
			return nil, err
		}
		flat, err := tensors.CopyFlatData[float64](value)
		if err != nil {
			return nil, err
		}
		theta = append(theta, flat...)
	}
	return theta, nil
}

// logistic fits the rows of one file and writes the parameters into another.
func logistic(count, data, theta string) error {
	steps, err := strconv.Atoi(count)
	if err != nil || steps < 1 {
		return fmt.Errorf("the number of steps is %q, want 1 or more", count)
	}
	x, y, err := readLabelled(data)
	if err != nil {
		return err
	}
	found, err := fitLogistic(x, y, steps)
	if err != nil {
		return err
	}
	fmt.Printf("GoMLX: %d rows, %d parameters after %d steps of Adam\n", len(x), len(found), steps)
	return writeColumn(theta, found)
}
