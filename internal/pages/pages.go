// Package pages makes memory for large matrices.
//
// A pass over a matrix that no cache holds reads memory as fast as the processor
// finds out where its pages lie. With pages of 4 kB that takes half as long
// again as with pages of 2 MB, in a virtual machine twice as long. Linux gives
// large ones to those who ask (madvise in
// /sys/kernel/mm/transparent_hugepage/enabled); Go's make does not ask.
package pages

import (
	"unsafe"

	"gonum.org/v1/gonum/mat"
)

// large is the number of bytes from which large pages are asked for.
const large = 4 << 20

// Float64s returns n zeros.
func Float64s(n int) []float64 {
	v := make([]float64, n)
	if size := 8 * n; size >= large {
		_ = advise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), size)) // without, it is just slower
	}
	return v
}

// Dense returns a matrix of zeros.
func Dense(rows, cols int) *mat.Dense {
	if 8*rows*cols < large {
		return mat.NewDense(rows, cols, nil)
	}
	return mat.NewDense(rows, cols, Float64s(rows*cols))
}
