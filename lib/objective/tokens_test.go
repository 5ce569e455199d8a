package objective_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// A sequencer is a model of sequences that is no Network: a model.Linear on each of
// the vectors of a row.
type sequencer struct {
	*model.Linear
	tokens int
}

// opaque hides that the model is linear, which holds for a vector and not for a row.
type opaque struct{ model.Sharer }

func newSequencer(tokens int) opaque {
	l := model.NewLinear(3, 4)
	l.Init(1)
	return opaque{&sequencer{Linear: l, tokens: tokens}}
}

func (s *sequencer) Dims() (inputs, outputs int) { return 3 * s.tokens, 4 }

func (s *sequencer) vectors(x mat.Matrix) *mat.Dense {
	raw := mat.DenseCopyOf(x).RawMatrix()
	return mat.NewDense(raw.Rows*s.tokens, 3, raw.Data)
}

func (s *sequencer) Predict(dst *mat.Dense, x mat.Matrix) { s.Linear.Predict(dst, s.vectors(x)) }
func (s *sequencer) Forward(dst *mat.Dense, x mat.Matrix) { s.Linear.Forward(dst, s.vectors(x)) }
func (s *sequencer) Share() model.Model {
	return &sequencer{Linear: s.Linear.Share().(*model.Linear), tokens: s.tokens}
}

// TestSequencesByBlocks compares loss and gradient of a sequence model with those of
// the same vectors as rows: the plain way, and in blocks.
func TestSequencesByBlocks(t *testing.T) {
	const count, tokens = 3000, 6
	r := rand.New(rand.NewPCG(1, 2))
	x, y := mat.NewDense(count, 3*tokens, nil), mat.NewDense(count, tokens+2, nil).Slice(0, count, 1, tokens+1).(*mat.Dense)
	weights, all := make([]float64, count), make([]float64, 0, count*tokens)
	for i := range count {
		weights[i] = r.Float64()
		for j := range 3 * tokens {
			x.Set(i, j, r.NormFloat64())
		}
		for j := range tokens {
			y.Set(i, j, float64(r.IntN(5)-1))
			all = append(all, weights[i])
		}
	}
	flat := objective.Data{
		X: mat.NewDense(count*tokens, 3, x.RawMatrix().Data), Y: mat.NewDense(count*tokens, 1, mat.DenseCopyOf(y).RawMatrix().Data), SampleWeights: all,
	}
	one := model.NewLinear(3, 4)
	one.Init(1)
	l := loss.NewTokenCrossEntropy()
	want := make([]float64, len(one.Params()))
	wantLoss := objective.New(one, l, flat, objective.Options{Plain: true}).Gradient(want, 0, count*tokens)
	data := objective.Data{X: x, Y: y, SampleWeights: weights}
	if err := data.Check(newSequencer(tokens), l); err != nil {
		t.Fatal(err)
	}
	for _, plain := range []bool{true, false} {
		o := objective.New(newSequencer(tokens), l, data, objective.Options{Plain: plain})
		grad := make([]float64, len(want))
		golden.Close(t, fmt.Sprintf("loss, plain %t", plain), o.Gradient(grad, 0, count), wantLoss, 1e-13)
		golden.CloseSlice(t, fmt.Sprintf("∂L/∂θ, plain %t", plain), grad, want, 1e-12)
		golden.Close(t, fmt.Sprintf("value, plain %t", plain), o.Value(0, count), wantLoss, 1e-13)
	}

	// Second derivatives are those of the vectors, too.
	v := make([]float64, len(want))
	for i := range v {
		v[i] = r.NormFloat64()
	}
	product := func(m model.Model, d objective.Data) []float64 {
		rows, _ := d.X.Dims()
		hv := make([]float64, len(v))
		objective.New(m, l, d, objective.Options{Plain: true}).Hessian(0, rows).Product(hv, v)
		return hv
	}
	golden.CloseSlice(t, "Hessian", product(newSequencer(tokens), data), product(one, flat), 1e-7)
}

