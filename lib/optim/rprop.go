package optim

import (
	"fmt"
	"iter"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// Rprop looks only at the sign of each gradient. Each parameter has a step size
// that grows while the sign stays and shrinks when it changes; after a change
// the parameter does not move for one step. It is for gradients of the full
// batch: the noise of mini-batches would shrink all steps.
//
//	s ← clamp(s·η⁺)            if g·gₚ > 0
//	s ← clamp(s·η⁻), g ← 0     if g·gₚ < 0
//	s ← clamp(s)               otherwise
//	θ ← θ − s·sign(g)          gₚ ← g
//
// The learning rate of the first step is the initial step size; those of later
// steps are ignored, as in torch.optim.Rprop.
//
// Source: Riedmiller and Braun, A Direct Adaptive Method for Faster
// Backpropagation Learning, 1993 (in the form iRprop⁻ of Igel and Hüsken, 2000).
type Rprop struct {
	EtaMinus, EtaPlus float64 // factors of the step size, 0 < η⁻ < 1 < η⁺
	MinStep, MaxStep  float64 // bounds of the step size, in units of θ

	steps          [1]float64
	size, previous []float64
}

// NewRprop returns Rprop with η⁻ = 0.5, η⁺ = 1.2 and steps from 10⁻⁶ to 50.
func NewRprop() *Rprop {
	return &Rprop{EtaMinus: 0.5, EtaPlus: 1.2, MinStep: 1e-6, MaxStep: 50}
}

func (o *Rprop) Init(dim int) {
	o.steps[0] = 0
	o.size, o.previous = resize(o.size, dim), resize(o.previous, dim)
}

func (o *Rprop) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.size))
	if o.steps[0] == 0 {
		for i := range o.size {
			o.size[i] = lr
		}
	}
	o.steps[0]++
	if blas.Rprop(theta, grad, o.size, o.previous, o.EtaMinus, o.EtaPlus, o.MinStep, o.MaxStep) {
		return
	}
	theta, sizes, previous := theta[:len(grad)], o.size[:len(grad)], o.previous[:len(grad)]
	for i, g := range grad {
		size := sizes[i]
		switch agree := g * previous[i]; {
		case agree > 0:
			size *= o.EtaPlus
		case agree < 0:
			size *= o.EtaMinus
			g = 0
		}
		size = min(max(size, o.MinStep), o.MaxStep)
		sizes[i], previous[i] = size, g
		theta[i] -= size * number.Sign(g)
	}
}

// State yields "steps", "size" and "previous" (gradients).
func (o *Rprop) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "size", "previous"}, o.steps[:], o.size, o.previous)
	}
}

func (o *Rprop) Validate() error {
	var eta, bounds error
	if !(o.EtaMinus > 0 && o.EtaMinus < 1 && o.EtaPlus > 1) {
		eta = fmt.Errorf("optim: Rprop's EtaMinus and EtaPlus are %g and %g, want 0 < η⁻ < 1 < η⁺", o.EtaMinus, o.EtaPlus)
	}
	if !(o.MinStep <= o.MaxStep) {
		bounds = fmt.Errorf("optim: Rprop's MinStep is %g and its MaxStep %g, want MinStep ≤ MaxStep", o.MinStep, o.MaxStep)
	}
	return advise("NewRprop", eta, bounds,
		checkPositive("Rprop", "EtaPlus", o.EtaPlus),
		checkPositive("Rprop", "MinStep", o.MinStep),
		checkPositive("Rprop", "MaxStep", o.MaxStep))
}
