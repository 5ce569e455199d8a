package optim

import (
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// Adagrad divides each parameter's gradient by the root of the sum of all its
// squares so far. Parameters with rare gradients, such as the weights of rare
// words, keep a large step; all steps shrink over time.
//
//	v ← v + g²                            v = Initial at the start
//	θ ← θ − α/(1+(t−1)η)·g/(√v + ε)       η the rate decay
//
// The semantics are those of torch.optim.Adagrad.
//
// Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online
// Learning and Stochastic Optimization, 2011.
type Adagrad struct {
	Epsilon   float64 // keeps the division finite, in units of the gradient
	Initial   float64 // v at the start, ≥ 0; PyTorch's initial_accumulator_value
	RateDecay float64 // η ≥ 0; PyTorch's lr_decay

	steps [1]float64
	v     []float64
}

// NewAdagrad returns Adagrad with ε = 10⁻¹⁰, starting at 0, without rate decay.
func NewAdagrad() *Adagrad { return &Adagrad{Epsilon: 1e-10} }

func (o *Adagrad) Init(dim int) {
	o.steps[0] = 0
	o.v = resize(o.v, dim)
	for i := range o.v {
		o.v[i] = o.Initial
	}
}

func (o *Adagrad) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.v))
	rate := lr / (1 + o.steps[0]*o.RateDecay)
	o.steps[0]++
	epsilon := o.Epsilon
	if blas.Adagrad(theta, grad, o.v, rate, epsilon) {
		return
	}
	theta, vs := theta[:len(grad)], o.v[:len(grad)]
	for i, g := range grad {
		v := vs[i] + g*g
		vs[i] = v
		theta[i] -= rate * g / (math.Sqrt(v) + epsilon)
	}
}

// State yields "steps" and "v".
func (o *Adagrad) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "v"}, o.steps[:], o.v)
	}
}

// Validate returns an error for negative settings, and if both Epsilon and
// Initial are 0.
func (o *Adagrad) Validate() error {
	epsilon := checkNotNegative("Adagrad", "Epsilon", o.Epsilon)
	if o.Initial == 0 {
		epsilon = checkEpsilon("Adagrad", o.Epsilon)
	}
	return advise("NewAdagrad", epsilon,
		checkNotNegative("Adagrad", "Initial", o.Initial),
		checkNotNegative("Adagrad", "RateDecay", o.RateDecay),
	)
}
