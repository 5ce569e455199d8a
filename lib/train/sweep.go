package train

import (
	"context"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
)

// A sweep makes the steps of plain stochastic gradient descent on single
// samples: what run.step does, but without batches, gradient vectors and a
// call for each part of it.
type sweep struct {
	run    *run
	ctx    context.Context
	model  model.Affine
	x      rows.Matrix
	loss   loss.Pointwise
	visit  visitor // step
	y      blas64.General
	lambda float64   // of an L2 penalty
	steps  []float64 // the optimizer's count
	order  []int     // of the epoch
	rows   []int     // the rest of it
	err    error
}

// newSweep returns nil unless the steps are plain and have no callbacks.
func newSweep(r *run, b *batches) *sweep {
	m, ok1 := r.state.Model.(model.Affine)
	point, ok2 := r.opt.Loss.(loss.Pointwise)
	sgd, ok3 := r.opt.Optimizer.(*optim.SGD)
	if !ok1 || !ok2 || !ok3 || sgd.Momentum != 0 || b.size != 1 ||
		r.opt.Proximal != nil || len(r.opt.OnStep) > 0 || r.augmented != nil {
		return nil
	}
	if _, w := m.Affine(m.Params()); w.Cols != 1 || w.Stride != 1 {
		return nil
	}
	x := rows.Of(b.data.X)
	if _, dense := x.Dense(); !dense && x.Sparse() == nil {
		return nil
	}
	w := &sweep{run: r, model: m, x: x, loss: point, y: b.data.Y.RawMatrix(), order: b.order}
	switch p := r.opt.Regularizer.(type) {
	case nil:
	case regularizer.L2:
		w.lambda = p.Lambda
	default:
		return nil
	}
	for name, v := range sgd.State() {
		if name == "steps" {
			w.steps = v
		}
	}
	w.visit = w.step
	return w
}

// epoch makes the steps of this epoch, but for the last one: run.step makes
// that, and records what is recorded of it.
func (w *sweep) epoch(ctx context.Context) error {
	s := w.run.state
	w.ctx = ctx
	w.rows = w.order[s.Batch : s.Batches-1]
	before := s.Batch
	walk(w.model, w.x, w.rows, w.lambda != 0, w.visit)
	w.steps[0] += float64(s.Batch - before)
	return w.err
}

// step looks at the k-th row and says how to move.
func (w *sweep) step(k int, f, norm2 float64) (keep, add float64, ok bool) {
	if w.ctx.Err() != nil {
		return 0, 0, false
	}
	r, s := w.run, w.run.state
	if w.err = r.setRate(); w.err != nil {
		return 0, 0, false
	}
	i, weight := w.rows[k], 1.0
	if all := r.opt.SampleWeights; all != nil {
		weight = all[i]
	}
	l, d := 0.0, 0.0
	if weight != 0 {
		l, d = w.loss.Point(f, w.y.Data[i*w.y.Stride])
	}
	s.BatchLoss = l
	penalty := w.lambda / 2 * norm2
	if sum := weight * (l + penalty); !number.IsFinite(sum) {
		w.err = r.diverged("the loss", sum, s.Batch+1)
		return 0, 0, false
	}
	r.sums.add(weight, l, penalty)
	s.Step++
	s.Batch++
	return 1 - s.Rate*w.lambda, -s.Rate * d, true
}
