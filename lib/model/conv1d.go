package model

import (
	"fmt"

	"github.com/descent-go/descent/lib/blas"
)

// Conv1D slides filters over a sequence of vectors of C numbers, its channels:
//
//	y(t, f) = b(f) + Σ w(f, c, k)·x(t + k·Dilation − Padding, c)
//
// over all channels c and 0 ≤ k < Kernel, where x is 0 outside the sequence and at
// padding tokens. {T, C} becomes {T', Filters}, with T' = T + 2·Padding −
// (Kernel−1)·Dilation. With Causal there are (Kernel−1)·Dilation zeros before the
// sequence and none after it, so that y at t sees tokens up to t, and T' = T.
//
// The parameters are "weights" of shape (filters, channels, kernel) and "biases", as
// those of torch.nn.Conv1d, whose samples hold one channel after another.
//
// Source for causal and dilated convolutions: van den Oord et al., WaveNet: A
// Generative Model for Raw Audio, 2016.
type Conv1D struct {
	Filters  int
	Kernel   int         // tokens that a filter sees
	Padding  int         // zeros at each end; 0 with Causal
	Dilation int         // distance between the tokens that a filter sees; 0 means 1
	Causal   bool        // see no token after the one that is computed
	NoBias   bool        // omit b
	Init     Initializer // of w; nil chooses by the activation that follows
}

type conv1D[T element] struct {
	Conv1D
	before           int // zeros before the sequence
	tokens, channels int
	out              int      // tokens of the output
	padding, told    *padding // of the input, and of an output of another length
	w, b             *view[T]

	rows   int
	taps   []T // w as Kernel matrices of channels×filters
	dTaps  []T
	x, dx  []T // samples with zeros around them, and as many at the end as a filter is long
	y, dy  []T // y at each place of x, also where a filter lies across two samples
	result []T
	dInput []T
}

func newConv1D[T element](l Conv1D, in Shape, b *builder[T]) (module[T], Shape, error) {
	tokens, channels, err := in.sequence()
	if err != nil {
		return nil, nil, err
	}
	if l.Dilation == 0 {
		l.Dilation = 1
	}
	reach := (l.Kernel - 1) * l.Dilation
	m := &conv1D[T]{Conv1D: l, before: l.Padding, tokens: tokens, channels: channels, padding: b.padding}
	m.out = tokens + 2*l.Padding - reach
	if l.Causal {
		m.before, m.out = reach, tokens
	}
	switch {
	case l.Filters < 1 || l.Kernel < 1 || l.Dilation < 1:
		return nil, nil, fmt.Errorf("has %d filters, a kernel of %d and dilation %d, want at least 1 each", l.Filters, l.Kernel, l.Dilation)
	case l.Padding < 0:
		return nil, nil, fmt.Errorf("has padding %d, want 0 or more", l.Padding)
	case l.Causal && l.Padding > 0:
		return nil, nil, fmt.Errorf("has padding %d and is Causal, which chooses the padding: leave one of them out", l.Padding)
	case m.out < 1:
		return nil, nil, fmt.Errorf("its kernel reaches over %d tokens and does not fit on a sequence of %d with padding %d: use a smaller kernel, or Causal", reach+1, tokens, l.Padding)
	}
	if m.padding != nil && m.out != tokens {
		m.told = new(padding)
		b.padding = m.told
	}
	m.w = b.param("weights", true, b.weights(l.Init, channels*l.Kernel, l.Filters*l.Kernel), l.Filters, channels, l.Kernel)
	if !l.NoBias {
		m.b = b.param("biases", false, constant(0), l.Filters)
	}
	return m, Sequence(m.out, l.Filters), nil
}

// span is how many places a sample takes: its tokens and the zeros around them.
func (m *conv1D[T]) span() int { return m.out + m.reach() }

func (m *conv1D[T]) reach() int { return (m.Kernel - 1) * m.Dilation }

