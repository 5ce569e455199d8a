package model

import (
	"fmt"

	"github.com/descent-go/descent/lib/blas"
)

// LastToken returns the vector of the last token of a sequence that is not padding:
// {tokens, size} becomes size features, and the network predicts one row for each
// sample again. After a recurrent layer that is the state at the end of the text.
// For a sequence of padding only it is 0.
type LastToken struct{}

// MeanTokens returns the mean of the vectors of a sequence, without the padding:
// {tokens, size} becomes size features. For a sequence of padding only it is 0.
type MeanTokens struct{}

// Unembedding turns vectors into a score for each word of the vocabulary, with the
// vectors of the network's [Embedding] as weights:
//
//	y = x·Eᵀ + b
//
// where E of shape (vocabulary, size) is the parameter of the Embedding, so that
// both are trained as one. That saves the largest matrix of a small language model,
// and words that are alike have scores that are alike. b is its parameter "biases",
// if Bias is set.
//
// Vectors from N(0, 1) make scores of about √size: set the Init of the Embedding to
// Normal(0.02) or so.
//
// Source: Press and Wolf, Using the Output Embedding to Improve Language Models,
// 2017.
type Unembedding struct {
	Bias bool // add b
}

// padding says which tokens of the last forward are padding. Layers for sequences
// ask it. nil has none.
type padding struct {
	at   []bool // token t of row i at T·i + t
	some bool
}

// reset forgets all for n tokens.
func (p *padding) reset(n int) {
	p.at = grow(p.at, n)
	clear(p.at)
	p.some = false
}

func (p *padding) set(i int) { p.at[i], p.some = true, true }

// is reports that token i of the batch is padding.
func (p *padding) is(i int) bool { return p != nil && p.some && p.at[i] }

// pick is LastToken and MeanTokens: a weighted sum of the tokens of a sample.
type pick[T element] struct {
	tokens, size int
	padding      *padding
	mean         bool

	rows  int
	y, dx []T
}

func newPick[T element](in Shape, b *builder[T], mean bool) (module[T], Shape, error) {
	tokens, size, err := in.sequence()
	if err != nil {
		return nil, nil, err
	}
	return &pick[T]{tokens: tokens, size: size, padding: b.padding, mean: mean}, Features(size), nil
}

func newLastToken[T element](in Shape, b *builder[T]) (module[T], Shape, error) {
	return newPick(in, b, false)
}

func newMeanTokens[T element](in Shape, b *builder[T]) (module[T], Shape, error) {
	return newPick(in, b, true)
}

func (m *pick[T]) forward(x []T, rows int, _ bool) []T {
	m.rows, m.y = rows, grow(m.y, rows*m.size)
	clear(m.y)
	m.each(func(row, token int, share T) {
		addScaled(m.y[row*m.size:(row+1)*m.size], share, x[token*m.size:(token+1)*m.size])
	})
	return m.y
}

func (m *pick[T]) backward(_, dy []T, input bool) []T {
	if !input {
		return nil
	}
	m.dx = grow(m.dx, m.rows*m.tokens*m.size)
	clear(m.dx)
	m.each(func(row, token int, share T) {
		addScaled(m.dx[token*m.size:(token+1)*m.size], share, dy[row*m.size:(row+1)*m.size])
	})
	return m.dx
}

// each calls f for the tokens that count, with their share in the sum.
func (m *pick[T]) each(f func(row, token int, share T)) {
	for i := range m.rows {
		count, last := 0, -1
		for token := i * m.tokens; token < (i+1)*m.tokens; token++ {
			if !m.padding.is(token) {
				count++
				last = token
			}
		}
		switch {
		case last < 0:
		case !m.mean:
			f(i, last, 1)
		default:
			for token := i * m.tokens; token <= last; token++ {
				if !m.padding.is(token) {
					f(i, token, 1/T(count))
				}
			}
		}
	}
}

type unembedding[T element] struct {
	table[T]
	vectors int // of a sample
	b       *view[T]

	rows  int
	x     []T
	y, dx []T
}

func newUnembedding[T element](l Unembedding, in Shape, b *builder[T]) (module[T], Shape, error) {
	vectors, size, err := in.vectors()
	if err != nil {
		return nil, nil, err
	}
	if b.embedded == nil {
		return nil, nil, fmt.Errorf("has no vectors to use: begin the network with an Embedding")
	}
	if size != b.embedded.size {
		return nil, nil, fmt.Errorf("needs vectors of the size of the Embedding, %d, but its input has %d: put model.Dense{Units: %[1]d} before it", b.embedded.size, size)
	}
	m := &unembedding[T]{table: *b.embedded, vectors: vectors}
	m.weights.byRow = false // its products need the whole table
	if l.Bias {
		m.b = b.param("biases", false, constant(0), m.vocabulary)
	}
	return m, in.with(m.vocabulary), nil
}

func (m *unembedding[T]) forward(x []T, rows int, _ bool) []T {
	m.x, m.rows = x, rows*m.vectors
	m.y = grow(m.y, m.rows*m.vocabulary)
	if m.b == nil {
		clear(m.y)
	} else {
		blas.CopyRuns(m.y, m.vocabulary, m.b.values, 0, m.rows, m.vocabulary)
	}
	gemm(blas.NoTrans, blas.Trans, asMatrix(x, m.rows, m.size), m.words(m.weights.values), 1, asMatrix(m.y, m.rows, m.vocabulary))
	return m.y
}

func (m *unembedding[T]) backward(grad, dy []T, input bool) []T {
	if m.b != nil {
		blas.AddRuns(m.b.in(grad), 0, dy, m.vocabulary, m.rows, m.vocabulary)
	}
	d := asMatrix(dy, m.rows, m.vocabulary)
	gemm(blas.Trans, blas.NoTrans, d, asMatrix(m.x, m.rows, m.size), 1, m.words(m.weights.in(grad)))
	if input {
		m.dx = grow(m.dx, m.rows*m.size)
		gemm(blas.NoTrans, blas.NoTrans, d, m.words(m.weights.values), 0, asMatrix(m.dx, m.rows, m.size))
	}
	return m.dx
}

// words is the vectors, or their gradient, as a matrix.
func (m *unembedding[T]) words(v []T) matrix[T] { return asMatrix(v, m.vocabulary, m.size) }
