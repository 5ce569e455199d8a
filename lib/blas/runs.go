package blas

import (
	"fmt"
	"unsafe"
)

// CopyRuns copies runs of n elements each: run i from src[i·srcStep:] to
// dst[i·dstStep:]. Dst and src must not overlap. It is for runs of 4 to 100
// elements, for which a call of copy each costs more than the copying. It
// panics if a step is negative or a run lies outside of its slice.
func CopyRuns[T float32 | float64](dst []T, dstStep int, src []T, srcStep, runs, n int) {
	if runs <= 0 || n <= 0 {
		return
	}
	if last := runs - 1; min(dstStep, srcStep) < 0 || last*dstStep+n > len(dst) || last*srcStep+n > len(src) {
		panic(fmt.Sprintf("blas: %d runs of %d elements, %d and %d apart, do not fit %d and %d elements",
			runs, n, dstStep, srcStep, len(dst), len(src)))
	}
	size := unsafe.Sizeof(dst[0])
	if uintptr(n)*size >= quickRun {
		copyRuns(unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]),
			uintptr(dstStep)*size, uintptr(srcStep)*size, uintptr(runs), uintptr(n)*size)
		return
	}
	for i := range runs {
		copy(dst[i*dstStep:][:n], src[i*srcStep:])
	}
}
