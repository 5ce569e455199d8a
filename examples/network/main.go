// Network trains a small convolutional network to read handwritten digits, with shifted
// copies of the images and the accuracy after each epoch.
//
//	go run ./examples/network
package main

import (
	"context"
	"fmt"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/must"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

func main() {
	training, test := datasets.Digits().Split(0.25, 1)
	m := must.Get(model.NewNetwork(model.Image(8, 8, 1), 1, model.Conv2D{Filters: 16, Kernel: 3, Padding: 1}, model.ReLU{},
		model.MaxPool{Size: 2}, model.Flatten{}, model.Dropout{Rate: 0.25}, model.Dense{Units: 10}))
	history := must.Get(train.Fit(context.Background(), m, training.X, training.Y, train.Options{
		Loss: loss.CrossEntropy{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.003), BatchSize: 32, Epochs: 10, Seed: 1,
		Augment:    preprocess.Augment{Channels: 1, Height: 8, Width: 8, Shift: 0.5, Rotate: 5}.Apply,
		Validation: &train.Data{X: test.X, Y: test.Y},
		Metrics:    []train.Metric{{Name: "accuracy", Of: tune.Classification(metric.Accuracy)}},
	}))
	fmt.Printf("%v\naccuracy on unseen digits after each epoch: %.3f\n", history, history.Metrics["accuracy"])
}
