package train

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
)

// batches deals the samples of a data set out in batches. It shuffles a list
// of indices and never moves the caller's data; a batch of one row or of all
// rows is a view, another is gathered into memory that is reused.
type batches struct {
	data      Data
	rows      int
	size      int
	seed      uint64
	keepOrder bool
	order     []int

	x       mat.Dense  // batch of a dense data set
	csr     sparse.CSR // batch of a sparse one
	y       mat.Dense
	weights []float64
	xBuf    []float64
	yBuf    []float64
}

func newBatches(data Data, size int, keepOrder bool, seed uint64) *batches {
	rows, cols := data.X.Dims()
	if size == 0 || size > rows {
		size = rows
	}
	b := &batches{data: data, rows: rows, size: size, seed: seed, keepOrder: keepOrder}
	if size == rows {
		return b
	}
	b.order = make([]int, rows)
	_, outputs := data.Y.Dims()
	b.yBuf = make([]float64, size*outputs)
	if _, ok := data.X.(*sparse.CSR); !ok {
		b.xBuf = make([]float64, size*cols)
	}
	if data.Weights != nil {
		b.weights = make([]float64, size)
	}
	return b
}

// count returns the number of batches in an epoch.
func (b *batches) count() int { return (b.rows + b.size - 1) / b.size }

// shuffle draws the order of an epoch. It depends on the seed and the epoch
// alone, so that training resumed in any epoch sees the same batches.
func (b *batches) shuffle(epoch int) {
	if b.order == nil {
		return
	}
	for i := range b.order {
		b.order[i] = i
	}
	if b.keepOrder {
		return
	}
	r := rand.New(rand.NewPCG(b.seed, uint64(epoch)))
	r.Shuffle(len(b.order), func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] })
}

// at returns batch number i of the epoch.
func (b *batches) at(i int) (x mat.Matrix, y *mat.Dense, weights []float64) {
	if b.order == nil {
		return b.data.X, b.data.Y, b.data.Weights
	}
	rows := b.order[i*b.size : min((i+1)*b.size, b.rows)]
	gather(&b.y, b.yBuf, b.data.Y, rows)
	if b.weights != nil {
		weights = b.weights[:len(rows)]
		for k, r := range rows {
			weights[k] = b.data.Weights[r]
		}
	}
	if s, ok := b.data.X.(*sparse.CSR); ok {
		b.csr.Gather(s, rows)
		return &b.csr, &b.y, weights
	}
	gather(&b.x, b.xBuf, b.data.X, rows)
	return &b.x, &b.y, weights
}

// gather sets dst to the given rows of src: a view of a single dense row, a
// copy in buf of more.
func gather(dst *mat.Dense, buf []float64, src mat.Matrix, rows []int) {
	_, cols := src.Dims()
	view := blas64.General{Rows: len(rows), Cols: cols, Stride: cols, Data: buf[:len(rows)*cols]}
	dense, ok := src.(mat.RawMatrixer)
	switch {
	case ok && len(rows) == 1:
		raw := dense.RawMatrix()
		view.Data = raw.Data[rows[0]*raw.Stride : rows[0]*raw.Stride+cols]
	case ok:
		raw := dense.RawMatrix()
		for k, r := range rows {
			copy(buf[k*cols:(k+1)*cols], raw.Data[r*raw.Stride:r*raw.Stride+cols])
		}
	default:
		for k, r := range rows {
			for j := range cols {
				buf[k*cols+j] = src.At(r, j)
			}
		}
	}
	dst.SetRawMatrix(view)
}
