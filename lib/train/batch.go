package train

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/sparse"
)

// batches deals the samples of a data set out in batches. It shuffles a list
// of indices and never moves the caller's data.
type batches struct {
	data      Data
	rows      int
	size      int
	seed      uint64
	keepOrder bool
	order     []int // nil for one batch of all samples
}

func newBatches(data Data, size int, keepOrder bool, seed uint64) *batches {
	rows, _ := data.X.Dims()
	if size == 0 || size > rows {
		size = rows
	}
	b := &batches{data: data, rows: rows, size: size, seed: seed, keepOrder: keepOrder}
	if size < rows {
		b.order = make([]int, rows)
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

// bounds returns where in the epoch's order batch number i begins and ends.
func (b *batches) bounds(i int) (lo, hi int) {
	return i * b.size, min((i+1)*b.size, b.rows)
}

// scattered returns the rows from lo to hi of the epoch's order, nil for those of
// the data.
func (b *batches) scattered(lo, hi int) []int {
	if b.order == nil {
		return nil
	}
	return b.order[lo:hi]
}

// weight returns the sum of the sample weights of batch number i.
func (b *batches) weight(i int) float64 {
	lo, hi := b.bounds(i)
	if b.data.Weights == nil {
		return float64(hi - lo)
	}
	var sum accurate.Sum
	for k := lo; k < hi; k++ {
		if b.order == nil {
			sum.Add(b.data.Weights[k])
		} else {
			sum.Add(b.data.Weights[b.order[k]])
		}
	}
	return sum.Value()
}

// A block is a part of the epoch's samples: a view of the data where it can be
// one, else gathered into memory that is reused.
type block struct {
	x       mat.Matrix
	y       *mat.Dense
	weights []float64

	dense, target    mat.Dense
	csr              sparse.CSR
	xBuf, yBuf, wBuf []float64
}

// take sets the block to the samples from lo to hi in the epoch's order.
func (k *block) take(b *batches, lo, hi int) {
	k.takeTargets(b, lo, hi)
	rows := b.scattered(lo, hi)
	switch s, ok := b.data.X.(*sparse.CSR); {
	case hi-lo == b.rows && rows == nil:
		k.x = b.data.X
	case ok && rows == nil:
		k.csr.View(s, lo, hi)
		k.x = &k.csr
	case ok:
		k.csr.Gather(s, rows)
		k.x = &k.csr
	default:
		k.xBuf = rowsOf(&k.dense, k.xBuf, b.data.X, rows, lo, hi)
		k.x = &k.dense
	}
}

// takeTargets is take without the data.
func (k *block) takeTargets(b *batches, lo, hi int) {
	rows := b.scattered(lo, hi)
	if hi-lo == b.rows && rows == nil {
		k.y, k.weights = b.data.Y, b.data.Weights
		return
	}
	k.y = &k.target
	k.yBuf = rowsOf(k.y, k.yBuf, b.data.Y, rows, lo, hi)
	if w := b.data.Weights; w != nil {
		k.weights = w[lo:hi]
		if rows != nil {
			k.wBuf = resize(k.wBuf, len(rows))
			k.weights = k.wBuf
			for i, r := range rows {
				k.weights[i] = w[r]
			}
		}
	}
}

// rowsOf sets dst to the given rows of src, or to those from lo to hi if rows
// is nil: a view of consecutive rows or of a single one of a dense matrix, else
// a copy in buf, which it returns.
func rowsOf(dst *mat.Dense, buf []float64, src mat.Matrix, rows []int, lo, hi int) []float64 {
	if len(rows) == 1 {
		lo, hi, rows = rows[0], rows[0]+1, nil
	}
	_, cols := src.Dims()
	view := blas64.General{Rows: hi - lo, Cols: cols, Stride: cols}
	dense, isDense := src.(mat.RawMatrixer)
	switch {
	case isDense && rows == nil:
		raw := dense.RawMatrix()
		view.Stride, view.Data = raw.Stride, raw.Data[lo*raw.Stride:(hi-1)*raw.Stride+cols]
	case isDense:
		buf = resize(buf, view.Rows*cols)
		gather(buf, dense.RawMatrix(), rows)
		view.Data = buf
	default:
		buf = resize(buf, view.Rows*cols)
		for k := range view.Rows {
			r := lo + k
			if rows != nil {
				r = rows[k]
			}
			mat.Row(buf[k*cols:(k+1)*cols], r, src)
		}
		view.Data = buf
	}
	dst.SetRawMatrix(view)
	return buf
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
