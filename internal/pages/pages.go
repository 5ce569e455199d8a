// Package pages makes memory for large matrices.
//
// A pass over a matrix that no cache holds reads memory as fast as the processor
// finds out where its pages lie. With pages of 4 kB that takes half as long
// again as with pages of 2 MB, in a virtual machine twice as long. Linux gives
// large ones to those who ask (madvise in
// /sys/kernel/mm/transparent_hugepage/enabled); Go's make does not ask.
package pages

import (
	"strings"
	"unsafe"

	"gonum.org/v1/gonum/mat"
)

// large is the number of bytes from which large pages are asked for.
const large = 4 << 20

// Float64s returns n zeros.
func Float64s(n int) []float64 {
	v := make([]float64, n)
	if 8*n >= large {
		adviseFloat64s(v)
	}
	return v
}

// Uncleared returns n numbers of any value, for who writes all of them: to clear a large
// matrix takes as long as to write it.
func Uncleared(n int) []float64 { return uncleared[float64](n) }

// UnclearedInts does the same for lists of rows.
func UnclearedInts(n int) []int { return uncleared[int](n) }

func uncleared[T float64 | int](n int) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	if size*n < large {
		return make([]T, n)
	}
	var b strings.Builder // does not clear what it will write
	b.Grow(size * n)
	b.WriteByte(0)
	start := unsafe.StringData(b.String())
	_ = advise(unsafe.Slice(start, size*n)) // without, it is just slower
	return unsafe.Slice((*T)(unsafe.Pointer(start)), n)
}

func adviseFloat64s(v []float64) {
	_ = advise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 8*len(v))) // without, it is just slower
}

// UnclearedDense returns a matrix of any values, as Uncleared does.
func UnclearedDense(rows, cols int) *mat.Dense {
	if 8*rows*cols < large {
		return mat.NewDense(rows, cols, nil)
	}
	return mat.NewDense(rows, cols, Uncleared(rows*cols))
}

// Dense returns a matrix of zeros.
func Dense(rows, cols int) *mat.Dense {
	if 8*rows*cols < large {
		return mat.NewDense(rows, cols, nil)
	}
	return mat.NewDense(rows, cols, Float64s(rows*cols))
}
