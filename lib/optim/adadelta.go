package optim

import (
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// Adadelta divides by a running mean of squared gradients (v) and multiplies by
// one of squared steps (u), so that a step has the units of θ and the customary
// learning rate is 1.
//
//	v ← ρv + (1−ρ)g²
//	d = √(u + ε)/√(v + ε)·g
//	u ← ρu + (1−ρ)d²
//	θ ← θ − α·d
//
// ε is inside the roots, as in the paper and in torch.optim.Adadelta.
//
// Source: Zeiler, Adadelta: An Adaptive Learning Rate Method, 2012, algorithm 1.
type Adadelta struct {
	Rho     float64 // decay of both means, 0 ≤ ρ < 1
	Epsilon float64 // sets the size of the first steps, √ε

	steps [1]float64
	v, u  []float64
}

// NewAdadelta returns Adadelta with ρ = 0.9 and ε = 10⁻⁶.
func NewAdadelta() *Adadelta { return &Adadelta{Rho: 0.9, Epsilon: 1e-6} }

func (o *Adadelta) Init(dim int) {
	o.steps[0] = 0
	o.v, o.u = resize(o.v, dim), resize(o.u, dim)
}

func (o *Adadelta) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.v))
	o.steps[0]++
	rho, epsilon := o.Rho, o.Epsilon
	if blas.Adadelta(theta, grad, o.v, o.u, rho, lr, epsilon) {
		return
	}
	theta, vs, us := theta[:len(grad)], o.v[:len(grad)], o.u[:len(grad)]
	for i, g := range grad {
		v := rho*vs[i] + (1-rho)*g*g
		d := math.Sqrt(us[i]+epsilon) / math.Sqrt(v+epsilon) * g
		vs[i], us[i] = v, rho*us[i]+(1-rho)*d*d
		theta[i] -= lr * d
	}
}

// State yields "steps", "v" and "u".
func (o *Adadelta) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "v", "u"}, o.steps[:], o.v, o.u)
	}
}

func (o *Adadelta) Validate() error {
	return advise("NewAdadelta",
		checkFraction("Adadelta", "Rho", o.Rho),
		checkEpsilon("Adadelta", o.Epsilon),
	)
}
