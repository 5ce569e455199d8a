// Package rows is one view of the rows of a matrix of samples, which may be
// dense, sparse or of any other kind. Who works row by row asks it, and need not
// ask what kind of matrix it is.
package rows

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// A Matrix is a matrix as its rows.
type Matrix struct {
	x     mat.Matrix
	dense blas64.General // if its Data are not nil
	csr   *sparse.CSR    // if it is not nil
}

// Of returns the rows of x.
func Of(x mat.Matrix) Matrix {
	switch x := x.(type) {
	case mat.RawMatrixer:
		return Matrix{x: x.(mat.Matrix), dense: x.RawMatrix()}
	case *sparse.CSR:
		return Matrix{x: x, csr: x}
	}
	return Matrix{x: x}
}

// Dims returns the numbers of rows and columns.
func (m Matrix) Dims() (rows, cols int) { return m.x.Dims() }

// Dense returns the elements as they lie in memory, if they do.
func (m Matrix) Dense() (x blas64.General, ok bool) { return m.dense, m.dense.Data != nil }

// Sparse returns the matrix if it is sparse, else nil.
func (m Matrix) Sparse() *sparse.CSR { return m.csr }

// Stored returns the number of elements that are stored.
func (m Matrix) Stored() int {
	if m.csr != nil {
		return m.csr.NNZ()
	}
	rows, cols := m.x.Dims()
	return rows * cols
}

// Row returns row i: of a sparse matrix the columns and values of its non-zeros,
// of any other all values, and nil for the columns. It uses the memory of buffer
// if the matrix has none to share.
func (m *Matrix) Row(i int, buffer []float64) (columns []int, values []float64) {
	switch {
	case m.dense.Data != nil:
		return nil, m.dense.Data[i*m.dense.Stride:][:m.dense.Cols]
	case m.csr != nil:
		return m.csr.Row(i)
	}
	return nil, mat.Row(buffer, i, m.x)
}

// Each calls f for the elements of row i, of a sparse matrix for its non-zeros.
func (m Matrix) Each(i int, buffer []float64, f func(j int, value float64)) {
	columns, values := m.Row(i, buffer)
	for p, value := range values {
		if columns == nil {
			f(p, value)
		} else {
			f(columns[p], value)
		}
	}
}

// Copy sets dst to row i.
func (m Matrix) Copy(dst []float64, i int) {
	columns, values := m.Row(i, dst)
	if m.csr == nil {
		copy(dst, values)
		return
	}
	clear(dst)
	for p, v := range values {
		dst[columns[p]] = v
	}
}

// CopyRows sets dst to the rows from lo to hi, one after the other.
func (m Matrix) CopyRows(dst []float64, lo, hi int) {
	if m.dense.Data != nil && m.dense.Stride == m.dense.Cols {
		copy(dst, m.dense.Data[lo*m.dense.Stride:hi*m.dense.Stride])
		return
	}
	_, cols := m.Dims()
	for i := lo; i < hi; i++ {
		m.Copy(dst[(i-lo)*cols:][:cols], i)
	}
}

// AddProduct computes d += x·w.
func (m Matrix) AddProduct(d, w blas64.General) {
	if m.dense.Data != nil {
		AddProduct(d, m.dense, w)
		return
	}
	rows, buffer := m.begin()
	for i := range rows {
		columns, values := m.Row(i, buffer)
		to := d.Data[i*d.Stride:][:d.Cols]
		if m.csr != nil && w.Cols == 1 && w.Stride == 1 {
			to[0] += sparse.Dot(columns, values, w.Data)
			continue
		}
		for j, v := range values {
			if m.csr != nil {
				j = columns[j]
			}
			axpy(to, v, w.Data[j*w.Stride:][:w.Cols])
		}
	}
}

// AddTransposed computes g += xᵀ·d.
func (m Matrix) AddTransposed(g, d blas64.General) {
	if m.dense.Data != nil {
		AddTransposed(g, m.dense, d)
		return
	}
	rows, buffer := m.begin()
	for i := range rows {
		columns, values := m.Row(i, buffer)
		from := d.Data[i*d.Stride:][:d.Cols]
		if m.csr != nil && g.Cols == 1 && g.Stride == 1 {
			sparse.Axpy(g.Data, from[0], columns, values)
			continue
		}
		for j, v := range values {
			if m.csr != nil {
				j = columns[j]
			}
			axpy(g.Data[j*g.Stride:][:g.Cols], v, from)
		}
	}
}

// begin returns the number of rows, and the buffer that Row needs.
func (m Matrix) begin() (rows int, buffer []float64) {
	rows, cols := m.x.Dims()
	if m.dense.Data == nil && m.csr == nil {
		buffer = make([]float64, cols)
	}
	return rows, buffer
}

// longRow is the number of columns from which rows one by one are faster, where
// they come from memory, than the four at a time of Gemv.
const longRow = 16

// AddProduct computes d += x·w.
func AddProduct(d, x, w blas64.General) {
	if w.Cols == 1 && w.Stride == 1 && w.Rows >= longRow && d.Stride == 1 {
		blas.Dots(x, w.Data, d.Data)
		return
	}
	mulAdd(d, blas.NoTrans, x, w)
}

// AddTransposed computes g += xᵀ·d.
func AddTransposed(g, x, d blas64.General) { mulAdd(g, blas.Trans, x, d) }

// mulAdd computes c += op(a)·b. One column is a matrix times a vector, for
// which Gemv reads the rows of a once, in order.
func mulAdd(c blas64.General, op blas.Transpose, a, b blas64.General) {
	if b.Cols == 1 {
		blas.Gemv(op, 1, a,
			blas64.Vector{N: b.Rows, Inc: b.Stride, Data: b.Data}, 1,
			blas64.Vector{N: c.Rows, Inc: c.Stride, Data: c.Data})
		return
	}
	blas.Gemm(op, blas.NoTrans, 1, a, b, 1, c)
}

// axpy computes y += a·x for short rows.
func axpy(y []float64, a float64, x []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}

// Column is v as a matrix of one column.
func Column(v []float64) blas64.General {
	return blas64.General{Rows: len(v), Cols: 1, Stride: 1, Data: v}
}
