package model

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Dropout, in training, sets each number to 0 with probability Rate and divides
// the others by 1 − Rate, so that the expectation does not change. No unit can
// then rely on a particular other unit. In Predict it does nothing.
//
// Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout:
// A Simple Way to Prevent Neural Networks from Overfitting, 2014.
type Dropout struct {
	Rate float64 // 0 ≤ Rate < 1
}

// GaussianNoise, in training, adds N(0, Sigma²) to each number. As the first
// layer, on standardised data, it teaches the network that nearby samples are
// alike; for a linear model it amounts to ridge regression in expectation. In
// Predict it does nothing.
//
// Source: Bishop, Training with Noise is Equivalent to Tikhonov Regularization,
// 1995.
type GaussianNoise struct {
	Sigma float64 // standard deviation, in units of the input
}

type dropout[T element] struct {
	rate   float64
	stream *rand.Rand
	scale  []T // of each number in the last forward: 0 or 1/(1−rate)
	y, dx  []T
}

func newDropout[T element](l Dropout, in Shape, b *builder[T]) (module[T], Shape, error) {
	if !(l.Rate >= 0 && l.Rate < 1) {
		return nil, nil, fmt.Errorf("has Rate %g, want 0 ≤ Rate < 1", l.Rate)
	}
	return &dropout[T]{rate: l.Rate, stream: b.stream}, in, nil
}

func (m *dropout[T]) forward(x []T, _ int, training bool) []T {
	if !training {
		return x
	}
	m.scale, m.y = grow(m.scale, len(x)), grow(m.y, len(x))
	for i, v := range x {
		if m.scale[i] = 0; m.stream.Float64() >= m.rate {
			m.scale[i] = T(1 / (1 - m.rate))
		}
		m.y[i] = m.scale[i] * v
	}
	return m.y
}

func (m *dropout[T]) backward(_, dy []T, input bool) []T {
	if input {
		m.dx = grow(m.dx, len(dy))
		for i, s := range m.scale {
			m.dx[i] = s * dy[i]
		}
	}
	return m.dx
}

type gaussianNoise[T element] struct {
	sigma  float64
	stream *rand.Rand
	y      []T
}

func newGaussianNoise[T element](l GaussianNoise, in Shape, b *builder[T]) (module[T], Shape, error) {
	if !(l.Sigma >= 0) || math.IsInf(l.Sigma, 1) {
		return nil, nil, fmt.Errorf("has Sigma %g, want a finite number ≥ 0", l.Sigma)
	}
	return &gaussianNoise[T]{sigma: l.Sigma, stream: b.stream}, in, nil
}

func (m *gaussianNoise[T]) forward(x []T, _ int, training bool) []T {
	if !training {
		return x
	}
	m.y = grow(m.y, len(x))
	for i, v := range x {
		m.y[i] = v + T(m.sigma*m.stream.NormFloat64())
	}
	return m.y
}

func (m *gaussianNoise[T]) backward(_, dy []T, _ bool) []T { return dy }
