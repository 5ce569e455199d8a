package model_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

var nan = math.NaN()

// TestSamplerProbabilities looks at each setting by hand. The scores are logarithms:
// their softmax is ½, ¼, ⅛, ⅛.
func TestSamplerProbabilities(t *testing.T) {
	scores := []float64{math.Log(1), math.Log(4), math.Log(1), math.Log(2)}
	for _, c := range []struct {
		s    model.Sampler
		want []float64
	}{
		{model.NewSampler(), []float64{1. / 8, 1. / 2, 1. / 8, 1. / 4}},
		{model.Sampler{Temperature: 0.5, TopP: 1}, []float64{1. / 22, 16. / 22, 1. / 22, 4. / 22}},
		{model.Sampler{Temperature: 0, TopP: 1}, []float64{0, 1, 0, 0}},
		{model.Sampler{Temperature: 1, TopK: 1, TopP: 1}, []float64{0, 1, 0, 0}},
		{model.Sampler{Temperature: 1, TopK: 3, TopP: 1}, []float64{1. / 7, 4. / 7, 0, 2. / 7}}, // of equal ones the first
		{model.Sampler{Temperature: 1, TopK: 9, TopP: 1}, []float64{1. / 8, 1. / 2, 1. / 8, 1. / 4}},
		{model.Sampler{Temperature: 1, TopP: 0.4}, []float64{0, 1, 0, 0}},
		{model.Sampler{Temperature: 1, TopP: 0.6}, []float64{0, 2. / 3, 0, 1. / 3}},
		{model.Sampler{Temperature: 1, TopP: 0.8}, []float64{1. / 7, 4. / 7, 0, 2. / 7}},
		{model.Sampler{Temperature: 1, TopK: 2, TopP: 0.7}, []float64{0, 2. / 3, 0, 1. / 3}}, // ⅔ is not enough
		{model.Sampler{Temperature: 1, TopK: 2, TopP: 0.6}, []float64{0, 1, 0, 0}},           // TopP is of what TopK keeps
	} {
		p, err := c.s.Probabilities(scores)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p {
			golden.Close(t, "p", p[i], c.want[i], 1e-15)
		}
	}
}

// TestSamplerKeepsTheFirstOfManyEqualTokens, as of few: a large vocabulary is sorted in
// another way.
func TestSamplerKeepsTheFirstOfManyEqualTokens(t *testing.T) {
	scores := make([]float64, 50_000)
	for i := range scores {
		scores[i] = float64(i * 7919 % 40)
	}
	scores[0] = math.Inf(-1)
	p, err := model.Sampler{Temperature: 1, TopK: 2000, TopP: 1}.Probabilities(scores)
	if err != nil {
		t.Fatal(err)
	}
	left := 2000 // 1250 tokens have the score 39, and the first of those with 38 count, too
	for _, score := range []float64{39, 38} {
		for i, z := range scores {
			if z != score {
				continue
			}
			if kept := left > 0; kept != (p[i] > 0) {
				t.Fatalf("token %d, of score %g, has probability %g", i, z, p[i])
			}
			left--
		}
	}
	if n := len(slices.DeleteFunc(p, func(v float64) bool { return v == 0 })); n != 2000 {
		t.Errorf("%d tokens count, want 2000", n)
	}
}

// TestSamplerDraws counts how often each token is drawn.
func TestSamplerDraws(t *testing.T) {
	scores := []float64{0, 1, math.Inf(-1), 2, 0.5}
	s := model.Sampler{Temperature: 0.8, TopP: 1}
	want, err := s.Probabilities(scores)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	const n = 100000
	counts := make([]float64, len(scores))
	for range n {
		token, err := s.Sample(scores, r)
		if err != nil {
			t.Fatal(err)
		}
		counts[token]++
	}
	for i, c := range counts {
		if sigma := math.Sqrt(want[i] * (1 - want[i]) / n); math.Abs(c/n-want[i]) > 4*sigma {
			t.Errorf("token %d was drawn %g times in %d, want a share of %g", i, c, n, want[i])
		}
	}
}

func TestSamplerErrors(t *testing.T) {
	ok := model.NewSampler()
	for _, c := range []struct {
		s      model.Sampler
		scores []float64
		want   string
	}{
		{model.Sampler{}, []float64{1}, "TopP 0, want 0 < TopP ≤ 1: model.NewSampler has 1"},
		{model.Sampler{Temperature: -1, TopP: 1}, []float64{1}, "temperature -1, want a finite number ≥ 0"},
		{model.Sampler{Temperature: nan, TopP: 1}, []float64{1}, "temperature NaN"},
		{model.Sampler{Temperature: inf, TopP: 1}, []float64{1}, "temperature +Inf"},
		{model.Sampler{TopK: -1, TopP: 1}, []float64{1}, "the top -1 tokens"},
		{model.Sampler{TopP: 1.1}, []float64{1}, "TopP 1.1"},
		{model.Sampler{TopP: nan}, []float64{1}, "TopP NaN"},
		{ok, nil, "there are 0 scores"},
		{ok, []float64{math.Inf(-1), math.Inf(-1)}, "there are 2 scores, and none is above −∞"},
		{ok, []float64{1, nan}, "the score of token 1 is NaN"},
		{ok, []float64{inf, 1}, "the score of token 0 is +Inf"},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		if _, err := c.s.Sample(c.scores, r); err == nil || !strings.HasPrefix(err.Error(), "model: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error is %v, want one about %q", c.s, err, c.want)
		}
	}
}
