package model

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
)

// A Scanner is a Model with one output that is linear in θ. For such a model the
// derivative of a sample's loss by θ is a multiple of the sample, so that loss
// and gradient can be had in one pass over the data, a few rows at a time: they
// are still in the first-level cache when the gradient is added.
type Scanner interface {
	Model
	// Scan goes through the rows of x in order, a few at a time. It tells visit
	// the predictions f for len(f) rows from the k-th on, visit replaces them by
	// ∂L/∂f, and Scan adds Σᵢ ∂L/∂fᵢ ∂fᵢ/∂θ to grad: what Backward would add. visit
	// must not keep f.
	Scan(grad []float64, x mat.RawMatrixer, visit func(k int, f []float64))
}

// Elements of x that a Scan visits at a time: 6.4 kB. With twice as much a pass
// takes a third to a half longer. Where that is less than the eight rows that the
// gradient takes at once, it is 256 kB, for the second-level cache.
const (
	scanElements     = 800
	longScanElements = 1 << 15
)

// maxScan is the largest number of rows that are visited at a time.
const maxScan = 128

// Scan implements [Scanner].
func (l *Linear) Scan(grad []float64, x mat.RawMatrixer, visit func(k int, f []float64)) {
	if l.outputs != 1 {
		panic(fmt.Sprintf("model: a scan needs a model with 1 output, this one has %d", l.outputs))
	}
	rows := x.RawMatrix()
	if rows.Cols != l.inputs {
		panic(fmt.Sprintf("model: x has %d columns, want %d", rows.Cols, l.inputs))
	}
	w, g := l.weights(l.theta), l.weights(grad)
	if l.scores == nil {
		l.scores = make([]float64, maxScan)
	}
	bias := 0.0
	if l.intercept {
		bias = l.theta[0]
	}
	size := scanRows(l.inputs)
	for k, m := 0, rows.Rows; k < m; k += size {
		size = min(size, m-k)
		rows.Rows = size
		f := blas64.General{Rows: size, Cols: 1, Stride: 1, Data: l.scores[:size]}
		fill(f.Data, bias)
		addProduct(f, rows, w)
		visit(k, f.Data)
		mulAdd(g, blas.Trans, rows, f)
		if l.intercept {
			addRows(grad[:1], f)
		}
		rows.Data = rows.Data[min(size*rows.Stride, len(rows.Data)):]
	}
}

// scanRows returns how many rows of n elements to visit at a time.
func scanRows(n int) int {
	size := scanElements / n
	if size < 8 {
		size = longScanElements / n
	}
	return max(8, min(size, maxScan)&^7)
}
