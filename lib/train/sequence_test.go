package train_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

const vocabulary = 5

// sentences makes rows of up to tokens ids, filled up with −1, whose target is the
// next id, and the same tokens as rows of one.
func sentences(count, tokens int, seed uint64) (rows, flat train.Data) {
	r := rand.New(rand.NewPCG(seed, 1))
	x, y := mat.NewDense(count, tokens, nil), mat.NewDense(count, tokens, nil)
	var ids, next, weights []float64
	rows = train.Data{X: x, Y: y}
	for i := range count {
		length, id := 1+r.IntN(tokens), r.IntN(vocabulary)
		weight := float64(1 + i%3)
		rows.SampleWeights = append(rows.SampleWeights, weight)
		for t := range tokens {
			if t >= length {
				x.Set(i, t, -1)
				y.Set(i, t, -1)
				continue
			}
			x.Set(i, t, float64(id))
			ids = append(ids, float64(id))
			id = (2*id + r.IntN(2)) % vocabulary
			y.Set(i, t, float64(id))
			next, weights = append(next, float64(id)), append(weights, weight)
		}
	}
	return rows, train.Data{X: mat.NewDense(len(ids), 1, ids), Y: mat.NewDense(len(next), 1, next), SampleWeights: weights}
}

func bigrams(t testing.TB, tokens int, build func(model.Shape, uint64, ...model.Layer) (*model.Network, error)) *model.Network {
	t.Helper()
	n, err := build(model.Tokens(tokens), 1, model.NewEmbedding(vocabulary, 4), model.Tanh{}, model.Dense{Units: vocabulary})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPaddingOnly expects an error for data in which there is no word to read. Padding
// beside words may have targets, which count.
func TestPaddingOnly(t *testing.T) {
	padding := mat.NewDense(2, 3, []float64{-1, -1, -1, -1, -1, -1})
	half := mat.NewDense(2, 3, []float64{-1, -1, -1, 1, 2, -1})
	labels := mat.NewDense(2, 3, []float64{1, 2, 3, 2, 4, 0})
	fit := func(m model.Model, x, y *mat.Dense, v *train.Data) (float64, error) {
		h, err := train.Fit(context.Background(), m, x, y, train.Options{
			Loss: loss.NewTokenCrossEntropy(), Schedule: optim.Constant(0.1), Epochs: 1, Validation: v,
		})
		if err != nil {
			return 0, err
		}
		return h.Last().Loss, nil
	}
	mean, err := model.NewNetwork(model.Tokens(3), 1,
		model.MeanEmbedding{Vocabulary: vocabulary, Size: 2, Padding: -1}, model.Dense{Units: vocabulary})
	if err != nil {
		t.Fatal(err)
	}
	frozen, err := mean.LoRA(1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	words := mat.NewDense(2, 1, []float64{1, 2})
	for _, c := range []struct {
		name string
		m    model.Model
		x, y *mat.Dense
		v    *train.Data
		want string
	}{
		{"tokens", bigrams(t, 3, model.NewNetwork), padding, labels, nil, "training data: every id in x is padding"},
		{"float32", bigrams(t, 3, model.NewNetwork32), padding, labels, nil, "training data: every id in x is padding"},
		{"a mean", mean, padding, words, nil, "training data: every id in x is padding"},
		{"adapted", frozen, padding, words, nil, "training data: every id in x is padding"},
		{"no word has a label", bigrams(t, 3, model.NewNetwork), half,
			mat.NewDense(2, 3, []float64{1, 2, 3, -1, -1, -1}), nil, "training data: every id in x is padding"},
		{"validation", bigrams(t, 3, model.NewNetwork), half, labels, &train.Data{X: padding, Y: labels}, "validation data: every id in x is padding"},
	} {
		if _, err := fit(c.m, c.x, c.y, c.v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, err, c.want)
		}
	}
	counted, err := fit(bigrams(t, 3, model.NewNetwork), half, labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := fit(bigrams(t, 3, model.NewNetwork), half, mat.NewDense(2, 3, []float64{-1, -1, -1, 2, 4, -1}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if counted == ignored {
		t.Errorf("the loss is %g with targets at padding and without", counted)
	}
}

// TestSequencesAreTheirTokens trains on rows of tokens and on the same tokens one by
// one. The weight of a row holds for each of its tokens, and padding does not count.
func TestSequencesAreTheirTokens(t *testing.T) {
	rows, flat := sentences(20, 6, 1)
	valRows, valFlat := sentences(9, 6, 2)
	run := func(n *model.Network, d, v train.Data) (*train.History, []float64) {
		h, err := train.Fit(context.Background(), n, d.X, d.Y, train.Options{
			Loss: loss.NewTokenCrossEntropy(), Schedule: optim.Constant(0.5), Epochs: 15,
			SampleWeights: d.SampleWeights, Validation: &v,
		})
		if err != nil {
			t.Fatal(err)
		}
		return h, n.Params()
	}
	got, theta := run(bigrams(t, 6, model.NewNetwork), rows, valRows)
	want, wantTheta := run(bigrams(t, 1, model.NewNetwork), flat, valFlat)
	golden.CloseSlice(t, "θ", theta, wantTheta, 1e-13)
	golden.CloseSlice(t, "losses", got.Losses(), want.Losses(), 1e-13)
	golden.CloseSlice(t, "validation losses", got.ValLosses(), want.ValLosses(), 1e-13)
	if first, last := got.Losses()[0], got.Last().Loss; !(last < first-0.3) {
		t.Errorf("the loss went from %g to %g: nothing was learned", first, last)
	}
}

// TestBatchesCountTokens makes sure that the loss of an epoch is the mean over all
// tokens, however they are spread over the batches.
func TestBatchesCountTokens(t *testing.T) {
	rows, _ := sentences(20, 6, 1)
	lossOf := func(batch int) float64 {
		h, err := train.Fit(context.Background(), bigrams(t, 6, model.NewNetwork), rows.X, rows.Y, train.Options{
			Loss: loss.NewTokenCrossEntropy(), Schedule: optim.Constant(1e-300), Epochs: 1, BatchSize: batch,
			SampleWeights: rows.SampleWeights,
		})
		if err != nil {
			t.Fatal(err)
		}
		return h.Last().Loss
	}
	want := lossOf(0)
	for _, batch := range []int{1, 3, 7} {
		golden.Close(t, "loss", lossOf(batch), want, 1e-13)
	}
}

// TestPaddedRowsAreNotThere adds a row of padding only, and one of weight 0 that is
// full of nonsense.
func TestPaddedRowsAreNotThere(t *testing.T) {
	rows, _ := sentences(8, 4, 3)
	fit := func(d train.Data) []float64 {
		n := bigrams(t, 4, model.NewNetwork)
		_, err := train.Fit(context.Background(), n, d.X, d.Y, train.Options{
			Loss: loss.NewTokenCrossEntropy(), Schedule: optim.Constant(0.1), Optimizer: optim.NewAdam(),
			Epochs: 4, BatchSize: 3, Seed: 2, SampleWeights: d.SampleWeights, Validation: &d,
		})
		if err != nil {
			t.Fatal(err)
		}
		return n.Params()
	}
	var x, y mat.Dense
	x.Stack(rows.X, mat.NewDense(2, 4, []float64{-1, -1, -1, -1, 99, 1, 1, 1}))
	y.Stack(rows.Y, mat.NewDense(2, 4, []float64{-1, -1, -1, -1, 99, 1, 1, 1}))
	with := train.Data{X: &x, Y: &y, SampleWeights: append(slices.Clone(rows.SampleWeights), 1, 0)}
	if got, want := fit(with), fit(rows); !slices.Equal(got, want) {
		t.Errorf("θ is %v, without the rows %v", got, want)
	}
}

func TestCheckGradientOfSequences(t *testing.T) {
	rows, _ := sentences(6, 5, 4)
	n := bigrams(t, 5, model.NewNetwork)
	if err := train.CheckGradient(n, rows.X, rows.Y, loss.NewTokenCrossEntropy()); err != nil {
		t.Error(err)
	}
}

// TestSequenceTargetsAreChecked expects sentences.
func TestSequenceTargetsAreChecked(t *testing.T) {
	rows, _ := sentences(4, 6, 5)
	change := func(i, j int, v float64) *mat.Dense {
		y := mat.DenseCopyOf(rows.Y)
		y.Set(i, j, v)
		return y
	}
	for _, c := range []struct {
		name string
		y    *mat.Dense
		loss loss.Loss
		want string
	}{
		{"one target for a row", mat.NewDense(4, 1, nil), loss.CrossEntropy{}, "y has 1 columns, but the model predicts 6 rows for each row of x, one for each token: give y a column for each token, with −1 where it does not count, or end the network with model.LastToken or model.MeanTokens"},
		{"too few targets", mat.NewDense(4, 5, nil), loss.CrossEntropy{}, "y has 5 columns"},
		{"class outside", change(2, 3, 7), loss.NewTokenCrossEntropy(), "y with a row for each token (row 6·i + t is token t of row i): loss: the target in row 15 is 7, want the number of a class, 0 to 4"},
		{"padding that counts", change(0, 5, -1), loss.CrossEntropy{}, "is -1, want the number of a class"},
		{"nothing counts", mat.NewDense(4, 6, slices.Repeat([]float64{-1}, 24)), loss.NewTokenCrossEntropy(), "every target is -1"},
		{"two numbers for a token", mat.NewDense(4, 12, nil), loss.NewTokenCrossEntropy(), "row 6·i + t"},
	} {
		_, err := train.Fit(context.Background(), bigrams(t, 6, model.NewNetwork), rows.X, c.y, train.Options{Loss: c.loss, Schedule: optim.Constant(0.1), Epochs: 1})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

// TestSequenceStepAllocatesNothing counts what a longer run allocates.
func TestSequenceStepAllocatesNothing(t *testing.T) {
	raced.SkipAllocations(t)
	for _, build := range []func(model.Shape, uint64, ...model.Layer) (*model.Network, error){model.NewNetwork, model.NewNetwork32} {
		rows, _ := sentences(12, 6, 1)
		allocations := func(epochs int) float64 {
			return testing.AllocsPerRun(5, func() {
				if _, err := train.Fit(context.Background(), bigrams(t, 6, build), rows.X, rows.Y, train.Options{
					Loss: loss.NewTokenCrossEntropy(), Schedule: optim.Constant(0.1), Epochs: epochs, BatchSize: 4, SampleWeights: rows.SampleWeights,
				}); err != nil {
					t.Fatal(err)
				}
			})
		}
		// One for each epoch's generator; under the race detector a sync.Pool forgets now and then what it is given.
		if a, b := allocations(2), allocations(52); b > a+50+50 { // in 150 steps
			t.Errorf("%g allocations in 2 epochs, %g in 52", a, b)
		}
	}
}

// TestResumeCarriedStates makes sure that the states that recurrent layers carry from
// batch to batch are part of a checkpoint, and that SAM, which looks at each batch
// twice, carries them once.
func TestResumeCarriedStates(t *testing.T) {
	rows, _ := sentences(8, 4, 6)
	val, _ := sentences(4, 4, 7)
	for name, optimizer := range map[string]func() optim.Optimizer{
		"Adam": func() optim.Optimizer { return &optim.ClipNorm{Max: 1, Optimizer: optim.NewAdam()} },
		"SAM":  func() optim.Optimizer { return optim.NewSAM(&optim.SGD{Momentum: 0.9}) },
	} {
		for i, layer := range []model.Layer{model.SimpleRNN{Units: 3, Carry: 3}, model.LSTM{Units: 3, Carry: 3}, model.GRU{Units: 3, Carry: 3}} {
			c := resumable{
				func() model.Model {
					n, err := model.NewNetwork(model.Tokens(4), 1, model.NewEmbedding(vocabulary, 3), layer, model.Dense{Units: vocabulary})
					if err != nil {
						t.Fatal(err)
					}
					return n
				}, rows.X.(*mat.Dense), rows.Y,
				func() train.Options {
					return train.Options{Loss: loss.NewTokenCrossEntropy(), Optimizer: optimizer(), Schedule: optim.Constant(0.1), Epochs: 3, BatchSize: 3, KeepOrder: true,
						Validation: &val}
				}, 100, false,
			}
			for _, c.stream = range []bool{false, true} {
				c.check(t, fmt.Sprintf("%s, layer %d, streamed %t", name, i, c.stream))
			}
		}
	}
}

// TestCarriedStatesGoOn makes sure that no state is carried to a row that does not go on
// where the one before has ended.
func TestCarriedStatesGoOn(t *testing.T) {
	rows := func() train.Data {
		x := mat.NewDense(6, 4, nil)
		return train.Data{X: x, Y: mat.DenseCopyOf(x)}
	}
	hollow := rows()
	hollow.Y.SetRow(3, []float64{-1, -1, -1, -1})
	light := rows()
	light.SampleWeights = []float64{1, 1, 0, 1, 1, 1}
	for _, c := range []struct {
		name      string
		data      train.Data
		size      int
		keepOrder bool
		want      string
	}{
		{"in order", rows(), 3, true, ""},
		{"smaller batches", rows(), 2, true, ""},
		{"shuffled", rows(), 3, false, "the rows are shuffled: set Options.KeepOrder"},
		{"large batches", rows(), 4, true, "carries the states of 3 rows to the next batch, and a batch has 4"},
		{"all rows", rows(), 0, true, "and a batch has 6"},
		{"a row without labels", hollow, 3, true, "1 of 6 rows have weight 0 or no label"},
		{"a row without weight", light, 3, true, "1 of 6 rows have weight 0 or no label"},
	} {
		for name, carry := range map[string]int{"carried": 3, "not carried": 0} {
			n, err := model.NewNetwork(model.Tokens(4), 1, model.NewEmbedding(vocabulary, 3), model.GRU{Units: 3, Carry: carry}, model.Dense{Units: vocabulary})
			if err != nil {
				t.Fatal(err)
			}
			_, err = train.Fit(context.Background(), n, c.data.X, c.data.Y, train.Options{
				Loss: loss.NewTokenCrossEntropy(), Schedule: optim.Constant(0.1), Epochs: 1, BatchSize: c.size, KeepOrder: c.keepOrder, SampleWeights: c.data.SampleWeights})
			if want := c.want; carry == 0 || want == "" {
				if err != nil {
					t.Errorf("%s, %s: error %v", c.name, name, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: error is %v, want one with %q", c.name, name, err, want)
			}
			if c.size != 3 || !c.keepOrder {
				continue
			}
			source := func(int) iter.Seq2[train.Data, error] { // two batches of three rows
				return func(yield func(train.Data, error) bool) {
					for lo := 0; lo < 6; lo += 3 {
						part := train.Data{X: c.data.X.(*mat.Dense).Slice(lo, lo+3, 0, 4), Y: c.data.Y.Slice(lo, lo+3, 0, 4).(*mat.Dense)}
						if c.data.SampleWeights != nil {
							part.SampleWeights = c.data.SampleWeights[lo : lo+3]
						}
						if !yield(part, nil) {
							return
						}
					}
				}
			}
			_, err = train.Stream(context.Background(), n, source, train.Options{Loss: loss.NewTokenCrossEntropy(), Schedule: optim.Constant(0.1), Epochs: 1})
			if carry == 0 || c.want == "" {
				if err != nil {
					t.Errorf("%s, %s, streamed: error %v", c.name, name, err)
				}
			} else if want := "1 of 3 rows have weight 0 or no label"; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s, streamed: error is %v, want one with %q", c.name, name, err, want)
			}
		}
	}
}
