// Frameworks is one task of the course, done by six tools: this library, PyTorch, Keras on TensorFlow, JAX with Optax,
// scikit-learn and GoMLX. All start from the same parameters and see the same batches in the same order.
//
//	frameworks inputs FOLDER             writes train.csv, test.csv and start.csv
//	frameworks train FOLDER sgd|adam     does the task with this library, and prints a report
//
// run.py runs all of them and writes results.json, which notebook 7b shows. The programs in Python are next to it,
// and GoMLX's is in examples/gomlx.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

const (
	units  = 32
	batch  = 32
	epochs = 20
)

var rates = map[string]float64{"sgd": 0.5, "adam": 0.01}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "frameworks:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "inputs":
		return inputs(args[1])
	case len(args) == 3 && args[0] == "train" && rates[args[2]] > 0:
		r, err := fit(args[2])
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	return fmt.Errorf("do not understand %q\nusage:\n  frameworks inputs FOLDER\n  frameworks train FOLDER sgd|adam", args)
}

// digits returns the 8×8 digits with pixels from 0 to 1, in an order that is drawn once: 1437 rows to train on, and 360
// to test.
func digits() (trainX, trainY, testX, testY *mat.Dense) {
	d := datasets.Digits()
	rows, _ := d.Dims()
	order := rand.New(rand.NewPCG(7, 0)).Perm(rows)
	part := func(rows []int) (x, y *mat.Dense) {
		s := d.Subset(rows)
		s.X.Scale(1.0/16, s.X)
		return s.X, s.Y
	}
	trainX, trainY = part(order[360:])
	testX, testY = part(order[:360])
	return trainX, trainY, testX, testY
}

// network returns the model with the start that all tools get.
func network() (*model.Network, error) {
	return model.NewNetwork(model.Features(64), 1, model.Dense{Units: units, Init: model.GlorotUniform}, model.Tanh{}, model.Dense{Units: 10})
}

// inputs writes what the other programs read.
func inputs(folder string) error {
	trainX, trainY, testX, testY := digits()
	net, err := network()
	if err != nil {
		return err
	}
	for name, table := range map[string][2]*mat.Dense{"train.csv": {trainX, trainY}, "test.csv": {testX, testY}} {
		var b strings.Builder
		rows, _ := table[0].Dims()
		for i := range rows {
			for _, v := range table[0].RawRowView(i) {
				b.WriteString(strconv.FormatFloat(v, 'g', -1, 64) + ",")
			}
			fmt.Fprintln(&b, table[1].At(i, 0))
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(b.String()), 0o644); err != nil {
			return err
		}
	}
	var b strings.Builder
	for _, v := range net.Params() {
		fmt.Fprintln(&b, v)
	}
	return os.WriteFile(filepath.Join(folder, "start.csv"), []byte(b.String()), 0o644)
}

// report is what each of the programs prints.
type report struct {
	Version string    `json:"version"`
	Losses  []float64 `json:"losses"`
	Theta   []float64 `json:"theta"`
	Epochs  []float64 `json:"epochs"` // seconds of processor time at the end of each
}

// fit does the task with this library.
func fit(optimizer string) (report, error) {
	x, y, _, _ := digits()
	net, err := network()
	if err != nil {
		return report{}, err
	}
	var r report
	// BEGIN
	begin := cpuTime()
	options := train.Options{
		Loss: loss.CrossEntropy{}, Optimizer: &optim.SGD{}, Schedule: optim.Constant(rates[optimizer]),
		BatchSize: batch, Epochs: epochs, KeepOrder: true,
		OnEpoch: []train.Callback{func(*train.State) error {
			r.Epochs = append(r.Epochs, (cpuTime() - begin).Seconds())
			return nil
		}},
	}
	if optimizer == "adam" {
		options.Optimizer = optim.NewAdam()
	}
	history, err := train.Fit(context.Background(), net, x, y, options)
	if err != nil {
		return report{}, err
	}
	// END
	r.Version, r.Losses, r.Theta = "this checkout", history.Losses(), net.Params()
	return r, nil
}
