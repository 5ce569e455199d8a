package loss

import "gonum.org/v1/gonum/mat"

// MSE is the mean squared error, ℓ = (f − y)², with ∂ℓ/∂f = 2(f − y).
//
// Its unit is that of the target, squared. Some texts divide by 2, which
// halves the gradient and so doubles the learning rate that works.
type MSE struct{}

// Loss returns (1/mk) Σ (f − y)² and its gradient.
func (MSE) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, func(f, y float64) (l, d float64) {
		e := f - y
		return e * e, 2 * e
	})
}
