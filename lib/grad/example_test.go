package grad_test

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// The XOR of two bits, by a network of which only the forward is written.
func ExampleModel() {
	x := mat.NewDense(4, 2, []float64{0, 0, 0, 1, 1, 0, 1, 1})
	y := mat.NewDense(4, 1, []float64{0, 1, 1, 0})
	m, err := grad.NewModel(2, 1, func(g *grad.Graph, x *grad.Node) *grad.Node {
		h := x.MatMul(g.Weights("w1", 2, 8)).Add(g.Biases("b1", 8)).Tanh()
		return h.MatMul(g.Weights("w2", 8, 1)).Add(g.Biases("b2", 1))
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range m.Layout() {
		fmt.Println(p.Name, p.Shape)
	}
	fmt.Println("gradient:", train.CheckGradient(m, x, y, loss.BinaryCrossEntropy{}))
	_, err = train.Fit(context.Background(), m, x, y, train.Options{
		Loss: loss.BinaryCrossEntropy{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.05), Epochs: 300,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var scores mat.Dense
	m.Predict(&scores, x)
	for i := range 4 {
		fmt.Print(scores.At(i, 0) > 0, " ")
	}
	// Output:
	// w1 [2 8]
	// b1 [8]
	// w2 [8 1]
	// b2 [1]
	// gradient: <nil>
	// false true true false
}

// A shape that does not fit is an error with the line of the program.
func ExampleNewModel() {
	_, err := grad.NewModel(784, 1, func(g *grad.Graph, x *grad.Node) *grad.Node {
		return x.MatMul(g.Weights("w", 28, 10))
	})
	fmt.Println(err)
	// Output:
	// grad: MatMul at example_test.go:56: (2, 784) × (28, 10): the inner lengths 784 and 28 differ, in `return x.MatMul(g.Weights("w", 28, 10))`
}

// The derivatives of l = tanh(ab + a²), number by number, and again after a step downhill.
func ExampleGraph() {
	g := grad.New()
	a, b := g.Var([]float64{2}), g.Var([]float64{-1.5})
	l := a.Mul(b).Add(a.Square()).Tanh()
	l.Backward()
	for _, n := range g.Nodes() {
		fmt.Printf("%-6s value %7.4f  derivative %7.4f\n", n.Op(), n.Item(), n.Grad()[0])
	}
	a.Value()[0] -= 0.1 * a.Grad()[0]
	b.Value()[0] -= 0.1 * b.Grad()[0]
	g.Forward()
	fmt.Printf("after a step: %.4f\n", l.Item())
	// Output:
	// Var    value  2.0000  derivative  1.0499
	// Var    value -1.5000  derivative  0.8399
	// Mul    value -3.0000  derivative  0.4200
	// Square value  4.0000  derivative  0.4200
	// Add    value  1.0000  derivative  0.4200
	// Tanh   value  0.7616  derivative  1.0000
	// after a step: 0.5294
}

// Scaled dot-product attention of two words over three.
func ExampleNode() {
	g := grad.New()
	q := g.Var([]float64{1, 0, 0, 1}, 2, 2)
	k := g.Var([]float64{1, 0, 0, 1, 1, 1}, 3, 2)
	v := g.Var([]float64{1, 2, 3}, 3, 1)
	weights := q.MatMul(k.Transpose()).MulScalar(1 / math.Sqrt2).Softmax(-1)
	y := weights.MatMul(v)
	fmt.Println(y.Shape())
	fmt.Printf("%.4f\n", y.Value())
	y.Sum().Backward()
	fmt.Printf("%.4f\n", v.Grad())
	// Output:
	// [2 1]
	// [2.0000 2.2033]
	// [0.5989 0.5989 0.8022]
}

// A loss of one's own: the squared error of logarithms.
func ExampleLoss() {
	l, err := grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node {
		return pred.AddScalar(1).Log().Sub(target.AddScalar(1).Log()).Square().Mean(1)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	pred, target := mat.NewDense(2, 1, []float64{1, 3}), mat.NewDense(2, 1, []float64{1, 1})
	var d mat.Dense
	fmt.Printf("%.4f\n", l.Loss(&d, pred, target, nil))
	fmt.Printf("%.4f\n", d.RawMatrix().Data)
	// Output:
	// 0.2402
	// [0.0000 0.1733]
}

// Rosenbrock's function at its minimum: the gradient vanishes, and the Hessian matrix is
// [802 −400; −400 200].
func ExampleFunction() {
	f, err := grad.NewFunction(2, func(g *grad.Graph, x *grad.Node) *grad.Node {
		a, b := x.Slice(0, 0, 1), x.Slice(0, 1, 2)
		return a.Neg().AddScalar(1).Square().Add(b.Sub(a.Square()).Square().MulScalar(100))
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	gradient, product := make([]float64, 2), make([]float64, 2)
	value := f.Gradient(gradient, []float64{-1.2, 1})
	fmt.Printf("at the start: %.4g, gradient %.4g\n", value, gradient)
	f.HVP(product, []float64{1, 1}, []float64{1, 0})
	fmt.Println("at the minimum:", product)
	// Output:
	// at the start: 24.2, gradient [-215.6 -88]
	// at the minimum: [802 -400]
}
