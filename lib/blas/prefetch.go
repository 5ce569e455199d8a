package blas

import "unsafe"

// Prefetch asks the processor to bring x into its cache, and does not wait for
// it. It changes no result. It pays where a program knows some 100 ns before
// which rows it will read, and the processor, since they are scattered, does
// not. Without SIMD it does nothing.
func Prefetch[T float32 | float64 | int](x []T) {
	if len(x) > 0 {
		prefetch(unsafe.Pointer(unsafe.SliceData(x)), uintptr(len(x))*unsafe.Sizeof(x[0]))
	}
}
