package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// TestTrsm multiplies what it has solved, for every kind of triangle.
func TestTrsm(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, size := range [][2]int{{1, 1}, {8, 9}, {9, 8}, {17, 40}, {100, 33}, {130, 300}} {
			m, n := size[0], size[1]
			for _, ul := range []blas.Uplo{blas.Upper, blas.Lower} {
				for _, tA := range []Transpose{NoTrans, Trans} {
					for _, d := range []blas.Diag{blas.Unit, blas.NonUnit} {
						lda, ldb := m+r.IntN(3), n+r.IntN(3)
						a, b := random[float64](r, m*lda), random[float64](r, m*ldb)
						full := make([]float64, m*m) // op(A)
						for i := range m {
							for j := range m {
								v := &a[i*lda+j]
								*v /= float64(m)
								if i == j {
									*v += 2
								}
								switch {
								case i != j && (i < j) != (ul == blas.Upper):
									*v = math.NaN() // must not be read
									continue
								case i == j && d == blas.Unit:
									*v = math.NaN()
									full[i*m+i] = 1
								case tA == Trans:
									full[j*m+i] = *v
								default:
									full[i*m+j] = *v
								}
							}
						}
						x := append([]float64(nil), b...)
						Trsm(blas.Left, tA, 1, blas64.Triangular{Uplo: ul, Diag: d, N: m, Data: a, Stride: lda},
							blas64.General{Rows: m, Cols: n, Data: x, Stride: ldb})
						got := append([]float64(nil), b...)
						reference.Dgemm(NoTrans, NoTrans, m, n, m, 1, full, m, x, ldb, 0, got, ldb)
						for i := range m {
							for j := range n {
								if e := math.Abs(got[i*ldb+j] - b[i*ldb+j]); !(e < 1e-13) {
									t.Fatal(fmt.Sprint(size, string(ul), string(tA), string(d), ": off by ", e, " in row ", i))
								}
							}
							for j := n; j < ldb && i*ldb+j < len(b); j++ {
								if x[i*ldb+j] != b[i*ldb+j] {
									t.Fatal("what is between the rows has changed")
								}
							}
						}
						other := NoTrans // Yᵀ·op(A)ᵀ = Bᵀ: the same equations from the right
						if tA == NoTrans {
							other = Trans
						}
						const gap = 2
						y := make([]float64, n*(m+gap))
						for i := range m {
							for j := range n {
								y[j*(m+gap)+i] = b[i*ldb+j]
							}
						}
						Trsm(blas.Right, other, 1, blas64.Triangular{Uplo: ul, Diag: d, N: m, Data: a, Stride: lda},
							blas64.General{Rows: n, Cols: m, Data: y, Stride: m + gap})
						for j := range n {
							for i := range m {
								if e := math.Abs(y[j*(m+gap)+i] - x[i*ldb+j]); !(e < 1e-13) {
									t.Fatal(fmt.Sprint(size, string(ul), string(tA), string(d), ": from the right off by ", e, " in row ", j))
								}
							}
							if y[j*(m+gap)+m] != 0 || y[j*(m+gap)+m+1] != 0 {
								t.Fatal("what is between the rows has changed")
							}
						}
					}
				}
			}
		}
	})
}
