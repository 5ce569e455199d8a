package grad_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// dense is a layer of the given width, initialised as model.Dense is before a ReLU.
func dense(g *grad.Graph, x *grad.Node, name string, inputs, units int, init model.Initializer) *grad.Node {
	w := g.Param(model.Param{Name: name + ".weights", Shape: []int{inputs, units}, Decay: true}, init)
	return x.MatMul(w).Add(g.Biases(name+".biases", units))
}

func perceptron(inputs, hidden, outputs int, rate float64) func(g *grad.Graph, x *grad.Node) *grad.Node {
	return func(g *grad.Graph, x *grad.Node) *grad.Node {
		h := dense(g, x, "0", inputs, hidden, model.HeNormal).ReLU().Dropout(rate)
		return dense(g, h, "1", hidden, outputs, model.GlorotUniform)
	}
}

func data(rows, inputs, classes int) (*mat.Dense, *mat.Dense) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := mat.NewDense(rows, inputs, nil), mat.NewDense(rows, 1, nil)
	for i := range rows {
		for j := range inputs {
			x.Set(i, j, r.NormFloat64())
		}
		y.Set(i, 0, float64(r.IntN(classes)))
	}
	return x, y
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// twins are the same perceptron, written and of layers.
func twins(t testing.TB, rate float64) (*grad.Model, *model.Network) {
	written := must[*grad.Model](t)(grad.NewModel(8, 3, perceptron(8, 16, 3, rate)))
	layers := must[*model.Network](t)(model.NewNetwork(model.Features(8), 3,
		model.Dense{Units: 16}, model.ReLU{}, model.Dropout{Rate: rate}, model.Dense{Units: 3}))
	return written, layers
}

func TestPerceptronIsTheLayers(t *testing.T) {
	written, layers := twins(t, 0.3)
	golden.CloseSlice(t, "θ", written.Params(), layers.Params(), 0)
	x, y := data(20, 8, 3)
	var gradients [2][]float64
	var losses [2]float64
	for i, m := range []model.Model{written, layers} {
		m.(model.Seeder).Seed(5, 9)
		var pred, dPred mat.Dense
		m.Forward(&pred, x)
		losses[i] = loss.CrossEntropy{}.Loss(&dPred, &pred, y, nil)
		gradients[i] = make([]float64, len(m.Params()))
		m.Backward(gradients[i], &dPred)
	}
	golden.Close(t, "loss", losses[0], losses[1], 1e-12)
	golden.CloseSlice(t, "gradient", gradients[0], gradients[1], 1e-12)
}

func TestFitIsThatOfTheLayers(t *testing.T) {
	written, layers := twins(t, 0.3)
	x, y := data(50, 8, 3)
	for _, m := range []model.Model{written, layers} {
		_, err := train.Fit(context.Background(), m, x, y, train.Options{
			Loss: loss.CrossEntropy{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.01), Epochs: 20, BatchSize: 16, Seed: 4,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	golden.CloseSlice(t, "θ", written.Params(), layers.Params(), 1e-10)
	var a, b mat.Dense
	written.Predict(&a, x)
	layers.Predict(&b, x)
	golden.CloseSlice(t, "predictions", a.RawMatrix().Data, b.RawMatrix().Data, 1e-10)
}

func TestCheckGradient(t *testing.T) {
	m := must[*grad.Model](t)(grad.NewModel(8, 3, perceptron(8, 16, 3, 0.3)))
	x, y := data(20, 8, 3)
	l := must[*grad.Loss](t)(grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node {
		return pred.CrossEntropy(target)
	}))
	if err := train.CheckGradient(m, x, y, l); err != nil {
		t.Error(err)
	}
	var d, want, pred mat.Dense
	m.Predict(&pred, x)
	weight := normals(rand.New(rand.NewPCG(1, 1)), 20)
	for i := range weight {
		weight[i] *= weight[i]
	}
	weight[3] = 0
	got := l.Loss(&d, &pred, y, weight)
	golden.Close(t, "loss", got, loss.CrossEntropy{}.Loss(&want, &pred, y, weight), 1e-13)
	golden.CloseSlice(t, "gradient", d.RawMatrix().Data, want.RawMatrix().Data, 1e-13)
}

// TestStepAllocatesNothing is for a whole batch and the smaller one at the end of an epoch.
func TestStepAllocatesNothing(t *testing.T) {
	for name, build := range precisions {
		m := must[*grad.Model](t)(build(8, 3, perceptron(8, 16, 3, 0.3)))
		l := must[*grad.Loss](t)(grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node {
			return pred.CrossEntropy(target)
		}))
		gradient := make([]float64, len(m.Params()))
		x, y := data(20, 8, 3)
		batches := []*mat.Dense{x, x.Slice(0, 7, 0, 8).(*mat.Dense)}
		targets := []*mat.Dense{y, y.Slice(0, 7, 0, 1).(*mat.Dense)}
		var pred, dPred [2]mat.Dense
		step := func() {
			for i, x := range batches {
				m.Forward(&pred[i], x)
				l.Loss(&dPred[i], &pred[i], targets[i], nil)
				clear(gradient)
				m.Backward(gradient, &dPred[i])
			}
		}
		step()
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%s: %g allocations in a step", name, n)
		}
	}
}

var precisions = map[string]func(int, uint64, func(*grad.Graph, *grad.Node) *grad.Node) (*grad.Model, error){
	"float64": grad.NewModel, "float32": grad.NewModel32,
}
