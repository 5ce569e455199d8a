// Package optim provides optimizers, which update parameters from a gradient,
// and schedules of the learning rate.
//
// # One step
//
// An optimizer sees two vectors of equal length, the parameters θ and the
// gradient g = ∂L/∂θ, and a learning rate α. It knows nothing of models, losses
// or batches, so each optimizer is a page of arithmetic that reads like its
// formula. A training loop is
//
//	opt.Init(len(theta))
//	for step := range steps {
//		gradient(grad, theta)
//		opt.Step(theta, grad, schedule.Rate(step))
//	}
//
// Fields hold the settings. The New functions fill in the usual defaults; a zero in a
// field means zero, not a default. Validate returns an error for invalid settings.
// Init resets an optimizer, and State gives access to the vectors to be saved and
// restored. A step allocates nothing.
//
// # Which one
//
// [SGD] follows the gradient; momentum carries it through narrow valleys. The
// adaptive methods give each parameter its own step size, so that a parameter with
// small or rare gradients moves as well: [Adagrad] divides by the root of the sum
// of all squared gradients so far, [RMSprop] and [Adadelta] by that of a running
// mean of them. [Adam] adds momentum, and [AdamW] weight decay that is independent
// of the division. [Adamax], [NAdam], [RAdam], [AdaBelief] and Adam's AMSGrad are
// variations of Adam. [Lion] and [Rprop] use only the sign of the gradient; Rprop
// is for full batches. [Muon] treats the weights between two layers as a matrix.
// [ASGD] averages θ over the steps; [ScheduleFree] does so around any optimizer,
// and needs no schedule. When in doubt, use AdamW for networks, and SGD with
// momentum for smooth, well-scaled problems.
//
// # Composition
//
// Optimizers compose like middleware: an outer optimizer clips, decays or
// otherwise changes the gradient or the parameters and passes both to the
// inner one. The nesting shows the order.
//
//	optim.ClipNorm{Max: 1, Optimizer: optim.WeightDecay{Lambda: 1e-4, Optimizer: &optim.SGD{Momentum: 0.9}}}
//
// clips the gradient of the loss first; the decay is not clipped. Outer optimizers
// are [ClipValue], [ClipNorm], [WeightDecay], [SignDecay], [Accumulate],
// [Lookahead], [ScheduledMomentum], [EMA], [SWA] and [ScheduleFree], which average
// θ, [SAM], which needs a second gradient, and [Groups], which gives each part of θ
// its own optimizer.
//
// # Rates
//
// A [Schedule] gives the learning rate of each step as a function of the step's
// number; [Sequence], [Warmup] and [PerEpoch] compose them, and [Plateau]
// follows a metric.
//
// # Conventions
//
// Where books and libraries differ, this package follows torch.optim, and
// each type documents its exceptions:
//
//   - ε is outside the root, and is added after the bias correction of v.
//     Adadelta, Adamax and RAdam place it elsewhere, as in torch.
//   - AMSGrad takes the maximum of v, not of the corrected v̂.
//   - Momentum starts with the whole first gradient, without dampening.
//   - Weight decay of strength λ adds λθ, the gradient of ½λ‖θ‖², to the gradient
//     (coupled) or shrinks θ by the factor 1−αλ before the step (decoupled).
//   - ClipNorm adds 10⁻⁶ to the norm by which it divides.
package optim

import (
	"fmt"
	"iter"
	"math"
)

// An Optimizer updates θ from a gradient.
type Optimizer interface {
	// Init prepares for dim parameters and resets all state, so that a second
	// run gives the same result as the first.
	Init(dim int)
	// Step updates theta in place. It may change grad. lr is the learning
	// rate of this step.
	Step(theta, grad []float64, lr float64)
	// State yields the names and the vectors that the next Step depends on,
	// as views. To save an optimizer, copy from them; to restore it, call
	// Init and copy into them. The number of steps taken is one of them.
	State() iter.Seq2[string, []float64]
}

// As returns the outermost optimizer in a nest that is a T, which may be an
// interface such as [Perturber] or a type such as *Adam. It looks inside
// every optimizer that has a method Unwrap() Optimizer, and so not inside
// [Groups].
func As[T any](o Optimizer) (T, bool) {
	for o != nil {
		if found, ok := o.(T); ok {
			return found, true
		}
		wrapper, ok := o.(interface{ Unwrap() Optimizer })
		if !ok {
			break
		}
		o = wrapper.Unwrap()
	}
	var none T
	return none, false
}

// unforgotten returns 1 − βᵗ, the share of the gradients so far in a running
// mean; the rest, βᵗ, is still its start. It avoids the difference, which
// loses digits for β near 1.
func unforgotten(beta, t float64) float64 { return -math.Expm1(t * math.Log(beta)) }

// resize returns a vector of dim zeros, in the memory of v where that is
// enough.
func resize(v []float64, dim int) []float64 {
	if cap(v) < dim {
		return make([]float64, dim)
	}
	v = v[:dim]
	clear(v)
	return v
}

// yieldAll yields pairs of a name and a vector until one is refused.
func yieldAll(yield func(string, []float64) bool, names []string, vectors ...[]float64) bool {
	for i, name := range names {
		if !yield(name, vectors[i]) {
			return false
		}
	}
	return true
}

// yieldInner yields the state of a wrapped optimizer, its names behind a
// prefix that keeps them apart from the wrapper's own.
func yieldInner(yield func(string, []float64) bool, prefix string, inner Optimizer) bool {
	for name, v := range inner.State() {
		if !yield(prefix+name, v) {
			return false
		}
	}
	return true
}

func checkStep[T float32 | float64](theta []float64, grad []T, dim int) {
	if dim == 0 && len(theta) > 0 {
		panic(fmt.Sprintf("optim: Step before Init: call Init(%d) first", len(theta)))
	}
	if len(theta) != dim || len(grad) != dim {
		panic(fmt.Sprintf("optim: %d parameters and %d gradients, but Init was told %d", len(theta), len(grad), dim))
	}
}
