package objective

import (
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// Blocks computes loss and gradient and reads the data from memory once:
// prediction, loss and gradient of a block of rows are computed while it is in the
// cache. Parts of the rows, each with its own sums, are shared out among the
// cores, and the sums are added in order.
type blocks struct {
	objective *Objective
	loss      loss.Separable
	division  rows.Parts
	work      func(worker, part, lo, hi int) // add, bound once
	workers   []blockWorker
	sums      []sums // of the parts
	grad      bool   // whether the gradient is wanted
	perRow    int    // elements of x in a row, on average
	partRows  int    // rows of each part but the last
	blockRows int    // of each block
}

// Sums are Σ w over some rows, Σ wℓ, and the gradient of that.
type sums struct {
	weight, loss accurate.Sum
	grad         []float64
}

// A blockWorker is what one core works with.
type blockWorker struct {
	model       model.Model
	block       block
	tokens      Tokens
	pred, dPred mat.Dense
	scan        scan
}

const (
	blockElements = 1 << 15 // of x in a block: 256 kB, well within an L2 cache
	maxParts      = 64
)

// newBlocks returns nil unless the model can be shared, the loss is separable and
// the batches are larger than a block.
func newBlocks(o *Objective, opt Options) *blocks {
	perRow := max(1, (rows.Of(o.Data.X).Stored()+o.rows-1)/o.rows)
	_, outputs := o.Model.Dims()
	blockRows := max(8, blockElements/(perRow+2*outputs)&^7) // whole groups of the kernels' 4 rows
	if opt.Batch <= blockRows {
		return nil
	}
	sharer, ok1 := o.Model.(model.Sharer)
	separable, ok2 := loss.AsSeparable(o.Loss)
	if !ok1 || !ok2 {
		return nil
	}
	b := &blocks{objective: o, loss: separable, perRow: perRow, blockRows: blockRows}
	b.work = b.add
	b.workers = make([]blockWorker, runtime.GOMAXPROCS(0))
	for i := range b.workers {
		w := &b.workers[i]
		w.model = sharer.Share()
		w.scan.init(w.model, o.Loss)
	}
	// A part should do much more than zero its gradient and have it added.
	dim := len(o.Model.Params())
	count := (opt.Batch + b.blockRows - 1) / b.blockRows
	parts := min(maxParts, count, opt.Batch*perRow/(8*dim)+1)
	b.partRows = (count + parts - 1) / parts * b.blockRows
	b.sums = make([]sums, (opt.Batch+b.partRows-1)/b.partRows)
	for i := range b.sums {
		b.sums[i].grad = make([]float64, dim)
	}
	return b
}

// gradient is [Objective.Gradient].
func (b *blocks) gradient(grad []float64, lo, hi int) (value float64, ok bool) {
	if b == nil {
		return 0, false
	}
	value, weight, parts := b.run(lo, hi, true)
	clear(grad)
	for _, s := range parts {
		for j, g := range s.grad {
			grad[j] += g
		}
	}
	if weight == 0 {
		return 0, true
	}
	for j := range grad {
		grad[j] /= weight
	}
	return value / weight, true
}

// value is [Objective.Value].
func (b *blocks) value(lo, hi int) (value float64, ok bool) {
	if b == nil {
		return 0, false
	}
	value, weight, _ := b.run(lo, hi, false)
	if weight == 0 {
		return 0, true
	}
	return value / weight, true
}

// run computes the sums of all parts, and returns Σ wℓ and Σ w.
func (b *blocks) run(lo, hi int, grad bool) (value, weight float64, parts []sums) {
	b.grad = grad
	b.division.Set(lo, hi, b.partRows, b.blockRows)
	parts = b.sums[:b.division.Count()]
	for i := range parts {
		parts[i].weight, parts[i].loss = accurate.Sum{}, accurate.Sum{}
		if grad {
			clear(parts[i].grad)
		}
	}
	b.division.Do(rows.Workers(len(b.workers), (hi-lo)*b.perRow), b.work)
	var losses, weights accurate.Sum
	for _, s := range parts {
		weights.Add(s.weight.Value())
		losses.Add(s.loss.Value())
	}
	return losses.Value(), weights.Value(), parts
}

// add adds a block to the sums of its part.
func (b *blocks) add(worker, part, lo, hi int) {
	w, s := &b.workers[worker], &b.sums[part]
	w.block.take(b.objective, lo, hi)
	if b.grad && w.scan.add(s, &w.block) {
		s.weight.Add(b.loss.Total(w.block.y, w.block.weights))
		return
	}
	w.pred.Reset()
	w.model.Forward(&w.pred, w.block.x)
	y, weights := w.tokens.Of(&w.pred, w.block.y, w.block.weights)
	weight := b.loss.Total(y, weights)
	s.weight.Add(weight)
	if !b.grad {
		s.loss.Add(weight * b.loss.Loss(nil, &w.pred, y, weights))
		return
	}
	w.dPred.Reset()
	s.loss.Add(weight * b.loss.Loss(&w.dPred, &w.pred, y, weights))
	d := w.dPred.RawMatrix().Data
	for i := range d {
		d[i] *= weight
	}
	w.model.Backward(s.grad, &w.dPred)
}
