package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

// The task of notebook 7b, as examples/frameworks has it.
const (
	digitUnits  = 32
	digitBatch  = 32
	digitEpochs = 20
)

// digitReport is what all programs of that task print.
type digitReport struct {
	Version string    `json:"version"`
	Losses  []float64 `json:"losses"`
	Theta   []float64 `json:"theta"`
	Epochs  []float64 `json:"epochs"`
}

// classifier is the graph of one tanh layer and ten scores.
func classifier(ctx *context.Context, _ any, inputs []*graph.Node) []*graph.Node {
	hidden := graph.Tanh(layers.Dense(ctx.In("hidden"), inputs[0], true, digitUnits))
	return []*graph.Node{layers.Dense(ctx.In("output"), hidden, true, 10)}
}

// digitParameters names the parameters in the order of start.csv.
var digitParameters = []struct {
	scope, name string
	shape       []int
}{
	{"hidden", "weights", []int{64, digitUnits}}, {"hidden", "biases", []int{digitUnits}},
	{"output", "weights", []int{digitUnits, 10}}, {"output", "biases", []int{10}},
}

// digits trains on folder/train.csv from folder/start.csv, and prints a report.
func digits(folder, name string) error {
	x, y, err := readLabelled(filepath.Join(folder, "train.csv"))
	if err != nil {
		return err
	}
	start, err := readRows(filepath.Join(folder, "start.csv"))
	if err != nil {
		return err
	}
	r, err := fitDigits(x, y, start, name)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func fitDigits(x, y, start [][]float64, name string) (r digitReport, err error) {
	// BEGIN
	backend, err := simplego.New("")
	if err != nil {
		return r, err
	}
	ctx := context.New()
	for _, p := range digitParameters {
		size := 1
		for _, n := range p.shape {
			size *= n
		}
		flat := make([]float64, size)
		for i := range flat {
			flat[i] = start[i][0]
		}
		start = start[size:]
		ctx.In(p.scope).In("dense").VariableWithValue(p.name, tensors.FromFlatDataAndDimensions(flat, p.shape...))
	}
	ctx = ctx.Checked(false) // the layers find their variables there already
	var rule optimizers.Interface
	switch name {
	case "sgd": // without WithDecay(false) its rate falls with the root of the step
		rule = optimizers.StochasticGradientDescent().WithLearningRate(0.5).WithDecay(false).Done()
	case "adam":
		rule = optimizers.Adam().LearningRate(0.01).Done()
	default:
		return r, fmt.Errorf("the optimizer is %q, want sgd or adam", name)
	}
	trainer := train.NewTrainer(backend, ctx, classifier, losses.SparseCategoricalCrossEntropyLogits, rule, nil, nil)
	begin := cpuTime()
	for range digitEpochs {
		total := 0.0
		for low := 0; low < len(x); low += digitBatch {
			high := min(low+digitBatch, len(x))
			labels := make([][]int32, high-low)
			for i := range labels {
				labels[i] = []int32{int32(y[low+i][0])}
			}
			metrics, err := trainer.TrainStep(nil, []*tensors.Tensor{tensors.FromValue(x[low:high])}, []*tensors.Tensor{tensors.FromValue(labels)})
			if err != nil {
				return r, err
			}
			total += metrics[0].Value().(float64) * float64(high-low)
		}
		r.Losses = append(r.Losses, total/float64(len(x)))
		r.Epochs = append(r.Epochs, (cpuTime() - begin).Seconds())
	}
	// END
	for _, p := range digitParameters {
		value, err := ctx.GetVariableByScopeAndName("/"+p.scope+"/dense", p.name).Value()
		if err != nil {
			return r, err
		}
		flat, err := tensors.CopyFlatData[float64](value)
		if err != nil {
			return r, err
		}
		r.Theta = append(r.Theta, flat...)
	}
	r.Version = gomlxVersion()
	return r, nil
}

// gomlxVersion returns the version of GoMLX that this program was built with.
func gomlxVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, d := range info.Deps {
		if d.Path == "github.com/gomlx/gomlx" {
			return d.Version
		}
	}
	return ""
}
