// Package optim holds optimizers, which move parameters against a gradient,
// and schedules, which say how far.
//
// An optimizer sees two vectors of equal length, the parameters θ and the
// gradient g = ∂L/∂θ, and a learning rate. It knows nothing of models, losses
// or batches. So each is a page of arithmetic that reads like its formula.
//
// Optimizers compose like middleware: one that clips or decays changes the
// gradient or the parameters and hands both to the optimizer inside it, and
// the nesting shows the order.
//
// Fields hold the settings; the New functions fill in the customary defaults,
// and a zero means zero.
package optim

import (
	"fmt"
	"iter"
)

// An Optimizer moves θ against a gradient.
type Optimizer interface {
	// Init prepares for dim parameters and forgets all that came before, so
	// that a second run gives the same as the first.
	Init(dim int)
	// Step updates theta in place. It may change grad. lr is the learning
	// rate of this step.
	Step(theta, grad []float64, lr float64)
	// State yields the names and the vectors that the next Step depends on,
	// as views: to save an optimizer copy from them, to restore it copy into
	// them after Init. The number of steps taken is one of them.
	State() iter.Seq2[string, []float64]
}

// resize returns a vector of dim zeros, in the memory of v where that is
// enough.
func resize(v []float64, dim int) []float64 {
	if cap(v) < dim {
		return make([]float64, dim)
	}
	v = v[:dim]
	clear(v)
	return v
}

func checkStep(theta, grad []float64, dim int) {
	if len(theta) != dim || len(grad) != dim {
		panic(fmt.Sprintf("optim: %d parameters and %d gradients, but Init was told %d", len(theta), len(grad), dim))
	}
}
