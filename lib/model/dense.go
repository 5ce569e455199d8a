package model

import (
	"fmt"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// Dense is the fully connected layer y = b + xW, from n features to Units, of a
// sequence from each of its vectors, with the same W. Its parameters are "weights",
// W of shape (n, units), and "biases", b of shape (units). torch.nn.Linear keeps the
// transpose of W.
//
// As the first layer it accepts sparse rows without converting them; the time
// is proportional to the non-zeros, times Units.
type Dense struct {
	Units  int
	NoBias bool        // omit b, as before a BatchNorm, whose shift replaces it
	Init   Initializer // of W; nil chooses by the activation that follows
}

type dense[T element] struct {
	in, out int
	vectors int // of a sample
	w, b    *view[T]

	rows  int         // vectors of the last forward
	x     []T         // of the last forward,
	csr   *sparse.CSR // or this
	y, dx []T
}

func newDense[T element](l Dense, in Shape, b *builder[T]) (module[T], Shape, error) {
	vectors, n, err := in.vectors()
	if err != nil {
		return nil, nil, err
	}
	if l.Units < 1 {
		return nil, nil, fmt.Errorf("has %d units, want at least 1", l.Units)
	}
	m := &dense[T]{in: n, out: l.Units, vectors: vectors}
	m.w = b.param("weights", true, b.weights(l.Init, n, l.Units), n, l.Units)
	_, m.w.written = any(m.w.values).([]float32) // in float64 there may be another gradient
	if !l.NoBias {
		m.b = b.param("biases", false, constant(0), l.Units)
	}
	return b.adapt(m), in.with(l.Units), nil
}

func (m *dense[T]) forward(x []T, rows int, _ bool) []T {
	m.x, m.csr, m.rows = x, nil, rows*m.vectors
	m.start()
	gemm(blas.NoTrans, blas.NoTrans, asMatrix(x, m.rows, m.in), m.weights(), 1, asMatrix(m.y, m.rows, m.out))
	return m.y
}

func (m *dense[T]) forwardSparse(x *sparse.CSR, lo, hi int) []T {
	m.x, m.csr, m.rows = nil, x, (hi-lo)*m.vectors
	m.start()
	for i := range hi - lo {
		cols, values := x.Row(lo + i)
		for p, j := range cols {
			r, j := m.place(i, j)
			addScaled(m.y[r*m.out:(r+1)*m.out], T(values[p]), m.w.values[j*m.out:(j+1)*m.out])
		}
	}
	return m.y
}

// place returns the vector and the feature of column j of sample i.
func (m *dense[T]) place(i, j int) (vector, feature int) {
	if m.vectors == 1 {
		return i, j
	}
	return i*m.vectors + j/m.in, j % m.in
}

// start sets the rows of y to b.
func (m *dense[T]) start() {
	m.y = grow(m.y, m.rows*m.out)
	if m.b == nil {
		clear(m.y)
		return
	}
	blas.CopyRuns(m.y, m.out, m.b.values, 0, m.rows, m.out)
}

func (m *dense[T]) backward(grad, dy []T, input bool) []T {
	if m.b != nil {
		blas.AddRuns(m.b.in(grad), 0, dy, m.out, m.rows, m.out)
	}
	d := asMatrix(dy, m.rows, m.out)
	switch {
	case m.w.frozen:
	case m.csr == nil:
		beta := T(1)
		if m.w.written {
			beta = 0
		}
		gemm(blas.Trans, blas.NoTrans, asMatrix(m.x, m.rows, m.in), d, beta, asMatrix(m.w.in(grad), m.in, m.out))
	default:
		dw := m.w.in(grad)
		if m.w.written {
			clear(dw)
		}
		m.backwardSparse(dw, dy)
	}
	if input {
		m.dx = grow(m.dx, m.rows*m.in)
		gemm(blas.NoTrans, blas.Trans, d, m.weights(), 0, asMatrix(m.dx, m.rows, m.in))
	}
	return m.dx
}

// backwardSparse is for training, which has the batch from row 0 on.
func (m *dense[T]) backwardSparse(dw, dy []T) {
	for i := range m.rows / m.vectors {
		cols, values := m.csr.Row(i)
		for p, j := range cols {
			r, j := m.place(i, j)
			addScaled(dw[j*m.out:(j+1)*m.out], T(values[p]), dy[r*m.out:(r+1)*m.out])
		}
	}
}

func (m *dense[T]) weights() matrix[T] { return asMatrix(m.w.values, m.in, m.out) }
