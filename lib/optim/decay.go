package optim

import (
	"errors"

	"github.com/descent-go/descent/internal/number"
)

// WeightDecay pulls θ towards 0, in one of two ways.
//
// Coupled, it adds the gradient of the penalty ½λ‖θ‖² to that of the loss, and
// the inner optimizer treats both alike, as with torch's option weight_decay:
//
//	g ← g + λθ
//
// Decoupled, it shrinks θ before the step, in proportion to the learning rate,
// without the inner optimizer's knowledge, as AdamW does:
//
//	θ ← (1 − αλ)·θ
//
// For plain SGD both are the same. With optimizers that divide by the size of
// the gradient, such as Adam, coupled decay is weak exactly where gradients are
// large.
//
// Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
type WeightDecay struct {
	Lambda    float64 // λ ≥ 0
	Decoupled bool    // shrink θ; otherwise add λθ to the gradient
	Except    []Range // parameters that do not decay, such as biases; ascending
	Optimizer         // takes the step
}

// Init prepares for dim parameters. It panics if Except exceeds dim.
func (d WeightDecay) Init(dim int) {
	checkWithin("WeightDecay", d.Except, dim)
	d.Optimizer.Init(dim)
}

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

func (d WeightDecay) Validate() error {
	return errors.Join(
		checkNotNegative("WeightDecay", "Lambda", d.Lambda),
		checkAscending("WeightDecay", d.Except),
		checkInner("WeightDecay", d.Optimizer),
	)
}

// SignDecay adds the gradient of the penalty λ‖θ‖₁, which pulls each parameter
// towards 0 with the same force, whatever its size:
//
//	g ← g + λ·sign(θ)
//
// It makes parameters small but seldom exactly 0; for exact zeros use a
// proximal step.
type SignDecay struct {
	Lambda    float64 // λ ≥ 0
	Except    []Range // parameters that do not decay, such as biases; ascending
	Optimizer         // receives the gradient
}

// Init prepares for dim parameters. It panics if Except exceeds dim.
func (d SignDecay) Init(dim int) {
	checkWithin("SignDecay", d.Except, dim)
	d.Optimizer.Init(dim)
}

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

func (d SignDecay) Validate() error {
	return errors.Join(
		checkNotNegative("SignDecay", "Lambda", d.Lambda),
		checkAscending("SignDecay", d.Except),
		checkInner("SignDecay", d.Optimizer),
	)
}
