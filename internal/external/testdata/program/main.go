// Flowers learns to tell three kinds of iris apart, and later tells them apart.
//
//	flowers train iris
//	flowers predict iris 5.1 3.5 1.4 0.2
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

func main() {
	err := errors.New("usage: flowers train FILE | flowers predict FILE NUMBER…")
	switch args := os.Args[1:]; {
	case len(args) == 2 && args[0] == "train":
		err = learn(args[1])
	case len(args) > 2 && args[0] == "predict":
		err = predict(args[1], args[2:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "flowers:", err)
		os.Exit(1)
	}
}

// about is what predicting needs beside the weights.
type about struct {
	Features, Classes []string
	Scaler            json.RawMessage
}

// newModel makes the model, the same for training and for prediction.
func newModel(features, classes int) (*model.Network, error) {
	return model.NewNetwork(model.Features(features), 1,
		model.Dense{Units: 8}, model.Tanh{}, model.Dense{Units: classes})
}

// learn trains on two thirds of the flowers, scores the rest and saves.
func learn(path string) error {
	seen, rest := datasets.Iris().Split(1./3, 1)
	scaler := preprocess.NewStandardScaler()
	x, err := preprocess.FitTransform(scaler, seen.X)
	if err != nil {
		return err
	}
	m, err := newModel(len(seen.Features), len(seen.Classes))
	if err != nil {
		return err
	}
	history, err := train.Fit(context.Background(), m, x, seen.Y, train.Options{
		Loss: loss.CrossEntropy{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.02),
		Epochs: 60, BatchSize: 16, Seed: 1,
	})
	if err != nil {
		return err
	}
	unseen, err := scaler.Transform(rest.X)
	if err != nil {
		return err
	}
	right := 0
	for i, class := range classes(m, unseen) {
		if float64(class) == rest.Y.At(i, 0) {
			right++
		}
	}
	all, _ := rest.Dims()
	fmt.Printf("%s, %d of %d unseen flowers right\n", history.Status, right, all)

	var saved bytes.Buffer
	if err := preprocess.Save(&saved, scaler); err != nil {
		return err
	}
	return save.Model(path, m, about{seen.Features, seen.Classes, saved.Bytes()})
}

// classes returns the most probable class of each row.
func classes(m model.Model, x mat.Matrix) []int {
	p := model.Probabilities(m, x)
	best := make([]int, p.RawMatrix().Rows)
	for i := range best {
		best[i] = floats.MaxIdx(p.RawRowView(i))
	}
	return best
}

// predict names the kind of a flower.
func predict(path string, numbers []string) error {
	d, err := save.Describe(path)
	if err != nil {
		return err
	}
	m, err := newModel(d.Inputs, d.Outputs)
	if err != nil {
		return err
	}
	var a about
	if err := save.Load(path, m, &a); err != nil {
		return err
	}
	scaler, err := preprocess.Load[*preprocess.StandardScaler](bytes.NewReader(a.Scaler))
	if err != nil {
		return err
	}
	if len(numbers) != len(a.Features) {
		return fmt.Errorf("%d numbers, want %q", len(numbers), a.Features)
	}
	flower := mat.NewDense(1, len(numbers), nil)
	for j, s := range numbers {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return err
		}
		flower.Set(0, j, v)
	}
	x, err := scaler.Transform(flower)
	if err != nil {
		return err
	}
	fmt.Println(a.Classes[classes(m, x)[0]])
	return nil
}
