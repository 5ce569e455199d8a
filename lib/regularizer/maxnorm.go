package regularizer

import (
	"fmt"
	"math"
)

// MaxNorm limits the norm of the incoming weights of each unit: ‖θ_j‖ ≤ Max
// for each column j of an n×k weight matrix. It does not change shorter
// columns, and so allows large learning rates without pulling weights towards
// 0.
//
// It is a constraint: as a penalty it is 0 inside and +∞ outside, without a
// useful gradient. It acts through Prox, which projects, so that the result is
// always inside. Penalty therefore returns 0 and AddGradient adds nothing.
//
// It is Keras's max_norm, and torch.renorm along columns. These divide by the
// norm + 10⁻⁷; the projection here is exact.
//
// Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks
// from Overfitting, JMLR 15, 2014, section 5.1.
type MaxNorm struct {
	Max     float64 // c > 0, the largest norm of a column
	Columns int     // k, the units; the length of θ must be a multiple of it
}

// Penalty returns 0.
func (r MaxNorm) Penalty(theta []float64) float64 {
	checkRows(theta, r.Columns)
	return 0
}

func (r MaxNorm) AddGradient(grad, theta []float64) {
	checkLengths(grad, theta)
	checkRows(theta, r.Columns)
}

// Prox scales each column longer than Max to that length. It ignores the
// step.
func (r MaxNorm) Prox(theta []float64, step float64) {
	checkRows(theta, r.Columns)
	if len(theta) == 0 {
		return
	}
	for j := range r.Columns {
		length, unit := norm(theta[j:], r.Columns)
		if length*unit <= r.Max {
			continue
		}
		for i := j; i < len(theta); i += r.Columns {
			theta[i] = theta[i] / unit / length * r.Max
		}
	}
}

func (r MaxNorm) Validate() error {
	if !(r.Max > 0) || math.IsInf(r.Max, 1) {
		return fmt.Errorf("regularizer: MaxNorm's Max is %g, want a finite number > 0 (3 is usual)", r.Max)
	}
	if r.Columns < 1 {
		return fmt.Errorf("regularizer: MaxNorm's Columns is %d, want the number of the layer's outputs", r.Columns)
	}
	return nil
}

// CheckBlock reports a block that is not a whole number of rows.
func (r MaxNorm) CheckBlock(size int) error {
	if size%r.Columns != 0 {
		return fmt.Errorf("regularizer: MaxNorm of %d columns does not fit a block of %d weights: choose Columns as the units of the layer", r.Columns, size)
	}
	return nil
}
