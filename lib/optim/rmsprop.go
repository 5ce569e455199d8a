package optim

import (
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// RMSprop divides the gradient by the root of a running mean of its squares.
// Centred, it divides by the running standard deviation. With momentum μ it
// keeps a running direction b of the quotients.
//
//	v ← ρv + (1−ρ)g²
//	a ← ρa + (1−ρ)g                         if centred
//	q = g/(√v + ε)                          or g/(√(v−a²) + ε) if centred
//	θ ← θ − α·q                             or b ← μb + q, θ ← θ − α·b
//
// ε is outside the root, and ρ is 0.99, as in torch.optim.RMSprop, whose
// alpha is ρ; TensorFlow has ε inside and 0.9. If rounding makes v−a²
// negative, it counts as 0; PyTorch gives NaN.
//
// Sources: Tieleman and Hinton, Lecture 6.5: RMSProp, 2012; Graves, Generating
// Sequences with Recurrent Neural Networks, 2013 (centred).
type RMSprop struct {
	Rho      float64 // decay of the means, 0 ≤ ρ < 1
	Epsilon  float64 // keeps the division finite, in units of the gradient
	Momentum float64 // μ ≥ 0
	Centered bool    // subtract the squared mean

	steps          [1]float64
	v, a, velocity []float64
}

// NewRMSprop returns RMSprop with ρ = 0.99 and ε = 10⁻⁸, not centred and
// without momentum.
func NewRMSprop() *RMSprop { return &RMSprop{Rho: 0.99, Epsilon: 1e-8} }

func (o *RMSprop) Init(dim int) {
	o.steps[0] = 0
	o.v = resize(o.v, dim)
	if o.Centered {
		o.a = resize(o.a, dim)
	}
	if o.Momentum != 0 {
		o.velocity = resize(o.velocity, dim)
	}
}

func (o *RMSprop) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.v))
	o.steps[0]++
	rho, epsilon, mu, centered := o.Rho, o.Epsilon, o.Momentum, o.Centered
	// Without options it is Adam with β₁ = 0, whose m is the gradient itself.
	if mu == 0 && !centered && blas.Adam(theta, grad, grad, o.v, 0, rho, lr, 1, epsilon, 1) {
		return
	}
	theta, vs := theta[:len(grad)], o.v[:len(grad)]
	for i, g := range grad {
		v := rho*vs[i] + (1-rho)*g*g
		vs[i] = v
		if centered {
			a := rho*o.a[i] + (1-rho)*g
			o.a[i] = a
			v = max(v-a*a, 0)
		}
		q := g / (math.Sqrt(v) + epsilon)
		if mu != 0 {
			q += mu * o.velocity[i]
			o.velocity[i] = q
		}
		theta[i] -= lr * q
	}
}

// SetMomentum sets μ and returns the previous value, for [ScheduledMomentum].
func (o *RMSprop) SetMomentum(mu float64) (before float64) {
	before, o.Momentum = o.Momentum, mu
	return before
}

// State yields "steps", "v", if centred "a", and with momentum "velocity".
func (o *RMSprop) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		if !yieldAll(yield, []string{"steps", "v"}, o.steps[:], o.v) {
			return
		}
		if o.Centered && !yield("a", o.a) {
			return
		}
		if o.Momentum != 0 {
			yield("velocity", o.velocity)
		}
	}
}

func (o *RMSprop) Validate() error {
	return advise("NewRMSprop",
		checkFraction("RMSprop", "Rho", o.Rho),
		checkEpsilon("RMSprop", o.Epsilon),
		checkNotNegative("RMSprop", "Momentum", o.Momentum),
	)
}
