package optim

import (
	"errors"
	"fmt"
	"iter"

	"github.com/descent-go/descent/lib/blas"
)

// SGD is gradient descent, θ ← θ − α·g. On the gradient of the whole data it
// is the classical algorithm; on the gradient of a sample or a mini-batch it is
// stochastic gradient descent.
//
// With momentum μ it keeps a running direction b, and with Nesterov it looks
// one step ahead:
//
//	b ← g                     at the first step
//	b ← μ·b + (1−τ)·g         later, τ the dampening
//	θ ← θ − α·b               or θ ← θ − α·(g + μ·b) with Nesterov
//
// The semantics, including the first step without dampening, are those of
// torch.optim.SGD. The zero value is plain gradient descent.
//
// Sources: Polyak, Some methods of speeding up the convergence of iteration
// methods, 1964; Sutskever et al., On the importance of initialization and
// momentum in deep learning, 2013.
type SGD struct {
	Momentum  float64 // μ ≥ 0
	Dampening float64 // τ, 0 ≤ τ ≤ 1
	Nesterov  bool

	dim      int
	steps    [1]float64
	velocity []float64
}

func (o *SGD) Init(dim int) {
	o.dim = dim
	o.steps[0] = 0
	if o.Momentum != 0 {
		o.velocity = resize(o.velocity, dim)
	}
}

func (o *SGD) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, o.dim)
	if o.Momentum != 0 && len(o.velocity) != o.dim {
		panic("optim: SGD's Momentum was set after Init: call Init again before Step")
	}
	o.steps[0]++
	fresh := 1 - o.Dampening
	if o.steps[0] == 1 {
		fresh = 1
	}
	if o.vectors(theta, grad, lr, fresh) {
		return
	}
	mu, b := o.Momentum, o.velocity
	for i, g := range grad {
		switch {
		case mu == 0:
			theta[i] -= lr * g
		case o.Nesterov:
			b[i] = mu*b[i] + fresh*g
			theta[i] -= lr * (g + mu*b[i])
		default:
			b[i] = mu*b[i] + fresh*g
			theta[i] -= lr * b[i]
		}
	}
}

// block is how many numbers stay in the first cache from one pass to the next.
const block = 1024

// vectors does what the loop in Step does, in one pass, or else a block at a time, or declines.
func (o *SGD) vectors(theta, grad []float64, lr, fresh float64) bool {
	if o.Momentum == 0 {
		return blas.AddScaled(theta, -lr, grad)
	}
	mu, b := o.Momentum, o.velocity
	if o.Nesterov && blas.Nesterov(theta, grad, b, mu, fresh, lr) || !o.Nesterov && blas.Momentum(theta, grad, b, mu, fresh, lr) {
		return true
	}
	for len(grad) > 0 {
		n := min(len(grad), block)
		t, g, v := theta[:n], grad[:n], b[:n]
		if !blas.Axpby(fresh, g, mu, v) {
			return false
		}
		if o.Nesterov {
			blas.AddScaled(t, -lr, g)
			blas.AddScaled(t, -lr*mu, v)
		} else {
			blas.AddScaled(t, -lr, v)
		}
		theta, grad, b = theta[n:], grad[n:], b[n:]
	}
	return true
}

// SetMomentum sets μ and returns the previous value, for [ScheduledMomentum].
func (o *SGD) SetMomentum(mu float64) (before float64) {
	before, o.Momentum = o.Momentum, mu
	return before
}

// State yields "steps" and, with momentum, "velocity".
func (o *SGD) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		if yield("steps", o.steps[:]) && o.Momentum != 0 {
			yield("velocity", o.velocity)
		}
	}
}

// Validate returns an error for settings out of range, and, as PyTorch, for
// Nesterov without momentum or with dampening.
func (o *SGD) Validate() error {
	var dampening, nesterov error
	if !(o.Dampening >= 0 && o.Dampening <= 1) {
		dampening = fmt.Errorf("optim: SGD's Dampening is %g, want 0 ≤ Dampening ≤ 1", o.Dampening)
	}
	if o.Nesterov && (o.Momentum == 0 || o.Dampening != 0) {
		nesterov = fmt.Errorf("optim: SGD with Nesterov needs a Momentum and no Dampening, got %g and %g", o.Momentum, o.Dampening)
	}
	return errors.Join(checkNotNegative("SGD", "Momentum", o.Momentum), dampening, nesterov)
}
