package optim

import (
	"errors"

	"github.com/descent-go/descent/internal/number"
)

// WeightDecay draws θ towards 0, in one of two ways.
//
// Coupled, it adds the gradient of the penalty ½λ‖θ‖² to that of the loss, and
// the optimizer inside treats both alike; torch's option weight_decay does this:
//
//	g ← g + λθ
//
// Decoupled, it shrinks θ before the step, in proportion to the learning rate,
// and the optimizer inside knows nothing of it; AdamW does this:
//
//	θ ← (1 − αλ)·θ
//
// For plain SGD both are the same. For those that divide by the size of the
// gradient, such as Adam, coupled decay is weak just where gradients are large.
//
// Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
type WeightDecay struct {
	Lambda    float64 // λ ≥ 0
	Decoupled bool    // shrink θ; otherwise add λθ to the gradient
	Except    []Range // parameters that do not decay, such as biases; ascending
	Optimizer         // what to pass the step on to
}

// Init prepares for dim parameters. It panics if Except reaches beyond them.
func (d WeightDecay) Init(dim int) {
	checkWithin("WeightDecay", d.Except, dim)
	d.Optimizer.Init(dim)
}

// Step decays and moves θ.
func (d WeightDecay) Step(theta, grad []float64, lr float64) {
	rest := 0
	for _, r := range d.Except {
		d.decay(theta[rest:r.Lo], grad[rest:r.Lo], lr)
		rest = r.Hi
	}
	d.decay(theta[rest:], grad[rest:], lr)
	d.Optimizer.Step(theta, grad, lr)
}

func (d WeightDecay) decay(theta, grad []float64, lr float64) {
	if d.Decoupled {
		scale(theta, 1-lr*d.Lambda)
		return
	}
	theta = theta[:len(grad)]
	for i := range grad {
		grad[i] += d.Lambda * theta[i]
	}
}

func (d WeightDecay) Unwrap() Optimizer { return d.Optimizer }

// Validate reports a negative Lambda, exceptions that overlap or do not ascend,
// and what the optimizer inside reports.
func (d WeightDecay) Validate() error {
	return errors.Join(
		checkNotNegative("WeightDecay", "Lambda", d.Lambda),
		checkAscending("WeightDecay", d.Except),
		checkInner("WeightDecay", d.Optimizer),
	)
}

// SignDecay adds the gradient of the penalty λ‖θ‖₁, which draws each parameter
// towards 0 with the same force whatever its size:
//
//	g ← g + λ·sign(θ)
//
// It makes parameters small but seldom exactly 0; proximal steps do that.
type SignDecay struct {
	Lambda    float64 // λ ≥ 0
	Except    []Range // parameters that do not decay, such as biases; ascending
	Optimizer         // what to pass the gradient on to
}

// Init prepares for dim parameters. It panics if Except reaches beyond them.
func (d SignDecay) Init(dim int) {
	checkWithin("SignDecay", d.Except, dim)
	d.Optimizer.Init(dim)
}

// Step adds the penalty's gradient to grad and moves θ.
func (d SignDecay) Step(theta, grad []float64, lr float64) {
	rest := 0
	for _, r := range d.Except {
		d.decay(theta[rest:r.Lo], grad[rest:r.Lo])
		rest = r.Hi
	}
	d.decay(theta[rest:], grad[rest:])
	d.Optimizer.Step(theta, grad, lr)
}

func (d SignDecay) decay(theta, grad []float64) {
	theta = theta[:len(grad)]
	for i := range grad {
		grad[i] += d.Lambda * number.Sign(theta[i])
	}
}

func (d SignDecay) Unwrap() Optimizer { return d.Optimizer }

// Validate reports a negative Lambda, exceptions that overlap or do not ascend,
// and what the optimizer inside reports.
func (d SignDecay) Validate() error {
	return errors.Join(
		checkNotNegative("SignDecay", "Lambda", d.Lambda),
		checkAscending("SignDecay", d.Except),
		checkInner("SignDecay", d.Optimizer),
	)
}
