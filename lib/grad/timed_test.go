package grad_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/grad"
)

func built[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A formula is written for x, whose elements are between 0 and 1.
type formula func(g *grad.Graph, x *grad.Node) *grad.Node

// timedPoint returns n numbers between 0 and 1.
func timedPoint(n int) []float64 {
	r, x := rand.New(rand.NewPCG(uint64(n), 1)), make([]float64, n)
	for i := range x {
		x[i] = r.Float64()
	}
	return x
}

// functions makes a benchmark of a function of n numbers: the sum of what a formula
// makes of them.
func functions(op formula, run func(f *grad.Function, dst, x []float64)) func(n int) func() {
	return func(n int) func() {
		f := built(grad.NewFunction(n, func(g *grad.Graph, x *grad.Node) *grad.Node { return op(g, x).Sum() }))
		x, dst := timedPoint(n), make([]float64, n)
		return func() { run(f, dst, x) }
	}
}

// gradients is the benchmark of an operation: forward and backward.
func gradients(op formula) func(n int) func() {
	return functions(op, func(f *grad.Function, dst, x []float64) { f.Gradient(dst, x) })
}

func each(f func(x *grad.Node) *grad.Node) func(n int) func() {
	return gradients(func(_ *grad.Graph, x *grad.Node) *grad.Node { return f(x) })
}

// halves is an operation on the two halves of x.
func halves(f func(a, b *grad.Node) *grad.Node) func(n int) func() {
	return each(func(x *grad.Node) *grad.Node { return f(x.Slice(0, 0, x.Size()/2), x.Slice(0, x.Size()/2, x.Size())) })
}

// table and pictures are x with 10 columns, and as pictures of 10×10.
func table(x *grad.Node) *grad.Node    { return x.Reshape(x.Size()/10, 10) }
func pictures(x *grad.Node) *grad.Node { return x.Reshape(x.Size()/100, 1, 10, 10) }

// numbers returns the constants i mod k.
func numbers(g *grad.Graph, n, k int) *grad.Node {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(i % k)
	}
	return g.Const(v, n)
}

// wave is a function with several operations and a Hessian matrix.
func wave(_ *grad.Graph, x *grad.Node) *grad.Node { return x.Sin().Mul(x).Exp() }

// graphs makes a benchmark of what is done with a graph of n variables.
func graphs(run func(g *grad.Graph, y *grad.Node)) func(n int) func() {
	return func(n int) func() {
		g := grad.New()
		y := wave(g, g.Var(timedPoint(n)))
		return func() { run(g, y) }
	}
}

// models makes a benchmark of what is done with n rows of 8 columns.
func models(run func(m *grad.Model, y *mat.Dense, x *mat.Dense, theta []float64)) func(n int) func() {
	return func(n int) func() {
		m := built(grad.NewModel(8, 1, perceptron(8, 16, 3, 0.1)))
		x, _ := data(n, 8, 3)
		y, theta := mat.NewDense(n, 3, nil), make([]float64, len(m.Params()))
		m.Forward(y, x)
		m.Backward(theta, y)
		m.Tangent(y, m.Params())
		return func() { run(m, y, x, theta) }
	}
}

// losses makes a benchmark of what is done with the predictions of n rows.
func losses(run func(l *grad.Loss, d, pred, y *mat.Dense, w []float64)) func(n int) func() {
	return func(n int) func() {
		l := built(grad.NewLoss(func(_ *grad.Graph, pred, y *grad.Node) *grad.Node { return pred.CrossEntropy(y.Reshape(y.Len(0))) }))
		pred, y := data(n, 3, 3)
		d, w := mat.NewDense(n, 3, nil), timedPoint(n)
		return func() { run(l, d, pred, y, w) }
	}
}

// tall is a model with 9n parameters.
func tall(n int) formula { return perceptron(8, n, 1, 0) }

