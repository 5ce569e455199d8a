// Package ngram provides the n-gram language model: it predicts the next token of a
// text from the n − 1 tokens before it, by counting.
//
// It is the baseline of every other language model. It trains in a second, has an
// exact solution and needs neither gradients nor a learning rate; a network that is
// not better has learned less than counting.
//
// Tokens are identifiers 0 to V − 1, as the tokenizers of package preprocess make
// them. The model is smoothed by interpolated Kneser–Ney: every token has a positive
// probability after every context, so that the loss is finite on any text.
//
//	m := ngram.New(5, tokenizer.Size())
//	err := m.Fit(train)
//	loss, err := m.Loss(validation) // nats per token; choose n where it is least
//
// Perplexity is exp(loss), bits per token loss/ln 2. To compare models with different
// tokens, divide the total loss, loss times tokens, by the number of characters.
package ngram

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// A Model is an n-gram language model with interpolated Kneser–Ney smoothing. Create
// it with [New]. A fitted Model may be used by several goroutines.
//
// # Formula
//
// Let h be the last k − 1 tokens before w, and h′ the same without the first. Then
//
//	p_k(w | h) = (c(h w) − D + Σ_v D·p_{k−1}(w | h′)) / Σ_v c(h v)
//
// where D is the discount for each count, 0 for a count of 0, and v runs over all
// tokens: what is taken from the tokens seen after h is given to all, in proportion to
// what the shorter context says. After a context that was never seen,
// p_k(w | h) = p_{k−1}(w | h′). The shortest is p_0(w) = 1/V.
//
// For k = n, c is how often h w occurs. For k < n, it is how many different tokens
// occur before h w: "Francisco" is frequent, but it follows only "San", so that it is
// unlikely after an unknown word. That is Kneser and Ney's idea.
//
// Before the first token of a sequence are n − 1 tokens −1.
//
// # Discounts
//
// Let n_j be the number of k-grams of count j. With Modified, a count of 1, 2 or more
// has the discount
//
//	D_j = j − (j+1)·Y·n_{j+1}/n_j for j = 1, 2 and 3, where Y = n_1/(n_1 + 2 n_2);
//
// otherwise every count has D = Y. Where few data make an n_j 0 or D_j negative, D_j
// is Y, and Y itself is ½ where n_1 or n_2 is 0.
//
// Sources: R. Kneser, H. Ney, "Improved backing-off for m-gram language modeling",
// ICASSP 1995, https://doi.org/10.1109/ICASSP.1995.479394; S. F. Chen, J. Goodman, "An
// empirical study of smoothing techniques for language modeling", Computer Speech &
// Language 13 (1999), https://doi.org/10.1006/csla.1999.0128, for interpolation and for
// the discounts.
type Model struct {
	N          int       // the order: the context has N − 1 tokens
	Vocabulary int       // V, the number of tokens
	Modified   bool      // three discounts for each order, not one
	Discounts  []float64 // the discount of every count of order 1 … N; nil: estimated from the data

	orders []order
}

// New returns a model of order n for a vocabulary of v tokens, with modified
// Kneser–Ney smoothing.
func New(n, v int) *Model { return &Model{N: n, Vocabulary: v, Modified: true} }

// Validate returns an error unless 1 ≤ N ≤ 100, 1 ≤ Vocabulary < 2³¹, and Discounts is
// nil or has N numbers in [0, 1].
func (m *Model) Validate() error {
	if m.N < 1 || m.N > 100 || m.Vocabulary < 1 || m.Vocabulary > math.MaxInt32 {
		return fmt.Errorf("ngram: N %d must be 1 to 100, and Vocabulary %d 1 to 2147483647 (ngram.New has the customary settings)", m.N, m.Vocabulary)
	}
	if m.Discounts != nil && len(m.Discounts) != m.N {
		return fmt.Errorf("ngram: %d discounts for N = %d, want one for each order", len(m.Discounts), m.N)
	}
	for k, d := range m.Discounts {
		if !(d >= 0 && d <= 1) {
			return fmt.Errorf("ngram: the discount of order %d is %v, want one in [0, 1]", k+1, d)
		}
	}
	return nil
}

// Fit counts the n-grams of the sequences, and forgets what it counted before. It
// returns an error if there are no tokens, or one is not in the vocabulary.
//
// Memory grows with the number of different n-grams, about 40 bytes for each.
func (m *Model) Fit(sequences ...[]int) error {
	m.orders = nil
	if err := m.Validate(); err != nil {
		return err
	}
	tokens := 0
	for k, s := range sequences {
		if err := m.check(s, fmt.Sprintf("sequence %d", k)); err != nil {
			return err
		}
		tokens += len(s)
	}
	if tokens == 0 {
		return errors.New("ngram: the sequences have no tokens: there is nothing to count")
	}
	c := newCounter(m.N)
	for _, s := range sequences {
		c.count(s)
	}
	m.orders = c.orders()
	for k := range m.orders {
		m.orders[k].discount = m.discounts(k)
		m.orders[k].sum()
	}
	return nil
}

