// Package batch keeps the rows of batches that a source yields, and reads a source
// one batch ahead.
package batch

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/sparse"
)

// A Buffer collects copies of samples: rows of dense or of sparse matrices, with
// their targets and weights. The zero value is empty.
type Buffer struct {
	count, cols, outputs int
	sparse, weighted     bool

	x, y    []float64 // row by row
	ptr     []int     // of sparse rows: where they begin and end
	columns []int
	values  []float64
	weights []float64

	dense, targets mat.Dense // of the last Data
}

// Reset makes the buffer empty. It keeps the memory.
func (b *Buffer) Reset() { b.count = 0 }

// Len returns the number of samples.
func (b *Buffer) Len() int { return b.count }

// Append adds copies of the samples from lo to hi. It returns an error if they have
// other columns than those before, or if there is no x or y.
func (b *Buffer) Append(d objective.Data, lo, hi int) error {
	if d.X == nil || d.Y == nil {
		return fmt.Errorf("x or y is nil")
	}
	from := rows.Of(d.X)
	count, cols := from.Dims()
	yRows, outputs := d.Y.Dims()
	if yRows != count || d.SampleWeights != nil && len(d.SampleWeights) != count {
		return fmt.Errorf("x has %d rows, y has %d, and there are %d sample weights", count, yRows, len(d.SampleWeights))
	}
	isSparse := from.Sparse() != nil
	if b.count == 0 {
		b.cols, b.outputs, b.sparse, b.weighted = cols, outputs, isSparse, false
		b.x, b.y, b.weights = b.x[:0], b.y[:0], b.weights[:0]
		b.ptr, b.columns, b.values = append(b.ptr[:0], 0), b.columns[:0], b.values[:0]
	}
	switch {
	case cols != b.cols || outputs != b.outputs:
		return fmt.Errorf("rows of %d columns and %d targets follow rows of %d and %d", cols, outputs, b.cols, b.outputs)
	case isSparse != b.sparse:
		return fmt.Errorf("sparse rows and dense rows follow each other: make all of them dense, or all sparse")
	}
	b.appendRows(from, lo, hi)
	y := d.Y.RawMatrix()
	for i := lo; i < hi; i++ {
		b.y = append(b.y, y.Data[i*y.Stride:][:outputs]...)
	}
	if d.SampleWeights != nil && !b.weighted { // those before have the weight 1
		b.weighted = true
		b.weights = b.weights[:0]
		for range b.count {
			b.weights = append(b.weights, 1)
		}
	}
	if b.weighted {
		for i := lo; i < hi; i++ {
			b.weights = append(b.weights, weight(d, i))
		}
	}
	b.count += hi - lo
	return nil
}

func weight(d objective.Data, i int) float64 {
	if d.SampleWeights == nil {
		return 1
	}
	return d.SampleWeights[i]
}

func (b *Buffer) appendRows(from rows.Matrix, lo, hi int) {
	if dense, ok := from.Dense(); ok && dense.Stride == b.cols {
		b.x = append(b.x, dense.Data[lo*b.cols:hi*b.cols]...)
		return
	}
	for i := lo; i < hi; i++ {
		if b.sparse {
			columns, values := from.Row(i, nil)
			b.columns, b.values = append(b.columns, columns...), append(b.values, values...)
			b.ptr = append(b.ptr, len(b.values))
			continue
		}
		at := len(b.x)
		b.x = slices.Grow(b.x, b.cols)[:at+b.cols]
		from.Copy(b.x[at:], i)
	}
}

// Data returns the samples from lo to hi, lo < hi. They are those of the buffer, not
// copies, and hold until it changes or until the next call.
func (b *Buffer) Data(lo, hi int) objective.Data {
	var d objective.Data
	if b.sparse {
		d.X = b.csr(lo, hi)
	} else {
		b.dense.SetRawMatrix(view(b.x, lo, hi, b.cols))
		d.X = &b.dense
	}
	b.targets.SetRawMatrix(view(b.y, lo, hi, b.outputs))
	d.Y = &b.targets
	if b.weighted {
		d.SampleWeights = b.weights[lo:hi]
	}
	return d
}

func (b *Buffer) csr(lo, hi int) *sparse.CSR {
	ptr := make([]int, hi-lo+1)
	for i := range ptr {
		ptr[i] = b.ptr[lo+i] - b.ptr[lo]
	}
	x, err := sparse.NewCSR(hi-lo, b.cols, ptr, b.columns[b.ptr[lo]:b.ptr[hi]], b.values[b.ptr[lo]:b.ptr[hi]])
	if err != nil {
		panic(err) // the rows come from such matrices
	}
	return x
}

// view returns rows of a matrix that lies in memory row by row.
func view(data []float64, lo, hi, cols int) blas64.General {
	return blas64.General{Rows: hi - lo, Cols: cols, Stride: cols, Data: data[lo*cols : hi*cols]}
}
