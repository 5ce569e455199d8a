package blas

import (
	"unsafe"

	"github.com/descent-go/descent/internal/accurate"
)

// SumProducts returns Σ x[i]·y[i] in twice the precision of a float64, as
// high + low, of which high is the larger: what rounding loses is added up in
// low. (Ogita, Rump and Oishi, Accurate Sum and Dot Product, SIAM J. Sci. Comput.
// 26, 2005, algorithm 5.3.) It panics if the lengths differ.
func SumProducts(x, y []float64) (high, low float64) {
	sameLength("x and y", len(x), len(y))
	if len(x) == 0 {
		return 0, 0
	}
	return engine64.sumProducts(len(x), &x[0], &y[0])
}

// AddProducts adds (a + aLow)·x[i] to high[i] + low[i] in twice the precision of
// a float64: high is rounded, and low has what that loses. It panics if the
// lengths differ.
func AddProducts(high, low []float64, a, aLow float64, x []float64) {
	sameLength("high and low", len(high), len(low))
	sameLength("high and x", len(high), len(x))
	if len(x) > 0 {
		engine64.addProducts(len(x), a, aLow, &x[0], &high[0], &low[0])
	}
}

func sumProductsPlain[T element](n int, x, y *T) (high, low T) {
	var s accurate.Sum
	b := unsafe.Slice(y, n)
	for i, v := range unsafe.Slice(x, n) {
		s.AddProduct(float64(v), float64(b[i]))
	}
	return T(s.High), T(s.Low)
}

func addProductsPlain[T element](n int, a, aLow T, x, high, low *T) {
	h, l := unsafe.Slice(high, n), unsafe.Slice(low, n)
	for i, v := range unsafe.Slice(x, n) {
		s := accurate.Sum{High: float64(h[i]), Low: float64(l[i])}
		s.AddProduct(float64(v), float64(a))
		h[i], l[i] = T(s.High), T(s.Low)+v*aLow
	}
}
