package model

import "github.com/descent-go/descent/lib/blas"

// This file is a short cut of recurrent layers right after an [Embedding]. A batch has
// many tokens but few words, and xₜ is the same wherever a word stands, so W_ih·x + b is
// computed once for each word of the vocabulary and copied to its tokens. On the way
// back, what the tokens of a word send is added up first:
//
//	d_w = Σ ∂L/∂(W_ih·xₜ + b) over the tokens t of word w
//	∂L/∂W_ih = Σ d_w·e_wᵀ, ∂L/∂e_w = W_ihᵀ·d_w over the words w
//
// where e_w is the vector of word w. Three products of T·rows vectors become products of
// as many as there are words.

// byWord says whether that is less work.
func (m *recurrent[T]) byWord() bool {
	return m.words != nil && m.rows*m.tokens >= 2*m.words.vocabulary
}

// beginByWord is the products of begin, or it declines. Each number is what it would be
// by vectors.
func (m *recurrent[T]) beginByWord() bool {
	if !m.byWord() {
		return false
	}
	n, width := m.words.vocabulary, m.width()
	m.perWord = grow(m.perWord, n*width)
	m.input(m.perWord, m.words.weights.values, n)
	m.eachWord(func(token, word int) {
		from := m.bias // the vector of padding is 0
		if word >= 0 {
			from = m.gatesOf(m.perWord, word)
		}
		copy(m.gatesOf(m.pre, token), from)
	})
	return true
}

// backwardByWord adds the gradients of W_ih, of the biases and, if input is set, of the
// vectors of the words, or it declines.
func (m *recurrent[T]) backwardByWord(grad []T, input bool) bool {
	if !m.byWord() {
		return false
	}
	n, width := m.words.vocabulary, m.width()
	clear(m.perWord)
	m.eachWord(func(token, word int) {
		if word >= 0 {
			blas.AddRuns(m.gatesOf(m.perWord, word), 0, m.gatesOf(m.dPre, token), width, 1, width)
		}
	})
	vectors := m.words.weights
	m.inputGrad(grad, m.perWord, vectors.values, n)
	if input {
		gemm(blas.NoTrans, blas.NoTrans, asMatrix(m.perWord, n, width), asMatrix(m.wx.values, width, m.in), 1, asMatrix(vectors.in(grad), n, m.in))
	}
	return true
}

// eachWord calls f for the tokens, in the order of pre, with the word of each, or −1 for
// padding.
func (m *recurrent[T]) eachWord(f func(token, word int)) {
	for t := range m.tokens {
		for i := range m.rows {
			word := int(m.words.x[i*m.tokens+t])
			if word == m.words.padding {
				word = noID
			}
			f(t*m.rows+i, word)
		}
	}
}
