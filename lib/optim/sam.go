package optim

import (
	"errors"
	"fmt"
)

// A Perturber is an optimizer that needs the gradient at another point than θ.
// A step then has two phases, on the same batch:
//
//	gradient(grad, theta)
//	if p, ok := optim.As[optim.Perturber](opt); ok {
//		p.Perturb(theta, grad) // moves θ to that point
//		clear(grad)
//		gradient(grad, theta)  // the same batch
//		p.Restore(theta)       // moves θ back, to the bit
//	}
//	opt.Step(theta, grad, lr)
//
// It must not be inside [Groups], where As does not find it.
type Perturber interface {
	Optimizer
	// Perturb moves θ, given the gradient there, and remembers where it was.
	Perturb(theta, grad []float64)
	// Restore puts θ back.
	Restore(theta []float64)
}

// SAM, sharpness-aware minimisation, looks for a θ whose neighbourhood has a low
// loss throughout: it steps along the gradient at the worst point within
// distance ρ, to first order.
//
//	ε = ρ·g/‖g‖₂,  g = ∇L(θ)
//	θ ← a step of the inner optimizer along ∇L(θ+ε)
//
// A step costs two gradients, and the caller must compute the second one: see
// [Perturber]. If Step is called without Perturb, SAM is just the inner
// optimizer.
//
// Source: Foret et al., Sharpness-Aware Minimization for Efficiently Improving
// Generalization, 2021, algorithm 1 with p = 2.
type SAM struct {
	Rho       float64 // ρ > 0, the radius of the neighbourhood, in units of θ
	Optimizer         // moves θ

	saved     []float64
	perturbed bool
}

// NewSAM returns SAM with ρ = 0.05 around inner.
func NewSAM(inner Optimizer) *SAM { return &SAM{Rho: 0.05, Optimizer: inner} }

func (o *SAM) Init(dim int) {
	o.saved, o.perturbed = resize(o.saved, dim), false
	o.Optimizer.Init(dim)
}

// Perturb sets θ ← θ + ρ·g/‖g‖₂. If g = 0, θ does not change.
func (o *SAM) Perturb(theta, grad []float64) {
	checkStep(theta, grad, len(o.saved))
	if o.perturbed {
		panic("optim: SAM has already moved θ: call Restore before Perturb")
	}
	copy(o.saved, theta)
	o.perturbed = true
	norm, unit := length(grad)
	if norm == 0 {
		return
	}
	theta, rho := theta[:len(grad)], o.Rho
	for i, g := range grad {
		theta[i] += rho * (g / unit / norm)
	}
}

func (o *SAM) Restore(theta []float64) {
	if len(theta) != len(o.saved) {
		panic(fmt.Sprintf("optim: %d parameters to restore, but Init was told %d", len(theta), len(o.saved)))
	}
	if !o.perturbed {
		panic("optim: SAM has nothing to restore: call Perturb first")
	}
	copy(theta, o.saved)
	o.perturbed = false
}

// Step moves θ. It panics between Perturb and Restore.
func (o *SAM) Step(theta, grad []float64, lr float64) {
	if o.perturbed {
		panic("optim: SAM cannot step from the perturbed θ: call Restore first")
	}
	o.Optimizer.Step(theta, grad, lr)
}

func (o *SAM) Unwrap() Optimizer { return o.Optimizer }

// Validate returns an error for a ρ that is not positive, for a Perturber inside, and
// for an invalid inner optimizer.
func (o *SAM) Validate() error {
	var twice error
	if _, ok := As[Perturber](o.Optimizer); ok {
		twice = errors.New("optim: SAM has another Perturber inside, want one of them")
	}
	return errors.Join(advise("NewSAM", checkPositive("SAM", "Rho", o.Rho)), twice, checkInner("SAM", o.Optimizer))
}
