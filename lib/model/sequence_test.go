package model_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

// sequenceMembers are the layers for sequences.
func sequenceMembers() []member {
	embedding := model.NewEmbedding(5, 4)
	dense := model.Dense{Units: 3}
	return []member{
		{name: "dense of tokens", data: texts(6, 5), build: layers(model.Tokens(6), embedding, dense, model.Tanh{}, dense)},
		{name: "dense of vectors", data: normal(12), build: layers(model.Sequence(4, 3), dense, model.Tanh{}, dense)},
		{name: "sparse vectors", data: counts(12), build: layers(model.Sequence(4, 3), dense, model.Tanh{}, model.MeanTokens{}, dense)},
		{name: "rmsnorm", data: normal(4), build: layers(model.Features(4), dense, model.NewRMSNorm(), dense)},
		{name: "rmsnorm of tokens", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.NewRMSNorm(), dense)},
		{name: "last token", data: texts(6, 5), build: layers(model.Tokens(6), embedding, dense, model.LastToken{}, dense)},
		{name: "mean of tokens", data: texts(6, 5), build: layers(model.Tokens(6), embedding, dense, model.MeanTokens{}, dense)},
		{name: "unembedding", data: texts(6, 5), random: true, build: layers(model.Tokens(6), embedding,
			model.Residual{model.NewLayerNorm(), model.Dense{Units: 4}, model.GELU{}, model.Dropout{Rate: 0.3}},
			model.Unembedding{Bias: true})},
		{name: "simple recurrent network", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.SimpleRNN{Units: 3}, dense)},
		{name: "long short-term memory", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.LSTM{Units: 3}, model.Dropout{}, model.LSTM{Units: 2}, dense)},
		{name: "gated recurrent unit", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.GRU{Units: 3}, dense)},
		{name: "states of a text", data: texts(6, 5), build: layers(model.Tokens(6), embedding,
			model.Residual{model.NewRMSNorm(), model.GRU{Units: 4}}, model.LSTM{Units: 3}, model.SimpleRNN{Units: 3}, model.LastToken{}, dense)},
		{name: "states of vectors", data: normal(12), build: layers(model.Sequence(4, 3), model.LSTM{Units: 3}, model.GRU{Units: 2}, model.MeanTokens{}, dense)},
		{name: "conv1d", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.Conv1D{Filters: 3, Kernel: 3, Dilation: 2, Causal: true}, model.Tanh{},
			model.Conv1D{Filters: 2, Kernel: 2, Padding: 2}, model.GRU{Units: 2}, model.Conv1D{Filters: 3, Kernel: 3, NoBias: true}, model.MeanTokens{}, dense)},
		{name: "unembedding of a text", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.MeanTokens{}, model.Unembedding{})},
	}
}

// texts makes rows of up to tokens ids that are filled up with −1, in turn after and
// before the text.
func texts(tokens, vocabulary int) func(int, *rand.Rand) mat.Matrix {
	return func(rows int, r *rand.Rand) mat.Matrix {
		x := mat.NewDense(rows, tokens, nil)
		for i := range rows {
			length := 1 + r.IntN(tokens)
			for j := range tokens {
				v, at := -1.0, j
				if j < length {
					v = float64(r.IntN(vocabulary))
				}
				if i%2 == 1 {
					at = tokens - 1 - j
				}
				x.Set(i, at, v)
			}
		}
		return x
	}
}

