package train_test

import (
	"context"
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

func ExampleFit() {
	x := mat.NewDense(4, 1, []float64{0, 1, 2, 3})
	y := mat.NewDense(4, 1, []float64{1, 3, 5, 7}) // y = 1 + 2x
	m := model.NewLinear(1, 1)
	history, err := train.Fit(context.Background(), m, x, y, train.Options{
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

func TestDiverge(t *testing.T) {
	x := mat.NewDense(4, 1, []float64{0, 1, 2, 3})
	y := mat.NewDense(4, 1, []float64{1, 3, 5, 7})
	m := model.NewLinear(1, 1)
	h, err := train.Fit(context.Background(), m, x, y, train.Options{
		Loss: loss.MSE{}, Schedule: optim.Constant(1), Epochs: 1000,
	})
	t.Log(h, err)
}
