package objective_test

import (
	"fmt"
	"math/rand/v2"
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
