package model_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

// languageModels are networks that a Decoder computes.
func languageModels(t *testing.T) map[string]*model.Network {
	gpt := model.GPT{Vocabulary: 11, Context: 9, Size: 8, Blocks: 2, Heads: 2, Units: 13, Dropout: 0.1}
	llama := model.GPT{Vocabulary: 11, Context: 9, Size: 8, Blocks: 2, Heads: 2, Units: 13, Rotary: 10000, RMSNorm: true, SwiGLU: true, NoBias: true, Untied: true}
	return map[string]*model.Network{
		"gpt":   varied(network(t, gpt.Input(), gpt.Layers()...)),
		"llama": varied(network(t, llama.Input(), llama.Layers()...)),
		"waves": varied(network(t, model.Tokens(9), model.NewEmbedding(11, 6), model.SinusoidalPositions{},
			model.SelfAttention{Heads: 3, Causal: true}, model.Dense{Units: 5}, model.Tanh{}, model.Dense{Units: 11})),
	}
}

// varied moves all parameters, so that no bias is 0.
func varied(n *model.Network) *model.Network {
	r := rand.New(rand.NewPCG(3, 4))
	for i := range n.Params() {
		n.Params()[i] += 0.3 * r.NormFloat64()
	}
	return n
}

// TestDecoderIsPredict feeds a text token by token, twice, and compares the scores
// with those of the whole text.
func TestDecoderIsPredict(t *testing.T) {
	for name, n := range languageModels(t) {
		t.Run(name, func(t *testing.T) {
			text := []int{3, 1, 4, 1, 5, 9, 2, 6, 5}
			x := mat.NewDense(1, 9, nil)
			for i, token := range text {
				x.Set(0, i, float64(token))
			}
			want := predict(n, x)
			d, err := model.NewDecoder(n)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				for i, token := range text {
					scores, err := d.Next(token)
					if err != nil {
						t.Fatal(err)
					}
					golden.CloseSlice(t, fmt.Sprintf("scores after %d tokens", i+1), scores, want.RawRowView(i), 1e-12)
				}
				if d.Len() != 9 {
					t.Errorf("Len is %d, want 9", d.Len())
				}
				if _, err := d.Next(0); err == nil || !strings.Contains(err.Error(), "at most 9 tokens") {
					t.Errorf("after 9 tokens: %v", err)
				}
				d.Reset()
			}
			for _, token := range []int{-1, 11} {
				if _, err := d.Next(token); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("token %d is not in the vocabulary, whose numbers are 0 to 10", token)) {
					t.Errorf("token %d: %v", token, err)
				}
			}
		})
	}
}

// TestDecoderSeesNewParameters: Reset reads θ again.
func TestDecoderSeesNewParameters(t *testing.T) {
	gpt := model.GPT{Vocabulary: 5, Context: 4, Size: 4, Blocks: 1, Heads: 1, Units: 3}
	n, err := model.NewNetwork32(gpt.Input(), 1, gpt.Layers()...)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.NewDecoder(n)
	if err != nil {
		t.Fatal(err)
	}
	next := func() []float64 {
		d.Reset()
		scores, err := d.Next(2)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Clone(scores)
	}
	first := next()
	varied(n)
	second := next()
	if slices.Equal(first, second) {
		t.Error("the scores are those of the old parameters")
	}
	x := mat.NewDense(1, 4, []float64{2, -1, -1, -1})
	golden.CloseSlice(t, "scores", second, predict(n, x).RawRowView(0), 1e-6)
}

func TestDecoderAllocatesNothing(t *testing.T) {
	for name, n := range languageModels(t) {
		d, err := model.NewDecoder(n)
		if err != nil {
			t.Fatal(err)
		}
		text := func() {
			d.Reset()
			for token := range 9 {
				if _, err := d.Next(token); err != nil {
					t.Fatal(err)
				}
			}
		}
		if allocs := testing.AllocsPerRun(5, text); allocs != 0 {
			t.Errorf("%s: %g allocations in a text", name, allocs)
		}
	}
}

