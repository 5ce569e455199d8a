package grad_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/train"
)

// TestTies has the derivatives of PyTorch 2.15 where there are several.
func TestTies(t *testing.T) {
	for _, c := range []struct {
		name string
		x    []float64
		f    func(x *grad.Node) *grad.Node
		want []float64
	}{
		{"Max", []float64{1, 3, 3, 0, 3}, func(x node) node { return x.Max() }, []float64{0, 1. / 3, 1. / 3, 0, 1. / 3}},
		{"Min", []float64{1, 0, 0}, func(x node) node { return x.Min() }, []float64{0, 0.5, 0.5}},
		{"Maximum", []float64{1, 2}, func(x node) node { return x.Maximum(x.Graph().Scalar(2)).Sum() }, []float64{0, 0.5}},
		{"ReLU", []float64{-1, 0, 1}, func(x node) node { return x.ReLU().Sum() }, []float64{0, 0, 1}},
		{"Abs", []float64{-1, 0, 1}, func(x node) node { return x.Abs().Sum() }, []float64{-1, 0, 1}},
		{"Clip", []float64{-1, 0, 1, 2}, func(x node) node { return x.Clip(-1, 1).Sum() }, []float64{0, 1, 0, 0}},
		{"MaxPool", []float64{1, 1, 1, 1}, func(x node) node { return x.Reshape(1, 1, 2, 2).MaxPool(2, 2).Sum() }, []float64{1, 0, 0, 0}},
		{"Where NaN", []float64{2, -1}, func(x node) node {
			return grad.Where(x.Greater(x.Graph().Scalar(0)), x.Log(), x.Graph().Scalar(0)).Sum()
		}, []float64{0.5, 0}},
	} {
		g := grad.New()
		x := g.Var(c.x)
		c.f(x).Backward()
		if !slices.Equal(x.Grad(), c.want) {
			t.Errorf("%s: %v, want %v", c.name, x.Grad(), c.want)
		}
	}
}

// TestNaNPasses through reductions that compare.
func TestNaNPasses(t *testing.T) {
	g := grad.New()
	x := g.Const([]float64{1, math.NaN(), 3})
	for name, y := range map[string]node{
		"Max": x.Max(), "Min": x.Min(), "Maximum": x.Maximum(g.Scalar(0)).Sum(), "ReLU": x.ReLU().Sum(), "Softmax": x.Softmax(0).Sum(),
		"LogSumExp": x.LogSumExp(), "Clip": x.Clip(0, 1).Sum(), "Abs": x.Abs().Sum(), "MaxPool": g.Const([]float64{1, math.NaN(), 3, 4}, 1, 1, 2, 2).MaxPool(2, 2).Sum(),
		"Mean of nothing": zeros(g, 0).Mean(),
	} {
		if !math.IsNaN(y.Item()) {
			t.Errorf("%s is %g", name, y.Item())
		}
	}
	if v := zeros(g, 0).LogSumExp().Item(); !math.IsInf(v, -1) {
		t.Errorf("LogSumExp of nothing is %g", v)
	}
	// A mask of −∞ leaves an ordinary softmax.
	p := grad.Where(g.Const([]float64{1, 0, 1}), g.Const([]float64{1, 5, 1}), g.Scalar(math.Inf(-1))).Softmax(0)
	golden.CloseSlice(t, "masked", p.Value(), []float64{0.5, 0, 0.5}, 1e-15)
}

// TestReplay follows leaves that change: masks, ids and dropout are computed again.
func TestReplay(t *testing.T) {
	build := func(values, ids []float64) (g *grad.Graph, x, id, y node) {
		g = grad.New()
		g.Seed(3, 4)
		x, id = g.Var(values), g.Const(ids)
		picked := x.Gather(id)
		y = grad.Where(picked.Greater(g.Scalar(0)), picked.Exp(), picked.Square()).Sum().Add(x.Max())
		return g, x, id, y
	}
	g, x, id, y := build([]float64{1, -2, 3}, []float64{0, 1, 1})
	y.Backward()
	copy(x.Value(), []float64{-1, 4, 2})
	copy(id.Value(), []float64{2, 2, 0})
	g.Forward()
	y.Backward()
	_, x2, _, y2 := build([]float64{-1, 4, 2}, []float64{2, 2, 0})
	y2.Backward()
	if y.Item() != y2.Item() || !slices.Equal(x.Grad(), x2.Grad()) {
		t.Errorf("replayed %g %v, written %g %v", y.Item(), x.Grad(), y2.Item(), x2.Grad())
	}
}

