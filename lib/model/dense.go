package model

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// Dense is the fully connected layer y = b + xW, from n features to Units. Its
// parameters are "weights", W of shape (n, units), and "biases", b of shape
// (units). torch.nn.Linear keeps the transpose of W.
//
// As the first layer it reads sparse rows as they are: time is proportional to
// the non-zeros, times Units.
type Dense struct {
	Units  int
	NoBias bool        // leave b out, as before a BatchNorm, which has its own
	Init   Initializer // of W; nil chooses by the activation that follows
}

type dense struct {
	in, out int
	w, b    *part

	rows  int
	x     []float64   // of the last forward,
	csr   *sparse.CSR // or this
	y, dx []float64
}

func (l Dense) build(in Shape, b *builder) (module, Shape, error) {
	n, err := in.features()
	if err != nil {
		return nil, nil, err
	}
	if l.Units < 1 {
		return nil, nil, fmt.Errorf("has %d units, want at least 1", l.Units)
	}
	m := &dense{in: n, out: l.Units}
	m.w = b.param("weights", true, b.weights(l.Init, n, l.Units), n, l.Units)
	if !l.NoBias {
		m.b = b.param("biases", false, constant(0), l.Units)
	}
	return m, Features(l.Units), nil
}

func (m *dense) forward(x []float64, rows int, _ bool) []float64 {
	m.x, m.csr, m.rows = x, nil, rows
	m.start()
	mulAdd(matrix(m.y, rows, m.out), blas.NoTrans, matrix(x, rows, m.in), m.weights())
	return m.y
}

func (m *dense) forwardSparse(x *sparse.CSR, lo, hi int) []float64 {
	m.x, m.csr, m.rows = nil, x, hi-lo
	m.start()
	for i := range m.rows {
		cols, values := x.Row(lo + i)
		yi := m.y[i*m.out : (i+1)*m.out]
		for p, j := range cols {
			axpy(yi, values[p], m.w.values[j*m.out:(j+1)*m.out])
		}
	}
	return m.y
}

// start sets the rows of y to b.
func (m *dense) start() {
	m.y = grow(m.y, m.rows*m.out)
	if m.b == nil {
		clear(m.y)
		return
	}
	for i := range m.rows {
		copy(m.y[i*m.out:(i+1)*m.out], m.b.values)
	}
}

func (m *dense) backward(grad, dy []float64, input bool) []float64 {
	if m.b != nil {
		db := m.b.In(grad)
		for i := range m.rows {
			axpy(db, 1, dy[i*m.out:(i+1)*m.out])
		}
	}
	dw, d := m.w.In(grad), matrix(dy, m.rows, m.out)
	if m.csr == nil {
		mulAdd(matrix(dw, m.in, m.out), blas.Trans, matrix(m.x, m.rows, m.in), d)
	} else {
		m.backwardSparse(dw, dy)
	}
	if input {
		m.dx = grow(m.dx, m.rows*m.in)
		blas.Gemm(blas.NoTrans, blas.Trans, 1, d, m.weights(), 0, matrix(m.dx, m.rows, m.in))
	}
	return m.dx
}

// backwardSparse is for training, which has the batch from row 0 on.
func (m *dense) backwardSparse(dw, dy []float64) {
	for i := range m.rows {
		cols, values := m.csr.Row(i)
		di := dy[i*m.out : (i+1)*m.out]
		for p, j := range cols {
			axpy(dw[j*m.out:(j+1)*m.out], values[p], di)
		}
	}
}

func (m *dense) weights() blas64.General { return matrix(m.w.values, m.in, m.out) }

// matrix is v as a rows×cols matrix.
func matrix(v []float64, rows, cols int) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: v}
}
