package model_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/sparse"
)

// network makes a network whose settings are right.
func network(t testing.TB, input model.Shape, layers ...model.Layer) *model.Network {
	t.Helper()
	n, err := model.NewNetwork(input, 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTrainingAgainstPyTorch trains small models for some steps, with batches
// of different sizes, beside PyTorch.
func TestTrainingAgainstPyTorch(t *testing.T) {
	models := map[string]struct {
		model     model.Model
		loss      loss.Loss
		optimizer optim.Optimizer
	}{
		"multilayer perceptron": {
			network(t, model.Features(5),
				model.Dense{Units: 7}, model.GELU{}, model.NewLayerNorm(),
				model.Dense{Units: 6}, model.Tanh{}, model.Dense{Units: 2}),
			loss.MSE{}, &optim.SGD{Momentum: 0.9, Nesterov: true},
		},
		"convolutional network": {
			network(t, model.Image(6, 5, 2),
				model.Conv2D{Filters: 3, Kernel: 3, Padding: 1, NoBias: true}, model.NewBatchNorm(), model.ReLU{}, model.MaxPool{Size: 2},
				model.Residual{
					model.Conv2D{Filters: 3, Kernel: 3, Padding: 1, NoBias: true}, model.NewBatchNorm(), model.SiLU{},
					model.Conv2D{Filters: 3, Kernel: 3, Padding: 1}},
				model.AvgPool{Size: 2}, model.Flatten{}, model.Dense{Units: 2}),
			loss.MSE{}, optim.NewAdam(),
		},
		"text classifier": {
			network(t, model.Features(4),
				model.MeanEmbedding{Vocabulary: 6, Size: 4}, model.Dense{Units: 3}, model.NewELU(), model.Dense{Units: 1}),
			loss.BinaryCrossEntropy{}, optim.NewAdam(),
		},
		"matrix factorization": {
			model.NewMatrixFactorization(4, 5, 3, 1),
			loss.MSE{}, &optim.SGD{Momentum: 0.9, Nesterov: true},
		},
	}
	cases := golden.Load[[]trainingCase](t, "testdata/networks.json")
	if len(cases) != len(models) {
		t.Errorf("%d cases for %d models", len(cases), len(models))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			m, ok := models[c.Name]
			if !ok {
				t.Fatal("no such model")
			}
			c.check(t, m.model, m.loss, m.optimizer)
		})
	}
}

// A trainingCase is a run of PyTorch: see testdata/golden.py.
type trainingCase struct {
	Name      string
	Rate      float64
	Steps     int
	Sizes     []int
	Rows      int
	X, Y      []float64
	Start     []float64
	Grad      []float64 // at the first step
	Losses    []float64
	Theta     []float64
	Predicted []float64
	Buffers   map[string][]float64
}

func (c trainingCase) check(t *testing.T, m model.Model, l loss.Loss, o optim.Optimizer) {
	const tolerance = 1e-9
	x, y := mat.NewDense(c.Rows, len(c.X)/c.Rows, c.X), mat.NewDense(c.Rows, len(c.Y)/c.Rows, c.Y)
	if len(m.Params()) != len(c.Start) {
		t.Fatalf("%d parameters, want %d", len(m.Params()), len(c.Start))
	}
	copy(m.Params(), c.Start)
	o.Init(len(c.Start))
	losses, at := make([]float64, c.Steps), 0
	for step := range c.Steps {
		size := c.Sizes[step%len(c.Sizes)]
		if at+size > c.Rows {
			at = 0
		}
		var pred, dPred mat.Dense
		m.Forward(&pred, rowsOf(x, at, at+size))
		losses[step] = l.Loss(&dPred, &pred, rowsOf(y, at, at+size), nil)
		grad := make([]float64, len(c.Start))
		m.Backward(grad, &dPred)
		if step == 0 {
			golden.CloseSlice(t, "first gradient", grad, c.Grad, tolerance)
		}
		o.Step(m.Params(), grad, c.Rate)
		at += size
	}
	golden.CloseSlice(t, "losses", losses, c.Losses, tolerance)
	golden.CloseSlice(t, "θ", m.Params(), c.Theta, tolerance)
	var predicted mat.Dense
	m.Predict(&predicted, x)
	golden.CloseSlice(t, "predictions", predicted.RawMatrix().Data, c.Predicted, tolerance)
	got := map[string][]float64{}
	if b, ok := m.(model.Stateful); ok {
		for name, v := range b.Buffers() {
			kind := name[strings.LastIndexByte(name, '.')+1:]
			got[kind] = append(got[kind], v...)
		}
	}
	for kind, want := range c.Buffers {
		golden.CloseSlice(t, "running "+kind, got[kind], want, tolerance)
	}
}

