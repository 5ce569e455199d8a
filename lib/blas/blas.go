package blas

//go:generate go -C gen run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg blas
//go:generate go -C gen run ./arm64 -out ../kernels_arm64.s -stubs ../kernels_arm64.go

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// An Implementation is gonum's pure Go implementation of BLAS with faster versions of
// Gemm, Syrk, Trsm, Gemv, Ger, Dot, Nrm2, Axpy and Scal in float64 and float32. The
// zero value is ready for use, and safe for concurrent use.
type Implementation struct {
	gonum.Implementation
}

var (
	_ blas.Float64 = Implementation{}
	_ blas.Float32 = Implementation{}
)

// Transpose says whether an operand is transposed. It is gonum's type.
type Transpose = blas.Transpose

// The values of Transpose.
const (
	NoTrans   = blas.NoTrans
	Trans     = blas.Trans
	ConjTrans = blas.ConjTrans
)

// Gemm computes C ← beta·C + alpha·op(A)·op(B), as [blas64.Gemm] does with this
// implementation registered. It panics if the shapes do not fit.
func Gemm(tA, tB Transpose, alpha float64, a, b blas64.General, beta float64, c blas64.General) {
	m, k := a.Rows, a.Cols
	if tA != NoTrans {
		m, k = k, m
	}
	n := b.Cols
	if tB != NoTrans {
		n = b.Rows
	}
	Implementation{}.Dgemm(tA, tB, m, n, k, alpha, a.Data, a.Stride, b.Data, b.Stride, beta, c.Data, c.Stride)
}

// Gemv computes y ← beta·y + alpha·op(A)·x, as [blas64.Gemv] does with this
// implementation registered.
func Gemv(t Transpose, alpha float64, a blas64.General, x blas64.Vector, beta float64, y blas64.Vector) {
	Implementation{}.Dgemv(t, a.Rows, a.Cols, alpha, a.Data, a.Stride, x.Data, x.Inc, beta, y.Data, y.Inc)
}

// Dots adds A·x to y, one row of A after another. Gemv, which multiplies four
// rows at a time, is faster if A is in the cache. If A is in main memory, Dots
// is up to twice as fast, since it reads A in order.
func Dots(a blas64.General, x, y []float64) {
	if a.Rows <= 0 || a.Cols <= 0 {
		return
	}
	if len(x) < a.Cols || len(y) < a.Rows || !fits(NoTrans, a.Rows, a.Cols, len(a.Data), a.Stride) {
		panic(fmt.Sprintf("blas: a matrix of %d×%d, with %d elements and stride %d, times %d elements does not fit %d",
			a.Rows, a.Cols, len(a.Data), a.Stride, len(x), len(y)))
	}
	if !HasKernels || engine64.dot == nil {
		for i := range a.Rows {
			y[i] += Implementation{}.Ddot(a.Cols, a.Data[i*a.Stride:], 1, x, 1)
		}
		return
	}
	p := product[float64]{m: a.Rows, n: a.Cols, a: view[float64]{a.Data, a.Stride, 1}}
	if a.Rows*a.Cols < alone || !engine64.parallelVector(&p, rowDots, x, y, a.Rows, 8) {
		engine64.rowDots(&p, x, y, 0, a.Rows)
	}
}

// alone is the number of multiplications below which nobody asks whether they are worth a second core.
const alone = 1 << 14

// Syrk computes the triangle c.Uplo of C ← beta·C + alpha·A·Aᵀ, or of AᵀA if
// t is [Trans], as [blas64.Syrk] does with this implementation registered.
func Syrk(t Transpose, alpha float64, a blas64.General, beta float64, c blas64.Symmetric) {
	n, k := a.Rows, a.Cols
	if t != NoTrans {
		n, k = k, n
	}
	Implementation{}.Dsyrk(c.Uplo, t, n, k, alpha, a.Data, a.Stride, beta, c.Data, c.Stride)
}

// Trsm solves op(A)·X = alpha·B, for a triangle A, with X in the place of B, or
// X·op(A) = alpha·B if s is [blas.Right], as [blas64.Trsm] does with this
// implementation registered.
func Trsm(s blas.Side, t Transpose, alpha float64, a blas64.Triangular, b blas64.General) {
	Implementation{}.Dtrsm(s, a.Uplo, t, a.Diag, b.Rows, b.Cols, alpha, a.Data, a.Stride, b.Data, b.Stride)
}

// Dgemm computes C ← beta·C + alpha·op(A)·op(B), where op(A) is m×k, op(B) is
// k×n and C is m×n. It does not read C when beta is 0.
func (i Implementation) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	if !engine64.gemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		i.Implementation.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// Sgemm computes C ← beta·C + alpha·op(A)·op(B), where op(A) is m×k, op(B) is
// k×n and C is m×n. It does not read C when beta is 0.
func (i Implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if !single().gemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		i.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// Dsyrk computes a triangle of C ← beta·C + alpha·A·Aᵀ, where A is n×k, or of
// AᵀA, where A is k×n. It does not read C when beta is 0.
func (i Implementation) Dsyrk(ul blas.Uplo, tA blas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	if !engine64.syrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc) {
		i.Implementation.Dsyrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc)
	}
}

