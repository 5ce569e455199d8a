package model

import (
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// Embedding replaces each word's id by a vector of Size numbers, a row of its
// parameter "weights" of shape (vocabulary, size). A sample is a row of ids,
// whole numbers from 0 to Vocabulary − 1. Shorter texts are filled up with the
// id Padding, which may be −1; its vector counts as 0, and the layers that follow
// know where it stands. A row of n ids becomes a sequence of shape {n, size}. The
// vectors are drawn from N(0, 1) unless Init is set; its fanIn is 1 and its fanOut
// is Size. It works as torch.nn.Embedding.
//
// In a literal, Padding is 0, the first word: [NewEmbedding] sets it to −1.
//
// Padding is not read; whether it counts in the loss is for its target to say. Where the
// network predicts a row for each token, give padding the target −1 and train with
// loss.NewTokenCrossEntropy, or the network learns to predict padding.
//
// An embedding must be the first layer. [Network.CheckInput] reports ids that
// are not in the vocabulary; Forward and Predict panic on them.
//
// Source: Bengio, Ducharme, Vincent and Jauvin, A Neural Probabilistic Language
// Model, 2003.
type Embedding struct {
	Vocabulary int
	Size       int
	Padding    int         // id of the padding; −1 if it is none of the vocabulary
	Init       Initializer // of the vectors; nil is N(0, 1)
}

// NewEmbedding returns Embedding for rows that are filled up with −1, so that each
// id of the vocabulary is a word.
func NewEmbedding(vocabulary, size int) Embedding {
	return Embedding{Vocabulary: vocabulary, Size: size, Padding: -1}
}

// MeanEmbedding is the mean of the vectors of a sample's words, without the
// padding: a text of n ids becomes Size features, and the order of the words
// does not matter. A text of padding only becomes 0. In all other respects it
// works as Embedding, and as torch.nn.EmbeddingBag with mode "mean".
//
// Source: Joulin, Grave, Bojanowski and Mikolov, Bag of Tricks for Efficient
// Text Classification, 2016.
type MeanEmbedding struct {
	Vocabulary int
	Size       int
	Padding    int         // id of the padding; −1 if it is none of the vocabulary
	Init       Initializer // of the vectors; nil is N(0, 1)
}

// EmbeddingBag is MeanEmbedding for texts that are already counted: a sample
// has a column for each word of the vocabulary, which holds its count or
// another weight, such as TF-IDF:
//
//	y = Σⱼ xⱼ·eⱼ / Σⱼ xⱼ
//
// and 0 where the weights sum to 0. On a *sparse.CSR it takes time proportional
// to the non-zeros, times Size.
type EmbeddingBag struct {
	Size int
	Init Initializer // of the vectors; nil is N(0, 1)
}

// CheckInput reports the first element of x that is not in the vocabulary.
func (l Embedding) CheckInput(x mat.Matrix) error { return checkWords(x, l.Vocabulary, l.Padding) }

// CheckInput reports the first element of x that is not in the vocabulary.
func (l MeanEmbedding) CheckInput(x mat.Matrix) error {
	return checkWords(x, l.Vocabulary, l.Padding)
}

type embedding[T element] struct {
	vectors[T]
	mean   bool // over the tokens of a sample
	tokens int
	at     *padding // tells other layers

	rows   int
	x, y   []T
	ids    []int32 // of the tokens
	shares shares
	forth  func(lo, hi int) // copyVectors, bound once
	sent   sent[T]
}

func newEmbedding[T element](l Embedding, in Shape, b *builder[T]) (*embedding[T], Shape, error) {
	t, err := newTable(l.Vocabulary, l.Size, l.Padding, l.Init, b)
	if err != nil {
		return nil, nil, err
	}
	tokens, err := in.features()
	b.embedded, b.padding = &t, new(padding)
	return &embedding[T]{vectors: vectors[T]{table: t}, tokens: tokens, at: b.padding}, Sequence(tokens, l.Size), err
}

func newMeanEmbedding[T element](l MeanEmbedding, in Shape, b *builder[T]) (*embedding[T], Shape, error) {
	m, _, err := newEmbedding(Embedding(l), in, b)
	if err != nil {
		return nil, nil, err
	}
	m.mean = true
	b.embedded, b.padding = nil, nil
	return m, Features(l.Size), nil
}

func (m *embedding[T]) forward(x []T, rows int, _ bool) []T {
	m.x, m.rows, m.ids = x, rows, grow(m.ids, len(x))
	for i, v := range x {
		m.ids[i] = int32(m.id(v, i))
	}
	if m.mean {
		return m.forwardMean()
	}
	m.y = grow(m.y, len(x)*m.size)
	m.at.reset(len(x))
	for i, id := range m.ids {
		if int(id) == m.padding {
			m.at.set(i)
		}
	}
	if !blas.HasKernels {
		m.copyVectors(0, len(m.y))
		return m.y
	}
	if m.forth == nil {
		m.forth = m.copyVectors
	}
	m.shares.do(len(m.y), m.size, m.forth)
	return m.y
}

// copyVectors sets the numbers of y from first to last, which are whole vectors.
func (m *embedding[T]) copyVectors(first, last int) {
	for i := first / m.size; i < last/m.size; i++ {
		if id := int(m.ids[i]); id == m.padding {
			clear(m.of(m.y, i))
		} else {
			m.copyVector(m.of(m.y, i), id)
		}
	}
}

// id returns the id of token i of the batch.
func (m *embedding[T]) id(v T, i int) int {
	if m.padding == noID && v == noID {
		return noID
	}
	return mustID(float64(v), i/m.tokens, i%m.tokens, m.vocabulary)
}

func (m *embedding[T]) forwardMean() []T {
	m.y = grow(m.y, m.rows*m.size)
	clear(m.y)
	m.forget()
	for i := range m.rows {
		words := m.words(i)
		for _, id := range m.sample(i) {
			if int(id) != m.padding {
				addScaled(m.of(m.y, i), 1/words, m.vector(int(id)))
			}
		}
	}
	return m.y
}

// sample returns the ids of sample i.
func (m *embedding[T]) sample(i int) []int32 { return m.ids[i*m.tokens : (i+1)*m.tokens] }

// words counts those of sample i that are not padding.
func (m *embedding[T]) words(i int) T {
	n := T(0)
	for _, id := range m.sample(i) {
		if int(id) != m.padding {
			n++
		}
	}
	return n
}

// backward has no gradient for x: ids do not change by little. dy is nil if the layer
// above has added the gradient of the words already.
func (m *embedding[T]) backward(grad, dy []T, _ bool) []T {
	if dy == nil {
		return nil
	}
	if blas.HasKernels {
		m.eachSent(m.sent.add)
		m.sent.deliver(m.table, grad, dy)
		return nil
	}
	g := m.weights.in(grad)
	m.eachSent(func(word, row int, share T) { addScaled(m.of(g, word), share, m.of(dy, row)) })
	return nil
}

// eachSent calls f for each word of the batch with the row of y that it is in, and its share of that.
func (m *embedding[T]) eachSent(f func(word, row int, share T)) {
	for i := range m.rows {
		words := m.words(i)
		for j, id := range m.sample(i) {
			switch {
			case int(id) == m.padding:
			case m.mean:
				f(int(id), i, 1/words)
			default:
				f(int(id), i*m.tokens+j, 1)
			}
		}
	}
}

type bag[T element] struct {
	vectors[T]
	rows int
	x    []T         // of the last forward,
	csr  *sparse.CSR // or its rows from lo on
	lo   int
	sums []T // Σ x of each row
	y    []T
	sent sent[T]
}

func newBag[T element](l EmbeddingBag, in Shape, b *builder[T]) (module[T], Shape, error) {
	words, err := in.features()
	if err != nil {
		return nil, nil, err
	}
	t, err := newTable(words, l.Size, -1, l.Init, b)
	return &bag[T]{vectors: vectors[T]{table: t}}, Features(l.Size), err
}

func (m *bag[T]) forward(x []T, rows int, _ bool) []T {
	m.x, m.csr, m.rows = x, nil, rows
	return m.average()
}

func (m *bag[T]) forwardSparse(x *sparse.CSR, lo, hi int) []T {
	m.x, m.csr, m.lo, m.rows = nil, x, lo, hi-lo
	return m.average()
}

func (m *bag[T]) average() []T {
	m.y, m.sums = grow(m.y, m.rows*m.size), grow(m.sums, m.rows)
	clear(m.y)
	clear(m.sums)
	m.forget()
	m.each(func(i, _ int, weight T) { m.sums[i] += weight })
	m.each(func(i, word int, weight T) {
		addScaled(m.of(m.y, i), m.share(i, weight), m.vector(word))
	})
	return m.y
}

func (m *bag[T]) backward(grad, dy []T, _ bool) []T {
	if blas.HasKernels {
		m.each(func(i, word int, weight T) { m.sent.add(word, i, m.share(i, weight)) })
		m.sent.deliver(m.table, grad, dy)
		return nil
	}
	g := m.weights.in(grad)
	m.each(func(i, word int, weight T) {
		addScaled(m.of(g, word), m.share(i, weight), m.of(dy, i))
	})
	return nil
}

// share is a weight as a part of its row's sum.
func (m *bag[T]) share(i int, weight T) T {
	if m.sums[i] == 0 {
		return 0
	}
	return weight / m.sums[i]
}

// each calls f with the row, the word and the weight of each non-zero.
func (m *bag[T]) each(f func(row, word int, weight T)) {
	for i := range m.rows {
		if m.csr != nil {
			words, weights := m.csr.Row(m.lo + i)
			for p, word := range words {
				f(i, word, T(weights[p]))
			}
			continue
		}
		for word, weight := range m.x[i*m.vocabulary : (i+1)*m.vocabulary] {
			if weight != 0 {
				f(i, word, weight)
			}
		}
	}
}
