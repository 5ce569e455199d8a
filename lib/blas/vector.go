package blas

import (
	"math"

	"gonum.org/v1/gonum/blas"
)

// gemv multiplies a matrix and a vector, or returns false if the arguments are
// wrong or are not for it.
func (e *engine[T]) gemv(tA blas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) bool {
	if e.dot4 == nil || m <= 0 || n <= 0 || incX != 1 || incY != 1 || !fits(blas.NoTrans, m, n, len(a), lda) {
		return false
	}
	if alpha == 0 || beta != beta { // gonum's assembly takes a beta of NaN for 0
		return false
	}
	p := product[T]{m: m, n: n, a: view[T]{a, lda, 1}, alpha: alpha, beta: beta}
	switch tA {
	case blas.NoTrans:
		if len(x) < n || len(y) < m {
			return false
		}
		if !e.parallelVector(&p, matrixVector, x, y, m, 4) {
			e.gemvRows(&p, x, y, 0, m)
		}
	case blas.Trans, blas.ConjTrans:
		if len(x) < m || len(y) < n {
			return false
		}
		if !e.parallelVector(&p, transposedVector, x, y, n, 8) {
			e.gemvCols(&p, x, y, 0, n)
		}
	default:
		return false
	}
	return true
}

// gemvRows computes the elements of beta·y + alpha·A·x from i0 to i1.
func (e *engine[T]) gemvRows(p *product[T], x, y []T, i0, i1 int) {
	i := i0
	for ; i+4 <= i1; i += 4 {
		e.dot4(p.n, p.a.at(i, 0), p.a.row, &x[0], &y[i], p.alpha, p.beta)
	}
	for ; i < i1; i++ {
		s := p.alpha * e.dot(p.n, p.a.at(i, 0), &x[0])
		if p.beta != 0 {
			s += p.beta * y[i]
		}
		y[i] = s
	}
}

// rowDots adds the elements of A·x from i0 to i1 to y, one row after another.
func (e *engine[T]) rowDots(p *product[T], x, y []T, i0, i1 int) {
	if e.dots != nil {
		e.dots(i1-i0, p.n, p.a.at(i0, 0), p.a.row, &x[0], &y[i0])
		return
	}
	for i := i0; i < i1; i++ {
		y[i] += e.dot(p.n, p.a.at(i, 0), &x[0])
	}
}

// gemvCols computes the elements of beta·y + alpha·Aᵀ·x from j0 to j1.
func (e *engine[T]) gemvCols(p *product[T], x, y []T, j0, j1 int) {
	n := j1 - j0
	switch p.beta {
	case 0:
		clear(y[j0:j1])
	case 1:
	default:
		e.scal(n, p.beta, &y[j0])
	}
	i := 0
	for ; i+8 <= p.m; i += 8 {
		e.axpy8(n, p.alpha, &x[i], p.a.at(i, j0), p.a.row, &y[j0])
	}
	for ; i+4 <= p.m; i += 4 {
		e.axpy4(n, p.alpha, &x[i], p.a.at(i, j0), p.a.row, &y[j0])
	}
	for ; i < p.m; i++ {
		e.axpy(n, p.alpha*x[i], p.a.at(i, j0), &y[j0])
	}
}

// ger adds alpha·x·yᵀ to A, or returns false if the arguments are wrong or there
// is nothing to do. It takes every increment, since gonum's assembly for amd64
// is wrong for negative ones (as of v0.17).
func (e *engine[T]) ger(m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int) bool {
	if m <= 0 || n <= 0 || alpha == 0 || !fits(blas.NoTrans, m, n, len(a), lda) {
		return false
	}
	if !reaches(m, incX, len(x)) || !reaches(n, incY, len(y)) {
		return false
	}
	buf := e.buffer()
	if incX != 1 {
		buf.a = gather(buf.a, m, x, incX)
		x = buf.a
	}
	if incY != 1 {
		buf.b = gather(buf.b, n, y, incY)
		y = buf.b
	}
	p := product[T]{m: m, n: n, a: view[T]{a, lda, 1}, alpha: alpha}
	if !e.parallelVector(&p, rankOne, x, y, m, 4) {
		e.gerRows(&p, x, y, 0, m)
	}
	e.release(buf)
	return true
}

// gerRows adds alpha·x·yᵀ to the rows of A from i0 to i1.
func (e *engine[T]) gerRows(p *product[T], x, y []T, i0, i1 int) {
	for i := i0; i < i1; i++ {
		if e.axpy != nil {
			e.axpy(p.n, p.alpha*x[i], &y[0], p.a.at(i, 0))
			continue
		}
		row, scale := p.a.data[i*p.a.row:][:p.n], p.alpha*x[i]
		for j, v := range y[:p.n] {
			row[j] += scale * v
		}
	}
}

// reaches says whether n elements with an increment lie within a length.
func reaches(n, inc, length int) bool {
	return inc != 0 && (n-1)*max(inc, -inc) < length
}

// gather copies n elements with an increment, the last first if it is negative.
func gather[T element](dst []T, n int, v []T, inc int) []T {
	dst = grow(dst, n)
	from := 0
	if inc < 0 {
		from = (1 - n) * inc
	}
	for i := range dst {
		dst[i] = v[from+i*inc]
	}
	return dst
}

// parallelVector does work on a matrix and two vectors on several cores, or
// returns false if it is too small for that.
func (e *engine[T]) parallelVector(p *product[T], kind work, x, y []T, length, unit int) bool {
	n := e.workers(kind, p.m*p.n)
	if n == 1 {
		return false
	}
	size := chunkSize(length, unit, n)
	if size >= length {
		return false
	}
	t := e.newTask()
	t.product, t.x, t.y = *p, x, y
	t.work, t.size = kind, size
	t.do(&e.rates[kind], n, (length+size-1)/size, p.m*p.n)
	return true
}

// addScaled adds alpha·x to y, or returns false if the arguments are wrong or
// are not for it.
func (e *engine[T]) addScaled(n int, alpha T, x []T, incX int, y []T, incY int) bool {
	if e.axpy == nil || n <= 0 || alpha == 0 || incX != 1 || incY != 1 || n > min(len(x), len(y)) {
		return false
	}
	e.axpy(n, alpha, &x[0], &y[0])
	return true
}

// scale multiplies x by alpha, or returns false if the arguments are wrong or
// are not for it.
func (e *engine[T]) scale(n int, alpha T, x []T, incX int) bool {
	if e.scal == nil || n <= 0 || alpha == 0 || incX != 1 || n > len(x) {
		return false
	}
	e.scal(n, alpha, &x[0])
	return true
}

// norm returns the root of the sum of squares, or false if the arguments are
// wrong or are not for it, or if the sum may have lost digits because squares
// are too small or too large.
func (e *engine[T]) norm(n int, x []T, incX int, low, high T) (T, bool) {
	if e.dot == nil || n <= 0 || incX != 1 || n > len(x) {
		return 0, false
	}
	sum := e.dot(n, &x[0], &x[0])
	return T(math.Sqrt(float64(sum))), low < sum && sum < high
}
