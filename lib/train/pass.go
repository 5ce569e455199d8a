package train

import (
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// A pass computes the loss of a batch and its gradient and reads the data from
// memory once: prediction, loss and gradient are computed for a block of rows
// while it is in the cache. The blocks are shared out among the cores in parts,
// each with a sum of its own, and these are added in order.
type pass struct {
	loss      loss.Separable
	batches   *batches
	crew      crew.Crew
	share     func(worker, number int) // work, bound once
	workers   []passWorker
	parts     []part
	perRow    int // elements of x in a row, on average
	blockRows int
	lo, hi    int // the batch
	partRows  int // rows of each part but the last
}

type passWorker struct {
	model       model.Model
	block       block
	pred, dPred mat.Dense

	// Of a model that can scan; else nil.
	scanner   model.Scanner
	pointwise loss.Pointwise
	visit     func(k int, f []float64) // losses
	part      *part                    // the present one
	l, y      []float64                // losses and targets
}

// A part holds Σ w over its rows, Σ wℓ, and the gradient of that.
type part struct {
	weight, loss accurate.Sum
	grad         []float64
}

const (
	blockElements = 1 << 15 // of x in a block: 256 kB, well within an L2 cache
	maxParts      = 64
)

// smallWork is the number of matrix elements below which it is not worth while
// to share.
const smallWork = 1 << 15

// workers returns how many of all workers take part in work on so many elements.
func workers(all, elements int) int {
	if elements < smallWork {
		return 1
	}
	return all
}

// newPass returns nil where loss or model cannot be computed in parts.
func newPass(m model.Model, l loss.Loss, b *batches) *pass {
	sharer, ok1 := m.(model.Sharer)
	separable, ok2 := l.(loss.Separable)
	if !ok1 || !ok2 {
		return nil
	}
	_, perRow := b.data.X.Dims()
	if s, ok := b.data.X.(*sparse.CSR); ok {
		perRow = s.NNZ()/b.rows + 1
	}
	_, outputs := m.Dims()
	p := &pass{loss: separable, batches: b, perRow: perRow}
	p.blockRows = max(8, blockElements/(perRow+2*outputs)&^7) // whole groups of the kernels' 4 rows
	if b.size <= p.blockRows {
		return nil
	}
	p.share = p.work
	p.workers = make([]passWorker, runtime.GOMAXPROCS(0))
	for i := range p.workers {
		p.workers[i].prepare(sharer.Share(), l)
	}
	// A part should do much more than zero its gradient and have it added.
	dim := len(m.Params())
	blocks := (b.size + p.blockRows - 1) / p.blockRows
	parts := min(maxParts, blocks, b.size*perRow/(8*dim)+1)
	p.partRows = (blocks + parts - 1) / parts * p.blockRows
	p.parts = make([]part, (b.size+p.partRows-1)/p.partRows)
	for i := range p.parts {
		p.parts[i].grad = make([]float64, dim)
	}
	return p
}

// gradient sets grad to the gradient for the rows from lo to hi of the epoch's
// order, and returns their loss.
func (p *pass) gradient(grad []float64, lo, hi int) float64 {
	p.lo, p.hi = lo, hi
	count := (hi - lo + p.partRows - 1) / p.partRows
	p.crew.Do(workers(len(p.workers), (hi-lo)*p.perRow), count, p.share)
	clear(grad)
	var weights, total accurate.Sum
	for _, q := range p.parts[:count] {
		weights.Add(q.weight.Value())
		total.Add(q.loss.Value())
		for j, g := range q.grad {
			grad[j] += g
		}
	}
	weight := weights.Value()
	if weight == 0 {
		return 0
	}
	for j := range grad {
		grad[j] /= weight
	}
	return total.Value() / weight
}

// work computes one part, block by block.
func (p *pass) work(worker, number int) {
	w, q := &p.workers[worker], &p.parts[number]
	q.weight, q.loss = accurate.Sum{}, accurate.Sum{}
	clear(q.grad)
	from := p.lo + number*p.partRows
	to := min(from+p.partRows, p.hi)
	for lo := from; lo < to; lo += p.blockRows {
		w.block.take(p.batches, lo, min(lo+p.blockRows, to))
		b := &w.block
		if x, ok := b.x.(mat.RawMatrixer); ok && w.scanner != nil {
			w.part = q
			q.weight.Add(p.loss.Total(b.y, b.weights))
			w.scanner.Scan(q.grad, x, w.visit)
			continue
		}
		w.pred.Reset()
		w.model.Forward(&w.pred, b.x)
		w.dPred.Reset()
		weight := p.loss.Total(b.y, b.weights)
		q.weight.Add(weight)
		q.loss.Add(weight * p.loss.Loss(&w.dPred, &w.pred, b.y, b.weights))
		d := w.dPred.RawMatrix().Data
		for i := range d {
			d[i] *= weight
		}
		w.model.Backward(q.grad, &w.dPred)
	}
}

func (w *passWorker) prepare(m model.Model, l loss.Loss) {
	w.model = m
	scanner, ok1 := m.(model.Scanner)
	pointwise, ok2 := l.(loss.Pointwise)
	if _, outputs := m.Dims(); ok1 && ok2 && outputs == 1 {
		w.scanner, w.pointwise, w.visit = scanner, pointwise, w.losses
	}
}

// losses adds up the losses of the predictions f for the block's rows from the
// k-th on, and replaces f by their derivatives.
func (w *passWorker) losses(k int, f []float64) {
	w.l = resize(w.l, len(f))
	loss.Points(w.pointwise, w.l, f, f, w.targets(k, len(f)))
	sum := w.part.loss
	for j, l := range w.l {
		if w.block.weights != nil {
			weight := w.block.weights[k+j]
			if weight == 0 { // nor does a NaN count
				f[j] = 0
				continue
			}
			l *= weight
			f[j] *= weight
		}
		sum.Add(l)
	}
	w.part.loss = sum
}

// targets returns n of the block's targets from the k-th on.
func (w *passWorker) targets(k, n int) []float64 {
	y := w.block.y.RawMatrix()
	if y.Stride == 1 {
		return y.Data[k : k+n]
	}
	w.y = resize(w.y, n)
	for i := range w.y {
		w.y[i] = y.Data[(k+i)*y.Stride]
	}
	return w.y
}
