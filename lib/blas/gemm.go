package blas

import (
	"math"
	"unsafe"

	"gonum.org/v1/gonum/blas"
)

// The blocks of a product. A few rows of A with their kBlock columns stay in the
// first cache while kBlock rows of some columns of B go by, bBlock bytes, which stay in
// the second: a third cache is far away on servers with many cores. Longer blocks have C
// read and written less often, and wider ones A.
const (
	kBlock = 512
	bBlock = 768 << 10
	aBlock = 1024 // rows of A that are copied at a time
)

// A view is a matrix whose element (i, j) is data[i*row+j*col]: a transposed
// matrix is the same data with its strides exchanged.
type view[T element] struct {
	data     []T
	row, col int
}

// operand returns op(A) for a matrix with leading dimension ld.
func operand[T element](t blas.Transpose, data []T, ld int) view[T] {
	if t == blas.NoTrans {
		return view[T]{data, ld, 1}
	}
	return view[T]{data, 1, ld}
}

// at points at element (i, j).
func (v view[T]) at(i, j int) *T { return &v.data[i*v.row+j*v.col] }

// A product is C ← beta·C + alpha·A·B with A of m×k and B of k×n.
type product[T element] struct {
	m, n, k     int
	a, b        view[T]
	c           []T
	ldc         int
	alpha, beta T
	dots        bool      // gonum forms this product by dot products
	triangle    blas.Uplo // of C that is computed; 0 for all of it
}

// gemm multiplies, unless the arguments are wrong or the product is degenerate:
// then it returns false, and gonum's own routine finds the words or the limit.
func (e *engine[T]) gemm(tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) bool {
	if m <= 0 || n <= 0 || k <= 0 || alpha == 0 || math.IsInf(float64(alpha), 0) {
		return false
	}
	if !fits(tA, m, k, len(a), lda) || !fits(tB, k, n, len(b), ldb) || !fits(blas.NoTrans, m, n, len(c), ldc) {
		return false
	}
	p := product[T]{
		m: m, n: n, k: k,
		a: operand(tA, a, lda), b: operand(tB, b, ldb),
		c: c, ldc: ldc, alpha: alpha, beta: beta,
		dots: tA == blas.NoTrans && tB != blas.NoTrans,
	}
	if e.thin(tA, tB, &p) || e.parallelProduct(&p) {
		return true
	}
	buf := e.buffer()
	e.multiply(&p, buf, 0, m, 0, n)
	e.release(buf)
	return true
}

// fits says whether op(A) of rows×cols lies within length elements.
func fits(t blas.Transpose, rows, cols, length, ld int) bool {
	switch t {
	case blas.NoTrans:
	case blas.Trans, blas.ConjTrans:
		rows, cols = cols, rows
	default:
		return false
	}
	return ld >= cols && length >= (rows-1)*ld+cols
}

// multiply computes the rows from i0 to i1 and the columns from j0 to j1 of C.
// What it does for an element depends on nothing but that element's row of A
// and column of B, so C does not depend on how it is divided.
func (e *engine[T]) multiply(p *product[T], buf *buffer[T], i0, i1, j0, j1 int) {
	width := e.width(j1-j0, min(kBlock, p.k))
	for l := 0; l < p.k; l += kBlock {
		steps := min(kBlock, p.k-l)
		beta := p.beta
		if l > 0 {
			beta = 1
		}
		rows := i1 - i0
		if e.copiesA(p, j1-j0, width) {
			rows = aBlock
		}
		for i := i0; i < i1; i += rows {
			end := min(i+rows, i1)
			a := e.packA(p, buf, i, end, j1-j0, width, l, steps)
			for j := j0; j < j1; j += width {
				e.block(p, buf, a, i, end, j, min(width, j1-j), l, steps, beta)
			}
		}
	}
}

// width returns how many columns a block of B has, of cols: all have about as many, in whole
// tiles, and a quarter more than bBlock rather than one more block.
func (e *engine[T]) width(cols, steps int) int {
	most := max(e.cols, bBlock/size[T]()/steps)
	blocks := max(1, (cols+most*3/4)/most)
	tiles := (cols + blocks*e.cols - 1) / (blocks * e.cols)
	return tiles * e.cols
}

// block adds steps steps of the product, from step l, to cols columns of C from
// column j: it packs B if that pays, and then goes through C in tiles, row by
// row, so that the rows of A stay in the first cache.
func (e *engine[T]) block(p *product[T], buf *buffer[T], a strips[T], i0, i1, j, cols, l, steps int, beta T) {
	whole := e.packB(p, buf, i1-i0, j, cols, l, steps)
	for i := i0; i < i1; i += a.rows {
		rows := min(a.rows, i1-i)
		strip := e.strip(p, buf, &a, i0, i, rows, l, steps)
		for q, width := 0, 0; q < cols; q += width {
			width = e.across(cols - q)
			var b *T
			rb := e.panel(width)
			if q < whole {
				b, rb = p.b.at(l, j+q), p.b.row
			} else {
				b = &buf.b[(q-whole)*steps]
			}
			tile, high := e.tile, e.rows
			if rows == e.tallRows && width == e.cols {
				tile, high = e.tall, rows
			}
			for r := 0; r < rows; r += high {
				i, from, rows := i+r, strip[r*a.row:], min(high, rows-r)
				all, none := p.place(i, rows, j+q, width)
				switch {
				case none:
				case !all:
					e.diagonalTile(p, buf, tile, from, a.row, a.col, b, rb, i, rows, j+q, width, l, steps, beta)
				case tile(steps, &from[0], a.row, a.col, b, rb, &p.c[i*p.ldc+j+q], p.ldc, rows, width, p.alpha, beta):
					e.slowRows(p, from, a.row, a.col, b, rb, i, rows, j+q, width, l, steps, beta)
				}
			}
		}
	}
}

// across returns how many columns the next tile has, of cols that are left: twice two vectors
// rather than three and one, which take a fourth longer.
func (e *engine[T]) across(cols int) int {
	if cols > e.cols && cols <= e.cols+e.vector {
		return 2 * e.vector
	}
	return min(e.cols, cols)
}

// slowRows is a tile again, of which an element may be NaN, row by row: in which tile a row is
// depends on how the product is divided.
func (e *engine[T]) slowRows(p *product[T], a []T, ra, ca int, b *T, rb, i, rows, j, cols, l, steps int, beta T) {
	for r := range rows {
		if e.tile(steps, &a[r*ra], ra, ca, b, rb, &p.c[(i+r)*p.ldc+j], p.ldc, 1, cols, p.alpha, beta) {
			p.slowTile(i+r, 1, j, cols, l, steps, beta)
		}
	}
}

// collide says whether elements a stride apart are kept in the same few lines of
// a first cache, where there is no room for many.
func collide[T element](stride int) bool { return stride*size[T]()%4096 == 0 }

func size[T element]() int {
	var zero T
	return int(unsafe.Sizeof(zero))
}

// slowTile is the tile for infinities and NaNs. Gonum skips the zeros of A,
// except where it forms dot products, so that 0·∞ adds nothing; so do we.
func (p *product[T]) slowTile(i, rows, j, cols, l, steps int, beta T) {
	for r := range rows {
		for q := range cols {
			var sum T
			for s := l; s < l+steps; s++ {
				a := *p.a.at(i+r, s)
				if p.dots || p.alpha*a != 0 {
					sum += a * *p.b.at(s, j+q)
				}
			}
			at := (i+r)*p.ldc + j + q
			update(p.c[at:at+1], []T{sum}, p.alpha, beta)
		}
	}
}