// TestGradients of nodes in between can be looked at, and those that nothing depends on are 0.
func TestGradients(t *testing.T) {
	g := grad.New()
	a, b := g.Var([]float64{2}), g.Var([]float64{-3})
	ab := a.Mul(b)
	unused := a.Exp()
	y := ab.Add(a.Square()).Reshape(1).Sum()
	y.Backward()
	for _, c := range []struct {
		n    node
		want float64
	}{{a, 1}, {b, 2}, {ab, 1}, {y, 1}, {unused, 0}} {
		if got := c.n.Grad()[0]; got != c.want {
			t.Errorf("∂y/∂ %v is %g, want %g", c.n, got, c.want)
		}
	}
}

// attention is a small transformer of token ids: it has nearly every kind of operation.
func attention(g *grad.Graph, x *grad.Node) *grad.Node {
	const words, size, tokens = 11, 6, 4
	norm := func(x node, name string) node {
		x = x.Sub(x.Mean(-1).Keep()).Div(x.Variance(-1).Keep().AddScalar(1e-5).Sqrt())
		scale := g.Param(model.Param{Name: name + ".scale", Shape: []int{size}}, grad.Constant(1))
		return x.Mul(scale).Add(g.Biases(name+".shift", size))
	}
	h := g.Param(model.Param{Name: "words", Shape: []int{words, size}, Decay: true}, model.Normal(1)).Gather(x)
	h = h.Add(g.Weights("places", tokens, size))
	q, k, v := norm(h, "norm").MatMul(g.Weights("q", size, size)), h.MatMul(g.Weights("k", size, size)), h.MatMul(g.Weights("v", size, size))
	scores := q.MatMul(k.Transpose(0, 2, 1)).MulScalar(1 / math.Sqrt(size)).Softmax(-1).Dropout(0.2)
	h = h.Add(scores.MatMul(v))
	h = h.Add(norm(h, "norm2").MatMul(g.Weights("w1", size, 8)).GELU().MatMul(g.Weights("w2", 8, size)))
	return grad.Concat(-1, h.Mean(1), h.Max(1)).MatMul(g.Weights("out", 2*size, 3))
}

func sentences(rows int) (*mat.Dense, *mat.Dense) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := mat.NewDense(rows, 4, nil), mat.NewDense(rows, 1, nil)
	x.Apply(func(int, int, float64) float64 { return float64(r.IntN(11)) }, x)
	y.Apply(func(int, int, float64) float64 { return float64(r.IntN(3)) }, y)
	return x, y
}

func gradientOf(m model.Model, x, y *mat.Dense) []float64 {
	m.(model.Stateful).Seed(1, 2)
	var pred, dPred mat.Dense
	m.Forward(&pred, x)
	loss.CrossEntropy{}.Loss(&dPred, &pred, y, nil)
	gradient := make([]float64, len(m.Params()))
	m.Backward(gradient, &dPred)
	return gradient
}

// TestSameBitsOnAnyNumberOfCores is for products and convolutions that are shared out.
func TestSameBitsOnAnyNumberOfCores(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := mat.NewDense(40, 784, nil), mat.NewDense(40, 1, nil)
	x.Apply(func(int, int, float64) float64 { return r.Float64() }, x)
	for name, build := range precisions {
		m := must[*grad.Model](t)(build(784, 1, leNet))
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		want := gradientOf(m, x, y)
		for _, cores := range []int{2, 5} {
			runtime.GOMAXPROCS(cores)
			if !slices.Equal(gradientOf(m, x, y), want) {
				t.Errorf("%s: other bits on %d cores", name, cores)
			}
		}
	}
}

// TestFloat32 agrees with float64 to the digits that it has, second derivatives included.
func TestFloat32(t *testing.T) {
	x, y := sentences(9)
	m, single := must[*grad.Model](t)(grad.NewModel(4, 3, attention)), must[*grad.Model](t)(grad.NewModel32(4, 3, attention))
	if !slices.Equal(m.Params(), single.Params()) {
		t.Error("other parameters from the same seed")
	}
	want, got := gradientOf(m, x, y), gradientOf(single, x, y)
	near(t, "gradient", got, want, 1e-5)
	if slices.Equal(got, want) {
		t.Error("float32 has the digits of float64")
	}
	v := normals(rand.New(rand.NewPCG(5, 6)), len(want))
	var products [2][]float64
	for i, m := range []*grad.Model{m, single} {
		var tangent mat.Dense
		m.Tangent(&tangent, v)
		products[i] = make([]float64, len(v))
		m.BackwardTangent(products[i], &tangent)
	}
	near(t, "product", products[1], products[0], 1e-4)
}

