package blas

import "fmt"

// ProductAt adds a product of matrices whose second one has its rows anywhere, also
// one over another: C ← C + A·B for m×n elements, where a(i, l) is a[i·aStep+l],
// b(l, j) is b[at[l]+j] and c(i, j) is c[i·cStep+j]. If start is not nil, start[i]
// stands for c(i, j). Each element is formed in the order in which Gemm forms it.
//
// It returns false, with C not worth using, if there is no kernel for this or an
// element of A·B may be NaN. It panics if something lies outside its slice.
func ProductAt[T float32 | float64](m, n int, a []T, aStep int, b []T, at []int, start, c []T, cStep int) bool {
	if !HasKernels {
		return false
	}
	e := engineOf[T]()
	if e.lookup2 == nil || m <= 0 || n <= 0 || len(at) == 0 {
		return false
	}
	least, most := at[0], at[0]
	for _, place := range at {
		least, most = min(least, place), max(most, place)
	}
	if least < 0 || most+n > len(b) || aStep < 0 || (m-1)*aStep+len(at) > len(a) ||
		cStep < n || (m-1)*cStep+n > len(c) || start != nil && len(start) < m {
		panic(fmt.Sprintf("blas: a product of %d×%d×%d elements, rows from %d to %d, %d and %d apart, does not fit %d, %d, %d and %d elements",
			m, n, len(at), least, most, aStep, cStep, len(a), len(b), len(c), len(start)))
	}
	for l := 0; l < len(at); l += kBlock {
		places := at[l:min(l+kBlock, len(at))]
		for i := 0; i < m; i += e.rows {
			rows := min(e.rows, m-i)
			var first *T
			if start != nil && l == 0 {
				first = &start[i]
			}
			for j := 0; j < n; {
				tile, cols := e.lookup3, min(3*e.cols/2, n-j)
				if cols <= e.cols {
					tile = e.lookup2
				}
				if tile(len(places), &a[i*aStep+l], aStep, &b[j], &places[0], &c[i*cStep+j], cStep, rows, cols, first) {
					return false
				}
				j += cols
			}
		}
	}
	return true
}

// HasProductAt says whether ProductAt has a kernel for this precision.
func HasProductAt[T float32 | float64]() bool { return HasKernels && engineOf[T]().lookup2 != nil }
