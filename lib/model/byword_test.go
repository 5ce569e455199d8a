package model

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/golden"
)

// TestByWord compares recurrent layers that compute with words with the same layers
// that compute with the vectors of tokens: the same outputs, bit by bit, and the same
// gradient up to rounding.
func TestByWord(t *testing.T) {
	const rows, tokens, vocabulary = 5, 6, 9
	for name, layer := range map[string]Layer{
		"SimpleRNN": SimpleRNN{Units: 4}, "LSTM": LSTM{Units: 4}, "GRU": GRU{Units: 4},
		"LSTM truncated": LSTM{Units: 4, Truncate: 2}, "LSTM frozen": Frozen{Layer: LSTM{Units: 4}},
	} {
		for padding, embedding := range map[string]Embedding{
			"no word is padding": NewEmbedding(vocabulary, 3),
			"word 0 is padding":  {Vocabulary: vocabulary, Size: 3},
		} {
			t.Run(name+", "+padding, func(t *testing.T) {
				layers := []Layer{embedding, layer, Dense{Units: 2}}
				n, err := NewNetwork(Tokens(tokens), 1, layers...)
				if err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(1, 2))
				x, dy := make([]float64, rows*tokens), make([]float64, rows*tokens*2)
				for i := range x {
					x[i] = float64(embedding.Padding)
					if i%tokens < 2+i/tokens { // longer texts have less padding
						x[i] = float64(r.IntN(vocabulary))
					}
				}
				for i := range dy {
					dy[i] = r.NormFloat64()
				}
				n.training.load()
				c := at[float64](n.training)
				m := c.modules[1].(*recurrent[float64])
				run := func() (y, grad []float64) {
					y, grad = slices.Clone(c.forward(x, rows, true)), make([]float64, len(n.theta))
					c.backward(grad, dy, true)
					return y, grad
				}
				m.rows = rows
				if !m.byWord() {
					t.Fatal("does not compute with words")
				}
				y, grad := run()
				m.words = nil
				wantY, wantGrad := run()
				if !slices.Equal(y, wantY) {
					t.Errorf("outputs are %v, want %v", y, wantY)
				}
				golden.CloseSlice(t, "∂L/∂θ", grad, wantGrad, 1e-13)
			})
		}
	}
}

// TestByWordDeclines: few tokens, or a layer between, are computed with their vectors.
func TestByWordDeclines(t *testing.T) {
	for name, layers := range map[string][]Layer{
		"few tokens": {NewEmbedding(1000, 3), LSTM{Units: 2}},
		"Dense":      {NewEmbedding(5, 3), Dense{Units: 3}, LSTM{Units: 2}},
		"LSTM":       {NewEmbedding(5, 3), LSTM{Units: 3}, LSTM{Units: 2}},
	} {
		n, err := NewNetwork(Tokens(6), 1, layers...)
		if err != nil {
			t.Fatal(err)
		}
		c := at[float64](n.training)
		m := c.modules[len(c.modules)-1].(*recurrent[float64])
		if m.rows = 4; m.byWord() {
			t.Errorf("%s: computes with words", name)
		}
	}
}
