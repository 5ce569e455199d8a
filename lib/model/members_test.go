package model_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

var inf = math.Inf(1)

// A member is a model with data that it can read. Each property below holds
// for every member.
type member struct {
	name   string
	build  func(seed uint64) model.Model
	data   func(rows int, r *rand.Rand) mat.Matrix
	random bool // Forward draws
}

// members are all models, and each layer between layers with parameters.
func members() []member {
	linear := func(inputs, outputs int) func(uint64) model.Model {
		return func(seed uint64) model.Model {
			l := model.NewLinear(inputs, outputs)
			l.Init(seed)
			return l
		}
	}
	all := []member{
		{name: "linear", build: linear(4, 3), data: normal(4)},
		{name: "linear, one output", build: linear(4, 1), data: normal(4)},
		{name: "linear on sparse rows", build: linear(6, 2), data: counts(6)},
		{name: "linear without intercept", data: normal(4), build: func(seed uint64) model.Model {
			l := model.NewLinearNoIntercept(4, 2)
			l.Init(seed)
			return l
		}},
		{name: "matrix factorization", data: ids(2, 4), build: func(seed uint64) model.Model {
			return model.NewMatrixFactorization(4, 5, 3, seed)
		}},
	}
	all = append(all, layerMembers()...)
	all = append(all, sequenceMembers()...)
	all = append(all, attentionMembers()...)
	for _, l := range []model.Layer{
		model.ReLU{}, model.NewLeakyReLU(), model.NewELU(), model.GELU{}, model.GELU{Approximate: true},
		model.SiLU{}, model.Tanh{}, model.SigmoidLayer{}, model.SoftmaxLayer{},
	} {
		all = append(all, member{name: fmt.Sprintf("%T%+v", l, l), data: normal(4),
			build: layers(model.Features(4), model.Dense{Units: 6}, l, model.Dense{Units: 2})})
	}
	return all
}

func layerMembers() []member {
	image := model.Image(5, 4, 2)
	conv := model.Conv2D{Filters: 3, Kernel: 3, Padding: 1}
	dense := model.Dense{Units: 5}
	return []member{
		{name: "dense on sparse rows", data: counts(6), build: layers(model.Features(6), dense, model.Tanh{}, model.Dense{Units: 2, NoBias: true})},
		{name: "dilated and grouped conv", data: normal(40), build: layers(image, conv, model.Tanh{},
			model.Conv2D{Filters: 6, Kernel: 2, Padding: 1, Dilation: 2, Groups: 3})},
		{name: "conv", data: normal(40), build: layers(image, conv, model.Tanh{}, model.Conv2D{Filters: 2, Kernel: 2, Stride: 2})},
		{name: "maxpool", data: normal(40), build: layers(image, conv, model.MaxPool{Size: 2}, conv)},
		{name: "avgpool", data: normal(40), build: layers(image, conv, model.AvgPool{Size: 3, Stride: 2, Padding: 1}, conv)},
		{name: "flatten", data: normal(40), build: layers(image, model.Flatten{}, dense, model.Tanh{}, dense)},
		{name: "batchnorm of features", data: normal(4), build: layers(model.Features(4), dense, model.NewBatchNorm(), dense)},
		{name: "batchnorm of images", data: normal(40), build: layers(image, model.NewBatchNorm(), conv, model.NewBatchNorm(), model.Flatten{}, dense)},
		{name: "layernorm", data: normal(4), build: layers(model.Features(4), dense, model.NewLayerNorm(), dense)},
		{name: "layernorm of images", data: normal(40), build: layers(image, conv, model.NewLayerNorm(), model.Flatten{}, dense)},
		{name: "dropout", random: true, data: normal(4), build: layers(model.Features(4), dense, model.Dropout{Rate: 0.4}, dense)},
		{name: "noise", random: true, data: normal(4), build: layers(model.Features(4), model.GaussianNoise{Sigma: 0.2}, dense, model.Tanh{}, model.GaussianNoise{Sigma: 0.3}, dense)},
		{name: "embedding", data: ids(3, 5), build: layers(model.Features(3), model.Embedding{Vocabulary: 5, Size: 4}, model.NewLayerNorm(), model.Flatten{}, dense)},
		{name: "mean embedding", data: ids(3, 5), build: layers(model.Features(3), model.MeanEmbedding{Vocabulary: 5, Size: 4}, dense)},
		{name: "embedding bag", data: positive(6), build: layers(model.Features(6), model.EmbeddingBag{Size: 4}, dense)},
		{name: "embedding bag on sparse rows", data: counts(6), build: layers(model.Features(6), model.EmbeddingBag{Size: 4}, dense)},
		{name: "residual", data: normal(40), random: true, build: layers(image,
			model.Residual{model.Conv2D{Filters: 2, Kernel: 3, Padding: 1, NoBias: true}, model.NewBatchNorm(), model.SiLU{},
				model.Residual{model.Conv2D{Filters: 2, Kernel: 1}, model.Dropout{Rate: 0.2}}},
			model.Flatten{}, dense)},
	}
}

