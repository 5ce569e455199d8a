package solve

import (
	"runtime"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/blas"
)

const (
	// blockRows rows are worked on at a time: with a hundred columns they stay
	// in the second cache from the first use to the last.
	blockRows = 256
	maxChunks = 32
)

// A crossProduct sums BᵀB over blocks B of the rows of a matrix, which need not
// exist as a whole, on all cores. The rows are divided into chunks by their
// number alone, and what is summed for each is added in their order, so that
// the result does not depend on the cores.
type crossProduct struct {
	crew       crew.Crew
	rows, cols int
	chunks     []chunk
}

type chunk struct{ block, sum []float64 }

// newCrossProduct divides the rows. There are so few chunks that their sums take
// a quarter of the memory of the rows at most.
func newCrossProduct(rows, cols int) *crossProduct {
	return &crossProduct{rows: rows, cols: cols, chunks: make([]chunk, min(max(rows/(4*cols), 1), maxChunks))}
}

// each calls visit for every block: with the number of its chunk, room for its
// rows if sum has made it, and the first of them. The blocks of a chunk come one
// after the other.
func (c *crossProduct) each(visit func(k int, block blas64.General, lo int)) {
	c.crew.Do(runtime.GOMAXPROCS(0), len(c.chunks), func(_, k int) {
		end := c.rows * (k + 1) / len(c.chunks)
		for lo := c.rows * k / len(c.chunks); lo < end; lo += blockRows {
			visit(k, blas64.General{Rows: min(blockRows, end-lo), Cols: c.cols, Stride: c.cols, Data: c.chunks[k].block}, lo)
		}
	})
}

// sum returns ΣBᵀB, valid until the next call, for the blocks that fill writes.
func (c *crossProduct) sum(fill func(k int, block blas64.General, lo int)) *mat.SymDense {
	for k := range c.chunks {
		if c.chunks[k].sum == nil { // its first call
			c.chunks[k] = chunk{make([]float64, min(c.rows, blockRows)*c.cols), make([]float64, c.cols*c.cols)}
		}
		clear(c.chunks[k].sum)
	}
	c.each(func(k int, block blas64.General, lo int) {
		fill(k, block, lo)
		blas.Syrk(blas.Trans, 1, block, 1, mat.NewSymDense(c.cols, c.chunks[k].sum).RawSymmetric())
	})
	for _, chunk := range c.chunks[1:] {
		axpy(c.chunks[0].sum, 1, chunk.sum)
	}
	return mat.NewSymDense(c.cols, c.chunks[0].sum)
}

// copyRow sets dst to row i of x.
func copyRow(dst []float64, x mat.Matrix, i int) {
	columns, values := rowOf(x, i, dst)
	if columns != nil {
		clear(dst)
		scatter(dst, columns, values)
	} else if len(values) > 0 && &values[0] != &dst[0] {
		copy(dst, values)
	}
}

// axpy sets y ← y + a·x.
func axpy(y []float64, a float64, x []float64) {
	blas.Implementation{}.Daxpy(len(y), a, x, 1, y, 1)
}

func dot(x, y []float64) float64 { return blas.Implementation{}.Ddot(len(x), x, 1, y, 1) }
