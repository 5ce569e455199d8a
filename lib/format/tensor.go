package format

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/pages"
	"github.com/descent-go/descent/lib/blas"
)

// A Tensor is an array of numbers with any number of dimensions. An empty Shape
// means a single number.
type Tensor struct {
	Shape []int
	Data  []float64 // row-major (C order), as long as the product of Shape
	Type  Type      // of an element in the file
}

// FromMatrix returns a copy of x as a tensor of shape rows×columns.
func FromMatrix(x mat.Matrix) Tensor {
	rows, cols := x.Dims()
	data := pages.Float64s(rows * cols)[:0]
	raw, isRaw := x.(mat.RawMatrixer)
	for i := range rows {
		if isRaw {
			m := raw.RawMatrix()
			data = append(data, m.Data[i*m.Stride:][:cols]...)
			continue
		}
		for j := range cols {
			data = append(data, x.At(i, j))
		}
	}
	return Tensor{Shape: []int{rows, cols}, Data: data}
}

// Dense returns t as a matrix over the same memory. The first dimension becomes
// the rows, and the others are flattened: 60000×28×28 images become 60000×784.
// A tensor of one dimension becomes a column, a single number a 1×1 matrix.
//
// It returns an error for an empty tensor, since a matrix cannot be empty, and
// for one whose Data does not fit its Shape.
func (t Tensor) Dense() (*mat.Dense, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if len(t.Data) == 0 {
		return nil, fmt.Errorf("format: a tensor of shape %v has no numbers to make a matrix of", t.Shape)
	}
	rows := 1
	if len(t.Shape) > 0 {
		rows = t.Shape[0]
	}
	return mat.NewDense(rows, len(t.Data)/rows, t.Data), nil
}

// check reports a tensor that cannot be.
func (t Tensor) check() error {
	if t.Type >= types {
		return fmt.Errorf("format: there is no type %d", t.Type)
	}
	n, err := count(t.Shape, len(t.Data))
	if err != nil || n != len(t.Data) {
		return fmt.Errorf("format: a tensor of shape %v has %d numbers", t.Shape, len(t.Data))
	}
	return nil
}

// maxRank is the largest number of dimensions; NumPy has the same limit.
const maxRank = 64

// count returns the product of the dimensions. A product over the limit is an
// error, and so is one that overflows, even if another dimension is 0.
func count(shape []int, limit int) (int, error) {
	if len(shape) > maxRank {
		return 0, fmt.Errorf("%d dimensions, want at most %d", len(shape), maxRank)
	}
	n, empty := 1, false
	for _, d := range shape {
		switch {
		case d < 0:
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		case d == 0:
			empty = true
		case n > math.MaxInt/d:
			return 0, fmt.Errorf("too many numbers: shape %v", shape)
		default:
			n *= d
		}
	}
	switch {
	case empty:
		return 0, nil
	case n > limit:
		return 0, fmt.Errorf("too many numbers: shape %v has more than the allowed %d", shape, limit)
	}
	return n, nil
}

// rowMajor reorders numbers that lie column by column (Fortran order).
func rowMajor(shape []int, data []float64) []float64 {
	if len(shape) < 2 || len(data) == 0 {
		return data
	}
	out := pages.Uncleared(len(data))[:0]
	if len(shape) == 2 {
		out = out[:len(data)]
		blas.CopyTransposed(out, data, shape[1], shape[0])
		return out
	}
	strides := make([]int, len(shape))
	stride := 1
	for k, d := range shape {
		strides[k] = stride
		stride *= d
	}
	index, at := make([]int, len(shape)), 0
	for range data {
		out = append(out, data[at])
		for k := len(shape) - 1; k >= 0; k-- { // to the next index in row-major order
			index[k]++
			at += strides[k]
			if index[k] < shape[k] {
				break
			}
			at -= index[k] * strides[k]
			index[k] = 0
		}
	}
	return out
}
