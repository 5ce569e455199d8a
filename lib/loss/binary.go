package loss

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// BinaryCrossEntropy is the negative log-likelihood of labels y ∈ {0, 1} when
// f is the logit of the probability p = σ(f) of class 1:
//
//	ℓ = −y log p − (1−y) log(1−p) = max(f, 0) − f·y + log(1 + e^{−|f|})
//	∂ℓ/∂f = σ(f) − y
//
// in nats. The right-hand form never overflows and never takes log 0. A target
// between 0 and 1 is a probability.
type BinaryCrossEntropy struct{}

// Loss returns the mean of ℓ and its gradient.
func (BinaryCrossEntropy) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, func(f, y float64) (l, d float64) {
		e := math.Exp(-math.Abs(f))
		p := 1 / (1 + e)
		if f < 0 {
			p = e / (1 + e)
		}
		return math.Max(f, 0) - f*y + math.Log1p(e), p - y
	})
}

// CheckTarget reports the first target that is not 0, 1 or a probability.
func (BinaryCrossEntropy) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, func(y float64) error {
		if !(y >= 0 && y <= 1) {
			return fmt.Errorf("is %g, want 0 or 1 (or a probability between): recode the labels", y)
		}
		return nil
	})
}

// checkEach reports a target of the wrong width, or the first element that ok
// objects to, with its place.
func checkEach(target *mat.Dense, outputs int, ok func(y float64) error) error {
	rows, cols := target.Dims()
	if cols != outputs {
		return fmt.Errorf("loss: the target has %d columns and the model %d outputs", cols, outputs)
	}
	for i := range rows {
		for j := range cols {
			if err := ok(target.At(i, j)); err != nil {
				return fmt.Errorf("loss: the target in row %d, column %d %w", i, j, err)
			}
		}
	}
	return nil
}
