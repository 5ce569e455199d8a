package blas

import (
	"slices"

	"gonum.org/v1/gonum/blas"
)

// thin multiplies if C has one row or one column, as a matrix and a vector, of
// which a tile would use an eighth; else it returns false.
func (e *engine[T]) thin(tA, tB blas.Transpose, p *product[T]) bool {
	if e.dot4 == nil || p.m > 1 && p.n > 1 {
		return false
	}
	buf := e.buffer()
	defer e.release(buf)
	a, b, step := p.a, p.b.data, p.b.row
	t, step2, length := tA, p.ldc, p.m
	if p.n > 1 { // C is a row: Cᵀ = Bᵀ·Aᵀ
		a, b, step = p.b, p.a.data, p.a.col
		t, step2, length = blas.Trans, 1, p.n
		if tB != blas.NoTrans {
			t = blas.NoTrans
		}
	}
	if step != 1 {
		buf.b = gather(buf.b, p.k, b, step)
		b = buf.b
	}
	rows, cols := length, p.k
	if t != blas.NoTrans {
		rows, cols = cols, rows
	}
	buf.a = grow(buf.a, length)
	if !e.gemv(t, rows, cols, 1, a.data, max(a.row, a.col), b, 1, 0, buf.a, 1) {
		return false
	}
	if step2 == 1 && !slices.ContainsFunc(buf.a, func(v T) bool { return v != v }) {
		update(p.c[:length], buf.a, p.alpha, p.beta)
		return true
	}
	for i, sum := range buf.a {
		switch {
		case sum == sum:
			update(p.c[i*step2:i*step2+1], buf.a[i:i+1], p.alpha, p.beta)
		case p.n == 1:
			p.slowTile(i, 1, 0, 1, 0, p.k, p.beta)
		default:
			p.slowTile(0, 1, i, 1, 0, p.k, p.beta)
		}
	}
	return true
}