// TestTokensByHand looks at the values of the layers that pick tokens.
func TestTokensByHand(t *testing.T) {
	x := mat.NewDense(3, 3, []float64{2, 1, -1, -1, 0, 1, -1, -1, -1})
	theta := []float64{1, 10, 2, 20, 4, 40}
	for _, c := range []struct {
		name   string
		layers []model.Layer
		want   []float64
	}{
		{"a row for each token", nil, []float64{4, 40, 2, 20, 0, 0, 0, 0, 1, 10, 2, 20, 0, 0, 0, 0, 0, 0}},
		{"last token", []model.Layer{model.LastToken{}}, []float64{2, 20, 2, 20, 0, 0}},
		{"mean of tokens", []model.Layer{model.MeanTokens{}}, []float64{3, 30, 1.5, 15, 0, 0}},
		{"unembedding", []model.Layer{model.LastToken{}, model.Unembedding{}}, []float64{202, 404, 808, 202, 404, 808, 0, 0, 0}},
	} {
		n := network(t, model.Tokens(3), append([]model.Layer{model.NewEmbedding(3, 2)}, c.layers...)...)
		copy(n.Params(), theta)
		golden.CloseSlice(t, c.name, forward(n, x).RawMatrix().Data, c.want, 1e-15)
	}
}

// TestPaddingGetsNoGradient makes sure that θ learns nothing from padding, whether it
// is −1 or an id of the vocabulary.
func TestPaddingGetsNoGradient(t *testing.T) {
	for _, c := range []struct {
		padding int
		zero    []int // the words without a gradient
	}{{-1, []int{1}}, {1, []int{1}}} {
		n := network(t, model.Tokens(3), model.Embedding{Vocabulary: 3, Size: 1, Padding: c.padding})
		x := mat.NewDense(1, 3, []float64{0, 2, float64(c.padding)})
		forward(n, x)
		grad := make([]float64, 3)
		n.Backward(grad, mat.NewDense(3, 1, []float64{5, 7, 11}))
		golden.CloseSlice(t, "∂L/∂θ", grad, []float64{5, 0, 7}, 0)
	}
}

// TestUnembeddingIsTheEmbedding makes sure that there is one matrix, and that its
// gradient is the sum of both uses.
func TestUnembeddingIsTheEmbedding(t *testing.T) {
	n := network(t, model.Tokens(4), model.NewEmbedding(7, 3), model.Unembedding{})
	if got := len(n.Layout()); got != 1 {
		t.Fatalf("%d parts, want 1", got)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		x := texts(4, 7)(5, r)
		y := forward(n, x)
		rows, cols := y.Dims()
		if rows != 20 || cols != 7 {
			t.Fatalf("predictions are %d×%d, want 20×7", rows, cols)
		}
		dy := fill(rows, cols, r.NormFloat64)
		grad := make([]float64, 21)
		n.Backward(grad, dy)
		// L = Σ dy·(e·Eᵀ): E moves the scores, and e the vectors.
		want := mat.NewDense(7, 3, nil)
		e := mat.NewDense(7, 3, n.Params())
		for i := range 5 {
			for j := range 4 {
				id := int(x.At(i, j))
				if id < 0 {
					continue
				}
				d := dy.RowView(4*i + j)
				var through mat.Dense
				through.Mul(d.T(), e)
				for k := range 3 {
					want.Set(id, k, want.At(id, k)+through.At(0, k))
					for v := range 7 {
						want.Set(v, k, want.At(v, k)+d.AtVec(v)*e.At(id, k))
					}
				}
			}
		}
		golden.CloseSlice(t, "∂L/∂θ", grad, want.RawMatrix().Data, 1e-13)
	}
}

