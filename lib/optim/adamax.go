package optim

import (
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// Adamax is [Adam] with the largest recent gradient in place of the root mean
// square: the norm of order ∞ replaces the norm of order 2, and u needs no
// bias correction.
//
//	m ← β₁m + (1−β₁)g
//	u ← max(β₂u, |g| + ε)
//	θ ← θ − α/(1−β₁ᵗ)·m/u
//
// ε is inside the maximum, as in torch.optim.Adamax; the paper has none.
//
// Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015,
// algorithm 2.
type Adamax struct {
	Beta1   float64 // decay of the mean of gradients, 0 ≤ β₁ < 1
	Beta2   float64 // decay of the largest gradient, 0 ≤ β₂ < 1
	Epsilon float64 // keeps the division finite, in units of the gradient

	steps [1]float64
	m, u  []float64
}

// NewAdamax returns Adamax with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸.
func NewAdamax() *Adamax { return &Adamax{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

func (o *Adamax) Init(dim int) {
	o.steps[0] = 0
	o.m, o.u = resize(o.m, dim), resize(o.u, dim)
}

func (o *Adamax) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	beta1, beta2, epsilon := o.Beta1, o.Beta2, o.Epsilon
	rate := lr / unforgotten(beta1, o.steps[0])
	if blas.Adamax(theta, grad, o.m, o.u, beta1, beta2, rate, epsilon) {
		return
	}
	theta, ms, us := theta[:len(grad)], o.m[:len(grad)], o.u[:len(grad)]
	for i, g := range grad {
		m := beta1*ms[i] + (1-beta1)*g
		u := max(beta2*us[i], math.Abs(g)+epsilon)
		ms[i], us[i] = m, u
		theta[i] -= rate * m / u
	}
}

// SetMomentum sets β₁ and returns the previous value, for
// [ScheduledMomentum].
func (o *Adamax) SetMomentum(mu float64) (before float64) {
	before, o.Beta1 = o.Beta1, mu
	return before
}

// State yields "steps", "m" and "u".
func (o *Adamax) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "m", "u"}, o.steps[:], o.m, o.u)
	}
}

func (o *Adamax) Validate() error {
	return advise("NewAdamax", checkMoments("Adamax", o.Beta1, o.Beta2, o.Epsilon))
}
