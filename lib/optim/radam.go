package optim

import (
	"iter"
	"math"
)

// RAdam is [Adam] that distrusts v while it rests on few gradients: it scales
// the step by r, computed from the length ρ of the mean that v amounts to, and
// does without v, as momentum does, until ρ exceeds 5. It warms up by itself.
//
//	m ← β₁m + (1−β₁)g          m̂ = m/(1−β₁ᵗ)
//	v ← β₂v + (1−β₂)g²
//	ρ∞ = 2/(1−β₂) − 1          ρ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ)
//	r = √( (ρ−4)(ρ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ) )
//	θ ← θ − α·r·m̂·√(1−β₂ᵗ)/(√v + ε)    if ρ > 5
//	θ ← θ − α·m̂                        otherwise
//
// ε is added to the root of v before its correction, as in torch.optim.RAdam,
// and unlike Adam.
//
// Source: Liu et al., On the Variance of the Adaptive Learning Rate and Beyond,
// 2020, algorithm 2.
type RAdam struct {
	Beta1   float64 // decay of the mean of gradients, 0 ≤ β₁ < 1
	Beta2   float64 // decay of the mean of squares, 0 ≤ β₂ < 1
	Epsilon float64 // keeps the division finite, in units of the gradient

	steps [1]float64
	m, v  []float64
}

// NewRAdam returns RAdam with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸.
func NewRAdam() *RAdam { return &RAdam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

// Init prepares for dim parameters.
func (o *RAdam) Init(dim int) {
	o.steps[0] = 0
	o.m, o.v = resize(o.m, dim), resize(o.v, dim)
}

// Step moves θ.
func (o *RAdam) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	t, beta1, beta2, epsilon := o.steps[0], o.Beta1, o.Beta2, o.Epsilon
	rate := lr / (1 - math.Pow(beta1, t))
	power := math.Pow(beta2, t)
	rhoInf := 2/(1-beta2) - 1
	rho := rhoInf - 2*t*power/(1-power)
	rectified := rho > 5
	if rectified {
		rate *= math.Sqrt((1 - power) * (rho - 4) * (rho - 2) * rhoInf / ((rhoInf - 4) * (rhoInf - 2) * rho))
	}
	theta, ms, vs := theta[:len(grad)], o.m[:len(grad)], o.v[:len(grad)]
	for i, g := range grad {
		m := beta1*ms[i] + (1-beta1)*g
		v := beta2*vs[i] + (1-beta2)*g*g
		ms[i], vs[i] = m, v
		if rectified {
			m /= math.Sqrt(v) + epsilon
		}
		theta[i] -= rate * m
	}
}

// State yields "steps", "m" and "v".
func (o *RAdam) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "m", "v"}, o.steps[:], o.m, o.v)
	}
}

// Validate reports settings outside 0 ≤ β < 1 and ε ≥ 0.
func (o *RAdam) Validate() error {
	return checkMoments("RAdam", o.Beta1, o.Beta2, o.Epsilon)
}