// TestSequenceErrors expects sentences about layers that do not fit.
func TestSequenceErrors(t *testing.T) {
	embedding := model.NewEmbedding(5, 4)
	for _, c := range []struct {
		name   string
		layers []model.Layer
		want   string
	}{
		{"last of features", []model.Layer{model.LastToken{}}, "layer 0 (LastToken): needs a sequence of vectors, but its input has shape 6: begin the network with Sequence, or with Tokens and an Embedding"},
		{"mean of features", []model.Layer{model.Dense{Units: 2}, model.MeanTokens{}}, "layer 1 (MeanTokens): needs a sequence of vectors"},
		{"nothing to share", []model.Layer{model.Dense{Units: 2}, model.Unembedding{}}, "layer 1 (Unembedding): has no vectors to use: begin the network with an Embedding"},
		{"a mean to share", []model.Layer{model.MeanEmbedding{Vocabulary: 5, Size: 4, Padding: -1}, model.Unembedding{}}, "has no vectors to use"},
		{"another size", []model.Layer{embedding, model.Dense{Units: 2}, model.Unembedding{}}, "needs vectors of the size of the Embedding, 4, but its input has 2: put model.Dense{Units: 4} before it"},
		{"embedding of vectors", []model.Layer{embedding, embedding}, "layer 1 (Embedding): reads words and not numbers: it must be the first layer"},
		{"no units", []model.Layer{embedding, model.GRU{}}, "layer 1 (GRU): has 0 units"},
		{"states of features", []model.Layer{model.Dense{Units: 2}, model.LSTM{Units: 2}}, "layer 1 (LSTM): needs a sequence of vectors"},
		{"negative truncation", []model.Layer{embedding, model.SimpleRNN{Units: 2, Truncate: -1}}, "has Truncate -1, want 0"},
		{"negative carry", []model.Layer{embedding, model.LSTM{Units: 2, Carry: -1}}, "has Carry -1, want 0"},
		{"no kernel", []model.Layer{embedding, model.Conv1D{Filters: 2}}, "has 2 filters, a kernel of 0 and dilation 1"},
		{"kernel too long", []model.Layer{embedding, model.Conv1D{Filters: 2, Kernel: 4, Dilation: 2}}, "its kernel reaches over 7 tokens and does not fit on a sequence of 6 with padding 0: use a smaller kernel, or Causal"},
		{"padding twice", []model.Layer{embedding, model.Conv1D{Filters: 2, Kernel: 2, Padding: 1, Causal: true}}, "has padding 1 and is Causal"},
		{"negative padding", []model.Layer{embedding, model.Conv1D{Filters: 2, Kernel: 1, Padding: -1}}, "has padding -1"},
		{"rmsnorm without epsilon", []model.Layer{model.RMSNorm{}}, "NewRMSNorm"},
	} {
		_, err := model.NewNetwork(model.Tokens(6), 1, c.layers...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

// TestPaddingIsChecked makes sure that −1 is padding only where it is said to be.
func TestPaddingIsChecked(t *testing.T) {
	x := mat.NewDense(1, 2, []float64{1, -1})
	for _, l := range []model.Layer{model.NewEmbedding(3, 2), model.MeanEmbedding{Vocabulary: 3, Size: 2, Padding: -1}} {
		n := network(t, model.Tokens(2), l)
		if err := n.CheckInput(x); err != nil {
			t.Errorf("%T: error is %v, want none", l, err)
		}
		if err := n.CheckInput(mat.NewDense(1, 2, []float64{1, -2})); err == nil || !strings.Contains(err.Error(), "has the id -2") || !strings.HasSuffix(err.Error(), "; padding is -1") {
			t.Errorf("%T: error is %v, want one about -2", l, err)
		}
	}
	n := network(t, model.Tokens(2), model.Embedding{Vocabulary: 3, Size: 2})
	if err := n.CheckInput(x); err == nil || !strings.Contains(err.Error(), "has the id -1") || strings.Contains(err.Error(), "padding") {
		t.Errorf("error is %v, want one about -1", err)
	}
}

// TestCarry reads off the layers how many rows carry their states.
func TestCarry(t *testing.T) {
	embedding := model.NewEmbedding(3, 2)
	for _, c := range []struct {
		layers []model.Layer
		want   int
	}{
		{[]model.Layer{embedding, model.LSTM{Units: 2}}, 0},
		{[]model.Layer{embedding, model.SimpleRNN{Units: 2, Carry: 4}}, 4},
		{[]model.Layer{embedding, model.GRU{Units: 2, Carry: 5}, model.LSTM{Units: 2, Carry: 3}, model.GRU{Units: 2}}, 3},
		{[]model.Layer{embedding, model.Residual{model.Frozen{Layer: model.LSTM{Units: 2, Carry: 6}}}}, 6},
	} {
		if got := network(t, model.Tokens(2), c.layers...).Carry(); got != c.want {
			t.Errorf("%v carry %d rows, want %d", c.layers, got, c.want)
		}
	}
}