// Ssyrk computes a triangle of C ← beta·C + alpha·A·Aᵀ, where A is n×k, or of
// AᵀA, where A is k×n. It does not read C when beta is 0.
func (i Implementation) Ssyrk(ul blas.Uplo, tA blas.Transpose, n, k int, alpha float32, a []float32, lda int, beta float32, c []float32, ldc int) {
	if !single().syrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc) {
		i.Implementation.Ssyrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc)
	}
}

// Dtrsm solves op(A)·X = alpha·B, or X·op(A) = alpha·B, for a triangle A, and
// stores X, which is m×n, in the place of B.
func (i Implementation) Dtrsm(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	if !engine64.trsm(s, ul, tA, d, m, n, alpha, a, lda, b, ldb) {
		i.Implementation.Dtrsm(s, ul, tA, d, m, n, alpha, a, lda, b, ldb)
	}
}

// Strsm solves op(A)·X = alpha·B, or X·op(A) = alpha·B, for a triangle A, and
// stores X, which is m×n, in the place of B.
func (i Implementation) Strsm(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha float32, a []float32, lda int, b []float32, ldb int) {
	if !single().trsm(s, ul, tA, d, m, n, alpha, a, lda, b, ldb) {
		i.Implementation.Strsm(s, ul, tA, d, m, n, alpha, a, lda, b, ldb)
	}
}

// Dgemv computes y ← beta·y + alpha·op(A)·x, where A is m×n. It does not read
// y when beta is 0.
func (i Implementation) Dgemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	if !engine64.gemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY) {
		i.Implementation.Dgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Sgemv computes y ← beta·y + alpha·op(A)·x, where A is m×n. It does not read
// y when beta is 0.
func (i Implementation) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	if !single().gemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY) {
		i.Implementation.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Dger computes A ← A + alpha·x·yᵀ, where A is m×n.
func (i Implementation) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	if !engine64.ger(m, n, alpha, x, incX, y, incY, a, lda) {
		i.Implementation.Dger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// Sger computes A ← A + alpha·x·yᵀ, where A is m×n.
func (i Implementation) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	if !single().ger(m, n, alpha, x, incX, y, incY, a, lda) {
		i.Implementation.Sger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// Ddot returns Σ x[i]·y[i].
func (i Implementation) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	if engine64.dot != nil && incX == 1 && incY == 1 && 0 < n && n <= min(len(x), len(y)) {
		return engine64.dot(n, &x[0], &y[0])
	}
	return i.Implementation.Ddot(n, x, incX, y, incY)
}

// Sdot returns Σ x[i]·y[i].
func (i Implementation) Sdot(n int, x []float32, incX int, y []float32, incY int) float32 {
	if single().dot != nil && incX == 1 && incY == 1 && 0 < n && n <= min(len(x), len(y)) {
		return single().dot(n, &x[0], &y[0])
	}
	return i.Implementation.Sdot(n, x, incX, y, incY)
}

// Dnrm2 returns √Σ x[i]².
func (i Implementation) Dnrm2(n int, x []float64, incX int) float64 {
	if norm, ok := engine64.norm(n, x, incX, 0x1p-900, 0x1p900); ok {
		return norm
	}
	return i.Implementation.Dnrm2(n, x, incX)
}

// Snrm2 returns √Σ x[i]².
func (i Implementation) Snrm2(n int, x []float32, incX int) float32 {
	if norm, ok := single().norm(n, x, incX, 0x1p-100, 0x1p100); ok {
		return norm
	}
	return i.Implementation.Snrm2(n, x, incX)
}

// Daxpy computes y ← y + alpha·x.
func (i Implementation) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	if !engine64.addScaled(n, alpha, x, incX, y, incY) {
		i.Implementation.Daxpy(n, alpha, x, incX, y, incY)
	}
}

// Saxpy computes y ← y + alpha·x.
func (i Implementation) Saxpy(n int, alpha float32, x []float32, incX int, y []float32, incY int) {
	if !single().addScaled(n, alpha, x, incX, y, incY) {
		i.Implementation.Saxpy(n, alpha, x, incX, y, incY)
	}
}

// Dscal computes x ← alpha·x.
func (i Implementation) Dscal(n int, alpha float64, x []float64, incX int) {
	if !engine64.scale(n, alpha, x, incX) {
		i.Implementation.Dscal(n, alpha, x, incX)
	}
}

// Sscal computes x ← alpha·x.
func (i Implementation) Sscal(n int, alpha float32, x []float32, incX int) {
	if !single().scale(n, alpha, x, incX) {
		i.Implementation.Sscal(n, alpha, x, incX)
	}
}
