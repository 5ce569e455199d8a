package blas

import (
	"testing"

	"gonum.org/v1/gonum/blas/testblas"
)

// Gonum's own tests, argument checks included.
func TestGonum(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testblas.TestDgemm(t, ours)
		testblas.DgemvTest(t, ours)
		testblas.DgerTest(t, ours)
		testblas.DdotTest(t, ours)
		testblas.DaxpyTest(t, ours)
		testblas.DscalTest(t, ours)
		testblas.DsyrkTest(t, ours)
		testblas.DtrsmTest(t, ours)
		testblas.Dnrm2Test(t, ours)
	})
}

// Wrong arguments panic with gonum's words.
func TestPanics(t *testing.T) {
	message := func(call func()) (m any) {
		defer func() { m = recover() }()
		call()
		return nil
	}
	v := make([]float64, 12)
	type gemm struct {
		tA, tB        Transpose
		m, n, k       int
		lda, ldb, ldc int
		a, b, c       []float64
	}
	for name, g := range map[string]gemm{
		"transpose of A": {'X', NoTrans, 3, 4, 2, 2, 4, 4, v, v, v},
		"transpose of B": {NoTrans, 0, 3, 4, 2, 2, 4, 4, v, v, v},
		"m":              {NoTrans, NoTrans, -1, 4, 2, 2, 4, 4, v, v, v},
		"n":              {NoTrans, NoTrans, 3, -1, 2, 2, 4, 4, v, v, v},
		"k":              {NoTrans, NoTrans, 3, 4, -1, 2, 4, 4, v, v, v},
		"lda":            {NoTrans, NoTrans, 3, 4, 2, 1, 4, 4, v, v, v},
		"lda transposed": {Trans, NoTrans, 3, 4, 2, 2, 4, 4, v, v, v},
		"ldb":            {NoTrans, NoTrans, 3, 4, 2, 2, 3, 4, v, v, v},
		"ldc":            {NoTrans, NoTrans, 3, 4, 2, 2, 4, 3, v, v, v},
		"short A":        {NoTrans, NoTrans, 3, 4, 2, 2, 4, 4, v[:5], v, v},
		"short B":        {NoTrans, NoTrans, 3, 4, 2, 2, 4, 4, v, v[:7], v},
		"short C":        {NoTrans, NoTrans, 3, 4, 2, 2, 4, 4, v, v, v[:11]},
		"nothing":        {NoTrans, NoTrans, 3, 4, 2, 2, 4, 4, v, v, v},
	} {
		t.Run(name, func(t *testing.T) {
			got := message(func() { ours.Dgemm(g.tA, g.tB, g.m, g.n, g.k, 1, g.a, g.lda, g.b, g.ldb, 1, g.c, g.ldc) })
			want := message(func() {
				reference.Dgemm(g.tA, g.tB, g.m, g.n, g.k, 1, g.a, g.lda, g.b, g.ldb, 1, g.c, g.ldc)
			})
			if got != want || (want == nil) != (name == "nothing") {
				t.Errorf("panics with %v, want %v", got, want)
			}
		})
	}
}
