package model

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Generate continues a text: it returns n tokens after the prompt, which s draws one
// by one from the scores that the model gives to each next token. The model takes
// rows of T token numbers, filled up with −1, and predicts a row of scores for each
// token, or for the last. The same seed gives the same tokens.
//
// A [Network] whose tokens depend only on those before them remembers what it has
// computed: see [Decoder]. When a text is longer than T, the model forgets all but
// its last T/2 tokens, and goes on from there until there are T again.
//
// It returns an error if the prompt is empty or has a token that the model does not
// know, for settings of s outside of their range, and if the scores are not finite.
func Generate(m Model, prompt []int, n int, s Sampler, seed uint64) ([]int, error) {
	if n < 0 {
		return nil, fmt.Errorf("model: %d tokens cannot be generated, want at least 0", n)
	}
	tokens := make([]int, 0, n)
	if n == 0 {
		return tokens, nil
	}
	for token, err := range GenerateSeq(m, prompt, s, seed) {
		if err != nil {
			return tokens, err
		}
		if tokens = append(tokens, token); len(tokens) == n {
			break
		}
	}
	return tokens, nil
}

// GenerateSeq yields the tokens of [Generate] without an end, as they are drawn. It
// stops after an error.
func GenerateSeq(m Model, prompt []int, s Sampler, seed uint64) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		if err := s.Validate(); err != nil {
			yield(0, err)
			return
		}
		next, context := nextScores(m)
		if len(prompt) == 0 {
			yield(0, fmt.Errorf("model: the prompt is empty: begin with a token, such as a line break"))
			return
		}
		for i, token := range prompt {
			if token < 0 {
				yield(0, fmt.Errorf("model: token %d of the prompt is %d, want a number from 0 on: leave padding out", i, token))
				return
			}
		}
		r := rand.New(rand.NewPCG(seed, samplingStream))
		text := append([]int(nil), prompt...)
		for written := 0; ; written++ {
			text = recent(text, context)
			scores, err := next(text)
			if err != nil {
				if written > 0 {
					err = fmt.Errorf("model: it cannot read token %d, which it wrote: does it give scores to more tokens than it knows? %w",
						text[len(text)-1], err)
				}
				yield(0, err)
				return
			}
			token, err := s.Sample(scores, r)
			if !yield(token, err) || err != nil {
				return
			}
			text = append(text, token)
		}
	}
}

// samplingStream keeps what Generate draws apart from what other things draw from the
// same seed.
const samplingStream = 0x73616d706c65 // "sample"

// recent returns the part of a text that a model sees: all, or the last half context
// of a text that is longer.
func recent(text []int, context int) []int {
	if len(text) <= context {
		return text
	}
	return text[len(text)-max(1, context/2):]
}

// nextScores returns the function that computes the scores of the token after a text,
// and the length of the longest text.
func nextScores(m Model) (next func(text []int) ([]float64, error), context int) {
	context, _ = m.Dims()
	if n, ok := m.(*Network); ok {
		if d, err := NewDecoder(n); err == nil {
			return d.follow, context
		}
	}
	x, y := mat.NewDense(1, context, nil), new(mat.Dense)
	return func(text []int) ([]float64, error) {
		fill(x.RawRowView(0), -1)
		for t, token := range text {
			x.Set(0, t, float64(token))
		}
		if c, ok := m.(InputChecker); ok {
			if err := c.CheckInput(x); err != nil {
				return nil, err
			}
		}
		y.Reset()
		m.Predict(y, x)
		if rows, _ := y.Dims(); rows == 1 {
			return y.RawRowView(0), nil
		}
		return y.RawRowView(len(text) - 1), nil
	}, context
}
