package grad_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/save"
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
		m.(model.Stateful).Seed(5, 9)
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

// normalised is a perceptron with a batch normalisation.
func normalised(g *grad.Graph, x *grad.Node) *grad.Node {
	w := g.Param(model.Param{Name: "w1", Shape: []int{8, 6}, Decay: true}, model.HeNormal)
	h := x.MatMul(w)
	n := float64(h.Len(0))
	mean, variance := h.Mean(0), h.Variance(0)
	mean = g.Running("mean", mean, mean, 0.1, 0)
	variance = g.Running("variance", variance, variance.MulScalar(n/(n-1)), 0.1, 1)
	h = h.Sub(mean).Div(variance.AddScalar(1e-5).Sqrt())
	h = h.Mul(g.Param(model.Param{Name: "scale", Shape: []int{6}}, grad.Constant(1))).Add(g.Biases("shift", 6)).ReLU()
	return dense(g, h, "2", 6, 3, model.GlorotUniform)
}

func TestBatchNormIsTheLayer(t *testing.T) {
	written := must[*grad.Model](t)(grad.NewModel(8, 3, normalised))
	layers := must[*model.Network](t)(model.NewNetwork(model.Features(8), 3,
		model.Dense{Units: 6, NoBias: true}, model.NewBatchNorm(), model.ReLU{}, model.Dense{Units: 3}))
	x, y := data(50, 8, 3)
	var predictions, buffers [2][]float64
	for i, m := range []model.Model{written, layers} {
		_, err := train.Fit(context.Background(), m, x, y, train.Options{
			Loss: loss.CrossEntropy{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.01), Epochs: 10, BatchSize: 16, Seed: 4,
			Regularizer: regularizer.L2{Lambda: 0.01},
		})
		if err != nil {
			t.Fatal(err)
		}
		var pred mat.Dense
		m.Predict(&pred, x)
		predictions[i] = pred.RawMatrix().Data
		for _, v := range m.(model.Stateful).Buffers() {
			buffers[i] = append(buffers[i], v...)
		}
	}
	golden.CloseSlice(t, "θ", written.Params(), layers.Params(), 1e-9)
	golden.CloseSlice(t, "statistics", buffers[0], buffers[1], 1e-9)
	golden.CloseSlice(t, "predictions", predictions[0], predictions[1], 1e-9)
	if c := written.Clone().(*grad.Model); !slices.Equal(c.Params(), written.Params()) {
		t.Error("a clone has other parameters")
	} else {
		var pred mat.Dense
		c.Predict(&pred, x)
		golden.CloseSlice(t, "predictions of a clone", pred.RawMatrix().Data, predictions[0], 0)
	}
	// A batch of one row, with which some epochs end, has no variance.
	before := slices.Clone(buffers[0])
	var one mat.Dense
	written.Forward(&one, x.Slice(0, 1, 0, 8))
	var after []float64
	for _, v := range written.Buffers() {
		after = append(after, v...)
	}
	if !slices.Equal(before[6:], after[6:]) || slices.Equal(before[:6], after[:6]) {
		t.Errorf("one row moves the statistics from %v to %v", before, after)
	}
	written.Predict(mat.NewDense(50, 3, predictions[0]), x)
	// A file holds both.
	file := filepath.Join(t.TempDir(), "model.safetensors")
	if err := save.Model(file, written, nil); err != nil {
		t.Fatal(err)
	}
	fresh := must[*grad.Model](t)(grad.NewModel(8, 99, normalised))
	if err := save.Load(file, fresh, nil); err != nil {
		t.Fatal(err)
	}
	var pred mat.Dense
	fresh.Predict(&pred, x)
	golden.CloseSlice(t, "predictions from a file", pred.RawMatrix().Data, predictions[0], 0)
}
