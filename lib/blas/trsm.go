package blas

import "gonum.org/v1/gonum/blas"

// A triangular system op(A)·X = B is solved in halves: the first half of X, what
// that takes from the second half of B, which is a product, and the second half.
type triangular[T element] struct {
	a       view[T] // op(A)
	unit    bool    // its diagonal
	forward bool    // its lower triangle counts, so that X begins with its first row
	n       int     // columns of B
	b       []T
	ldb     int
}

// fewRows of X are solved for one by one.
const fewRows = 8

// trsm solves op(A)·X = alpha·B, with X in the place of B, or returns false if the
// arguments are wrong or not for it.
func (e *engine[T]) trsm(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int) bool {
	order, columns := m, n
	if s == blas.Right {
		order, columns = n, m
	}
	if s != blas.Left && s != blas.Right || e.axpy == nil || alpha != 1 || order <= fewRows || columns < fewRows {
		return false
	}
	if ul != blas.Upper && ul != blas.Lower || d != blas.Unit && d != blas.NonUnit {
		return false
	}
	if !fits(tA, order, order, len(a), lda) || !fits(blas.NoTrans, m, n, len(b), ldb) {
		return false
	}
	t := triangular[T]{
		a: operand(tA, a, lda), unit: d == blas.Unit, forward: (ul == blas.Lower) == (tA == blas.NoTrans),
		n: n, b: b, ldb: ldb,
	}
	if s == blas.Right {
		e.solveTransposed(&t, m)
	} else {
		e.solve(&t, 0, m)
	}
	return true
}

// solveTransposed solves X·op(A) = B, which is op(A)ᵀ·Xᵀ = Bᵀ, for some of the m rows of
// B at a time.
func (e *engine[T]) solveTransposed(t *triangular[T], m int) {
	const most = 256
	order, k := t.n, min(m, most)
	x, rows := make([]T, order*k), make([]T, order*k)
	a := view[T]{t.a.data, t.a.col, t.a.row}
	for lo := 0; lo < m; lo += k {
		n := min(k, m-lo)
		e.copyTransposed(x, view[T]{t.b[lo*t.ldb:], t.ldb, 1}, n, order)
		e.solve(&triangular[T]{a: a, unit: t.unit, forward: !t.forward, n: n, b: x, ldb: n}, 0, order)
		e.copyTransposed(rows, view[T]{x, n, 1}, order, n)
		for i := range n {
			copy(t.b[(lo+i)*t.ldb:][:order], rows[i*order:])
		}
	}
}

// solve solves for the rows of X from lo to hi.
func (e *engine[T]) solve(t *triangular[T], lo, hi int) {
	if hi-lo <= fewRows {
		e.substitute(t, lo, hi)
		return
	}
	mid := lo + (hi-lo+2*fewRows-1)/(2*fewRows)*fewRows
	if t.forward {
		e.solve(t, lo, mid)
		e.eliminate(t, mid, hi, lo, mid)
		e.solve(t, mid, hi)
	} else {
		e.solve(t, mid, hi)
		e.eliminate(t, lo, mid, mid, hi)
		e.solve(t, lo, mid)
	}
}

// eliminate subtracts from the rows of B from lo to hi what those of X from from
// to to amount to.
func (e *engine[T]) eliminate(t *triangular[T], lo, hi, from, to int) {
	p := product[T]{
		m: hi - lo, n: t.n, k: to - from,
		a: view[T]{t.a.data[lo*t.a.row+from*t.a.col:], t.a.row, t.a.col}, b: view[T]{t.b[from*t.ldb:], t.ldb, 1},
		c: t.b[lo*t.ldb:], ldc: t.ldb, alpha: -1, beta: 1,
	}
	if e.parallelProduct(&p) {
		return
	}
	buf := e.buffer()
	e.multiply(&p, buf, 0, p.m, 0, p.n)
	e.release(buf)
}

// substitute solves for a few rows, one after the other.
func (e *engine[T]) substitute(t *triangular[T], lo, hi int) {
	for k := lo; k < hi; k++ {
		i := k
		if !t.forward {
			i = hi - 1 - (k - lo)
		}
		x := &t.b[i*t.ldb]
		for l := lo; l < k; l++ {
			j := l
			if !t.forward {
				j = hi - 1 - (l - lo)
			}
			e.axpy(t.n, -*t.a.at(i, j), &t.b[j*t.ldb], x)
		}
		if !t.unit {
			e.scal(t.n, 1 / *t.a.at(i, i), x)
		}
	}
}
