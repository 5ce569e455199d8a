package solve

import (
	"runtime"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

const (
	// blockRows rows are worked on at a time: with a hundred columns they stay
	// in the second cache from the first use to the last.
	blockRows = 256
	maxChunks = 32
)

// A crossProduct sums BᵀB over blocks B of the rows of a matrix, which need not
// exist as a whole, on all cores, with the same result on any number of them.
type crossProduct struct {
	division   rows.Parts
	rows, cols int
	chunks     []chunk // of the parts
}

type chunk struct{ block, sum []float64 }

// newCrossProduct divides the rows. There are so few chunks that their sums take
// a quarter of the memory of the rows at most.
func newCrossProduct(rows, cols int) *crossProduct {
	c := &crossProduct{rows: rows, cols: cols}
	chunks := min(max(rows/(4*cols), 1), maxChunks)
	c.division.Set(0, rows, (rows+chunks-1)/chunks, blockRows)
	c.chunks = make([]chunk, c.division.Count())
	return c
}

// each calls visit for every block: with the number of its chunk, room for its
// rows if sum has made it, and the first of them. The blocks of a chunk come one
// after the other.
func (c *crossProduct) each(visit func(k int, block blas64.General, lo int)) {
	c.division.Do(rows.Workers(runtime.GOMAXPROCS(0), c.rows*c.cols), func(_, k, lo, hi int) {
		visit(k, blas64.General{Rows: hi - lo, Cols: c.cols, Stride: c.cols, Data: c.chunks[k].block}, lo)
	})
}

// sum returns ΣBᵀB, valid until the next call, for the blocks that fill writes.
func (c *crossProduct) sum(fill func(k int, block blas64.General, lo int)) *mat.SymDense {
	for k := range c.chunks {
		if c.chunks[k].sum == nil { // its first call
			c.chunks[k] = chunk{make([]float64, min(c.rows, blockRows)*c.cols), make([]float64, c.cols*c.cols)}
		} else {
			clear(c.chunks[k].sum)
		}
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

// axpy sets y ← y + a·x.
func axpy(y []float64, a float64, x []float64) {
	blas.Implementation{}.Daxpy(len(y), a, x, 1, y, 1)
}

func dot(x, y []float64) float64 { return blas.Implementation{}.Ddot(len(x), x, 1, y, 1) }
