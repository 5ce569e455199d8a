package model

import (
	"unsafe"

	"github.com/descent-go/descent/lib/blas"
)

// An element is a precision in which a network computes.
type element interface{ float32 | float64 }

// A matrix has rows of cols elements in data, stride elements apart.
type matrix[T element] struct {
	rows, cols, stride int
	data               []T
}

// asMatrix is v as a rows×cols matrix.
func asMatrix[T element](v []T, rows, cols int) matrix[T] {
	return matrix[T]{rows, cols, cols, v}
}

// row returns row i.
func (m matrix[T]) row(i int) []T { return m.data[i*m.stride:][:m.cols] }

// part returns the rows lo to hi.
func (m matrix[T]) part(lo, hi int) matrix[T] {
	return matrix[T]{hi - lo, m.cols, m.stride, m.data[lo*m.stride:]}
}

// columns returns n columns from the first on.
func (m matrix[T]) columns(first, n int) matrix[T] {
	return matrix[T]{m.rows, n, m.stride, m.data[first:]}
}

// gemm computes c ← beta·c + op(a)·op(b). One column is a matrix times a
// vector, for which Gemv reads the rows of a once, in order.
func gemm[T element](opA, opB blas.Transpose, a, b matrix[T], beta T, c matrix[T]) {
	k := a.cols
	if opA != blas.NoTrans {
		k = a.rows
	}
	vector := c.cols == 1 && opB == blas.NoTrans
	lib := blas.Implementation{}
	if double[T]() {
		a, b, beta, c := any(a).(matrix[float64]), any(b).(matrix[float64]), float64(beta), any(c).(matrix[float64])
		if vector {
			lib.Dgemv(opA, a.rows, a.cols, 1, a.data, a.stride, b.data, b.stride, beta, c.data, c.stride)
			return
		}
		lib.Dgemm(opA, opB, c.rows, c.cols, k, 1, a.data, a.stride, b.data, b.stride, beta, c.data, c.stride)
	} else {
		a, b, beta, c := any(a).(matrix[float32]), any(b).(matrix[float32]), float32(beta), any(c).(matrix[float32])
		if vector {
			lib.Sgemv(opA, a.rows, a.cols, 1, a.data, a.stride, b.data, b.stride, beta, c.data, c.stride)
			return
		}
		lib.Sgemm(opA, opB, c.rows, c.cols, k, 1, a.data, a.stride, b.data, b.stride, beta, c.data, c.stride)
	}
}

// double reports whether T is float64. The compiler knows it, so that a program that computes
// in float64 alone is linked without what is for float32.
func double[T element]() bool { return unsafe.Sizeof(*new(T)) == 8 }

// convert copies src into dst, in the precision of dst.
func convert[D, S element](dst []D, src []S) {
	dst = dst[:len(src)]
	if narrow, ok := any(dst).([]float32); ok {
		if wide, ok := any(src).([]float64); ok {
			blas.Narrow(narrow, wide)
			return
		}
	}
	if wide, ok := any(dst).([]float64); ok {
		if narrow, ok := any(src).([]float32); ok {
			blas.Widen(wide, narrow)
			return
		}
	}
	if same, ok := any(src).([]D); ok {
		copy(dst, same)
		return
	}
	for i, v := range src {
		dst[i] = D(v)
	}
}

// addWide computes y += x, for an x in float32.
func addWide[T element](y []float64, x []T) { blas.AddNarrow(y, any(x).([]float32)) }

// addScaled computes y += a·x for short rows.
func addScaled[T element](y []T, a T, x []T) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += a * v
	}
}

// scaleBy computes v *= a.
func scaleBy[T element](v []T, a T) {
	for i := range v {
		v[i] *= a
	}
}

// dot and total add up in float64, whatever the precision.
func dot[T element](a, b []T) float64 {
	b = b[:len(a)]
	s := 0.0
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

// shortDot is dot for few numbers, added up in their own precision.
func shortDot[T element](a, b []T) T {
	lib := blas.Implementation{}
	if double[T]() {
		return T(lib.Ddot(len(a), any(a).([]float64), 1, any(b).([]float64), 1))
	}
	return T(lib.Sdot(len(a), any(a).([]float32), 1, any(b).([]float32), 1))
}

func total[T element](v []T) float64 {
	s := 0.0
	for _, x := range v {
		s += float64(x)
	}
	return s
}

func fill[T element](v []T, c T) {
	for i := range v {
		v[i] = c
	}
}

// grow returns a slice of n elements, in the memory of v where that is enough.
// Its contents mean nothing.
func grow[T any](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	return v[:n]
}
