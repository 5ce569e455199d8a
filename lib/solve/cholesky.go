package solve

import (
	"math"
	"math/rand/v2"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/lib/blas"
)

// cholesky puts U in the place of the upper triangle of A = UᵀU, or returns false
// if A is not positive definite. With A in halves,
//
//	⎡A  B⎤   ⎡Uᵀ  0 ⎤ ⎡U  V⎤
//	⎣Bᵀ C⎦ = ⎣Vᵀ  Wᵀ⎦·⎣0  W⎦
//
// U is the factor of A, V = U⁻ᵀB, and W the factor of C − VᵀV. So nearly all of the
// work is in products of matrices.
func cholesky(a blas64.Symmetric) bool {
	if a.N <= 16 {
		return choleskyPlain(a)
	}
	half := (a.N/2 + 7) &^ 7
	first, last := diagonal(a, 0, half), diagonal(a, half, a.N)
	if !cholesky(first) {
		return false
	}
	beside := blas64.General{Rows: half, Cols: last.N, Stride: a.Stride, Data: a.Data[half:]}
	blas.Trsm(gonum.Left, blas.Trans, 1, upper(first), beside)
	blas.Syrk(blas.Trans, -1, beside, 1, last)
	return cholesky(last)
}

// diagonal returns the block of a from row and column lo to hi.
func diagonal(a blas64.Symmetric, lo, hi int) blas64.Symmetric {
	return blas64.Symmetric{Uplo: gonum.Upper, N: hi - lo, Stride: a.Stride, Data: a.Data[lo*a.Stride+lo:]}
}

// upper returns the upper triangle of a.
func upper(a blas64.Symmetric) blas64.Triangular {
	return blas64.Triangular{Uplo: gonum.Upper, Diag: gonum.NonUnit, N: a.N, Stride: a.Stride, Data: a.Data}
}

// choleskyPlain goes from row to row.
func choleskyPlain(a blas64.Symmetric) bool {
	for i := range a.N {
		row := a.Data[i*a.Stride:][:a.N]
		for k := range i {
			above := a.Data[k*a.Stride:][:a.N]
			for j := i; j < a.N; j++ {
				row[j] -= above[i] * above[j]
			}
		}
		if !(row[i] > 0) || math.IsInf(row[i], 1) {
			return false
		}
		root := math.Sqrt(row[i])
		for j := i; j < a.N; j++ {
			row[j] /= root
		}
	}
	return true
}

// solveCholesky sets x ← A⁻¹x, given the factor of A.
func solveCholesky(u blas64.Symmetric, x []float64) {
	var b blas.Implementation
	b.Dtrsv(gonum.Upper, blas.Trans, gonum.NonUnit, u.N, u.Data, u.Stride, x, 1)
	b.Dtrsv(gonum.Upper, blas.NoTrans, gonum.NonUnit, u.N, u.Data, u.Stride, x, 1)
}

// inverseNorm estimates ‖A⁻¹‖, mostly to a factor of a few, given the factor of
// A: two steps of the power iteration from a vector of random numbers. (Dixon,
// Estimating Extremal Eigenvalues and Condition Numbers of Matrices, SIAM J.
// Numer. Anal. 20, 1983.)
func inverseNorm(u blas64.Symmetric) float64 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, u.N)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	before := norm2(x)
	solveCholesky(u, x)
	first := norm2(x) / before
	for i := range x {
		x[i] /= first
	}
	before = norm2(x)
	solveCholesky(u, x)
	// The first step alone tells a direction that is all but singular.
	return max(first, norm2(x)/before)
}
