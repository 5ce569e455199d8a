package train_test

import (
	"context"
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/train"
)

type goldenCase struct {
	Model, Optimizer string
	Batch            int
	LR, L2           float64
	Theta, Losses    []float64
}

type goldenFile struct {
	X, Start []float64
	Targets  map[string][]float64
	Steps    int
	Cases    []goldenCase
}

// stopAfter ends training after so many updates and keeps their losses.
func stopAfter(steps int, losses *[]float64) train.Callback {
	return func(s *train.State) error {
		*losses = append(*losses, s.BatchLoss)
		if s.Step == steps {
			return train.ErrStop
		}
		return nil
	}
}

func TestPyTorch(t *testing.T) {
	g := golden.Load[goldenFile](t, "testdata/golden.json")
	rows := len(g.X) / 3
	x := mat.NewDense(rows, 3, g.X)
	optimizers := map[string]func() optim.Optimizer{
		"sgd":      func() optim.Optimizer { return &optim.SGD{} },
		"momentum": func() optim.Optimizer { return &optim.SGD{Momentum: 0.9} },
		"nesterov": func() optim.Optimizer { return &optim.SGD{Momentum: 0.9, Nesterov: true} },
		"adam":     func() optim.Optimizer { return optim.NewAdam() },
	}
	losses := map[string]loss.Loss{"linear": loss.MSE{}, "logistic": loss.BinaryCrossEntropy{}}
	inputs := map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x), "transposed": mat.DenseCopyOf(x.T()).T()}
	for _, c := range g.Cases {
		for kind, x := range inputs {
			t.Run(fmt.Sprintf("%s/%s/batch=%d/l2=%g/%s", c.Model, c.Optimizer, c.Batch, c.L2, kind), func(t *testing.T) {
				m := model.NewLinear(3, 1)
				copy(m.Params(), g.Start)
				var got []float64
				_, err := train.Fit(context.Background(), m, x, mat.NewDense(rows, 1, g.Targets[c.Model]), train.Options{
					Loss: losses[c.Model], Optimizer: optimizers[c.Optimizer](), Schedule: optim.Constant(c.LR),
					Regularizer: regularizer.L2{Lambda: c.L2}, BatchSize: c.Batch, KeepOrder: true,
					Epochs: g.Steps, OnStep: []train.Callback{stopAfter(g.Steps, &got)},
				})
				if err != nil {
					t.Fatal(err)
				}
				golden.CloseSlice(t, "θ", m.Params(), c.Theta, 1e-10)
				golden.CloseSlice(t, "losses", got, c.Losses, 1e-10)
			})
		}
	}
}