// forward adds one product for each tap: all places of all samples, times the
// weights of the tap. Where a filter lies across two samples the result is not used.
func (m *conv1D[T]) forward(x []T, rows int, _ bool) []T {
	m.rows = rows
	m.spread(x)
	m.transpose(m.w.values)
	places := rows * m.span()
	m.y = grow(m.y, places*m.Filters)
	if m.b == nil {
		clear(m.y)
	} else {
		blas.CopyRuns(m.y, m.Filters, m.b.values, 0, places, m.Filters)
	}
	for k := range m.Kernel {
		gemm(blas.NoTrans, blas.NoTrans, m.seen(m.x, k), m.tap(m.taps, k), 1, asMatrix(m.y, places, m.Filters))
	}
	m.result = grow(m.result, rows*m.out*m.Filters)
	for i := range rows {
		copy(m.result[i*m.out*m.Filters:(i+1)*m.out*m.Filters], m.y[i*m.span()*m.Filters:])
	}
	m.tell()
	return m.result
}

// spread copies the samples to where there are zeros around them.
func (m *conv1D[T]) spread(x []T) {
	m.x = grow(m.x, (m.rows*m.span()+m.reach())*m.channels)
	clear(m.x)
	m.each(func(token, place int) { copy(m.vector(m.x, place), m.vector(x, token)) })
}

// each calls f for each token that is no padding, and its place among the zeros.
func (m *conv1D[T]) each(f func(token, place int)) {
	for i := range m.rows {
		for t := range m.tokens {
			if token := i*m.tokens + t; !m.padding.is(token) {
				f(token, i*m.span()+m.before+t)
			}
		}
	}
}

func (m *conv1D[T]) vector(v []T, i int) []T { return v[i*m.channels : (i+1)*m.channels] }

// seen is what tap k sees from all places.
func (m *conv1D[T]) seen(v []T, k int) matrix[T] {
	return asMatrix(v[k*m.Dilation*m.channels:], m.rows*m.span(), m.channels)
}

// tap is the matrix of tap k.
func (m *conv1D[T]) tap(v []T, k int) matrix[T] {
	n := m.channels * m.Filters
	return asMatrix(v[k*n:(k+1)*n], m.channels, m.Filters)
}

// transpose sets the taps to the weights.
func (m *conv1D[T]) transpose(w []T) {
	m.taps = grow(m.taps, len(w))
	for f := range m.Filters {
		for c := range m.channels {
			for k := range m.Kernel {
				m.taps[(k*m.channels+c)*m.Filters+f] = w[(f*m.channels+c)*m.Kernel+k]
			}
		}
	}
}

// tell says which tokens of an output of another length are padding: those for which
// the filters saw nothing else.
func (m *conv1D[T]) tell() {
	if m.told == nil {
		return
	}
	m.told.reset(m.rows * m.out)
	for i := range m.rows {
		for t := range m.out {
			sees := false
			for k := range m.Kernel {
				at := t + k*m.Dilation - m.before
				sees = sees || at >= 0 && at < m.tokens && !m.padding.is(i*m.tokens+at)
			}
			if !sees {
				m.told.set(i*m.out + t)
			}
		}
	}
}

func (m *conv1D[T]) backward(grad, dy []T, input bool) []T {
	places, n := m.rows*m.span(), m.out*m.Filters
	m.dy = grow(m.dy, places*m.Filters)
	clear(m.dy)
	for i := range m.rows {
		copy(m.dy[i*m.span()*m.Filters:], dy[i*n:(i+1)*n])
	}
	if m.b != nil {
		blas.AddRuns(m.b.in(grad), 0, dy, m.Filters, m.rows*m.out, m.Filters)
	}
	d := asMatrix(m.dy, places, m.Filters)
	m.dTaps = grow(m.dTaps, len(m.taps))
	for k := range m.Kernel {
		gemm(blas.Trans, blas.NoTrans, m.seen(m.x, k), d, 0, m.tap(m.dTaps, k))
	}
	dw := m.w.in(grad)
	for f := range m.Filters {
		for c := range m.channels {
			for k := range m.Kernel {
				dw[(f*m.channels+c)*m.Kernel+k] += m.dTaps[(k*m.channels+c)*m.Filters+f]
			}
		}
	}
	if !input {
		return nil
	}
	m.dx = grow(m.dx, len(m.x))
	clear(m.dx)
	for k := range m.Kernel {
		gemm(blas.NoTrans, blas.Trans, d, m.tap(m.taps, k), 1, m.seen(m.dx, k))
	}
	m.dInput = grow(m.dInput, m.rows*m.tokens*m.channels)
	clear(m.dInput)
	m.each(func(token, place int) { copy(m.vector(m.dInput, token), m.vector(m.dx, place)) })
	return m.dInput
}
