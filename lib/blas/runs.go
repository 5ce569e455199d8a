package blas

import (
	"fmt"
	"unsafe"
)

// CopyRuns copies runs of n elements: run i from src[i·srcStep:] to
// dst[i·dstStep:]. Dst and src must not overlap. It is for runs of 4 to 100
// elements, for which calling copy costs more than copying. It panics if a
// step is negative or a run exceeds its slice.
func CopyRuns[T float32 | float64](dst []T, dstStep int, src []T, srcStep, runs, n int) {
	if runs <= 0 || n <= 0 {
		return
	}
	checkRuns(len(dst), dstStep, len(src), srcStep, runs, n)
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

// AddRuns adds runs of n elements: run i of x, at x[i·xStep:], to run i of y, at
// y[i·yStep:], in order. With a yStep of 0 it adds all runs of x to one; otherwise
// the runs of y must not overlap. It is for short runs and panics as [CopyRuns]
// does.
func AddRuns[T float32 | float64](y []T, yStep int, x []T, xStep, runs, n int) {
	if runs <= 0 || n <= 0 {
		return
	}
	checkRuns(len(y), yStep, len(x), xStep, runs, n)
	kernel := engineOf[T]().addRuns
	if n < shortRun {
		kernel = addRunsPlain[T]
	}
	kernel(runs, n, &y[0], yStep, &x[0], xStep)
}

// shortRun is the number of elements that the kernels need at least.
const shortRun = 4

func checkRuns(dst, dstStep, src, srcStep, runs, n int) {
	if last := runs - 1; min(dstStep, srcStep) < 0 || last*dstStep+n > dst || last*srcStep+n > src {
		panic(fmt.Sprintf("blas: %d runs of %d elements, %d and %d apart, do not fit %d and %d elements",
			runs, n, dstStep, srcStep, dst, src))
	}
}