// check returns an error unless the tokens are in the vocabulary.
func (m *Model) check(tokens []int, what string) error {
	for i, w := range tokens {
		if w < 0 || w >= m.Vocabulary {
			return fmt.Errorf("ngram: token %d of %s is %d, and the vocabulary has 0 to %d: was it encoded with another tokenizer?", i, what, w, m.Vocabulary-1)
		}
	}
	return nil
}

// Probability returns p(w | context). Only the last N − 1 tokens of the context
// matter; a shorter one is the beginning of a sequence. A token −1 stands for what is
// before it. It panics if w is not in the vocabulary, or before Fit.
func (m *Model) Probability(w int, context []int) float64 {
	m.must(w)
	p := 1 / float64(m.Vocabulary)
	node := 0 // that of the context of length k−1
	for k := range m.N {
		if k > 0 {
			var ok bool
			if node, ok = m.orders[k].child(node, at(context, k)); !ok {
				break // a longer context was not seen either
			}
		}
		p = m.orders[k].interpolate(node, w, p)
	}
	return p
}

// Distribution sets dst[w] to p(w | context) for all tokens. It panics unless dst has
// the length Vocabulary.
func (m *Model) Distribution(dst []float64, context []int) {
	m.must(0)
	if len(dst) != m.Vocabulary {
		panic(fmt.Sprintf("ngram: Distribution into %d numbers, want %d, the vocabulary", len(dst), m.Vocabulary))
	}
	for w := range dst {
		dst[w] = 1 / float64(m.Vocabulary)
	}
	node := 0
	for k := range m.N {
		if k > 0 {
			var ok bool
			if node, ok = m.orders[k].child(node, at(context, k)); !ok {
				break
			}
		}
		m.orders[k].interpolateAll(node, dst)
	}
}

func (m *Model) must(w int) {
	if m.orders == nil {
		panic("ngram: the model is not fitted: call Fit with the training tokens first")
	}
	if w < 0 || w >= m.Vocabulary {
		panic(fmt.Sprintf("ngram: token %d, and the vocabulary has 0 to %d", w, m.Vocabulary-1))
	}
}

// at returns the k-th token from the end of the context, −1 before its beginning.
func at(context []int, k int) int {
	if k > len(context) {
		return -1
	}
	return context[len(context)-k]
}

// Loss returns the mean of −ln p(token | the tokens before it) over the sequences, in
// nats per token: the cross-entropy. It returns an error if there are no tokens, or
// one is not in the vocabulary.
func (m *Model) Loss(sequences ...[]int) (float64, error) {
	if m.orders == nil {
		return 0, errors.New("ngram: the model is not fitted: call Fit with the training tokens first")
	}
	sum, tokens := 0.0, 0
	for k, s := range sequences {
		if err := m.check(s, fmt.Sprintf("sequence %d", k)); err != nil {
			return 0, err
		}
		for i, w := range s {
			sum -= math.Log(m.Probability(w, s[max(0, i-m.N+1):i]))
		}
		tokens += len(s)
	}
	if tokens == 0 {
		return 0, errors.New("ngram: the sequences have no tokens: there is no loss")
	}
	return sum / float64(tokens), nil
}

// Generate returns the prompt followed by length tokens, each drawn from the
// distribution after the tokens before it. It returns an error if the prompt has a
// token that is not in the vocabulary.
func (m *Model) Generate(prompt []int, length int, r *rand.Rand) ([]int, error) {
	if m.orders == nil {
		return nil, errors.New("ngram: the model is not fitted: call Fit with the training tokens first")
	}
	if err := m.check(prompt, "the prompt"); err != nil {
		return nil, err
	}
	out := slices.Clone(prompt)
	p := make([]float64, m.Vocabulary)
	for range length {
		m.Distribution(p, out[max(0, len(out)-m.N+1):])
		out = append(out, draw(p, r.Float64()))
	}
	return out, nil
}

// draw returns the first index at which the sum of p exceeds u.
func draw(p []float64, u float64) int {
	last := 0
	for w, v := range p {
		if v > 0 {
			last = w
		}
		if u -= v; u < 0 {
			return w
		}
	}
	return last // the sum is 1 but for rounding
}

// Discount returns the discount for a count of 1, 2, and 3 or more of order k, from 1
// to N. It panics before Fit, and for another order.
func (m *Model) Discount(k int) [3]float64 {
	m.must(0)
	return m.orders[k-1].discount
}

// Grams returns the number of different k-grams of the training sequences, for k from
// 1 to N. It panics before Fit, and for another k.
func (m *Model) Grams(k int) int {
	m.must(0)
	return len(m.orders[k-1].token)
}
