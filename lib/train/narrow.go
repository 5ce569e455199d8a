package train

import (
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// A narrow makes the steps of a network that computes in float32. The gradient goes from
// the network to the optimizer as it is, and the optimizer rounds θ for the network as it
// moves it, so that θ and the gradient need no passes that only convert them. θ is the
// same, bit for bit, as with [run.gradient] and Step.
type narrow struct {
	network *model.Network
	alone   bool // nobody else has θ between two steps, as who feeds a stream may
	rounded bool // the network has θ rounded, from the last step
}

// newNarrow declines all that wants to see the gradient in float64, or θ after each step.
func newNarrow(r *run) *narrow {
	o := &r.opt
	n, ok := r.state.Model.(*model.Network)
	if !blas.HasKernels || !ok || n.Rounded() == nil || r.perturber != nil || r.augmented != nil ||
		o.Regularizer != nil || o.Proximal != nil || len(o.OnStep) > 0 {
		return nil
	}
	switch o.Optimizer.(type) {
	case *optim.Adam, *optim.AdamW:
		_, inMemory := r.feed.(*batches)
		return &narrow{network: n, alone: inMemory}
	}
	return nil
}

// narrowGradient is gradient in float32. It returns nil where that is for gradient to do: for the
// last batch, whose gradient is measured.
func (r *run) narrowGradient() []float32 {
	n, s := r.narrow, r.state
	if !blas.HasKernels || n == nil || r.feed.last(s.Batch) {
		return nil // and the last batch is the last before an epoch begins, which forgets rounded
	}
	if n.rounded && n.alone {
		n.network.KeepRounded()
	}
	r.objective.Seed(r.opt.Seed, uint64(s.Step))
	lo, hi := r.feed.bounds(s.Batch)
	var grad []float32
	s.BatchLoss, grad = r.objective.Narrow(lo, hi)
	return grad
}

// narrowStep moves θ.
func (r *run) narrowStep(grad []float32) {
	n, rate := r.narrow, r.state.Rate
	if n.rounded = optim.StepNarrow(r.opt.Optimizer, r.theta, grad, n.network.Rounded(), rate); n.rounded {
		return
	}
	clear(r.grad)
	blas.AddNarrow(r.grad, grad)
	r.opt.Optimizer.Step(r.theta, r.grad, rate)
}
