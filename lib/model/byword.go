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

// beginByWord computes W_ih·x + b for each word, or it declines, and so do the others.
// Each number is what it would be by vectors.
func (m *recurrent[T]) beginByWord() bool {
	if m.byWord() {
		m.perWord = grow(m.perWord, m.words.vocabulary*m.width())
		m.affine(m.perWord, m.words.weights.whole(), m.words.vocabulary)
	}
	return m.byWord()
}

// inputByWord copies that to the tokens from lo to hi.
func (m *recurrent[T]) inputByWord(lo, hi int) bool {
	if !m.byWord() {
		return false
	}
	m.eachWord(lo, hi, func(token, word int) {
		from := m.bias // the vector of padding is 0
		if word != noID {
			from = m.gatesOf(m.perWord, word)
		}
		copy(m.gatesOf(m.pre, token), from)
	})
	return true
}

// sumByWord adds what the tokens from lo to hi, the last ones first, send back to their
// words.
func (m *recurrent[T]) sumByWord(lo, hi int) bool {
	if !m.byWord() {
		return false
	}
	if hi == m.tokens {
		clear(m.perWord)
	}
	width := m.width()
	m.eachWord(lo, hi, func(token, word int) {
		if word != noID {
			blas.AddRuns(m.gatesOf(m.perWord, word), 0, m.gatesOf(m.dPre, token-lo*m.rows), width, 1, width)
		}
	})
	return true
}

// backwardByWord adds the gradients of W_ih, of its biases and, if input is set, of the
// vectors of the words.
func (m *recurrent[T]) backwardByWord(grad []T, input bool) bool {
	if !m.byWord() {
		return false
	}
	n, width, vectors := m.words.vocabulary, m.width(), m.words.weights
	m.inputGrad(grad, m.perWord, vectors.values, n)
	if input {
		vectors.addTo(grad, func(g []T) {
			gemm(blas.NoTrans, blas.NoTrans, asMatrix(m.perWord, n, width), asMatrix(m.wx.values, width, m.in), 1, asMatrix(g, n, m.in))
		})
	}
	return true
}

// eachWord calls f for the tokens from lo to hi of all rows, in the order of pre, with
// the word of each, or noID for padding.
func (m *recurrent[T]) eachWord(lo, hi int, f func(token, word int)) {
	for t := lo; t < hi; t++ {
		for i := range m.rows {
			word := int(m.words.x[i*m.tokens+t])
			if word == m.words.padding {
				word = noID
			}
			f(t*m.rows+i, word)
		}
	}
}
