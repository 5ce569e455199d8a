package objective_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// Gradient descent in a few lines.
func ExampleObjective() {
	data := objective.Data{
		X: mat.NewDense(3, 1, []float64{1, 2, 3}),
		Y: mat.NewDense(3, 1, []float64{2, 4, 6}),
	}
	m := model.NewLinearNoIntercept(1, 1)
	o := objective.New(m, loss.MSE{}, data, objective.Options{})
	theta, grad := m.Params(), make([]float64, 1)
	for range 20 {
		o.Gradient(grad, 0, 3)
		theta[0] -= 0.1 * grad[0]
	}
	fmt.Printf("slope %.4f, loss %.4f\n", theta[0], o.Value(0, 3))
	// Output: slope 2.0000, loss 0.0000
}

func ExampleData_Check() {
	data := objective.Data{
		X: mat.NewDense(2, 1, []float64{1, 2}),
		Y: mat.NewDense(2, 1, []float64{0, 2}),
	}
	fmt.Println(data.Check(model.NewLogistic(1), loss.BinaryCrossEntropy{}))
	// Output: loss: the target in row 1, column 0 is 2, want 0 or 1 (or a probability between): recode the labels
}

// A mini-batch is a range of the order, which may be shuffled in between.
func ExampleOptions() {
	data := objective.Data{
		X: mat.NewDense(4, 1, []float64{1, 2, 3, 4}),
		Y: mat.NewDense(4, 1, []float64{0, 0, 0, 0}),
	}
	m := model.NewLinearNoIntercept(1, 1)
	m.Params()[0] = 1
	o := objective.New(m, loss.MSE{}, data, objective.Options{Order: []int{3, 1, 0, 2}, Batch: 2})
	fmt.Println(o.Value(0, 2), o.Value(2, 4)) // of rows 3 and 1, of rows 0 and 2
	// Output: 10 5
}

// The curvature of a loss along a direction, without the matrix.
func ExampleHessian() {
	data := objective.Data{
		X: mat.NewDense(3, 1, []float64{1, 2, 3}),
		Y: mat.NewDense(3, 1, []float64{2, 4, 6}),
	}
	o := objective.New(model.NewLinear(1, 1), loss.MSE{}, data, objective.Options{})
	h := o.Hessian(0, 3)
	hv := make([]float64, 2)
	for _, v := range [][]float64{{1, 0}, {0, 1}} {
		h.Product(hv, v)
		fmt.Printf("%.3f\n", hv)
	}
	// Output:
	// [2.000 4.000]
	// [4.000 9.333]
}

// Two rows of two tokens become four targets, with the weights of their rows.
func ExampleTokens() {
	pred := mat.NewDense(4, 3, nil)
	y := mat.NewDense(2, 2, []float64{0, 2, 1, -1})
	var tokens objective.Tokens
	flat, weights := tokens.Of(pred, y, []float64{1, 5})
	fmt.Println(flat.RawMatrix().Data, weights)
	// Output: [0 2 1 -1] [1 1 5 5]
}
