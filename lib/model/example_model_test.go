package model_test

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// decay is f(x; θ) = a·e^(−bx), θ = (a, b): what is left of a drug after x hours.
type decay struct {
	theta, x []float64 // x of the last Forward
}

func (d *decay) Dims() (inputs, outputs int) { return 1, 1 }
func (d *decay) Params() []float64           { return d.theta }
func (d *decay) Layout() []model.Param {
	return []model.Param{{Name: "a", Shape: []int{1}}, {Name: "b", Shape: []int{1}, Offset: 1}}
}

func (d *decay) Predict(dst *mat.Dense, x mat.Matrix) {
	rows, _ := x.Dims()
	if dst.IsEmpty() {
		dst.ReuseAs(rows, 1)
	}
	for i := range rows {
		dst.Set(i, 0, d.theta[0]*math.Exp(-d.theta[1]*x.At(i, 0)))
	}
}

func (d *decay) Forward(dst *mat.Dense, x mat.Matrix) {
	d.x = mat.Col(nil, 0, x)
	d.Predict(dst, x)
}

// Backward applies the chain rule: ∂f/∂a = e^(−bx) and ∂f/∂b = −ax·e^(−bx).
func (d *decay) Backward(grad []float64, dPred *mat.Dense) {
	for i, x := range d.x {
		e := math.Exp(-d.theta[1] * x)
		grad[0] += dPred.At(i, 0) * e
		grad[1] -= dPred.At(i, 0) * d.theta[0] * x * e
	}
}

// A model of your own is six methods. The gradient check finds a mistake in
// Backward; all optimizers, losses and callbacks work with it.
func ExampleModel() {
	x := mat.NewDense(5, 1, []float64{0, 1, 2, 4, 8})
	y := mat.NewDense(5, 1, []float64{8, 4, 2, 0.5, 1. / 32}) // 8·2⁻ˣ
	m := &decay{theta: []float64{1, 0.1}}
	fmt.Println("gradient:", train.CheckGradient(m, x, y, loss.MSE{}))
	_, err := train.Fit(context.Background(), m, x, y, train.Options{
		Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.1), Epochs: 1000,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("a = %.3f, half-life %.3f hours\n", m.theta[0], math.Ln2/m.theta[1])
	// Output:
	// gradient: <nil>
	// a = 8.000, half-life 1.000 hours
}