// rowsOf is a view of rows lo to hi.
func rowsOf(x *mat.Dense, lo, hi int) *mat.Dense {
	_, cols := x.Dims()
	return x.Slice(lo, hi, 0, cols).(*mat.Dense)
}

// TestSettingsThatDoNotFit expects an error that names the layer and what is
// wrong with it.
func TestSettingsThatDoNotFit(t *testing.T) {
	features, image := model.Features(4), model.Image(4, 5, 2)
	for _, c := range []struct {
		name   string
		input  model.Shape
		layers []model.Layer
		want   string
	}{
		{"no shape", nil, []model.Layer{model.ReLU{}}, "the input has no shape"},
		{"empty shape", model.Image(4, 0, 1), []model.Layer{model.ReLU{}}, "1×4×0"},
		{"no layers", features, nil, "at least one layer"},
		{"nil", features, []model.Layer{model.ReLU{}, nil}, "layer 1 is <nil>"},
		{"pointer", features, []model.Layer{&model.ReLU{}}, "layer 0 is *model.ReLU"},
		{"dense without units", features, []model.Layer{model.ReLU{}, model.Dense{}}, "layer 1 (Dense): has 0 units"},
		{"dense on an image", image, []model.Layer{model.Dense{Units: 2}}, "layer 0 (Dense): needs features, but its input has shape 2×4×5: put Flatten"},
		{"conv on features", features, []model.Layer{model.Conv2D{Filters: 1, Kernel: 1}}, "needs an image"},
		{"conv without filters", image, []model.Layer{model.Conv2D{Kernel: 1}}, "0 filters"},
		{"conv without kernel", image, []model.Layer{model.Conv2D{Filters: 1}}, "kernel of 0"},
		{"conv with negative stride", image, []model.Layer{model.Conv2D{Filters: 1, Kernel: 1, Stride: -1}}, "stride -1"},
		{"conv with negative dilation", image, []model.Layer{model.Conv2D{Filters: 1, Kernel: 1, Dilation: -1}}, "dilation -1 and 1 groups"},
		{"conv with negative groups", image, []model.Layer{model.Conv2D{Filters: 1, Kernel: 1, Groups: -2}}, "dilation 1 and -2 groups"},
		{"conv without kernel, dilated", image, []model.Layer{model.Conv2D{Filters: 1, Dilation: 2}}, "kernel of 0"},
		{"dilated kernel too large", image, []model.Layer{model.Conv2D{Filters: 1, Kernel: 3, Dilation: 3, Padding: 1}},
			"its kernel, dilated by 3, of 7×7 does not fit on an image of 4×5 pixels with padding 1"},
		{"groups that do not divide the channels", image, []model.Layer{model.Conv2D{Filters: 6, Kernel: 1}, model.Conv2D{Filters: 8, Kernel: 1, Groups: 4}},
			"has 4 groups, which do not divide 6 channels and 8 filters"},
		{"groups that do not divide the filters", image, []model.Layer{model.Conv2D{Filters: 4, Kernel: 1}, model.Conv2D{Filters: 6, Kernel: 1, Groups: 4}},
			"has 4 groups, which do not divide 4 channels and 6 filters"},
		{"kernel too large", image, []model.Layer{model.ReLU{}, model.Conv2D{Filters: 1, Kernel: 7, Padding: 1}},
			"layer 1 (Conv2D): its kernel of 7×7 does not fit on an image of 4×5 pixels with padding 1: use a smaller kernel"},
		{"pool too large", image, []model.Layer{model.MaxPool{Size: 5}}, "square of 5×5 does not fit"},
		{"pool padding", image, []model.Layer{model.AvgPool{Size: 2, Padding: 2}}, "padding 2, want at most half of its size 2"},
		{"pool on features", features, []model.Layer{model.AvgPool{Size: 2}}, "needs an image"},
		{"softmax on an image", image, []model.Layer{model.SoftmaxLayer{}}, "put Flatten before it"},
		{"batchnorm without settings", features, []model.Layer{model.BatchNorm{}}, "Momentum 0, want 0 < Momentum ≤ 1: model.NewBatchNorm"},
		{"batchnorm without epsilon", features, []model.Layer{model.BatchNorm{Momentum: 1}}, "Epsilon 0"},
		{"batchnorm on tokens", features, []model.Layer{model.Embedding{Vocabulary: 3, Size: 2}, model.NewBatchNorm()}, "layer 1 (BatchNorm): needs features or an image"},
		{"layernorm without epsilon", features, []model.Layer{model.LayerNorm{}}, "NewLayerNorm"},
		{"dropout of everything", features, []model.Layer{model.Dropout{Rate: 1}}, "Rate 1, want 0 ≤ Rate < 1"},
		{"negative noise", features, []model.Layer{model.GaussianNoise{Sigma: -1}}, "Sigma -1"},
		{"infinite slope", features, []model.Layer{model.LeakyReLU{Slope: inf}}, "Slope +Inf"},
		{"infinite alpha", features, []model.Layer{model.ELU{Alpha: inf}}, "Alpha +Inf"},
		{"empty vocabulary", features, []model.Layer{model.Embedding{Size: 2}}, "vocabulary 0"},
		{"padding outside", features, []model.Layer{model.MeanEmbedding{Vocabulary: 3, Size: 2, Padding: 3}}, "padding id 3"},
		{"embedding of an image", image, []model.Layer{model.Embedding{Vocabulary: 3, Size: 2}}, "needs features"},
		{"bag of an image", image, []model.Layer{model.EmbeddingBag{Size: 2}}, "needs features"},
		{"bag without size", features, []model.Layer{model.EmbeddingBag{}}, "size 0"},
		{"embedding later", features, []model.Layer{model.ReLU{}, model.MeanEmbedding{Vocabulary: 3, Size: 2}}, "must be the first layer"},
		{"embedding in a residual", features, []model.Layer{model.Residual{model.EmbeddingBag{Size: 4}}}, "layer 0 (Residual): layer 0 (EmbeddingBag): reads words"},
		{"empty residual", features, []model.Layer{model.Residual{}}, "no layers in it"},
		{"residual of another shape", image, []model.Layer{model.Residual{model.MaxPool{Size: 2}}},
			"layer 0 (Residual): its input has shape 2×4×5 and its layers make 2×2×2 of it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := model.NewNetwork(c.input, 1, c.layers...)
			if err == nil || !strings.HasPrefix(err.Error(), "model: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one about %q", err, c.want)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	n := network(t, model.Image(8, 8, 1),
		model.Conv2D{Filters: 8, Kernel: 3, Padding: 1, NoBias: true}, model.NewBatchNorm(), model.ReLU{},
		model.Residual{model.Conv2D{Filters: 8, Kernel: 3, Padding: 1}, model.ReLU{}},
		model.MaxPool{Size: 2}, model.Flatten{}, model.Dense{Units: 10})
	want := `layer               output  parameters
input               1×8×8
0 Conv2D            8×8×8           72
1 BatchNorm         8×8×8           16
2 ReLU              8×8×8            0
3 Residual          8×8×8          584
  0 Conv2D          8×8×8          584
  1 ReLU            8×8×8            0
4 MaxPool           8×4×4            0
5 Flatten           128              0
6 Dense             10            1290
total                             1962
running statistics                  16
`
	if got := n.Summary(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNetworkLayout(t *testing.T) {
	n := network(t, model.Image(2, 2, 1),
		model.Conv2D{Filters: 2, Kernel: 1}, model.NewBatchNorm(), model.Flatten{},
		model.Residual{model.Dense{Units: 8}, model.NewLayerNorm()}, model.Dense{Units: 1, NoBias: true})
	for i, want := range []model.Param{
		{Name: "0.conv2d.weights", Shape: []int{2, 1, 1, 1}, Offset: 0, Decay: true},
		{Name: "0.conv2d.biases", Shape: []int{2}, Offset: 2},
		{Name: "1.batchnorm.scale", Shape: []int{2}, Offset: 4},
		{Name: "1.batchnorm.shift", Shape: []int{2}, Offset: 6},
		{Name: "3.residual.0.dense.weights", Shape: []int{8, 8}, Offset: 8, Decay: true},
		{Name: "3.residual.0.dense.biases", Shape: []int{8}, Offset: 72},
		{Name: "3.residual.1.layernorm.scale", Shape: []int{8}, Offset: 80},
		{Name: "3.residual.1.layernorm.shift", Shape: []int{8}, Offset: 88},
		{Name: "4.dense.weights", Shape: []int{8, 1}, Offset: 96, Decay: true},
	} {
		if got := n.Layout()[i]; !equalParam(got, want) {
			t.Errorf("part %d is %v, want %v", i, got, want)
		}
	}
	if got := len(n.Layout()); got != 9 {
		t.Errorf("%d parts, want 9", got)
	}
}

// TestBatchOfOne makes sure that a batch with no variance leaves the running
// statistics alone and gives the shift.
func TestBatchOfOne(t *testing.T) {
	n := network(t, model.Features(2), model.NewBatchNorm())
	copy(n.Params(), []float64{2, 3, 0.5, -0.5})
	var y mat.Dense
	n.Forward(&y, mat.NewDense(1, 2, []float64{7, 8}))
	golden.CloseSlice(t, "y", y.RawMatrix().Data, []float64{0.5, -0.5}, 0)
	for name, v := range n.Buffers() {
		want := []float64{0, 0}
		if name == "0.batchnorm.variance" {
			want = []float64{1, 1}
		}
		golden.CloseSlice(t, name, v, want, 0)
	}
	for range n.Buffers() {
		break // a consumer may stop
	}
}

// TestNoise looks at the distribution of what random layers draw.
func TestNoise(t *testing.T) {
	const size = 40_000
	ones := mat.NewDense(1, size, nil)
	for j := range size {
		ones.Set(0, j, 1)
	}
	for _, c := range []struct {
		layer              model.Layer
		mean, variance     float64
		zeros              int
		meanTol, variation float64
	}{
		{model.Dropout{Rate: 0.3}, 1, 0.3 / 0.7, 12_000, 0.02, 0.02},
		{model.Dropout{Rate: 0}, 1, 0, 0, 1e-9, 0},
		{model.GaussianNoise{Sigma: 0.5}, 1, 0.25, 0, 0.02, 0.02},
	} {
		n := network(t, model.Features(size), c.layer)
		var y mat.Dense
		n.Forward(&y, ones)
		mean, squares, zeros := 0.0, 0.0, 0
		for _, v := range y.RawMatrix().Data {
			mean += v / size
			squares += (v - 1) * (v - 1) / size
			if v == 0 {
				zeros++
			}
		}
		golden.Close(t, "mean", mean, c.mean, c.meanTol)
		golden.Close(t, "variance", squares, c.variance, c.variation)
		golden.Close(t, "zeros", float64(zeros), float64(c.zeros), 0.02)
	}
}

// TestNoiseDependsOnSeed makes sure that seed and step both count.
func TestNoiseDependsOnSeed(t *testing.T) {
	n := network(t, model.Features(20), model.Dropout{Rate: 0.5})
	x := fill(1, 20, func() float64 { return 1 })
	at := func(seed, step uint64) *mat.Dense {
		n.Seed(seed, step)
		return forward(n, x)
	}
	first := at(3, 4)
	for _, c := range []struct {
		seed, step uint64
		equal      bool
	}{{3, 4, true}, {3, 5, false}, {4, 4, false}, {4, 3, false}} {
		if got := mat.Equal(at(c.seed, c.step), first); got != c.equal {
			t.Errorf("seed %d at step %d gives the same as seed 3 at step 4: %t", c.seed, c.step, got)
		}
	}
}

// TestSparseRowsFilledIn reads sparse rows in a layer that wants dense ones,
// zeros after other numbers.
func TestSparseRowsFilledIn(t *testing.T) {
	n := network(t, model.Features(2), model.ReLU{})
	for _, x := range []*mat.Dense{mat.NewDense(1, 2, []float64{3, 4}), mat.NewDense(1, 2, []float64{0, 5})} {
		if y := forward(n, sparse.FromDense(x)); !mat.Equal(y, x) {
			t.Errorf("got %v, want %v", y.RawRowView(0), x.RawRowView(0))
		}
	}
}

// TestForwardRows: rows taken from where they lie give what a copy of them gives.
func TestForwardRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := fill(40, 1100, r.NormFloat64).Slice(0, 40, 0, 1050).(*mat.Dense) // rows of more than two pages, apart
	rows := []int{7, 0, 39, 7, 21, 3, 3, 38}
	taken := mat.NewDense(len(rows), 1050, nil)
	for i, row := range rows {
		taken.SetRow(i, x.RawRowView(row))
	}
	for precision, build := range precisions {
		net, err := build(model.Features(1050), 1, model.Dense{Units: 6}, model.Dropout{Rate: 0.5}, model.Dense{Units: 3})
		if err != nil {
			t.Fatal(err)
		}
		var pred, want mat.Dense
		grad, wantGrad := make([]float64, len(net.Params())), make([]float64, len(net.Params()))
		net.Seed(3, 4)
		net.Forward(&want, taken)
		net.Backward(wantGrad, &want)
		net.Seed(3, 4)
		net.ForwardRows(&pred, x, rows)
		net.Backward(grad, &pred)
		if !mat.Equal(&pred, &want) || !slices.Equal(grad, wantGrad) {
			t.Errorf("%s: rows taken from among others differ from a copy of them", precision)
		}
	}
}
