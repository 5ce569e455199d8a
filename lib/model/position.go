package model

import (
	"fmt"
	"math"
)

// LearnedPositions adds a vector to each vector of a sequence, which depends on its
// position only and is learned: y_t = x_t + p_t. Attention does not know the order
// of its tokens without positions. The parameter is "weights" of shape (tokens,
// size), drawn from N(0, 0.02²) unless Init is set.
//
// Source: Radford, Wu, Child, Luan, Amodei and Sutskever, Language Models are
// Unsupervised Multitask Learners, 2019 (GPT-2).
type LearnedPositions struct {
	Init Initializer // of the vectors; nil is Normal(0.02)
}

// SinusoidalPositions adds waves to each vector of a sequence, y_t = x_t + p_t:
//
//	p_{t,2j} = sin(t·10000^(−2j/size)),  p_{t,2j+1} = cos(t·10000^(−2j/size))
//
// It has no parameters. The waves are between −1 and 1: the vectors before it should
// be of that size.
//
// Source: Vaswani and others, Attention Is All You Need, 2017, section 3.5.
type SinusoidalPositions struct{}

// positions adds a vector to each token.
type positions[T element] struct {
	tokens, size int
	learned      *view[T] // or else
	fixed        []T
	decoding     *decoding // tells the position where tokens come one at a time

	rows int
	y    []T
}

func newLearnedPositions[T element](l LearnedPositions, in Shape, b *builder[T]) (module[T], Shape, error) {
	tokens, size, err := in.sequence()
	if err != nil {
		return nil, nil, err
	}
	init := l.Init
	if init == nil {
		init = Normal(0.02)
	}
	m := &positions[T]{tokens: tokens, size: size, decoding: b.decoding}
	m.learned = b.param("weights", true, b.weights(init, 1, size), b.positions(tokens), size)
	return m, in, nil
}

func newSinusoidalPositions[T element](in Shape, b *builder[T]) (module[T], Shape, error) {
	tokens, size, err := in.sequence()
	if err != nil {
		return nil, nil, err
	}
	if size%2 != 0 {
		return nil, nil, fmt.Errorf("needs vectors of an even size, but its input is a sequence of %v", in)
	}
	m := &positions[T]{tokens: tokens, size: size, decoding: b.decoding, fixed: make([]T, b.positions(tokens)*size)}
	for i := range m.fixed {
		t, j := i/size, i%size
		sin, cos := math.Sincos(float64(t) * math.Pow(10000, -float64(j-j%2)/float64(size)))
		if m.fixed[i] = T(sin); j%2 == 1 {
			m.fixed[i] = T(cos)
		}
	}
	return m, in, nil
}

func (m *positions[T]) forward(x []T, rows int, _ bool) []T {
	m.rows, m.y = rows, grow(m.y, len(x))
	p := m.fixed
	if m.learned != nil {
		p = m.learned.values
	}
	p = p[m.decoding.position()*m.size:][:m.tokens*m.size]
	for lo := 0; lo < len(x); lo += len(p) {
		y, x := m.y[lo:lo+len(p)], x[lo:lo+len(p)]
		for i, v := range p {
			y[i] = x[i] + v
		}
	}
	return m.y
}

func (m *positions[T]) backward(grad, dy []T, _ bool) []T {
	if m.learned != nil {
		d := m.learned.in(grad)
		for lo := 0; lo < len(dy); lo += len(d) {
			addScaled(d, 1, dy[lo:lo+len(d)])
		}
	}
	return dy
}
