package model

import (
	"fmt"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// Dense is the fully connected layer y = b + xW, from n features to Units. Its
// parameters are "weights", W of shape (n, units), and "biases", b of shape
// (units). torch.nn.Linear keeps the transpose of W.
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
	w, b    *view[T]

	rows  int
	x     []T         // of the last forward,
	csr   *sparse.CSR // or this
	y, dx []T
}

func newDense[T element](l Dense, in Shape, b *builder[T]) (module[T], Shape, error) {
	n, err := in.features()
	if err != nil {
		return nil, nil, err
	}
	if l.Units < 1 {
		return nil, nil, fmt.Errorf("has %d units, want at least 1", l.Units)
	}
	m := &dense[T]{in: n, out: l.Units}
	m.w = b.param("weights", true, b.weights(l.Init, n, l.Units), n, l.Units)
	if !l.NoBias {
		m.b = b.param("biases", false, constant(0), l.Units)
	}
	return m, Features(l.Units), nil
}

func (m *dense[T]) forward(x []T, rows int, _ bool) []T {
	m.x, m.csr, m.rows = x, nil, rows
	m.start()
	gemm(blas.NoTrans, blas.NoTrans, asMatrix(x, rows, m.in), m.weights(), 1, asMatrix(m.y, rows, m.out))
	return m.y
}

func (m *dense[T]) forwardSparse(x *sparse.CSR, lo, hi int) []T {
	m.x, m.csr, m.rows = nil, x, hi-lo
	m.start()
	for i := range m.rows {
		cols, values := x.Row(lo + i)
		yi := m.y[i*m.out : (i+1)*m.out]
		for p, j := range cols {
			addScaled(yi, T(values[p]), m.w.values[j*m.out:(j+1)*m.out])
		}
	}
	return m.y
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
	dw, d := m.w.in(grad), asMatrix(dy, m.rows, m.out)
	if m.csr == nil {
		gemm(blas.Trans, blas.NoTrans, asMatrix(m.x, m.rows, m.in), d, 1, asMatrix(dw, m.in, m.out))
	} else {
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
	for i := range m.rows {
		cols, values := m.csr.Row(i)
		di := dy[i*m.out : (i+1)*m.out]
		for p, j := range cols {
			addScaled(dw[j*m.out:(j+1)*m.out], T(values[p]), di)
		}
	}
}

func (m *dense[T]) weights() matrix[T] { return asMatrix(m.w.values, m.in, m.out) }
