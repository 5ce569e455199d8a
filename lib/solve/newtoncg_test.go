package solve_test

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
)

func TestNewtonCGLogistic(t *testing.T) {
	data := golden.Load[classification](t, "testdata/logistic.json")
	for _, test := range data.Cases {
		var w []float64
		if test.Weighted {
			w = data.W
		}
		opt := solve.NewtonCGOptions{Loss: loss.BinaryCrossEntropy{}, Weights: w, GradTolerance: 1e-11, MaxProducts: 100}
		if test.Lambda > 0 {
			opt.Regularizer = regularizer.L2{Lambda: test.Lambda}
		}
		m := model.NewLogistic(5)
		h, err := solve.NewtonCG(context.Background(), m, matrix(data.X), column(data.Y), opt)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(test.Name, h, h.Last().Passes)
		golden.CloseSlice(t, test.Name, m.Params(), test.Theta, 1e-6)
	}
}

func TestNewtonCGSoftmax(t *testing.T) {
	data := golden.Load[classification](t, "testdata/softmax.json")
	m := model.NewSoftmax(4, 3)
	h, err := solve.NewtonCG(context.Background(), m, matrix(data.X), column(data.Y), solve.NewtonCGOptions{
		Loss: loss.CrossEntropy{}, Regularizer: regularizer.L2{Lambda: data.Lambda}, GradTolerance: 1e-11,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(h, h.Last().Passes)
	for _, theta := range [][]float64{m.Params(), data.Theta} {
		floats.AddConst(-floats.Sum(theta[:3])/3, theta[:3])
	}
	golden.CloseSlice(t, "θ", m.Params(), data.Theta, 1e-8)
}

type decayData struct {
	X, Y, Start, Theta []float64
	Value              float64
	Hessian            [][]float64
}

// decays is y = a·e^(−bx) + c, written with lib/grad, and the same with no more than a gradient.
func decays(t *testing.T, start []float64) map[string]model.Model {
	m, err := grad.NewModel(1, 1, func(g *grad.Graph, x *grad.Node) *grad.Node {
		a, b, c := g.Weights("a", 1), g.Weights("b", 1), g.Weights("c", 1)
		return x.Mul(b).Neg().Exp().Mul(a).Add(c)
	})
	if err != nil {
		t.Fatal(err)
	}
	copy(m.Params(), start)
	return map[string]model.Model{"exact": m, "differences": struct{ model.Model }{m}}
}

// TestNewtonCGDecay has a Hessian matrix that is not positive definite at the start.
func TestNewtonCGDecay(t *testing.T) {
	data := golden.Load[decayData](t, "testdata/decay.json")
	x, y := column(data.X), column(data.Y)
	for name, m := range decays(t, data.Start) {
		copy(m.Params(), data.Start)
		h, err := solve.NewtonCG(context.Background(), m, x, y, solve.NewtonCGOptions{Loss: loss.MSE{}, GradTolerance: 1e-12})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(name, h, h.Last().Passes)
		golden.CloseSlice(t, name, m.Params(), data.Theta, 1e-9)
		golden.Close(t, name, h.Last().Loss, data.Value, 1e-12)
		if h.Status != train.Converged {
			t.Errorf("%s: %v", name, h)
		}
	}
}

func TestHessianProducts(t *testing.T) {
	data := golden.Load[decayData](t, "testdata/decay.json")
	for name, m := range decays(t, data.Start) {
		tolerance := 1e-13
		if name != "exact" {
			tolerance = 1e-8
		}
		copy(m.Params(), data.Start)
		o := objective.New(m, loss.MSE{}, objective.Data{X: column(data.X), Y: column(data.Y)}, objective.Options{})
		h := o.Hessian(0, len(data.X))
		if h.Exact() != (name == "exact") {
			t.Errorf("%s: exact is %v", name, h.Exact())
		}
		for j, want := range data.Hessian {
			v, got := make([]float64, 3), make([]float64, 3)
			v[j] = 1
			h.Product(got, v)
			golden.CloseSlice(t, name, got, want, tolerance)
		}
	}
}

// TestNewtonCGNetwork compares with L-BFGS on a network and a loss, both written with lib/grad.
func TestNewtonCGNetwork(t *testing.T) {
	const rows = 40
	x, y := mat.NewDense(rows, 1, nil), mat.NewDense(rows, 1, nil)
	for i := range rows {
		v := 4*float64(i)/rows - 2
		x.Set(i, 0, v)
		y.Set(i, 0, math.Sin(2*v))
	}
	l, err := grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node {
		return pred.Sub(target).Square().Mean(1)
	})
	if err != nil {
		t.Fatal(err)
	}
	build := func() *grad.Model {
		m, err := grad.NewModel(1, 2, func(g *grad.Graph, x *grad.Node) *grad.Node {
			h := x.MatMul(g.Weights("w1", 1, 5)).Add(g.Biases("b1", 5)).Tanh()
			return h.MatMul(g.Weights("w2", 5, 1)).Add(g.Biases("b2", 1))
		})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	penalty := regularizer.L2{Lambda: 1e-3}
	m := build()
	h, err := solve.NewtonCG(context.Background(), m, x, y, solve.NewtonCGOptions{Loss: l, Regularizer: penalty, GradTolerance: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(h, h.Last().Passes)
	if h.Status != train.Converged || len(h.Records) > 100 {
		t.Errorf("%v", h)
	}
	// L-BFGS finds nothing better from there.
	before := h.Last().Loss + h.Last().Penalty
	after, err := solve.Minimize(context.Background(), m, x, y, solve.MinimizeOptions{Loss: l, Regularizer: penalty, GradTolerance: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	golden.Close(t, "objective", after.Last().Loss+after.Last().Penalty, before, 1e-12)
}

func TestNewtonCGErrors(t *testing.T) {
	x, y := linearData(50)
	ctx := context.Background()
	for name, opt := range map[string]solve.NewtonCGOptions{
		"no loss":    {},
		"tolerance":  {Loss: loss.MSE{}, GradTolerance: -1},
		"iterations": {Loss: loss.MSE{}, MaxIterations: -1},
		"products":   {Loss: loss.MSE{}, MaxProducts: -1},
		"penalty":    {Loss: loss.MSE{}, Regularizer: regularizer.L2{Lambda: -1}},
	} {
		if _, err := solve.NewtonCG(ctx, model.NewLinear(5, 1), x, y, opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	h, err := solve.NewtonCG(done, model.NewLinear(5, 1), x, y, solve.NewtonCGOptions{Loss: loss.MSE{}})
	if err != nil || h.Status != train.Interrupted {
		t.Errorf("%v, %v", h, err)
	}
	h, err = solve.NewtonCG(ctx, model.NewLinear(5, 1), x, y, solve.NewtonCGOptions{Loss: loss.LogCosh{}, MaxIterations: 1, GradTolerance: 1e-14})
	if err != nil || h.Status != train.Completed {
		t.Errorf("%v, %v", h, err)
	}
}
