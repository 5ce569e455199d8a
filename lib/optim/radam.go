package optim

import (
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// RAdam is [Adam] with a built-in warmup. While v is an average of few
// gradients, it is unreliable: RAdam scales the step by r, computed from the
// effective length ρ of that average, and takes a momentum step without v
// until ρ exceeds 5.
//
//	m ← β₁m + (1−β₁)g          m̂ = m/(1−β₁ᵗ)
//	v ← β₂v + (1−β₂)g²
//	ρ∞ = 2/(1−β₂) − 1          ρ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ)
//	r = √( (ρ−4)(ρ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ) )
//	θ ← θ − α·r·m̂·√(1−β₂ᵗ)/(√v + ε)    if ρ > 5
//	θ ← θ − α·m̂                        otherwise
//
// Unlike in Adam, ε is added to the root of v before the bias correction, as
// in torch.optim.RAdam.
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

func (o *RAdam) Init(dim int) {
	o.steps[0] = 0
	o.m, o.v = resize(o.m, dim), resize(o.v, dim)
}

func (o *RAdam) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	t, beta1, beta2, epsilon := o.steps[0], o.Beta1, o.Beta2, o.Epsilon
	rate := lr / unforgotten(beta1, t)
	rhoInf, rho := 2/(1-beta2)-1, meanLength(beta2, t)
	rectified := rho > 5
	if rectified {
		rate *= math.Sqrt(unforgotten(beta2, t) * (rho - 4) * (rho - 2) * rhoInf / ((rhoInf - 4) * (rhoInf - 2) * rho))
	}
	if rectified && blas.Adam(theta, grad, o.m, o.v, beta1, beta2, rate, 1, epsilon, 1) {
		return
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

// meanLength returns ρ = (1+β)/(1−β) − 2tβᵗ/(1−βᵗ), the length of the running
// mean after t steps. For β near 1 both terms are large and nearly the same,
// and rounding can put their difference on the wrong side of 5. With x = −ln
// β they are coth(x/2) and t·(coth(tx/2) − 1), so that
//
//	ρ = t + L(x/2) − t·L(tx/2)   where L(y) = coth y − 1/y
//
// and L, Langevin's function, is small where y is: y/3 − y³/45 + 2y⁵/945 − …
func meanLength(beta, t float64) float64 {
	x := -math.Log(beta)
	if t*x > 0.1 {
		return 2/(1-beta) - 1 - 2*t*(1/unforgotten(beta, t)-1)
	}
	return t + langevin(x/2) - t*langevin(t*x/2)
}

// langevin returns coth y − 1/y for 0 ≤ y ≤ 0.05.
func langevin(y float64) float64 {
	return y * (1.0/3 - y*y*(1.0/45-y*y*(2.0/945-y*y*(1.0/4725-y*y*2.0/93555))))
}

// SetMomentum sets β₁ and returns the previous value, for
// [ScheduledMomentum].
func (o *RAdam) SetMomentum(mu float64) (before float64) {
	before, o.Beta1 = o.Beta1, mu
	return before
}

// State yields "steps", "m" and "v".
func (o *RAdam) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "m", "v"}, o.steps[:], o.m, o.v)
	}
}

func (o *RAdam) Validate() error {
	return advise("NewRAdam", checkMoments("RAdam", o.Beta1, o.Beta2, o.Epsilon))
}