// near compares to a part of the largest number.
func near(t *testing.T, name string, got, want []float64, tolerance float64) {
	t.Helper()
	scale := 0.0
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance*scale) {
			t.Errorf("%s: number %d is %g, want %g", name, i, got[i], w)
		}
	}
}

// TestShapeOfMemory: rows that are views, sparse or of another type are the same rows.
func TestShapeOfMemory(t *testing.T) {
	x, y := sentences(9)
	m := must[*grad.Model](t)(grad.NewModel(4, 3, attention))
	want := gradientOf(m, x, y)
	wide := mat.NewDense(9, 7, nil)
	view := wide.Slice(0, 9, 2, 6).(*mat.Dense)
	view.Copy(x)
	if !slices.Equal(gradientOf(m, view, y), want) {
		t.Error("another gradient for a view")
	}
	var all, some mat.Dense
	m.Predict(&all, x)
	m.Predict(&some, x.T().T())
	if !mat.Equal(&all, &some) {
		t.Error("other predictions for a transposed matrix")
	}
}

// TestGoroutines predict at once, and use one loss at once.
func TestGoroutines(t *testing.T) {
	x, y := sentences(300)
	m := must[*grad.Model](t)(grad.NewModel(4, 3, attention))
	l := must[*grad.Loss](t)(grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node { return pred.CrossEntropy(target) }))
	var want mat.Dense
	m.Predict(&want, x)
	value := l.Loss(nil, &want, y, nil)
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			var got, d mat.Dense
			m.Predict(&got, x)
			if !mat.Equal(&got, &want) {
				t.Error("other predictions")
			}
			if v := l.Loss(&d, &got, y, nil); v != value {
				t.Errorf("the loss is %g, want %g", v, value)
			}
		})
	}
	wait.Wait()
}

// TestBackwardAdds, and does so again, as the contract of model.Model is.
func TestBackwardAdds(t *testing.T) {
	for name, build := range precisions {
		m := must[*grad.Model](t)(build(8, 3, perceptron(8, 16, 3, 0.3)))
		x, y := data(20, 8, 3)
		once := gradientOf(m, x, y)
		twice := slices.Clone(once)
		var pred, dPred mat.Dense
		m.Seed(1, 2)
		m.Forward(&pred, x)
		loss.CrossEntropy{}.Loss(&dPred, &pred, y, nil)
		m.Backward(twice, &dPred)
		m.Backward(twice, &dPred)
		for i := range once {
			once[i] *= 3
		}
		near(t, name, twice, once, 1e-14)
	}
}

// TestLossLeavesRowsOut of weight 0, even if they are NaN.
func TestLossLeavesRowsOut(t *testing.T) {
	l := must[*grad.Loss](t)(grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node {
		return pred.Sub(target).Square().Mean(1)
	}))
	pred := mat.NewDense(3, 2, []float64{1, 2, math.NaN(), 4, 5, math.Inf(1)})
	target := mat.NewDense(3, 2, []float64{2, 2, 1, 1, 1, 1})
	var d mat.Dense
	if v := l.Loss(&d, pred, target, []float64{2, 0, 0}); v != 0.5 || !slices.Equal(d.RawMatrix().Data, []float64{-1, 0, 0, 0, 0, 0}) {
		t.Errorf("%g, %v", v, d.RawMatrix().Data)
	}
	if v := l.Loss(&d, pred, target, []float64{0, 0, 0}); v != 0 || !slices.Equal(d.RawMatrix().Data, make([]float64, 6)) {
		t.Errorf("%g, %v", v, d.RawMatrix().Data)
	}
	if v := l.Loss(nil, pred, target, nil); !math.IsNaN(v) {
		t.Errorf("%g, want NaN", v)
	}
}

// TestTransformer has the right derivatives, first and second, where all operations meet.
func TestTransformer(t *testing.T) {
	x, y := sentences(6)
	m := must[*grad.Model](t)(grad.NewModel(4, 3, attention))
	if err := train.CheckGradient(m, x, y, loss.CrossEntropy{}); err != nil {
		t.Error(err)
	}
	v := normals(rand.New(rand.NewPCG(5, 6)), len(m.Params()))
	var products [2][]float64
	for i, m := range []model.Model{m, hidden{m, m}} {
		o := objective.New(m, loss.CrossEntropy{}, objective.Data{X: x, Y: y}, objective.Options{})
		o.Seed(7, 8)
		h := o.Hessian(0, 6)
		if h.Exact() != (i == 0) {
			t.Errorf("exact is %v", h.Exact())
		}
		products[i] = make([]float64, len(v))
		h.Product(products[i], v)
	}
	near(t, "Hv", products[0], products[1], 1e-7)
}