func TestDecoderErrors(t *testing.T) {
	embedding := model.NewEmbedding(5, 4)
	for _, c := range []struct {
		input  model.Shape
		layers []model.Layer
		want   string
	}{
		{model.Sequence(3, 4), []model.Layer{model.SelfAttention{Heads: 1, Causal: true}}, "begins with an Embedding, not with model.SelfAttention"},
		{model.Tokens(3), []model.Layer{embedding, model.SelfAttention{Heads: 1}}, "is not causal"},
		{model.Tokens(3), []model.Layer{embedding, model.Residual{model.MeanTokens{}, model.Dense{Units: 4}}}, ""},
		{model.Tokens(3), []model.Layer{embedding, model.LastToken{}}, "model.LastToken does not"},
	} {
		n, err := model.NewNetwork(c.input, 1, c.layers...)
		if c.want == "" {
			if err == nil {
				t.Errorf("%v: a residual over tokens and their mean has no error", c.layers)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := model.NewDecoder(n); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error is %v, want one about %q", c.layers, err, c.want)
		}
	}
}

// uncached hides that a model is a Network, so that Generate computes whole texts.
type uncached struct{ model.Model }

// TestGenerateWithAndWithoutCache writes more than the context holds, both ways.
func TestGenerateWithAndWithoutCache(t *testing.T) {
	for name, n := range languageModels(t) {
		for _, s := range []model.Sampler{model.NewSampler(), {Temperature: 0.7, TopK: 4, TopP: 0.9}, {TopP: 1}} {
			got, err := model.Generate(n, []int{1, 2}, 40, s, 5)
			if err != nil {
				t.Fatal(err)
			}
			want, err := model.Generate(uncached{n}, []int{1, 2}, 40, s, 5)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 40 || !slices.Equal(got, want) {
				t.Errorf("%s, %+v: with a cache\n%v, without\n%v", name, s, got, want)
			}
		}
	}
}

// TestGenerateFromOneRow takes a model that predicts one row for a text.
func TestGenerateFromOneRow(t *testing.T) {
	n := varied(network(t, model.Tokens(3), model.NewEmbedding(4, 3), model.LastToken{}, model.Dense{Units: 4}))
	got, err := model.Generate(n, []int{2}, 9, model.Sampler{TopP: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	at := 2
	for i, token := range got { // of the last token only
		at = argMax(predict(n, mat.NewDense(1, 3, []float64{float64(at), -1, -1})).RawRowView(0))
		if token != at {
			t.Fatalf("token %d is %d, want %d", i, token, at)
		}
	}
}

func argMax(v []float64) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}

func TestGenerateErrors(t *testing.T) {
	n := languageModels(t)["gpt"]
	recurrent := network(t, model.Tokens(4), model.NewEmbedding(3, 4), model.GRU{Units: 3}, model.Dense{Units: 9})
	diverged := n.Clone()
	diverged.Params()[0] = nan
	for _, c := range []struct {
		m      model.Model
		prompt []int
		n      int
		s      model.Sampler
		want   string
	}{
		{n, nil, 1, model.NewSampler(), "the prompt is empty"},
		{n, []int{1}, -1, model.NewSampler(), "-1 tokens cannot be generated"},
		{n, []int{1, 11}, 1, model.NewSampler(), "token 11 is not in the vocabulary"},
		{n, []int{1, -1}, 1, model.NewSampler(), "token 1 of the prompt is -1"},
		{recurrent, []int{-1, 1}, 1, model.NewSampler(), "token 0 of the prompt is -1"},
		{recurrent, []int{1}, 50, model.NewSampler(), "which it wrote: does it give scores to more tokens than it knows?"},
		{n, []int{1}, 1, model.Sampler{Temperature: 1}, "TopP 0, want 0 < TopP ≤ 1"},
		{diverged, []int{0}, 3, model.NewSampler(), "the score of token 0 is NaN"},
		{uncached{n}, []int{1, 12}, 1, model.NewSampler(), "is 12"},
	} {
		if c.want == "is 12" { // a model without InputChecker panics as Predict does
			mustPanic(t, "has the id 12", func() { model.Generate(c.m, c.prompt, c.n, c.s, 1) })
			continue
		}
		if _, err := model.Generate(c.m, c.prompt, c.n, c.s, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error is %v, want one about %q", err, c.want)
		}
	}
	if got, err := model.Generate(n, []int{1}, 0, model.NewSampler(), 1); err != nil || len(got) != 0 {
		t.Errorf("no tokens are %v, %v", got, err)
	}
}
