package train_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// Four points on the line y = 1 + 2x.
var (
	exampleX = mat.NewDense(4, 1, []float64{0, 1, 2, 3})
	exampleY = mat.NewDense(4, 1, []float64{1, 3, 5, 7})
)

func ExampleFit() {
	m := model.NewLinear(1, 1)
	history, err := train.Fit(context.Background(), m, exampleX, exampleY, train.Options{
		Loss:      loss.MSE{},
		Schedule:  optim.Constant(0.1),
		Epochs:    1000,
		Tolerance: 1e-12,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(history.Status)
	fmt.Printf("%.4f\n", m.Params())
	// Output:
	// converged
	// [1.0000 2.0000]
}

func ExampleEpochs() {
	m := model.NewLinear(1, 1)
	options := train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.1), Epochs: 100}
	for s, err := range train.Epochs(context.Background(), m, exampleX, exampleY, options) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("epoch %d: loss %.3f\n", s.Epoch, s.Loss)
		if s.Loss < 1 {
			break
		}
	}
	// Output:
	// epoch 1: loss 21.000
	// epoch 2: loss 0.535
}

func ExampleCheckGradient() {
	m := model.NewLinear(1, 1)
	fmt.Println(train.CheckGradient(m, exampleX, exampleY, loss.MSE{}))
	// Output: <nil>
}

func ExampleEarlyStopping() {
	m := model.NewLinear(1, 1)
	validation := &train.Data{X: exampleX, Y: mat.NewDense(4, 1, []float64{1, 2, 3, 4})}
	history, err := train.Fit(context.Background(), m, exampleX, exampleY, train.Options{
		Loss:       loss.MSE{},
		Schedule:   optim.Constant(0.01),
		Epochs:     1000,
		Validation: validation,
		OnEpoch:    []train.Callback{train.EarlyStopping(3, 0)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(history.Reason)
	// Output: stopped by a callback: early stopping at epoch 13, since the validation loss was best (0.0703123) at epoch 10
}

func ExampleState_Checkpoint() {
	options := train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.1), Optimizer: optim.NewAdam(), Epochs: 10}
	var saved *train.Checkpoint
	options.OnEpoch = []train.Callback{func(s *train.State) error {
		if s.Epoch == 5 {
			saved = s.Checkpoint()
		}
		return nil
	}}
	whole := model.NewLinear(1, 1)
	if _, err := train.Fit(context.Background(), whole, exampleX, exampleY, options); err != nil {
		fmt.Println(err)
	}

	options.OnEpoch, options.Resume = nil, saved
	resumed := model.NewLinear(1, 1)
	if _, err := train.Fit(context.Background(), resumed, exampleX, exampleY, options); err != nil {
		fmt.Println(err)
	}
	fmt.Println(resumed.Params()[0] == whole.Params()[0], resumed.Params()[1] == whole.Params()[1])
	// Output: true true
}

func ExampleHistory() {
	m := model.NewLinear(1, 1)
	history, err := train.Fit(context.Background(), m, exampleX, exampleY, train.Options{
		Loss: loss.MSE{}, Schedule: optim.Constant(0.1), Epochs: 3,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", history.Losses())
	fmt.Println(history.Status, "after", history.Last().Epoch, "epochs")
	// Output:
	// [21.000 0.535 0.014]
	// completed after 3 epochs
}

func ExampleRangeTest() {
	m := model.NewLinear(1, 1)
	r, err := train.RangeTest(context.Background(), m, exampleX, exampleY, train.Options{Loss: loss.MSE{}}, 1e-3, 10, 50)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("ended at rate %.1f, suggests %.2f\n", r.Rates[len(r.Rates)-1], r.Suggest())
	// Output: ended at rate 1.8, suggests 0.13
}

// Training that somebody interrupts is no failure: the history has what was
// done, and its status says how it ended.
func ExampleStatus() {
	ctx, interrupt := context.WithCancel(context.Background())
	m := model.NewLinear(1, 1)
	history, err := train.Fit(ctx, m, exampleX, exampleY, train.Options{
		Loss: loss.MSE{}, Schedule: optim.Constant(0.1), Epochs: 100,
		OnEpoch: []train.Callback{func(s *train.State) error {
			if s.Epoch == 3 {
				interrupt()
			}
			return nil
		}},
	})
	fmt.Println(err)
	fmt.Println(history.Status == train.Interrupted, history.Last().Epoch)
	// Output:
	// <nil>
	// true 3
}
