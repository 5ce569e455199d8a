package solve

import (
	"runtime"
	"sync"

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
	sums       [][]float64 // of the chunks, which the parts are
}

// finer returns a division for passes that form no product, of which there can be more parts if
// there are many columns: c itself if it has as many.
func (c *crossProduct) finer() *crossProduct {
	parts := min(c.rows/blockRows, maxChunks)
	if parts <= c.division.Count() {
		return c
	}
	f := &crossProduct{rows: c.rows, cols: c.cols}
	f.division.Set(0, c.rows, (c.rows+parts-1)/parts, blockRows)
	return f
}

// A blockRoom is what the workers write blocks into. It is kept for the next sum: small problems
// are solved in microseconds, and garbage would cost as much as they do.
type blockRoom struct{ blocks [][]float64 }

var roomPool = sync.Pool{New: func() any { return new(blockRoom) }}

// of returns room for n numbers.
func (r *blockRoom) of(worker, n int) []float64 {
	b := &r.blocks[worker]
	if cap(*b) < n {
		*b = make([]float64, n)
	}
	return (*b)[:n]
}

// newCrossProduct divides the rows. There are so few chunks that their sums take
// a quarter of the memory of the rows at most.
func newCrossProduct(rows, cols int) *crossProduct {
	c := &crossProduct{rows: rows, cols: cols}
	chunks := min(max(rows/(4*cols), 1), maxChunks)
	c.division.Set(0, rows, (rows+chunks-1)/chunks, blockRows)
	c.sums = make([][]float64, c.division.Count())
	return c
}

// each calls visit for every block: with the number of its chunk, its size, and the first of
// its rows. The blocks of a chunk come one after the other.
func (c *crossProduct) each(visit func(k int, block blas64.General, lo int)) { c.visit(nil, visit) }

// visit is each with room for the rows of a block, if room is not nil.
func (c *crossProduct) visit(room *blockRoom, visit func(k int, block blas64.General, lo int)) {
	c.division.Do(rows.Workers(runtime.GOMAXPROCS(0), c.rows*c.cols), func(worker, k, lo, hi int) {
		b := blas64.General{Rows: hi - lo, Cols: c.cols, Stride: c.cols}
		if room != nil {
			b.Data = room.of(worker, b.Rows*b.Cols)
		}
		visit(k, b, lo)
	})
}

// sum returns ΣBᵀB, valid until the next call, for the blocks that fill writes.
func (c *crossProduct) sum(fill func(k int, block blas64.General, lo int)) *mat.SymDense {
	for k := range c.sums {
		if c.sums[k] == nil { // its first call
			c.sums[k] = make([]float64, c.cols*c.cols)
		} else {
			clear(c.sums[k])
		}
	}
	room := roomPool.Get().(*blockRoom)
	defer roomPool.Put(room)
	for len(room.blocks) < runtime.GOMAXPROCS(0) {
		room.blocks = append(room.blocks, nil)
	}
	c.visit(room, func(k int, block blas64.General, lo int) {
		fill(k, block, lo)
		blas.Syrk(blas.Trans, 1, block, 1, mat.NewSymDense(c.cols, c.sums[k]).RawSymmetric())
	})
	for _, sum := range c.sums[1:] {
		axpy(c.sums[0], 1, sum)
	}
	return mat.NewSymDense(c.cols, c.sums[0])
}

// axpy sets y ← y + a·x.
func axpy(y []float64, a float64, x []float64) {
	blas.Implementation{}.Daxpy(len(y), a, x, 1, y, 1)
}

func dot(x, y []float64) float64 { return blas.Implementation{}.Ddot(len(x), x, 1, y, 1) }
