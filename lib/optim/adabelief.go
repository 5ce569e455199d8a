package optim

import (
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// AdaBelief is [Adam] that divides by how far gradients stray from their
// running mean (s) instead of how large they are: it takes large steps where
// the gradient is close to its prediction, the mean.
//
//	m ← β₁m + (1−β₁)g                   m̂ = m/(1−β₁ᵗ)
//	s ← β₂s + (1−β₂)(g−m)² + ε          ŝ = s/(1−β₂ᵗ)
//	θ ← θ − α·m̂/(√ŝ + ε)
//
// m in the second line is the new one, and ε enters s at every step, as in the
// paper and in the authors' code.
//
// Source: Zhuang et al., AdaBelief Optimizer: Adapting Stepsizes by the Belief
// in Observed Gradients, 2020, algorithm 2.
type AdaBelief struct {
	Beta1   float64 // decay of the mean of gradients, 0 ≤ β₁ < 1
	Beta2   float64 // decay of the mean of squares, 0 ≤ β₂ < 1
	Epsilon float64 // keeps the division finite

	steps [1]float64
	m, s  []float64
}

// NewAdaBelief returns AdaBelief with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻¹⁶, the
// defaults of the authors' code.
func NewAdaBelief() *AdaBelief { return &AdaBelief{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-16} }

func (o *AdaBelief) Init(dim int) {
	o.steps[0] = 0
	o.m, o.s = resize(o.m, dim), resize(o.s, dim)
}

func (o *AdaBelief) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	beta1, beta2, epsilon := o.Beta1, o.Beta2, o.Epsilon
	rate := lr / unforgotten(beta1, o.steps[0])
	correct2 := 1 / math.Sqrt(unforgotten(beta2, o.steps[0]))
	if blas.AdaBelief(theta, grad, o.m, o.s, beta1, beta2, rate, correct2, epsilon) {
		return
	}
	theta, ms, ss := theta[:len(grad)], o.m[:len(grad)], o.s[:len(grad)]
	for i, g := range grad {
		m := beta1*ms[i] + (1-beta1)*g
		s := beta2*ss[i] + (1-beta2)*(g-m)*(g-m) + epsilon
		ms[i], ss[i] = m, s
		theta[i] -= rate * m / (math.Sqrt(s)*correct2 + epsilon)
	}
}

// SetMomentum sets β₁ and returns the previous value, for
// [ScheduledMomentum].
func (o *AdaBelief) SetMomentum(mu float64) (before float64) {
	before, o.Beta1 = o.Beta1, mu
	return before
}

// State yields "steps", "m" and "s".
func (o *AdaBelief) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "m", "s"}, o.steps[:], o.m, o.s)
	}
}

func (o *AdaBelief) Validate() error {
	return advise("NewAdaBelief", checkMoments("AdaBelief", o.Beta1, o.Beta2, o.Epsilon))
}
