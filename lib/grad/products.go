package grad

import (
	"slices"

	"github.com/descent-go/descent/lib/blas"
)

// MatMul returns the matrix product of the last two axes, (…, m, k)·(…, k, n). Axes
// before them are a batch, and broadcast as in NumPy. A vector (one axis) is a row
// on the left and a column on the right, and the result has no axis for it.
func (n *Node) MatMul(b *Node) *Node {
	n.graph.owns("MatMul", b)
	left, right := n.shape, b.shape
	if len(left) == 0 || len(right) == 0 {
		fail("MatMul", "%s × %s: a single number is no matrix, use Mul", dims(left), dims(right))
	}
	if len(left) == 1 {
		left = []int{1, left[0]}
	}
	if len(right) == 1 {
		right = []int{right[0], 1}
	}
	p := product{m: left[len(left)-2], k: left[len(left)-1], n: right[len(right)-1]}
	if inner := right[len(right)-2]; p.k != inner {
		fail("MatMul", "%s × %s: the inner lengths %d and %d differ", dims(n.shape), dims(b.shape), p.k, inner)
	}
	ahead, aheadRight := left[:len(left)-2], right[:len(right)-2]
	batch, ok := broadcast(ahead, aheadRight)
	if !ok {
		fail("MatMul", "%s × %s: the axes before the last two cannot be broadcast", dims(n.shape), dims(b.shape))
	}
	shape := slices.Clone(batch)
	if len(n.shape) > 1 {
		shape = append(shape, p.m)
	}
	if len(b.shape) > 1 {
		shape = append(shape, p.n)
	}
	if size(aheadRight) == 1 { // one matrix on the right: all rows on the left are one matrix
		p.m *= size(ahead)
		batch, ahead, aheadRight = nil, nil, nil
	}
	stepsA, stepsB := repeated(ahead, batch), repeated(aheadRight, batch)
	for axis, d := range batch {
		p.sharedA = p.sharedA || d != 1 && stepsA[axis] == 0
		p.sharedB = p.sharedB || d != 1 && stepsB[axis] == 0
	}
	p.walk = newWalk(batch, multiplied(strides(batch), p.m*p.n), multiplied(stepsA, p.m*p.k), multiplied(stepsB, p.k*p.n))
	return n.graph.node("MatMul", shape, kernels{matmul[float64](p), matmul[float32](p)}, n, b)
}

// multiplied multiplies steps by the size of a matrix.
func multiplied(steps []int, c int) []int {
	for i := range steps {
		steps[i] *= c
	}
	return steps
}

// A product is that of m×k and k×n matrices, which follow each other along the walk.
type product struct {
	m, k, n          int
	*walk                 // of y, a and b
	sharedA, sharedB bool // one matrix is in several products, or in none
}

// matmul is Y = AB, with dA = dY·Bᵀ and dB = Aᵀ·dY.
func matmul[T element](p product) bilinear[T] {
	return bilinear[T]{
		apply: func(y, a, b []T, beta T) {
			p.each(func(n int, at [3]int) {
				for range n {
					gemm(blas.NoTrans, blas.NoTrans, p.m, p.n, p.k, a[at[1]:], b[at[2]:], beta, y[at[0]:])
					at = p.next(at)
				}
			})
		},
		left: func(da *sum[T], dy, b []T) {
			to, beta := da.into(p.sharedA)
			p.each(func(n int, at [3]int) {
				for range n {
					gemm(blas.NoTrans, blas.Trans, p.m, p.k, p.n, dy[at[0]:], b[at[2]:], beta, to[at[1]:])
					at = p.next(at)
				}
			})
		},
		right: func(db *sum[T], a, dy []T) {
			to, beta := db.into(p.sharedB)
			p.each(func(n int, at [3]int) {
				for range n {
					gemm(blas.Trans, blas.NoTrans, p.k, p.n, p.m, a[at[1]:], dy[at[0]:], beta, to[at[2]:])
					at = p.next(at)
				}
			})
		},
	}
}

// into is scaled, or plus for a matrix that is added to several times.
func (s *sum[T]) into(shared bool) (data []T, beta T) {
	if shared {
		return s.plus(), 1
	}
	return s.scaled()
}

// gemm computes C ← β·C + op(A)·op(B), where C is m×n and the sum has k terms. All
// matrices lie in memory without gaps.
func gemm[T element](opA, opB blas.Transpose, m, n, k int, a, b []T, beta T, c []T) {
	switch {
	case m == 0 || n == 0:
		return
	case k == 0:
		if beta == 0 {
			clear(c[:m*n])
		}
		return
	}
	lda, ldb := k, n
	if opA != blas.NoTrans {
		lda = m
	}
	if opB != blas.NoTrans {
		ldb = k
	}
	lib := blas.Implementation{}
	rowsA, colsA := m, k
	if opA != blas.NoTrans {
		rowsA, colsA = k, m
	}
	switch c := any(c).(type) {
	case []float64:
		a, b, beta := any(a).([]float64), any(b).([]float64), float64(beta)
		if n == 1 { // Gemv reads the rows of A once, in order
			lib.Dgemv(opA, rowsA, colsA, 1, a, lda, b, 1, beta, c, 1)
			return
		}
		lib.Dgemm(opA, opB, m, n, k, 1, a, lda, b, ldb, beta, c, n)
	case []float32:
		a, b, beta := any(a).([]float32), any(b).([]float32), float32(beta)
		if n == 1 {
			lib.Sgemv(opA, rowsA, colsA, 1, a, lda, b, 1, beta, c, 1)
			return
		}
		lib.Sgemm(opA, opB, m, n, k, 1, a, lda, b, ldb, beta, c, n)
	}
}
