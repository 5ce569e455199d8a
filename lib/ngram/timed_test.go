package ngram_test

import (
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/ngram"
)

// timedText has n tokens of a vocabulary of 200, frequent ones more often.
func timedText(n int) []int {
	r, text := rand.New(rand.NewPCG(uint64(n), 1)), make([]int, n)
	for i := range text {
		text[i] = min(199, int(20*r.ExpFloat64()))
	}
	return text
}

// trained makes a benchmark of what a model of order 3 does after it has read n tokens.
func trained(run func(m *ngram.Model, text []int)) func(n int) func() {
	return func(n int) func() {
		m, text := ngram.New(3, 200), timedText(n)
		if err := m.Fit(text); err != nil {
			panic(err)
		}
		return func() { run(m, text) }
	}
}

var benchmarks = timed.List{
	"Model.Fit": trained(func(m *ngram.Model, text []int) {
		if err := m.Fit(text); err != nil {
			panic(err)
		}
	}),
	"Model.Loss": trained(func(m *ngram.Model, text []int) {
		if _, err := m.Loss(text); err != nil {
			panic(err)
		}
	}),
	"Model.Probability": trained(func(m *ngram.Model, text []int) { // of a hundred tokens: it grows with what was read
		for i := range 98 {
			m.Probability(text[i+2], text[i:i+2])
		}
	}),
	"Model.Distribution": func(n int) func() { // of a vocabulary of n
		m, p, text := ngram.New(3, n), make([]float64, n), timedText(1000)
		for i := range text {
			text[i] %= n
		}
		if err := m.Fit(text); err != nil {
			panic(err)
		}
		return func() { m.Distribution(p, []int{1, 2}) }
	},
	"Model.Generate": trained(func(m *ngram.Model, text []int) { // a hundredth of n tokens, each from a vocabulary of 200
		if _, err := m.Generate(text[:2], len(text)/100, rand.New(rand.NewPCG(1, 1))); err != nil {
			panic(err)
		}
	}),
}

func BenchmarkNgram(b *testing.B) { benchmarks.Run(b) }

// TestAllOfNgramIsTimed: what grows with the tokens has a benchmark at three sizes.
func TestAllOfNgramIsTimed(t *testing.T) {
	benchmarks.Check(t, "New", "Model.Discount", "Model.Grams")
	benchmarks.Once()
}
