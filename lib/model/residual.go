package model

import (
	"fmt"

	"github.com/descent-go/descent/lib/blas"
)

// Residual adds its input to the output of its layers, y = x + F(x; θ). The
// layers only have to learn the difference, and the gradient reaches the
// layers before it undiminished. The output of F must have the shape of x.
//
//	model.Residual{model.Dense{Units: 32}, model.ReLU{}, model.Dense{Units: 32}}
//
// Source: He, Zhang, Ren and Sun, Deep Residual Learning for Image
// Recognition, 2016, equation 1.
type Residual []Layer

type residual[T element] struct {
	*chain[T]
	y, dx []T
	adder adder[T]
}

func newResidual[T element](l Residual, in Shape, b *builder[T]) (module[T], Shape, error) {
	if len(l) == 0 {
		return nil, nil, fmt.Errorf("has no layers in it")
	}
	b.first = false // its input is also added to its output
	c, out, err := b.chain(l, in)
	if err != nil {
		return nil, nil, err
	}
	if out.String() != in.String() {
		return nil, nil, fmt.Errorf("its input has shape %v and its layers make %v of it: they cannot be added", in, out)
	}
	return &residual[T]{chain: c}, in, nil
}

func (m *residual[T]) forward(x []T, rows int, training bool) []T {
	m.y = m.adder.sum(m.y, x, m.chain.forward(x, rows, training))
	return m.y
}

func (m *residual[T]) backward(grad, dy []T, input bool) []T {
	dx := m.chain.backward(grad, dy, input)
	if input {
		m.dx = m.adder.sum(m.dx, dy, dx)
	}
	return m.dx
}

// An adder adds vectors, on several cores if they are long.
type adder[T element] struct {
	to, a, b []T
	shares   shares
	add      func(lo, hi int)
}

// sum returns a + b in the memory of dst.
func (m *adder[T]) sum(dst, a, b []T) []T {
	if m.add == nil {
		m.add = func(lo, hi int) { blas.Sum(m.to[lo:hi], m.a[lo:hi], m.b[lo:hi]) }
	}
	m.to, m.a, m.b = grow(dst, len(a)), a, b
	m.shares.do(len(a), 1, m.add)
	return m.to
}
