package optim

import (
	"errors"
	"iter"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// Lion moves every parameter by exactly α, in the direction of the sign of a
// mean of momentum and gradient. It keeps one vector where Adam keeps two, and
// needs a learning rate three to ten times smaller than Adam's and a weight
// decay larger by the same factor.
//
//	θ ← θ − α·sign(β₁m + (1−β₁)g)
//	m ← β₂m + (1−β₂)g
//
// The paper's decoupled weight decay is [WeightDecay] with Decoupled around it.
//
// Source: Chen et al., Symbolic Discovery of Optimization Algorithms, 2023,
// algorithm 2.
type Lion struct {
	Beta1 float64 // weight of the momentum in the step, 0 ≤ β₁ < 1
	Beta2 float64 // decay of the momentum, 0 ≤ β₂ < 1

	steps [1]float64
	m     []float64
}

// NewLion returns Lion with β₁ = 0.9 and β₂ = 0.99.
func NewLion() *Lion { return &Lion{Beta1: 0.9, Beta2: 0.99} }

func (o *Lion) Init(dim int) {
	o.steps[0] = 0
	o.m = resize(o.m, dim)
}

func (o *Lion) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	beta1, beta2 := o.Beta1, o.Beta2
	if blas.Lion(theta, grad, o.m, beta1, beta2, lr) {
		return
	}
	theta, ms := theta[:len(grad)], o.m[:len(grad)]
	for i, g := range grad {
		m := ms[i]
		ms[i] = beta2*m + (1-beta2)*g
		theta[i] -= lr * number.Sign(beta1*m+(1-beta1)*g)
	}
}

// State yields "steps" and "m".
func (o *Lion) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "m"}, o.steps[:], o.m)
	}
}

// Validate returns an error for settings outside 0 ≤ β < 1, and if both are 0.
// (To use the sign of the gradient alone, set only β₁ to 0.)
func (o *Lion) Validate() error {
	if o.Beta1 == 0 && o.Beta2 == 0 {
		return advise("NewLion", errors.New("optim: Lion's Beta1 and Beta2 are both 0"))
	}
	return advise("NewLion", checkFraction("Lion", "Beta1", o.Beta1), checkFraction("Lion", "Beta2", o.Beta2))
}
