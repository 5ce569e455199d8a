// Package optim holds optimizers, which move parameters against a gradient,
// and schedules, which say how far.
//
// # One step
//
// An optimizer sees two vectors of equal length, the parameters θ and the
// gradient g = ∂L/∂θ, and a learning rate α. It knows nothing of models, losses
// or batches. So each is a page of arithmetic that reads like its formula, and
// a training loop is
//
//	opt.Init(len(theta))
//	for step := range steps {
//		gradient(grad, theta)
//		opt.Step(theta, grad, schedule.Rate(step))
//	}
//
// Fields hold the settings; the New functions fill in the customary defaults,
// and a zero means zero (β₁ = 0 is legal, ε = 0 is not where a gradient of 0
// would be divided by it). Validate says what is wrong with settings. Init forgets what came before, and State shows it: vectors to save
// from and to load into. A step allocates nothing.
//
// # Which one
//
// [SGD] follows the gradient; momentum carries it through narrow valleys. The
// adaptive methods give each parameter its own step size, so that a parameter
// with small or rare gradients moves as well: [Adagrad] divides by all the
// gradients that came before, [RMSprop] and [Adadelta] by a running mean of
// them, [Adam] adds momentum to that and [AdamW] weight decay that the division
// does not touch. [Adamax], [NAdam], [RAdam], [AdaBelief] and Adam's AMSGrad
// are variations of Adam. [Lion] and [Rprop] use only the sign of the gradient,
// Rprop on full batches only. [Muon] treats the weights between two layers as the
// matrix that they are. [ASGD] averages where it has been, and [ScheduleFree] does
// so around any optimizer and needs no schedule. When in doubt: AdamW for networks,
// SGD with momentum for everything smooth and well scaled.
//
// # Composition
//
// Optimizers compose like middleware: one that clips or decays changes the
// gradient or the parameters and hands both to the optimizer inside it, and
// the nesting shows the order.
//
//	optim.ClipNorm{Max: 1, Optimizer: optim.WeightDecay{Lambda: 1e-4, Optimizer: &optim.SGD{Momentum: 0.9}}}
//
// clips the gradient of the loss first, and the decay is not clipped. There are
// [ClipValue], [ClipNorm], [WeightDecay], [SignDecay], [Accumulate] and
// [Lookahead], [EMA], [SWA] and [ScheduleFree], which average θ, [SAM], which needs a
// second gradient, [ScheduledMomentum], and [Groups], which gives each part
// of θ its own optimizer.
//
// # Rates
//
// A [Schedule] gives the learning rate of each step, as a plain function of the
// step's number; [Sequence], [Warmup] and [PerEpoch] compose them, and
// [Plateau] follows a metric.
//
// # Conventions
//
// Where books and libraries differ, this package does what torch.optim does,
// and each type says so if it does not:
//
//   - ε is outside the root, and is added after v has been corrected for
//     its bias. Adadelta, Adamax and RAdam have it elsewhere, as in torch.
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

// An Optimizer moves θ against a gradient.
type Optimizer interface {
	// Init prepares for dim parameters and forgets all that came before, so
	// that a second run gives the same as the first.
	Init(dim int)
	// Step updates theta in place. It may change grad. lr is the learning
	// rate of this step.
	Step(theta, grad []float64, lr float64)
	// State yields the names and the vectors that the next Step depends on,
	// as views: to save an optimizer copy from them, to restore it copy into
	// them after Init. The number of steps taken is one of them.
	State() iter.Seq2[string, []float64]
}

// As returns the outermost optimizer in a nest that is a T, which may be an
// interface such as [Perturber] or a type such as *Adam. It looks inside
// everything that has a method Unwrap() Optimizer, thus not into [Groups].
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

// unforgotten returns 1 − βᵗ, the share of a running mean that the gradients
// so far make up: what stands in it for the start, βᵗ, has not gone. It does
// without the difference, in which a β near 1 loses its digits.
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

func checkStep(theta, grad []float64, dim int) {
	if dim == 0 && len(theta) > 0 {
		panic(fmt.Sprintf("optim: Step before Init: call Init(%d) first", len(theta)))
	}
	if len(theta) != dim || len(grad) != dim {
		panic(fmt.Sprintf("optim: %d parameters and %d gradients, but Init was told %d", len(theta), len(grad), dim))
	}
}