// TestTokensThatDoNotFit expects a panic with both shapes.
func TestTokensThatDoNotFit(t *testing.T) {
	defer func() {
		if got, want := fmt.Sprint(recover()), "objective: 6 rows of predictions do not fit targets of 4×3: want a target for each token of each row"; got != want {
			t.Errorf("panic is %q, want %q", got, want)
		}
	}()
	new(objective.Tokens).Of(mat.NewDense(6, 2, nil), mat.NewDense(4, 3, nil), nil)
}

// A row counts unless its weight is 0 or the loss ignores each of its targets.
func TestCounts(t *testing.T) {
	x := mat.NewDense(2, 2, nil)
	tokens := loss.NewTokenCrossEntropy()
	for _, c := range []struct {
		name    string
		y       []float64
		weights []float64
		loss    loss.Loss
		want    bool
	}{
		{"padding alone", []float64{-1, -1, -1, -1}, nil, tokens, false},
		{"one token", []float64{-1, -1, -1, 3}, nil, tokens, true},
		{"one token, in a row of weight 0", []float64{-1, -1, -1, 3}, []float64{1, 0}, tokens, false},
		{"a loss that ignores nothing", []float64{-1, -1, -1, -1}, nil, loss.MSE{}, true},
		{"weights of 0", []float64{1, 2, 3, 4}, []float64{0, 0}, loss.MSE{}, false},
		{"too few weights, which Check refuses", []float64{1, 2, 3, 4}, []float64{0}, loss.MSE{}, true},
	} {
		d := objective.Data{X: x, Y: mat.NewDense(2, 2, c.y), SampleWeights: c.weights}
		if got := d.Counts(c.loss); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
	if !(objective.Data{X: x}).Counts(tokens) {
		t.Error("without targets, which Check refuses, nothing counts")
	}
}

// SetData makes the next batch the data; a Gram matrix would be that of the first.
func TestSetData(t *testing.T) {
	x, y := mat.NewDense(4, 1, []float64{1, 2, 3, 4}), mat.NewDense(4, 1, []float64{2, 4, 6, 9})
	part := func(lo, hi int) objective.Data {
		return objective.Data{X: x.Slice(lo, hi, 0, 1), Y: y.Slice(lo, hi, 0, 1).(*mat.Dense)}
	}
	m := model.NewLinear(1, 1)
	o := objective.New(m, loss.MSE{}, part(0, 2), objective.Options{Batch: 2})
	o.SetData(part(2, 4))
	got, want := make([]float64, 2), make([]float64, 2)
	value := o.Gradient(got, 0, 2)
	plain := objective.New(m, loss.MSE{}, part(2, 4), objective.Options{}).Gradient(want, 0, 2)
	if value != plain || !slices.Equal(got, want) {
		t.Errorf("loss %v and gradient %v, of the same rows alone %v and %v", value, got, plain, want)
	}
	if rows := o.Rows(0, 2); rows != nil {
		t.Errorf("the order is %v, want that of the data", rows)
	}
}

// Weighing a batch of texts allocates for the batch, and not for each text.
func TestTokenWeightsAllocateOnce(t *testing.T) {
	m, err := model.NewNetwork(model.Tokens(4), 1, model.NewEmbedding(3, 2), model.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	allocations := func(rows int) float64 {
		y := mat.NewDense(rows, 4, nil)
		for i := range rows {
			y.Set(i, 3, -1)
		}
		d := objective.Data{X: mat.NewDense(rows, 4, nil), Y: y}
		for i, w := range d.TokenWeights(m, loss.NewTokenCrossEntropy()) {
			if w != 3 {
				t.Fatalf("row %d of 3 tokens has weight %g", i, w)
			}
		}
		return testing.AllocsPerRun(5, func() { d.TokenWeights(m, loss.NewTokenCrossEntropy()) })
	}
	if few, many := allocations(2), allocations(200); few != many {
		t.Errorf("%g allocations for 2 rows, %g for 200", few, many)
	}
}
