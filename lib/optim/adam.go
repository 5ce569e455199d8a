package optim

import (
	"fmt"
	"iter"
	"math"
)

// Adam gives each parameter a step of its own, from running means of the
// gradient (m) and of its square (v). Both start at 0, which makes them too
// small at first; the hats correct that.
//
//	m ← β₁m + (1−β₁)g          m̂ = m/(1−β₁ᵗ)
//	v ← β₂v + (1−β₂)g²         v̂ = v/(1−β₂ᵗ)
//	θ ← θ − α·m̂/(√v̂ + ε)
//
// ε stands outside the root, as in the paper and in torch.optim.Adam.
//
// Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015,
// algorithm 1.
type Adam struct {
	Beta1   float64 // decay of the mean of gradients, 0 ≤ β₁ < 1
	Beta2   float64 // decay of the mean of squares, 0 ≤ β₂ < 1
	Epsilon float64 // keeps the division finite, in units of the gradient

	steps [1]float64
	m, v  []float64
}

// NewAdam returns Adam with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸.
func NewAdam() *Adam { return &Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

// Init prepares for dim parameters.
func (o *Adam) Init(dim int) {
	o.steps[0] = 0
	o.m, o.v = resize(o.m, dim), resize(o.v, dim)
}

// Step moves θ.
func (o *Adam) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	correct1 := 1 - math.Pow(o.Beta1, o.steps[0])
	correct2 := math.Sqrt(1 - math.Pow(o.Beta2, o.steps[0]))
	for i, g := range grad {
		m := o.Beta1*o.m[i] + (1-o.Beta1)*g
		v := o.Beta2*o.v[i] + (1-o.Beta2)*g*g
		o.m[i], o.v[i] = m, v
		theta[i] -= lr / correct1 * m / (math.Sqrt(v)/correct2 + o.Epsilon)
	}
}

// State yields "steps", "m" and "v".
func (o *Adam) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		_ = yield("steps", o.steps[:]) && yield("m", o.m) && yield("v", o.v)
	}
}

// Validate reports settings outside 0 ≤ β < 1 and ε ≥ 0.
func (o *Adam) Validate() error {
	return checkMoments("Adam", o.Beta1, o.Beta2, o.Epsilon)
}

func checkMoments(name string, beta1, beta2, epsilon float64) error {
	switch {
	case !(beta1 >= 0 && beta1 < 1):
		return fmt.Errorf("optim: %s's Beta1 is %g, want 0 ≤ β₁ < 1", name, beta1)
	case !(beta2 >= 0 && beta2 < 1):
		return fmt.Errorf("optim: %s's Beta2 is %g, want 0 ≤ β₂ < 1", name, beta2)
	case !(epsilon >= 0):
		return fmt.Errorf("optim: %s's Epsilon is %g, want ≥ 0", name, epsilon)
	}
	return nil
}
