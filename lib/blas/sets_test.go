package blas

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// reference is what every routine is compared with.
var reference gonum.Implementation

// forEachSet runs a test with each set of kernels that this machine has.
func forEachSet(t *testing.T, test func(t *testing.T)) {
	before64, before32 := engine64, single()
	defer func() {
		engine64 = before64
		engine32.Store(before32)
	}()
	sets32 := available32()
	for i, set := range available64() {
		engine64 = newEngine(set)
		engine32.Store(newEngine(sets32[i]))
		t.Run(set.name, test)
	}
}

// routines are the routines of one precision, ours and gonum's.
type routines[T element] struct {
	name            string
	eps             float64
	gemm, gonumGemm func(tA, tB Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	gemv, gonumGemv func(tA Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	ger, gonumGer   func(m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
	dot, gonumDot   func(n int, x []T, incX int, y []T, incY int) T
	axpy, gonumAxpy func(n int, alpha T, x []T, incX int, y []T, incY int)
	scal, gonumScal func(n int, alpha T, x []T, incX int)
	syrk, gonumSyrk func(ul blas.Uplo, tA Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int)
	nrm2, gonumNrm2 func(n int, x []T, incX int) T
}

var ours Implementation

var doubles = routines[float64]{
	"float64", 0x1p-53,
	ours.Dgemm, reference.Dgemm, ours.Dgemv, reference.Dgemv, ours.Dger, reference.Dger,
	ours.Ddot, reference.Ddot, ours.Daxpy, reference.Daxpy, ours.Dscal, reference.Dscal,
	ours.Dsyrk, reference.Dsyrk, ours.Dnrm2, reference.Dnrm2,
}

var singles = routines[float32]{
	"float32", 0x1p-24,
	ours.Sgemm, reference.Sgemm, ours.Sgemv, reference.Sgemv, ours.Sger, reference.Sger,
	ours.Sdot, reference.Sdot, ours.Saxpy, reference.Saxpy, ours.Sscal, reference.Sscal,
	ours.Ssyrk, reference.Ssyrk, ours.Snrm2, reference.Snrm2,
}

// random returns n values between -1 and 1.
func random[T element](r *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(2*r.Float64() - 1)
	}
	return v
}

// abs returns the absolute values.
func abs[T element](v []T) []T {
	w := make([]T, len(v))
	for i, x := range v {
		w[i] = T(math.Abs(float64(x)))
	}
	return w
}

// near says whether two numbers are both NaN, equal, or within a distance.
func near[T element](got, want T, distance float64) bool {
	g, w := float64(got), float64(want)
	if math.IsNaN(w) || math.IsInf(w, 0) {
		return math.IsNaN(g) && math.IsNaN(w) || g == w
	}
	return math.Abs(g-w) <= distance
}

// bits returns a number's bits, for comparisons that tell zeros and NaNs apart.
func bits[T element](v T) uint64 { return math.Float64bits(float64(v)) }

// same says whether two slices hold the same bits.
func same[T element](a, b []T) bool {
	for i := range a {
		if bits(a[i]) != bits(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}
