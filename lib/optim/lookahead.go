package optim

import (
	"errors"
	"iter"
)

// Lookahead lets the inner optimizer explore for k steps, and then goes only
// part of the way, from the slow weights φ at the start of the k steps
// towards θ at their end:
//
//	θ ← a step of the inner optimizer
//	φ ← φ + γ(θ − φ), θ ← φ          after each k steps
//
// φ starts at the θ before the first step. The state of the inner optimizer
// is not reset.
//
// Source: Zhang et al., Lookahead Optimizer: k steps forward, 1 step back, 2019,
// algorithm 1.
type Lookahead struct {
	Steps     int     // k ≥ 1
	Fraction  float64 // γ, 0 < γ ≤ 1; the paper's α
	Optimizer         // explores

	count [1]float64
	slow  []float64
}

// NewLookahead returns Lookahead with k = 5 and γ = 0.5 around inner.
func NewLookahead(inner Optimizer) *Lookahead {
	return &Lookahead{Steps: 5, Fraction: 0.5, Optimizer: inner}
}

func (o *Lookahead) Init(dim int) {
	o.count[0] = 0
	o.slow = resize(o.slow, dim)
	o.Optimizer.Init(dim)
}

func (o *Lookahead) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.slow))
	if o.count[0] == 0 {
		copy(o.slow, theta)
	}
	o.Optimizer.Step(theta, grad, lr)
	o.count[0]++
	if int(o.count[0])%o.Steps != 0 {
		return
	}
	theta, fraction := theta[:len(o.slow)], o.Fraction
	for i, phi := range o.slow {
		phi += fraction * (theta[i] - phi)
		o.slow[i], theta[i] = phi, phi
	}
}

// State yields "steps", "slow", and the state of the inner optimizer with names
// that begin with "lookahead.".
func (o *Lookahead) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		_ = yieldAll(yield, []string{"steps", "slow"}, o.count[:], o.slow) &&
			yieldInner(yield, "lookahead.", o.Optimizer)
	}
}

func (o *Lookahead) Unwrap() Optimizer { return o.Optimizer }

func (o *Lookahead) Validate() error {
	return errors.Join(
		advise("NewLookahead",
			checkAtLeast("Lookahead", "Steps", o.Steps, 1),
			checkShare("Lookahead", "Fraction", o.Fraction)),
		checkInner("Lookahead", o.Optimizer),
	)
}
