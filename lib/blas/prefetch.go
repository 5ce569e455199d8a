package blas

import "unsafe"

// Prefetch asks the processor to load x into the first-level cache, and does not
// wait for it. It changes no result. It pays if a program knows about 100 ns ahead
// which scattered rows it will read. Without SIMD it does nothing.
func Prefetch[T float32 | float64 | int](x []T) {
	if len(x) > 0 {
		prefetch(unsafe.Pointer(unsafe.SliceData(x)), uintptr(len(x))*unsafe.Sizeof(x[0]))
	}
}

// PrefetchL2 is [Prefetch] into the second-level cache. Measure which of the
// two is faster: a sweep over sparse rows of 1300 bytes is a quarter faster
// with PrefetchL2, one over dense rows of 160 bytes a quarter slower.
func PrefetchL2[T float32 | float64 | int](x []T) {
	if len(x) > 0 {
		prefetchL2(unsafe.Pointer(unsafe.SliceData(x)), uintptr(len(x))*unsafe.Sizeof(x[0]))
	}
}