// hidden is a model that has no second derivatives.
type hidden struct {
	model.Model
	model.Stateful
}

// TestSecondOrderAllocatesNothing after the first product.
func TestSecondOrderAllocatesNothing(t *testing.T) {
	m := must[*grad.Model](t)(grad.NewModel(4, 3, attention))
	x, y := sentences(9)
	o := objective.New(m, loss.CrossEntropy{}, objective.Data{X: x, Y: y}, objective.Options{})
	h := o.Hessian(0, 9)
	v, hv := slices.Clone(m.Params()), make([]float64, len(m.Params()))
	h.Product(hv, v)
	if n := testing.AllocsPerRun(10, func() { h.Product(hv, v) }); n != 0 {
		t.Errorf("%g allocations in a product", n)
	}
	f := must[*grad.Function](t)(grad.NewFunction(3, func(g *grad.Graph, x *grad.Node) *grad.Node { return x.Softmax(0).Square().Sum().Tanh() }))
	at, to := []float64{1, 2, 3}, make([]float64, 3)
	f.HVP(to, at, at)
	if n := testing.AllocsPerRun(10, func() { f.HVP(to, at, at); f.Gradient(to, at) }); n != 0 {
		t.Errorf("%g allocations in a product of a function", n)
	}
}

// TestDropoutOfAGraph that computes while it is written follows Seed.
func TestDropoutOfAGraph(t *testing.T) {
	draws := func(step uint64) (list [2][]float64) {
		g := grad.New()
		g.Seed(3, step)
		y := g.Const(make([]float64, 40)).AddScalar(1).Dropout(0.5)
		list[0] = slices.Clone(y.Value())
		g.Seed(3, step)
		g.Forward()
		list[1] = y.Value()
		return list
	}
	a, b, c := draws(4), draws(4), draws(5)
	if !slices.Equal(a[0], a[1]) || !slices.Equal(a[0], b[0]) || slices.Equal(a[0], c[0]) {
		t.Errorf("%v", [][2][]float64{a, b, c})
	}
}

// TestConstants have no derivative.
func TestConstants(t *testing.T) {
	f := must[*grad.Function](t)(grad.NewFunction(2, func(g *grad.Graph, x *grad.Node) *grad.Node { return x.Detach().Sum() }))
	d := []float64{1, 1}
	if v := f.Gradient(d, []float64{3, 4}); v != 7 || !slices.Equal(d, []float64{0, 0}) {
		t.Errorf("%g, %v", v, d)
	}
	f.HVP(d, []float64{3, 4}, []float64{1, 1})
	jv := []float64{5}
	f.JVP(jv, []float64{3, 4}, []float64{1, 1})
	if !slices.Equal(d, []float64{0, 0}) || jv[0] != 0 {
		t.Errorf("%v, %v", d, jv)
	}
	m := must[*grad.Model](t)(grad.NewModel(2, 1, func(g *grad.Graph, x *grad.Node) *grad.Node { return x }))
	var y mat.Dense
	x := mat.NewDense(1, 2, []float64{1, 2})
	m.Forward(&y, x)
	m.Backward(nil, &y)
	if len(m.Params()) != 0 || !mat.Equal(&y, x) {
		t.Errorf("%v", y)
	}
}

// TestNothingAddsNothing: a product of no matrices leaves no numbers of the last replay.
func TestNothingAddsNothing(t *testing.T) {
	f := must[*grad.Function](t)(grad.NewFunction(6, func(g *grad.Graph, x *grad.Node) *grad.Node {
		x = x.Reshape(2, 3)
		return x.Square().Sum().Add(x.MatMul(zeros(g, 0, 3, 4)).Sum())
	}))
	at, d := []float64{1, 2, 3, 4, 5, 6}, make([]float64, 6)
	for range 2 {
		f.Gradient(d, at)
		if want := []float64{2, 4, 6, 8, 10, 12}; !slices.Equal(d, want) {
			t.Errorf("%v, want %v", d, want)
		}
	}
}

