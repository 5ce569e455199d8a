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
// to it. Where B is read in place, each strip of tiles begins or ends there; where that
// would collide in the first cache, B is copied.
func (e *engine[T]) triangle(p *product[T], buf *buffer[T], i0, i1 int) {
	if !e.masked || p.b.col != 1 || collide[T](p.b.row) && i1-i0 >= 8*e.rows {
		from, to := p.across(i0, i1)
		e.multiply(p, buf, i0, i1, from, to)
		return
	}
	for l := 0; l < p.k; l += kBlock {
		steps, beta := min(kBlock, p.k-l), p.beta
		if l > 0 {
			beta = 1
		}
		left, right := p.across(i0, i1)
		width := max(stripElements/steps/e.cols, 1) * e.cols
		for j := left; j < right; j += width {
			for i := i0; i < i1; i += e.rows {
				end := min(i+e.rows, i1)
				from, to := p.across(i, end)
				from, to = max(from, j), min(to, j+width)
				if from < to {
					a := e.packA(p, buf, i, end, to-from, to-from, l, steps)
					e.block(p, buf, a, i, end, from, to-from, l, steps, beta)
				}
			}
		}
	}
}

// stripElements of B, read in place, stay in the second cache while the rows of A
// go by.
const stripElements = 1 << 16

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

// diagonalTile is a tile across the diagonal. It is computed in a buffer, not in C, with
// the roundings of any other tile: which tiles the diagonal crosses depends on how the
// rows are divided.
func (e *engine[T]) diagonalTile(p *product[T], buf *buffer[T], tile tileOf[T], a []T, ra, ca int, b *T, rb, i, rows, j, cols, l, steps int, beta T) {
	buf.c = grow(buf.c, rows*e.cols)
	clear(buf.c)
	for r := range rows {
		for q := range cols {
			if beta != 0 && p.has(i+r, j+q) {
				buf.c[r*e.cols+q] = p.c[(i+r)*p.ldc+j+q]
			}
		}
	}
	slow := tile(steps, &a[0], ra, ca, b, rb, &buf.c[0], e.cols, rows, cols, p.alpha, beta)
	for r := range rows {
		slow := slow && e.tile(steps, &a[r*ra], ra, ca, b, rb, &buf.c[r*e.cols], e.cols, 1, cols, p.alpha, beta)
		for q := range cols {
			switch {
			case !p.has(i+r, j+q):
			case slow:
				p.slowTile(i+r, 1, j+q, 1, l, steps, beta)
			default:
				p.c[(i+r)*p.ldc+j+q] = buf.c[r*e.cols+q]
			}
		}
	}
}
