package model_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

// recurrentLayers are the recurrent layers with the given settings.
func recurrentLayers(units, truncate, carry int) map[string]model.Layer {
	return map[string]model.Layer{
		"SimpleRNN": model.SimpleRNN{Units: units, Truncate: truncate, Carry: carry},
		"LSTM":      model.LSTM{Units: units, Truncate: truncate, Carry: carry},
		"GRU":       model.GRU{Units: units, Truncate: truncate, Carry: carry},
	}
}

// TestCarriedStateGoesOn reads texts in one piece, with the gradient cut in the
// middle, and in two pieces with the state carried over: outputs and gradients are the
// same. Padding at the end of a piece does not matter.
func TestCarriedStateGoesOn(t *testing.T) {
	const rows, tokens, units = 3, 4, 3
	whole := texts(2*tokens, 5)(rows, rand.New(rand.NewPCG(1, 2))).(*mat.Dense)
	dy := fill(rows, 2*tokens*units, rand.New(rand.NewPCG(3, 4)).NormFloat64)
	for name, carrying := range recurrentLayers(units, 0, 4) {
		in := model.NewEmbedding(5, 2)
		one := network(t, model.Tokens(2*tokens), in, recurrentLayers(units, tokens, 0)[name])
		two := network(t, model.Tokens(tokens), in, carrying)
		copy(two.Params(), one.Params())
		wantY := mat.DenseCopyOf(forward(one, whole))
		want := make([]float64, len(one.Params()))
		one.Backward(want, mat.NewDense(2*rows*tokens, units, dy.RawMatrix().Data))

		for range 2 { // after a reset, all over again
			got := make([]float64, len(want))
			for piece := range 2 {
				y := forward(two, mat.DenseCopyOf(whole.Slice(0, rows, piece*tokens, (piece+1)*tokens)))
				var d []float64
				for i := range rows {
					for j := range tokens {
						golden.CloseSlice(t, name+": y", y.RawRowView(i*tokens+j), wantY.RawRowView((2*i+piece)*tokens+j), 1e-13)
						at := (piece*tokens + j) * units
						d = append(d, dy.RawRowView(i)[at:at+units]...)
					}
				}
				two.Backward(got, mat.NewDense(rows*tokens, units, d))
			}
			golden.CloseSlice(t, name+": ∂L/∂θ", got, want, 1e-12)
			two.ResetState()
		}
	}
}

// TestCarriedStateIsABuffer makes sure that the state is saved, that Predict neither
// uses nor changes it, and that Init and ResetState forget it.
func TestCarriedStateIsABuffer(t *testing.T) {
	x := texts(4, 5)(3, rand.New(rand.NewPCG(1, 2)))
	for name, layer := range recurrentLayers(3, 0, 3) {
		n := network(t, model.Tokens(4), model.NewEmbedding(5, 2), layer, model.LastToken{})
		first, before := forward(n, x), predict(n, x)
		if !mat.Equal(first, before) {
			t.Errorf("%s: Predict does not begin with state 0", name)
		}
		kept := map[string][]float64{}
		for buffer, v := range n.Buffers() {
			kept[buffer] = slices.Clone(v)
		}
		if len(kept) != 1 || kept["1."+strings.ToLower(name)+".state"] == nil {
			t.Errorf("%s: buffers are %v", name, kept)
		}
		second := forward(n, x)
		if mat.Equal(first, second) {
			t.Errorf("%s: the state was not carried over", name)
		}
		for buffer, v := range n.Buffers() {
			copy(v, kept[buffer])
		}
		if !mat.Equal(forward(n, x), second) {
			t.Errorf("%s: a restored state goes on otherwise", name)
		}
		n.ResetState()
		if !mat.Equal(forward(n, x), first) {
			t.Errorf("%s: ResetState does not reset", name)
		}
		n.Init(1)
		if !mat.Equal(forward(n, x), first) {
			t.Errorf("%s: Init does not reset", name)
		}
		mustPanic(t, "Carry 3 got a batch of 4 rows: set Carry to the rows of a batch", func() {
			forward(n, texts(4, 5)(4, rand.New(rand.NewPCG(1, 2))))
		})
	}
}

// TestPaddingChangesNoState compares texts with the same texts in longer rows.
func TestPaddingChangesNoState(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	short := fill(4, 3, func() float64 { return float64(r.IntN(5)) })
	for name, layer := range recurrentLayers(3, 0, 0) {
		of := func(tokens int) *model.Network {
			return network(t, model.Tokens(tokens), model.NewEmbedding(5, 2), layer, layer, model.LastToken{})
		}
		want := forward(of(3), short)
		for _, before := range []int{0, 2, 4} {
			long := fill(4, 7, func() float64 { return -1 })
			long.Slice(0, 4, before, before+3).(*mat.Dense).Copy(short)
			golden.CloseSlice(t, name, forward(of(7), long).RawMatrix().Data, want.RawMatrix().Data, 1e-14)
		}
	}
}

// TestSequencesOnAnyCores makes sure that the number of cores does not change a bit,
// with products that are large enough to be shared.
func TestSequencesOnAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	x := texts(24, 50)(32, rand.New(rand.NewPCG(1, 2)))
	var want []float64
	for _, cores := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(cores)
		var got []float64
		for _, layer := range []model.Layer{model.SimpleRNN{Units: 64}, model.LSTM{Units: 64}, model.GRU{Units: 64}, model.Conv1D{Filters: 64, Kernel: 5, Causal: true}} {
			n, err := model.NewNetwork32(model.Tokens(24), 1, model.NewEmbedding(50, 64), layer, model.Unembedding{})
			if err != nil {
				t.Fatal(err)
			}
			grad, _ := gradient(n, x)
			got = append(got, grad...)
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("the gradient on %d cores differs", cores)
		}
	}
}