var benchmarks = timed.List{
	// Operations on n numbers.
	"Node.Add": halves((*grad.Node).Add), "Node.Sub": halves((*grad.Node).Sub), "Node.Mul": halves((*grad.Node).Mul), "Node.Div": halves((*grad.Node).Div),
	"Node.Pow": halves((*grad.Node).Pow), "Node.Maximum": halves((*grad.Node).Maximum), "Node.Minimum": halves((*grad.Node).Minimum),
	"Node.Greater": halves((*grad.Node).Greater), "Node.Less": halves((*grad.Node).Less), "Node.Equal": halves((*grad.Node).Equal),
	"Node.Neg": each((*grad.Node).Neg), "Node.Square": each((*grad.Node).Square), "Node.Sqrt": each((*grad.Node).Sqrt), "Node.Abs": each((*grad.Node).Abs),
	"Node.Exp": each((*grad.Node).Exp), "Node.Log": each((*grad.Node).Log), "Node.Sin": each((*grad.Node).Sin), "Node.Cos": each((*grad.Node).Cos),
	"Node.Tanh": each((*grad.Node).Tanh), "Node.Sigmoid": each((*grad.Node).Sigmoid), "Node.Softplus": each((*grad.Node).Softplus),
	"Node.ReLU": each((*grad.Node).ReLU), "Node.GELU": each((*grad.Node).GELU), "Node.GELUTanh": each((*grad.Node).GELUTanh),
	"Node.AddScalar": each(func(x *grad.Node) *grad.Node { return x.AddScalar(2) }),
	"Node.MulScalar": each(func(x *grad.Node) *grad.Node { return x.MulScalar(2) }),
	"Node.PowScalar": each(func(x *grad.Node) *grad.Node { return x.PowScalar(1.5) }),
	"Node.Clip":      each(func(x *grad.Node) *grad.Node { return x.Clip(0.2, 0.8) }),
	"Node.Detach":    each(func(x *grad.Node) *grad.Node { return x.Detach().Mul(x) }),
	"Where":          halves(func(a, b *grad.Node) *grad.Node { return grad.Where(a.Greater(b), a, b) }),
	"Node.Dropout": func(n int) func() { // which only a model that is trained does
		m := built(grad.NewModel(10, 1, func(_ *grad.Graph, x *grad.Node) *grad.Node { return x.Dropout(0.5) }))
		x, y := mat.NewDense(n/10, 10, timedPoint(n)), mat.NewDense(n/10, 10, nil)
		return func() { m.Forward(y, x) }
	},

	// Their shapes.
	"Node.Reshape":    each(func(x *grad.Node) *grad.Node { return table(x) }),
	"Node.Flatten":    each(func(x *grad.Node) *grad.Node { return pictures(x).Flatten() }),
	"Node.ExpandDims": each(func(x *grad.Node) *grad.Node { return x.ExpandDims(0) }),
	"Node.Keep":       each(func(x *grad.Node) *grad.Node { return table(x).Sum(1).Keep() }),
	"Node.Transpose":  each(func(x *grad.Node) *grad.Node { return table(x).Transpose() }),
	"Node.Slice":      each(func(x *grad.Node) *grad.Node { return table(x).Slice(1, 2, 8) }),
	"Node.Broadcast":  each(func(x *grad.Node) *grad.Node { return x.ExpandDims(1).Broadcast(x.Size(), 10) }),
	"Concat":          halves(func(a, b *grad.Node) *grad.Node { return grad.Concat(0, a, b) }),
	"Stack":           halves(func(a, b *grad.Node) *grad.Node { return grad.Stack(1, a, b) }),
	"Node.Gather": gradients(func(g *grad.Graph, x *grad.Node) *grad.Node {
		return table(x).Gather(numbers(g, x.Size(), x.Size()/10))
	}),
	"Node.Pick": gradients(func(g *grad.Graph, x *grad.Node) *grad.Node { return table(x).Pick(numbers(g, x.Size()/10, 10)) }),

	// Reductions to a tenth of n numbers, products, convolutions.
	"Node.Sum": each(func(x *grad.Node) *grad.Node { return table(x).Sum(0) }), "Node.Mean": each(func(x *grad.Node) *grad.Node { return table(x).Mean(1) }),
	"Node.Variance": each(func(x *grad.Node) *grad.Node { return table(x).Variance(0) }),
	"Node.Max":      each(func(x *grad.Node) *grad.Node { return table(x).Max(1) }), "Node.Min": each(func(x *grad.Node) *grad.Node { return table(x).Min(0) }),
	"Node.Softmax":    each(func(x *grad.Node) *grad.Node { return table(x).Softmax(1).Square() }),
	"Node.LogSoftmax": each(func(x *grad.Node) *grad.Node { return table(x).LogSoftmax(1).Square() }),
	"Node.LogSumExp":  each(func(x *grad.Node) *grad.Node { return table(x).LogSumExp(1) }),
	"Node.CrossEntropy": gradients(func(g *grad.Graph, x *grad.Node) *grad.Node {
		return table(x).CrossEntropy(numbers(g, x.Size()/10, 10))
	}),
	"Node.MatMul": gradients(func(g *grad.Graph, x *grad.Node) *grad.Node {
		return table(x).MatMul(numbers(g, 100, 7).Reshape(10, 10))
	}),
	"Node.Conv2D": gradients(func(g *grad.Graph, x *grad.Node) *grad.Node {
		return pictures(x).Conv2D(numbers(g, 36, 7).Reshape(4, 1, 3, 3), 1, 1)
	}),
	"Node.MaxPool": each(func(x *grad.Node) *grad.Node { return pictures(x).MaxPool(2, 2) }),
	"Node.AvgPool": each(func(x *grad.Node) *grad.Node { return pictures(x).AvgPool(2, 2) }),

	// Functions and graphs of n variables.
	"NewFunction":       func(n int) func() { return func() { functions(wave, nil)(n) } },
	"Function.Value":    functions(wave, func(f *grad.Function, _, x []float64) { f.Value(x) }),
	"Function.Gradient": functions(wave, func(f *grad.Function, dst, x []float64) { f.Gradient(dst, x) }),
	"Function.VJP":      functions(wave, func(f *grad.Function, dst, x []float64) { f.VJP(dst, x, []float64{1}) }),
	"Function.JVP":      functions(wave, func(f *grad.Function, _, x []float64) { f.JVP([]float64{0}, x, x) }),
	"Function.HVP":      functions(wave, func(f *grad.Function, dst, x []float64) { f.HVP(dst, x, x) }),
	"Graph.Var":         func(n int) func() { v := timedPoint(n); return func() { grad.New().Var(v) } },
	"Graph.Const":       func(n int) func() { v := timedPoint(n); return func() { grad.New().Const(v) } },
	"Graph.Forward":     graphs(func(g *grad.Graph, _ *grad.Node) { g.Forward() }),
	"Node.Backward": func(n int) func() { // after Forward
		g := grad.New()
		y := wave(g, g.Var(timedPoint(n))).Sum()
		return func() {
			g.Forward()
			y.Backward()
		}
	},
	"Node.BackwardFrom": func(n int) func() { // after Forward
		dn := timedPoint(n)
		return graphs(func(g *grad.Graph, y *grad.Node) {
			g.Forward()
			y.BackwardFrom(dn)
		})(n)
	},

	// Models and losses, of n rows or of 9n parameters.
	"Model.Forward":         models(func(m *grad.Model, y, x *mat.Dense, _ []float64) { m.Forward(y, x) }),
	"Model.Predict":         models(func(m *grad.Model, y, x *mat.Dense, _ []float64) { m.Predict(y, x) }),
	"Model.Backward":        models(func(m *grad.Model, y, _ *mat.Dense, theta []float64) { m.Backward(theta, y) }),
	"Model.Tangent":         models(func(m *grad.Model, y, _ *mat.Dense, _ []float64) { m.Tangent(y, m.Params()) }),
	"Model.BackwardTangent": models(func(m *grad.Model, y, _ *mat.Dense, theta []float64) { m.BackwardTangent(theta, y) }),
	"Model.CheckInput": func(n int) func() {
		m := built(grad.NewModel(3, 1, func(g *grad.Graph, x *grad.Node) *grad.Node { return g.Weights("w", 5, 2).Gather(x).Flatten() }))
		x := mat.NewDense(n, 3, nil)
		return func() { built(0, m.CheckInput(x)) }
	},
	"NewModel":    func(n int) func() { return func() { built(grad.NewModel(8, 1, tall(n))) } },
	"NewModel32":  func(n int) func() { return func() { built(grad.NewModel32(8, 1, tall(n))) } },
	"Model.Init":  func(n int) func() { m := built(grad.NewModel(8, 1, tall(n))); return func() { m.Init(1) } },
	"Model.Clone": func(n int) func() { m := built(grad.NewModel(8, 1, tall(n))); return func() { m.Clone() } },
	"Loss.Loss":   losses(func(l *grad.Loss, d, pred, y *mat.Dense, w []float64) { l.Loss(d, pred, y, w) }),
	"Loss.HessianProduct": losses(func(l *grad.Loss, d, pred, y *mat.Dense, w []float64) {
		l.HessianProduct(d, pred, y, w, pred)
	}),
	"Loss.Total":       losses(func(l *grad.Loss, _, _, y *mat.Dense, w []float64) { l.Total(y, w) }),
	"Loss.CheckTarget": losses(func(l *grad.Loss, _, _, y *mat.Dense, _ []float64) { built(0, l.CheckTarget(y, 3)) }),
}

func BenchmarkTimed(b *testing.B) { benchmarks.Run(b) }

// TestEveryOperationIsTimed: each has a benchmark at three sizes.
func TestEveryOperationIsTimed(t *testing.T) {
	benchmarks.Check(t,
		"Node.Graph", "Node.Shape", "Node.Len", "Node.Size", "Node.Op", "Node.Inputs", "Node.Value", "Node.Item", "Node.Grad", // views
		".Dims", ".Params", ".Layout", "Model.Param", ".Buffers", "Loss.Curvature", ".Seed", "Graph.Training", "Graph.Nodes",
		"Graph.Scalar", "Graph.Weights", "Graph.Biases", "Graph.Param", "Graph.Running", "Constant", "NewLoss", // written once
	)
	benchmarks.Once()
}