// TestComparisons are 1 or 0, and have no derivative.
func TestComparisons(t *testing.T) {
	g := grad.New()
	a, b := g.Var([]float64{1, 2, 3}), g.Var([]float64{3, 2, 1})
	for _, c := range []struct {
		n    node
		want []float64
	}{{a.Greater(b), []float64{0, 0, 1}}, {a.Less(b), []float64{1, 0, 0}}, {a.Equal(b), []float64{0, 1, 0}}} {
		if !slices.Equal(c.n.Value(), c.want) {
			t.Errorf("%v is %v, want %v", c.n, c.n.Value(), c.want)
		}
		if got := mistake(func() { c.n.Sum().Backward() }); !strings.Contains(got, "depends on no Var") {
			t.Error(got)
		}
	}
	if y := a.Mul(b); y.Op() != "Mul" || !slices.Equal(y.Inputs(), []node{a, b}) || !g.Training() {
		t.Errorf("%v of %v", y, y.Inputs())
	}
}

// TestLossIsThatOfTheLibrary: gradients, products with the Hessian and parts, with weights and for
// rows that are views.
func TestLossIsThatOfTheLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	written := must[*grad.Loss](t)(grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node { return pred.CrossEntropy(target) }))
	wide, moves, y := mat.NewDense(9, 5, normals(r, 45)), mat.NewDense(9, 3, normals(r, 27)), mat.NewDense(9, 1, nil)
	y.Apply(func(int, int, float64) float64 { return float64(r.IntN(3)) }, y)
	pred := wide.Slice(0, 9, 1, 4).(*mat.Dense)
	weight := []float64{1, 0, 2, 1, 3, 0.5, 1, 1, 0}
	for _, w := range [][]float64{nil, weight} {
		var d, dWant, h, hWant mat.Dense
		golden.Close(t, "loss", written.Loss(&d, pred, y, w), loss.CrossEntropy{}.Loss(&dWant, pred, y, w), 1e-14)
		golden.CloseSlice(t, "gradient", d.RawMatrix().Data, dWant.RawMatrix().Data, 1e-13)
		written.HessianProduct(&h, pred, y, w, moves)
		loss.CrossEntropy{}.HessianProduct(&hWant, pred, y, w, moves)
		near(t, "product", h.RawMatrix().Data, hWant.RawMatrix().Data, 1e-13)
		golden.Close(t, "total", written.Total(y, w), loss.CrossEntropy{}.Total(y, w), 0)
	}
}

// TestArgumentsPanic with the lengths that do not fit.
func TestArgumentsPanic(t *testing.T) {
	m := must[*grad.Model](t)(grad.NewModel(8, 1, perceptron(8, 4, 3, 0)))
	l := must[*grad.Loss](t)(grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node { return pred.CrossEntropy(target) }))
	f := must[*grad.Function](t)(grad.NewFunction(2, func(g *grad.Graph, x *grad.Node) *grad.Node { return x.Square() }))
	x, y := data(5, 8, 3)
	var pred mat.Dense
	unused := must[*grad.Model](t)(grad.NewModel(8, 1, perceptron(8, 4, 3, 0)))
	m.Forward(&pred, x)
	for want, f := range map[string]func(){
		"grad: x has 3 columns, want 8":                        func() { m.Predict(&mat.Dense{}, mat.NewDense(5, 3, nil)) },
		"grad: destination is 2×2, want 5×3":                   func() { m.Predict(mat.NewDense(2, 2, nil), x) },
		"grad: the gradient has length 1, want 51":             func() { m.Backward(make([]float64, 1), &pred) },
		"grad: ∂L/∂f is 5×1, want 5×3 as in the last Forward":  func() { m.Backward(make([]float64, 51), y) },
		"grad: Backward before Forward":                        func() { unused.Backward(make([]float64, 51), &pred) },
		"grad: Tangent before Forward":                         func() { unused.Tangent(&mat.Dense{}, make([]float64, 51)) },
		"grad: BackwardTangent before Forward":                 func() { unused.BackwardTangent(make([]float64, 51), &pred) },
		"grad: the direction has length 2, want 51":            func() { m.Tangent(&mat.Dense{}, make([]float64, 2)) },
		"grad: predictions are 5×3, targets 2×1":               func() { l.Loss(nil, &pred, mat.NewDense(2, 1, nil), nil) },
		"grad: 2 weights for 5 samples":                        func() { l.Loss(nil, &pred, y, make([]float64, 2)) },
		"grad: x has length 3, want 2":                         func() { f.Value(make([]float64, 3)) },
		"grad: u has length 3, want 2":                         func() { f.VJP(make([]float64, 2), make([]float64, 2), make([]float64, 3)) },
		"grad: Gradient of a function with 2 values, want one": func() { f.Gradient(make([]float64, 2), make([]float64, 2)) },
	} {
		if got := mistake(f); !strings.Contains(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if m.Param("0.weights") == nil || m.Param("none") != nil {
		t.Error("Param does not go by the name")
	}
}
