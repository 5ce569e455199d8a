package blas

import (
	"math"

	"gonum.org/v1/gonum/blas"
)

// syrk computes a triangle of C ← beta·C + alpha·A·Aᵀ, or of AᵀA, or returns
// false if the arguments are wrong or the product is degenerate. It is gemm
// without the tiles beyond the diagonal.
func (e *engine[T]) syrk(uplo blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int) bool {
	if n <= 0 || k <= 0 || alpha == 0 || math.IsInf(float64(alpha), 0) || uplo != blas.Upper && uplo != blas.Lower {
		return false
	}
	if !fits(t, n, k, len(a), lda) || !fits(blas.NoTrans, n, n, len(c), ldc) {
		return false
	}
	left := operand(t, a, lda)
	p := product[T]{
		m: n, n: n, k: k,
		a: left, b: view[T]{a, left.col, left.row},
		c: c, ldc: ldc, alpha: alpha, beta: beta,
		dots: t == blas.NoTrans, triangle: uplo,
	}
	if e.parallelProduct(&p) {
		return true
	}
	buf := e.buffer()
	e.triangle(&p, buf, 0, n)
	e.release(buf)
	return true
}

// triangle computes the rows from i0 to i1 of a triangle, from the diagonal or up
// to it. Where B is read in place, each strip of tiles begins or ends there.
func (e *engine[T]) triangle(p *product[T], buf *buffer[T], i0, i1 int) {
	if !e.masked || p.b.col != 1 {
		from, to := p.across(i0, i1)
		e.multiply(p, buf, i0, i1, from, to)
		return
	}
	for l := 0; l < p.k; l += kBlock {
		steps, beta := min(kBlock, p.k-l), p.beta
		if l > 0 {
			beta = 1
		}
		for i := i0; i < i1; i += e.rows {
			end := min(i+e.rows, i1)
			from, to := p.across(i, end)
			for j := from; j < to; j += nBlock {
				e.block(p, buf, i, end, j, min(nBlock, to-j), l, steps, beta)
			}
		}
	}
}

// across returns the columns of a triangle that the rows from i0 to i1 have.
func (p *product[T]) across(i0, i1 int) (from, to int) {
	if p.triangle == blas.Upper {
		return i0, p.n
	}
	return 0, i1
}

// has says whether C's element (i, j) is to be computed.
func (p *product[T]) has(i, j int) bool {
	return p.triangle == 0 || i == j || i < j == (p.triangle == blas.Upper)
}

// place says of the tile that begins at (i, j) whether all of its elements are
// to be computed, and whether none is: its corners tell.
func (p *product[T]) place(i, rows, j, cols int) (all, none bool) {
	low, high := p.has(i+rows-1, j), p.has(i, j+cols-1)
	return low && high, !low && !high
}

// diagonalTile is a tile across the diagonal. It is computed in a buffer, not in C.
func (e *engine[T]) diagonalTile(p *product[T], buf *buffer[T], a *T, ra int, b *T, rb, i, rows, j, cols, l, steps int, beta T) {
	buf.c = grow(buf.c, e.rows*e.cols)
	slow := e.tile(steps, a, ra, p.a.col, b, rb, &buf.c[0], e.cols, rows, cols, 1, 0)
	for r := range rows {
		for q := range cols {
			switch at := (i+r)*p.ldc + j + q; {
			case !p.has(i+r, j+q):
			case slow:
				p.slowTile(i+r, 1, j+q, 1, l, steps, beta)
			default:
				update(p.c[at:at+1], buf.c[r*e.cols+q:][:1], p.alpha, beta)
			}
		}
	}
}
