package blas

import "fmt"

// ProductAt multiplies by a matrix whose rows lie anywhere, also one over another:
//
//	C ← C + A·B
//
// for m×n elements, where a(i, l) is a[i·aStep+l], b(l, j) is b[at[l]+j] and c(i, j) is
// c[i·cStep+j]. It does so for each of runs matrices B and C, which begin bRun and cRun
// after one another. If start is not nil, start[i] stands for c(i, j). Each element is
// formed in the order in which Gemm forms it.
//
// It returns false, with C not worth using, if there is no kernel for it or an element of
// A·B may be NaN. It panics if something lies outside its slice.
func ProductAt[T float32 | float64](m, n int, a []T, aStep int, b []T, at []int, start, c []T, cStep, runs, bRun, cRun int) bool {
	if !HasProductAt[T]() || m <= 0 || n <= 0 || runs <= 0 || len(at) == 0 {
		return false
	}
	least, most := at[0], at[0]
	for _, place := range at {
		least, most = min(least, place), max(most, place)
	}
	if min(least, aStep, bRun, cRun) < 0 || cStep < n || start != nil && len(start) < m ||
		(m-1)*aStep+len(at) > len(a) || (runs-1)*bRun+most+n > len(b) || (runs-1)*cRun+(m-1)*cStep+n > len(c) {
		panic(fmt.Sprintf("blas: %d products of %d×%d×%d elements, rows from %d to %d, %d and %d apart, do not fit %d, %d, %d and %d elements",
			runs, m, n, len(at), least, most, aStep, cStep, len(a), len(b), len(c), len(start)))
	}
	for l := 0; l < len(at); l += kBlock {
		places := at[l:min(l+kBlock, len(at))]
		for i := 0; i < m; i += engineOf[T]().rows {
			var first *T
			if start != nil && l == 0 {
				first = &start[i]
			}
			for run := range runs {
				if !lookupRows(m-i, n, a[i*aStep+l:], aStep, b[run*bRun:], places, first, c[run*cRun+i*cStep:], cStep) {
					return false
				}
			}
		}
	}
	return true
}

// lookupRows is ProductAt for the rows of a tile.
func lookupRows[T element](m, n int, a []T, aStep int, b []T, at []int, start *T, c []T, cStep int) bool {
	e := engineOf[T]()
	for j := 0; j < n; {
		tile, cols := e.lookup3, min(3*e.cols/2, n-j)
		if cols <= e.cols {
			tile = e.lookup2
		}
		if tile(len(at), &a[0], aStep, &b[j], &at[0], &c[j], cStep, min(e.rows, m), cols, start) {
			return false
		}
		j += cols
	}
	return true
}

// HasProductAt says whether ProductAt has a kernel for this precision.
func HasProductAt[T float32 | float64]() bool { return HasKernels && engineOf[T]().lookup2 != nil }
