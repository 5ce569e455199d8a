package rows

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
)

// A Buffer is the memory for rows that are taken out of a matrix together. It
// grows, and is used again.
type Buffer struct {
	dense mat.Dense
	csr   sparse.CSR
	data  []float64
}

// Take returns the given rows of m in their order, or those from lo to hi if
// order is nil. They are a view where they can be one: all rows, consecutive ones,
// and a single one of a dense matrix; else a copy in b.
func (b *Buffer) Take(m Matrix, order []int, lo, hi int) mat.Matrix {
	count, cols := m.x.Dims()
	switch {
	case order == nil && hi-lo == count:
		return m.x
	case m.csr != nil && order == nil:
		b.csr.View(m.csr, lo, hi)
		return &b.csr
	case m.csr != nil:
		b.csr.Gather(m.csr, order)
		return &b.csr
	}
	if len(order) == 1 {
		lo, hi, order = order[0], order[0]+1, nil
	}
	view := blas64.General{Rows: hi - lo, Cols: cols, Stride: cols}
	switch {
	case m.dense.Data != nil && order == nil:
		view.Stride = m.dense.Stride
		view.Data = m.dense.Data[lo*view.Stride : (hi-1)*view.Stride+cols]
	case m.dense.Data != nil:
		b.data = resize(b.data, view.Rows*cols)
		gather(b.data, m.dense, order)
		view.Data = b.data
	default:
		b.data = resize(b.data, view.Rows*cols)
		for k := range view.Rows {
			r := lo + k
			if order != nil {
				r = order[k]
			}
			mat.Row(b.data[k*cols:][:cols], r, m.x)
		}
		view.Data = b.data
	}
	b.dense.SetRawMatrix(view)
	return &b.dense
}

// gather copies the given rows of x. Single elements are copied by assignment:
// the processor then waits for several of them at a time.
func gather(dst []float64, x blas64.General, rows []int) {
	if x.Cols == 1 {
		for k, r := range rows {
			dst[k] = x.Data[r*x.Stride]
		}
		return
	}
	for k, r := range rows {
		copy(dst[k*x.Cols:(k+1)*x.Cols], x.Data[r*x.Stride:])
	}
}

// resize returns buf with n elements of any value.
func resize(buf []float64, n int) []float64 {
	if cap(buf) < n {
		return make([]float64, n)
	}
	return buf[:n]
}
