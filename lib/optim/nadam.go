package optim

import (
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// NAdam is [Adam] with Nesterov's momentum: the step already contains what the
// current gradient will contribute to the next one. The momentum μ grows
// towards β₁ during training.
//
//	μₜ = β₁·(1 − ½·0.96^(tψ))
//	m ← β₁m + (1−β₁)g
//	v ← β₂v + (1−β₂)g²                 v̂ = v/(1−β₂ᵗ)
//	m̂ = μₜ₊₁·m/(1−∏ᵢ₌₁ᵗ⁺¹μᵢ) + (1−μₜ)·g/(1−∏ᵢ₌₁ᵗμᵢ)
//	θ ← θ − α·m̂/(√v̂ + ε)
//
// This is the formula in the documentation of torch.optim.NAdam. Up to PyTorch
// 1.13 that class deviates from it unless foreach is set: it multiplies μₜ into
// the product twice.
//
// Source: Dozat, Incorporating Nesterov Momentum into Adam, 2016.
type NAdam struct {
	Beta1         float64 // decay of the mean of gradients, 0 ≤ β₁ < 1
	Beta2         float64 // decay of the mean of squares, 0 ≤ β₂ < 1
	Epsilon       float64 // keeps the division finite, in units of the gradient
	MomentumDecay float64 // ψ ≥ 0, how fast μ approaches β₁

	steps, product [1]float64
	m, v           []float64
}

// NewNAdam returns NAdam with β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸ and ψ = 0.004.
func NewNAdam() *NAdam {
	return &NAdam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, MomentumDecay: 0.004}
}

func (o *NAdam) Init(dim int) {
	o.steps[0], o.product[0] = 0, 1
	o.m, o.v = resize(o.m, dim), resize(o.v, dim)
}

func (o *NAdam) momentum(t float64) float64 {
	return o.Beta1 * (1 - 0.5*math.Pow(0.96, t*o.MomentumDecay))
}

func (o *NAdam) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	beta1, beta2, epsilon := o.Beta1, o.Beta2, o.Epsilon
	mu, next := o.momentum(o.steps[0]), o.momentum(o.steps[0]+1)
	o.product[0] *= mu
	rateG := lr * (1 - mu) / (1 - o.product[0])
	rateM := lr * next / (1 - o.product[0]*next)
	correct2 := 1 / math.Sqrt(unforgotten(beta2, o.steps[0]))
	if blas.NAdam(theta, grad, o.m, o.v, beta1, beta2, rateM, rateG, correct2, epsilon) {
		return
	}
	theta, ms, vs := theta[:len(grad)], o.m[:len(grad)], o.v[:len(grad)]
	for i, g := range grad {
		m := beta1*ms[i] + (1-beta1)*g
		v := beta2*vs[i] + (1-beta2)*g*g
		ms[i], vs[i] = m, v
		theta[i] -= (rateM*m + rateG*g) / (math.Sqrt(v)*correct2 + epsilon)
	}
}

// SetMomentum sets β₁ and returns the previous value, for
// [ScheduledMomentum].
func (o *NAdam) SetMomentum(mu float64) (before float64) {
	before, o.Beta1 = o.Beta1, mu
	return before
}

// State yields "steps", "product" (of all μ so far), "m" and "v".
func (o *NAdam) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "product", "m", "v"}, o.steps[:], o.product[:], o.m, o.v)
	}
}

func (o *NAdam) Validate() error {
	return advise("NewNAdam",
		checkMoments("NAdam", o.Beta1, o.Beta2, o.Epsilon),
		checkNotNegative("NAdam", "MomentumDecay", o.MomentumDecay),
	)
}
