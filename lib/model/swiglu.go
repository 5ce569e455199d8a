package model

import (
	"fmt"

	"github.com/descent-go/descent/lib/blas"
)

// SwiGLU is a network of two layers, whose hidden units are gated by others:
//
//	y = (silu(xW) ∘ xV)·W₂,  silu(z) = z·σ(z)
//
// The output has the size of the input. It takes the place of Dense, GELU, Dense in
// a transformer; at ⅔ of their units it has as many parameters. On a sequence it
// works on each vector. The parameters are "gate.weights", W, and "up.weights", V,
// both of shape (n, Units), and "down.weights", W₂ of shape (Units, n): the words are
// those of Llama in transformers.
//
// Source: Shazeer, GLU Variants Improve Transformer, 2020.
type SwiGLU struct {
	Units      int         // hidden
	Init       Initializer // of W and V; nil is GlorotUniform
	OutputInit Initializer // of W₂; nil is Init
}

type swiGLU[T element] struct {
	gate, up, down module[T]

	g, u   []T // xW and xV
	h      []T // what goes into W₂
	dg, du []T
	dx     []T
	adder  adder[T]
}

func newSwiGLU[T element](l SwiGLU, in Shape, b *builder[T]) (module[T], Shape, error) {
	_, n, err := in.vectors()
	if err != nil {
		return nil, nil, err
	}
	if l.Units < 1 {
		return nil, nil, fmt.Errorf("has %d units, want at least 1", l.Units)
	}
	init, last := l.Init, l.OutputInit
	if init == nil {
		init = GlorotUniform
	}
	if last == nil {
		last = init
	}
	m := &swiGLU[T]{}
	wide := Dense{Units: l.Units, NoBias: true, Init: init}
	b.part("gate", func() { m.gate, _, _ = newDense(wide, in, b) })
	b.part("up", func() { m.up, _, _ = newDense(wide, in, b) })
	b.part("down", func() { m.down, _, _ = newDense(Dense{Units: n, NoBias: true, Init: last}, in.with(l.Units), b) })
	return m, in, nil
}

func (m *swiGLU[T]) forward(x []T, rows int, training bool) []T {
	m.g, m.u = m.gate.forward(x, rows, training), m.up.forward(x, rows, training)
	m.h = grow(m.h, len(m.g))
	blas.SwiGLU(m.h, m.g, m.u)
	return m.down.forward(m.h, rows, training)
}

func (m *swiGLU[T]) backward(grad, dy []T, input bool) []T {
	dh := m.down.backward(grad, dy, true)
	m.dg, m.du = grow(m.dg, len(dh)), grow(m.du, len(dh))
	blas.SwiGLUGrad(m.dg, m.du, dh, m.g, m.u)
	a, b := m.gate.backward(grad, m.dg, input), m.up.backward(grad, m.du, input)
	if input {
		m.dx = m.adder.sum(m.dx, a, b)
	}
	return m.dx
}