func layers(input model.Shape, layers ...model.Layer) func(uint64) model.Model {
	return func(seed uint64) model.Model {
		n, err := model.NewNetwork(input, seed, layers...)
		if err != nil {
			panic(err)
		}
		return n
	}
}

// normal, positive, ids and counts make data of the given number of columns.
func normal(cols int) func(int, *rand.Rand) mat.Matrix {
	return func(rows int, r *rand.Rand) mat.Matrix { return fill(rows, cols, r.NormFloat64) }
}

func positive(cols int) func(int, *rand.Rand) mat.Matrix {
	return func(rows int, r *rand.Rand) mat.Matrix { return fill(rows, cols, r.Float64) }
}

func ids(cols, vocabulary int) func(int, *rand.Rand) mat.Matrix {
	return func(rows int, r *rand.Rand) mat.Matrix {
		return fill(rows, cols, func() float64 { return float64(r.IntN(vocabulary)) })
	}
}

func counts(cols int) func(int, *rand.Rand) mat.Matrix {
	return func(rows int, r *rand.Rand) mat.Matrix {
		return sparse.FromDense(fill(rows, cols, func() float64 { return float64(max(0, r.IntN(6)-3)) }))
	}
}

func fill(rows, cols int, f func() float64) *mat.Dense {
	d := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			d.Set(i, j, f())
		}
	}
	return d
}

// each runs a test for every member, with a model and 7 rows of data. A fresh
// network would hide faults behind biases of 0: all parameters are drawn.
func each(t *testing.T, f func(t *testing.T, mb member, m model.Model, x mat.Matrix)) {
	for _, mb := range members() {
		t.Run(mb.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			m := mb.build(1)
			for i := range m.Params() {
				m.Params()[i] += 0.3 * r.NormFloat64()
			}
			f(t, mb, m, mb.data(7, r))
		})
	}
}

func seed(m model.Model, step uint64) {
	if s, ok := m.(model.Stateful); ok {
		s.Seed(5, step)
	}
}

func forward(m model.Model, x mat.Matrix) *mat.Dense {
	var y mat.Dense
	m.Forward(&y, x)
	return &y
}

func predict(m model.Model, x mat.Matrix) *mat.Dense {
	var y mat.Dense
	m.Predict(&y, x)
	return &y
}

// state is a copy of everything that predictions depend on.
func state(m model.Model) []float64 {
	v := slices.Clone(m.Params())
	if b, ok := m.(model.Stateful); ok {
		for _, w := range b.Buffers() {
			v = append(v, w...)
		}
	}
	return v
}

// gradient returns ∂L/∂θ of L = Σ c·f in training, and c.
func gradient(m model.Model, x mat.Matrix) (grad []float64, c *mat.Dense) {
	seed(m, 9)
	y := forward(m, x)
	rows, cols := y.Dims()
	r := rand.New(rand.NewPCG(5, 6))
	c = fill(rows, cols, r.NormFloat64)
	grad = make([]float64, len(m.Params()))
	m.Backward(grad, c)
	return grad, c
}

// TestCentralDifferences compares ∂L/∂θ with (L(θ+h) − L(θ−h))/2h for each
// parameter. The data were drawn away from the kinks of max.
func TestCentralDifferences(t *testing.T) {
	each(t, func(t *testing.T, _ member, m model.Model, x mat.Matrix) {
		grad, c := gradient(m, x)
		value := func() float64 {
			seed(m, 9)
			y := forward(m, x)
			y.MulElem(y, c)
			return mat.Sum(y)
		}
		const h = 1e-5
		want := make([]float64, len(grad))
		for i, v := range slices.Clone(m.Params()) {
			m.Params()[i] = v + h
			above := value()
			m.Params()[i] = v - h
			want[i] = (above - value()) / (2 * h)
			m.Params()[i] = v
		}
		golden.CloseSlice(t, "∂L/∂θ", grad, want, 1e-8)
	})
}

func TestBackwardAccumulates(t *testing.T) {
	each(t, func(t *testing.T, _ member, m model.Model, x mat.Matrix) {
		once, c := gradient(m, x)
		twice := slices.Clone(once)
		m.Backward(twice, c)
		for i := range once {
			once[i] *= 2
		}
		golden.CloseSlice(t, "second gradient", twice, once, 1e-14)
	})
}

func TestPredictChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, _ member, m model.Model, x mat.Matrix) {
		grad, c := gradient(m, x) // moves running statistics
		before, first := state(m), predict(m, x)
		if !mat.Equal(predict(m, x), first) {
			t.Error("a second Predict differs")
		}
		if !slices.Equal(state(m), before) {
			t.Error("Predict changed the model")
		}
		again := make([]float64, len(grad))
		m.Backward(again, c)
		if !slices.Equal(again, grad) {
			t.Error("Predict changed what Backward remembers")
		}
	})
}

func TestPredictIsRowByRow(t *testing.T) {
	each(t, func(t *testing.T, mb member, m model.Model, _ mat.Matrix) {
		gradient(m, mb.data(7, rand.New(rand.NewPCG(7, 8))))
		x := mb.data(530, rand.New(rand.NewPCG(8, 9))) // more than one block
		all := predict(m, x)
		for i := 0; i < 530; i += 23 {
			one := predict(m, oneRow(x, i))
			rows, _ := one.Dims() // of a sequence, one for each token
			for k := range rows {
				golden.CloseSlice(t, fmt.Sprintf("row %d", i), one.RawRowView(k), all.RawRowView(i*rows+k), 1e-13)
			}
		}
	})
}

func oneRow(x mat.Matrix, i int) mat.Matrix {
	if s, ok := x.(*sparse.CSR); ok {
		var g sparse.CSR
		g.Gather(s, []int{i})
		return &g
	}
	return rowsOf(x.(*mat.Dense), i, i+1)
}

func TestPredictFromSeveralGoroutines(t *testing.T) {
	each(t, func(t *testing.T, _ member, m model.Model, x mat.Matrix) {
		want := predict(m, x)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 5 {
					if !mat.Equal(predict(m, x), want) {
						t.Error("a concurrent Predict differs")
					}
				}
			})
		}
		wg.Wait()
	})
}

// TestStepAllocatesNothing covers a full batch and a smaller last one.
func TestStepAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, mb member, m model.Model, full mat.Matrix) {
		last := mb.data(3, rand.New(rand.NewPCG(9, 10)))
		grad := make([]float64, len(m.Params()))
		yFull, yLast := forward(m, full), forward(m, last)
		step := func() {
			seed(m, 2)
			m.Forward(yFull, full)
			m.Backward(grad, yFull)
			m.Forward(yLast, last)
			m.Backward(grad, yLast)
		}
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%g allocations in two steps", n)
		}
	})
}

func TestEveryKindOfMatrix(t *testing.T) {
	each(t, func(t *testing.T, _ member, m model.Model, x mat.Matrix) {
		dense := mat.DenseCopyOf(x)
		inputs := map[string]mat.Matrix{
			"sparse":     sparse.FromDense(x),
			"transposed": mat.DenseCopyOf(dense.T()).T(),
			"part":       inside(dense),
		}
		want := predict(m, dense)
		for kind, x := range inputs {
			got := inside(want)
			got.Zero()
			m.Predict(got, x)
			golden.CloseSlice(t, kind, mat.DenseCopyOf(got).RawMatrix().Data, want.RawMatrix().Data, 1e-13)
		}
		grad, c := gradient(m, dense)
		for kind, x := range inputs {
			seed(m, 9)
			forward(m, x)
			g := make([]float64, len(grad))
			m.Backward(g, inside(c))
			golden.CloseSlice(t, kind+": ∂L/∂θ", g, grad, 1e-12)
		}
	})
}

// inside copies x into the middle of a larger matrix of NaN, and returns the
// view.
func inside(x *mat.Dense) *mat.Dense {
	rows, cols := x.Dims()
	wide := fill(rows+2, cols+3, math.NaN)
	view := wide.Slice(1, rows+1, 2, cols+2).(*mat.Dense)
	view.Copy(x)
	return view
}

func TestShapesPanic(t *testing.T) {
	each(t, func(t *testing.T, mb member, m model.Model, x mat.Matrix) {
		inputs, outputs := m.Dims()
		rows, _ := predict(m, x).Dims()
		params := len(m.Params())
		grad := make([]float64, params)
		mustPanic(t, "Backward before Forward", func() { mb.build(1).Backward(grad, mat.NewDense(1, outputs, nil)) })
		forward(m, x)
		mustPanic(t, fmt.Sprintf("x has %d columns, want %d", inputs+1, inputs), func() { forward(m, mat.NewDense(2, inputs+1, nil)) })
		mustPanic(t, fmt.Sprintf("x has %d columns, want %d", inputs+1, inputs), func() { predict(m, mat.NewDense(2, inputs+1, nil)) })
		mustPanic(t, fmt.Sprintf("destination is %d×%d, want %d×%d", rows+1, outputs, rows, outputs), func() { m.Predict(mat.NewDense(rows+1, outputs, nil), x) })
		mustPanic(t, fmt.Sprintf("destination is %d×%d, want %d×%d", rows, outputs+1, rows, outputs), func() { m.Forward(mat.NewDense(rows, outputs+1, nil), x) })
		mustPanic(t, fmt.Sprintf("length %d, want %d", params+1, params), func() { m.Backward(make([]float64, params+1), mat.NewDense(rows, outputs, nil)) })
		mustPanic(t, fmt.Sprintf("∂L/∂f is %d×%d, want %d×%d", rows+1, outputs, rows, outputs), func() { m.Backward(grad, mat.NewDense(rows+1, outputs, nil)) })
	})
}

