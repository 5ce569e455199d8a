package model

import (
	"fmt"
	"math/rand/v2"
	"runtime"

	"github.com/descent-go/descent/internal/crew"
)

// SelfAttention lets each token of a sequence take from the others what it needs.
// From the vectors X, a row for each token, it computes queries, keys and values,
//
//	[Q K V] = XW + b
//
// and for each of its heads, which has its own columns of Q, K and V,
//
//	Attention(Q, K, V) = softmax(QKᵀ/√d + M)·V
//
// with d the size of a head, which is the size of a vector divided by Heads. The
// heads' outputs, one next to the other, are multiplied by another matrix:
// y = [head₁ … headₕ]·W₂ + b₂. M is 0 where a token may look and −∞ elsewhere: at
// padding and, if Causal is set, at later tokens. A token that may look nowhere has
// the output y = b₂.
//
// The parameters are "qkv.weights" of shape (size, 3·size), whose columns are the
// queries of all heads, then the keys, then the values, "qkv.biases",
// "output.weights" of shape (size, size) and "output.biases". It works as
// torch.nn.MultiheadAttention, whose matrices are the transposes, and as the
// attention of GPT-2, whose matrices are these.
//
// The softmax is computed by blocks of rows: its memory grows with T, not with T²,
// for sequences of T tokens.
//
// Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin,
// Attention Is All You Need, 2017.
type SelfAttention struct {
	Heads      int
	Causal     bool        // a token sees itself and what is before it
	Rotary     float64     // base of rotary positions, usually 10000: see RotaryPositions; 0 for none
	NoBias     bool        // omit b and b₂
	Init       Initializer // of W; nil is GlorotUniform
	OutputInit Initializer // of W₂; nil is Init
}

type selfAttention[T element] struct {
	tokens, size, heads int
	attention           attention[T]
	rotary              *rotary[T] // nil for none
	padding             *padding
	cache               *cache[T] // nil unless tokens come one at a time

	qkv, output module[T]

	rows          int
	x, y          []T // [Q K V] and the heads' outputs
	dx, dy        []T
	logs          []T // of each row, head and token
	scratch       []attentionScratch[T]
	crew          crew.Crew
	forth, back   func(worker, part int)
	needsBackward bool
}

func newSelfAttention[T element](l SelfAttention, in Shape, b *builder[T]) (module[T], Shape, error) {
	tokens, size, err := in.sequence()
	if err != nil {
		return nil, nil, err
	}
	if l.Heads < 1 || size%l.Heads != 0 {
		return nil, nil, fmt.Errorf("has %d heads for vectors of %d numbers: the heads must divide them equally", l.Heads, size)
	}
	m := &selfAttention[T]{tokens: tokens, size: size, heads: l.Heads, padding: b.padding}
	m.attention.causal = l.Causal
	if l.Rotary != 0 {
		if m.rotary, err = newRotary[T](l.Rotary, size/l.Heads, b.positions(tokens)); err != nil {
			return nil, nil, err
		}
	}
	if b.decoding != nil {
		if !l.Causal {
			return nil, nil, fmt.Errorf("is not causal: its tokens depend on those that follow and cannot be computed one at a time")
		}
		m.cache = &cache[T]{decoding: b.decoding}
	}
	init, last := l.Init, l.OutputInit
	if init == nil {
		init = GlorotUniform
	}
	if last == nil {
		last = init
	}
	square := func(w []float64, _, _ int, r *rand.Rand) { init(w, size, size, r) }
	b.part("qkv", func() { m.qkv, _, err = newDense(Dense{Units: 3 * size, NoBias: l.NoBias, Init: square}, in, b) })
	if err != nil {
		return nil, nil, err
	}
	b.part("output", func() { m.output, _, err = newDense(Dense{Units: size, NoBias: l.NoBias, Init: last}, in, b) })
	m.forth, m.back = m.forwardPart, m.backwardPart
	return m, in, err
}

func (m *selfAttention[T]) forward(x []T, rows int, training bool) []T {
	m.rows, m.needsBackward = rows, training
	m.x = m.qkv.forward(x, rows, training)
	m.y = grow(m.y, rows*m.tokens*m.size)
	if m.rotary != nil {
		m.rotary.turn(m.x, 3*m.size, 2*m.heads, m.tokens, m.cache.position(), 1)
	}
	if m.cache != nil {
		m.cache.add(m.x, rows, m.size)
	}
	if training {
		m.logs = grow(m.logs, rows*m.heads*m.tokens)
	}
	m.share(m.forth)
	return m.output.forward(m.y, rows, training)
}

// share computes all heads of all samples on several cores.
func (m *selfAttention[T]) share(job func(worker, part int)) {
	workers := runtime.GOMAXPROCS(0)
	for len(m.scratch) < workers {
		m.scratch = append(m.scratch, attentionScratch[T]{})
	}
	m.crew.Do(workers, m.rows*m.heads, job)
}

// forwardPart computes one head of one sample.
func (m *selfAttention[T]) forwardPart(worker, part int) {
	q, k, v := m.operands(m.x, part)
	a := m.attention
	if m.cache != nil {
		a.first = m.cache.at
		k, v = m.cache.operands(part/m.heads, part%m.heads, m.size, q.cols)
	}
	a.forward(m.head(m.y, part), q, k, v, m.hidden(part), m.logsOf(part), &m.scratch[worker])
}

func (m *selfAttention[T]) backward(grad, dy []T, input bool) []T {
	m.dy = m.output.backward(grad, dy, true)
	m.dx = grow(m.dx, len(m.x))
	m.share(m.back)
	if m.rotary != nil {
		m.rotary.turn(m.dx, 3*m.size, 2*m.heads, m.tokens, 0, -1)
	}
	return m.qkv.backward(grad, m.dx, input)
}

// backwardPart computes the gradients of one head of one sample.
func (m *selfAttention[T]) backwardPart(worker, part int) {
	q, k, v := m.operands(m.x, part)
	dq, dk, dv := m.operands(m.dx, part)
	m.attention.backward(dq, dk, dv, m.head(m.dy, part), m.head(m.y, part), q, k, v,
		m.hidden(part), m.logsOf(part), &m.scratch[worker])
}

// operands returns Q, K and V of one head of one sample, or their gradients.
func (m *selfAttention[T]) operands(x []T, part int) (q, k, v matrix[T]) {
	sample, head := part/m.heads, part%m.heads
	all := asMatrix(x[sample*m.tokens*3*m.size:], m.tokens, 3*m.size)
	d := m.size / m.heads
	return all.columns(head*d, d), all.columns(m.size+head*d, d), all.columns(2*m.size+head*d, d)
}

// head returns the output of one head of one sample, or its gradient.
func (m *selfAttention[T]) head(y []T, part int) matrix[T] {
	sample, head := part/m.heads, part%m.heads
	d := m.size / m.heads
	return asMatrix(y[sample*m.tokens*m.size:], m.tokens, m.size).columns(head*d, d)
}

// hidden says which tokens of a part's sample are padding, nil if none is.
func (m *selfAttention[T]) hidden(part int) []bool {
	if m.padding == nil || !m.padding.some {
		return nil
	}
	sample := part / m.heads
	return m.padding.at[sample*m.tokens : (sample+1)*m.tokens]
}

func (m *selfAttention[T]) logsOf(part int) []T {
	if !m.needsBackward {
		return nil
	}
	return m.logs[part*m.tokens : (part+1)*m.tokens]
}
