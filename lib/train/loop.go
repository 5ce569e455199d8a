package train

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// epoch is the loop of training: an epoch, or the rest of one that was resumed.
func (r *run) epoch(ctx context.Context) error {
	s := r.state
	if blas.HasKernels && r.narrow != nil {
		r.narrow.rounded = false
	}
	if r.closed == s.Epoch {
		r.beginEpoch()
	}
	if err := r.feed.begin(s.Epoch, s.Batch); err != nil {
		return r.unreadable(err)
	}
	for {
		more, err := r.feed.next(s.Batch)
		if err != nil {
			return r.unreadable(err)
		}
		if !more {
			return r.endEpoch()
		}
		if ctx.Err() != nil {
			r.record()
			r.finish(Interrupted, context.Cause(ctx).Error())
			return nil
		}
		if err := r.update(ctx); err != nil || s.History.Status != Running {
			r.record()
			return err
		}
	}
}

// unreadable ends training for a batch that cannot be read.
func (r *run) unreadable(err error) error {
	r.record()
	return r.fail(Failed, fmt.Errorf("train: epoch %d, batch %d: %w", r.state.Epoch, r.state.Batch+1, err))
}

// update makes a step and calls the callbacks. A sweep makes all steps but the last
// of the epoch.
func (r *run) update(ctx context.Context) error {
	if r.sweep != nil && r.state.Batch < r.state.Batches-1 {
		return r.sweep.epoch(ctx)
	}
	if err := r.step(); err != nil {
		return err
	}
	return r.call(r.opt.OnStep)
}

// step moves θ against the gradient for one batch.
func (r *run) step() error {
	s := r.state
	if err := r.setRate(); err != nil {
		return err
	}
	penalty, narrow := 0.0, r.narrowGradient()
	if narrow == nil {
		penalty = r.gradient()
	}
	weight := r.feed.weight(s.Batch)
	if sum := weight * (s.BatchLoss + penalty); !number.IsFinite(sum) {
		return r.diverged("the loss", sum, s.Batch+1)
	}
	if r.feed.last(s.Batch) {
		s.GradNorm = floats.Norm(r.grad, 2)
	}
	r.sums.add(weight, s.BatchLoss, penalty)
	if r.perturber != nil {
		r.perturb()
	}
	if blas.HasKernels && narrow != nil {
		r.narrowStep(narrow)
	} else {
		r.opt.Optimizer.Step(r.theta, r.grad, s.Rate)
	}
	if r.opt.Proximal != nil {
		for _, p := range r.layout {
			if p.Decay {
				r.opt.Proximal.Prox(p.In(r.theta), s.Rate)
			}
		}
	}
	s.Step++
	s.Batch++
	return nil
}

// gradient sets the gradient to that of loss and penalty for the batch, and
// returns the penalty.
func (r *run) gradient() (penalty float64) {
	s := r.state
	r.objective.Seed(r.opt.Seed, uint64(s.Step))
	lo, hi := r.feed.bounds(s.Batch)
	if r.augmented != nil {
		s.BatchLoss = r.augmented.gradient(r.grad, lo, hi)
	} else {
		s.BatchLoss = r.objective.Gradient(r.grad, lo, hi)
	}
	for _, p := range r.layout {
		if !p.Decay {
			continue
		}
		if r.opt.Regularizer != nil {
			penalty += r.opt.Regularizer.Penalty(p.In(r.theta))
			r.opt.Regularizer.AddGradient(p.In(r.grad), p.In(r.theta))
		}
		if r.opt.Proximal != nil {
			penalty += r.opt.Proximal.Penalty(p.In(r.theta))
		}
	}
	return penalty
}

// perturb replaces the gradient by that at the place to which the optimizer
// moves θ for a look. The batch is the same, dropout too, and statistics that
// the model keeps do not count it twice.
func (r *run) perturb() {
	seen := r.state.BatchLoss
	takeBuffers(r.buffers, r.state.Model)
	r.perturber.Perturb(r.theta, r.grad)
	r.gradient()
	r.perturber.Restore(r.theta)
	restoreBuffers(r.state.Model, r.buffers)
	r.state.BatchLoss = seen
}