// mustPanic expects a panic of this package whose text holds want.
func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		got := fmt.Sprint(recover())
		if !strings.HasPrefix(got, "model: ") || !strings.Contains(got, want) {
			t.Errorf("panic is %q, want one with %q", got, want)
		}
	}()
	f()
}

func TestSameSeedSameBytes(t *testing.T) {
	each(t, func(t *testing.T, mb member, _ model.Model, x mat.Matrix) {
		a, b, other := mb.build(1), mb.build(1), mb.build(2)
		if !slices.Equal(a.Params(), b.Params()) {
			t.Error("the same seed gives other parameters")
		}
		if slices.Equal(a.Params(), other.Params()) {
			t.Error("another seed gives the same parameters")
		}
		for range 3 {
			if !mat.Equal(forward(a, x), forward(b, x)) {
				t.Error("training with the same seed differs")
			}
		}
		a.(interface{ Init(uint64) }).Init(2)
		if !slices.Equal(state(a), state(other)) {
			t.Error("Init differs from a new model")
		}
		if !mat.Equal(forward(a, x), forward(other, x)) {
			t.Error("training after Init differs from that of a new model")
		}
	})
}

func TestSeedSetsTheStep(t *testing.T) {
	each(t, func(t *testing.T, mb member, m model.Model, x mat.Matrix) {
		seed(m, 6)
		sixth, seventh := forward(m, x), forward(m, x)
		if mat.Equal(sixth, seventh) == mb.random {
			t.Errorf("random is %t, but steps are equal: %[1]t", mb.random)
		}
		seed(m, 7)
		if !mat.Equal(forward(m, x), seventh) {
			t.Error("step 7 after a pause differs from step 7 after step 6")
		}
	})
}

func TestCloneIsIndependent(t *testing.T) {
	each(t, func(t *testing.T, _ member, m model.Model, x mat.Matrix) {
		gradient(m, x)
		c := m.(interface{ Clone() model.Model }).Clone()
		if !reflect.DeepEqual(c.Layout(), m.Layout()) || !slices.Equal(state(c), state(m)) {
			t.Fatal("the clone differs")
		}
		want := forward(m, x)
		after := state(m)
		if !mat.Equal(forward(c, x), want) || !slices.Equal(state(c), after) {
			t.Error("the clone trains differently")
		}
		c.Params()[0]++
		forward(c, x)
		if !slices.Equal(state(m), after) {
			t.Error("training the clone changed the original")
		}
		mustPanic(t, "Backward before Forward", func() {
			m.(interface{ Clone() model.Model }).Clone().Backward(make([]float64, len(m.Params())), want)
		})
	})
}

// TestBuffersRestore saves a model as a file would and loads it into another.
func TestBuffersRestore(t *testing.T) {
	each(t, func(t *testing.T, mb member, m model.Model, x mat.Matrix) {
		gradient(m, x)
		other := mb.build(3)
		copy(other.Params(), m.Params())
		if b, ok := m.(model.Stateful); ok {
			saved := map[string][]float64{}
			for name, v := range b.Buffers() {
				saved[name] = slices.Clone(v)
			}
			for name, v := range other.(model.Stateful).Buffers() {
				copy(v, saved[name])
			}
		}
		if !mat.Equal(predict(other, x), predict(m, x)) {
			t.Error("the restored model predicts something else")
		}
	})
}

// TestLayoutCoversParams makes sure that the parts follow one another without a
// gap, under different names.
func TestLayoutCoversParams(t *testing.T) {
	each(t, func(t *testing.T, _ member, m model.Model, _ mat.Matrix) {
		offset, names := 0, map[string]bool{}
		for _, p := range m.Layout() {
			if p.Offset != offset || names[p.Name] {
				t.Errorf("part %q begins at %d, want %d and a name of its own", p.Name, p.Offset, offset)
			}
			offset += p.Size()
			names[p.Name] = true
		}
		if offset != len(m.Params()) {
			t.Errorf("the parts have %d elements, θ %d", offset, len(m.Params()))
		}
	})
}

func equalParam(a, b model.Param) bool { return reflect.DeepEqual(a, b) }
