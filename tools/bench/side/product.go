package side

import "gonum.org/v1/gonum/blas"

// Product is the task C ← op(A)·op(B) with one of gonum's Gemm routines. Both
// sides fill A and B with the same small integers, so that every order of
// summation gives the same C, exactly.
func Product[T float32 | float64](a Args, gemm func(tA, tB blas.Transpose, m, n, k int, alpha T, x []T, lda int, y []T, ldb int, beta T, z []T, ldc int)) Task {
	x, y, z := integers[T](a.M*a.K, 7), integers[T](a.K*a.N, 5), make([]T, a.M*a.N)
	tA, lda := blas.NoTrans, a.K
	if a.TransA {
		tA, lda = blas.Trans, a.M
	}
	tB, ldb := blas.NoTrans, a.N
	if a.TransB {
		tB, ldb = blas.Trans, a.K
	}
	run := func() { gemm(tA, tB, a.M, a.N, a.K, 1, x, lda, y, ldb, 0, z, a.N) }
	return Task{Run: run, Check: func() []float64 {
		run()
		return summary(z)
	}}
}

// integers returns n numbers from −mod/2 to mod/2 without a short period.
func integers[T float32 | float64](n, mod int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T((i*i+i/mod)%mod - mod/2)
	}
	return v
}

// summary returns two checksums of the elements: their sum, and their sum
// weighted with 1 … 13 in turn.
func summary[T float32 | float64](v []T) []float64 {
	var sum, weighted float64
	for i, e := range v {
		sum += float64(e)
		weighted += float64(e) * float64(i%13+1)
	}
	return []float64{sum, weighted}
}
