package optim

import (
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// Adam gives each parameter its own step size, from running means of the
// gradient (m) and of its square (v). Both start at 0, which makes them too
// small at first; the hats correct that.
//
//	m ← β₁m + (1−β₁)g          m̂ = m/(1−β₁ᵗ)
//	v ← β₂v + (1−β₂)g²         v̂ = v/(1−β₂ᵗ)
//	θ ← θ − α·m̂/(√v̂ + ε)
//
// ε is outside the root, as in the paper and in torch.optim.Adam.
//
// With AMSGrad the largest v so far replaces v, so that a step never grows
// because old gradients are forgotten. As in torch it is the maximum of v and
// the correction follows; the paper has no correction, and TensorFlow takes the
// maximum of v̂.
//
// Sources: Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015,
// algorithm 1; Reddi, Kale and Kumar, On the Convergence of Adam and Beyond,
// 2018, algorithm 2.
type Adam struct {
	Beta1   float64 // decay of the mean of gradients, 0 ≤ β₁ < 1
	Beta2   float64 // decay of the mean of squares, 0 ≤ β₂ < 1
	Epsilon float64 // keeps the division finite, in units of the gradient
	AMSGrad bool    // divide by the largest v so far

	steps      [1]float64
	m, v, vmax []float64
}

// NewAdam returns Adam with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸.
func NewAdam() *Adam { return &Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

// NewAMSGrad returns Adam with the defaults of NewAdam and AMSGrad.
func NewAMSGrad() *Adam { return &Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, AMSGrad: true} }

func (o *Adam) Init(dim int) {
	o.steps[0] = 0
	o.m, o.v = resize(o.m, dim), resize(o.v, dim)
	if o.AMSGrad {
		o.vmax = resize(o.vmax, dim)
	}
}

func (o *Adam) Step(theta, grad []float64, lr float64) { o.step(theta, grad, lr, 1) }

// step shrinks θ by keep, for AdamW, and moves it.
func (o *Adam) step(theta, grad []float64, lr, keep float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	beta1, beta2, epsilon := o.Beta1, o.Beta2, o.Epsilon
	rate, root := o.corrected(o.steps[0], lr)
	if !o.AMSGrad && blas.Adam(theta, grad, o.m, o.v, beta1, beta2, rate, root, epsilon, keep) {
		return
	}
	if o.AMSGrad && blas.AMSGrad(theta, grad, o.m, o.v, o.vmax, beta1, beta2, rate, root, epsilon, keep) {
		return
	}
	m, v, vmax := o.m, o.v, o.vmax
	for i, g := range grad {
		m[i] = beta1*m[i] + (1-beta1)*g
		v[i] = beta2*v[i] + (1-beta2)*(g*g)
		second := v[i]
		if o.AMSGrad {
			vmax[i] = max(vmax[i], second)
			second = vmax[i]
		}
		theta[i] = keep*theta[i] - rate*m[i]/(root*math.Sqrt(second)+epsilon)
	}
}

// corrected returns α/(1−β₁ᵗ) and root with √v̂ = root·√v for step t.
func (o *Adam) corrected(t, lr float64) (rate, root float64) {
	return lr / unforgotten(o.Beta1, t), 1 / math.Sqrt(unforgotten(o.Beta2, t))
}

// SetMomentum sets β₁ and returns the previous value, for
// [ScheduledMomentum].
func (o *Adam) SetMomentum(mu float64) (before float64) {
	before, o.Beta1 = o.Beta1, mu
	return before
}

// State yields "steps", "m", "v" and, with AMSGrad, "vmax".
func (o *Adam) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		if yieldAll(yield, []string{"steps", "m", "v"}, o.steps[:], o.m, o.v) && o.AMSGrad {
			yield("vmax", o.vmax)
		}
	}
}

func (o *Adam) Validate() error {
	constructor := "NewAdam"
	if o.AMSGrad {
		constructor = "NewAMSGrad"
	}
	return advise(constructor, checkMoments("Adam", o.Beta1, o.Beta2, o.Epsilon))
}
