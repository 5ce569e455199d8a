package loss

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// MSE is the mean squared error, ℓ = (f − y)², with ∂ℓ/∂f = 2(f − y).
//
// Its unit is that of the target, squared. Some texts divide by 2, which
// halves the gradient and so doubles the learning rate that works.
type MSE struct{}

func (MSE) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, MSE{})
}

func (MSE) Point(f, y float64) (l, d float64) {
	e := f - y
	return e * e, 2 * e
}

func (MSE) points(l, d, f, y []float64) bool { return blas.SquaredLoss(l, d, f, y) }

// CheckTarget reports the first target that is NaN or infinite.
func (MSE) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, finite)
}

// Curvature returns 2.
func (MSE) Curvature() float64 { return 2 }

// MAE is the mean absolute error, ℓ = |f − y|, with ∂ℓ/∂f = sign(f − y), and 0
// where they are equal. Its unit is that of the target.
//
// It fits the median: a distant target pulls no harder than a near one. Its
// gradient does not shrink near the minimum, so the learning rate must.
type MAE struct{}

func (MAE) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, MAE{})
}

func (MAE) Point(f, y float64) (l, d float64) {
	e := f - y
	return math.Abs(e), number.Sign(e)
}

func (MAE) points(l, d, f, y []float64) bool { return blas.SidedLoss(l, d, f, y, -1, 1) }

// CheckTarget reports the first target that is NaN or infinite.
func (MAE) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, finite)
}

// Huber is quadratic for errors e = f − y up to δ and linear beyond, so that
// the influence of outliers is limited:
//
//	ℓ = ½e²           |e| ≤ δ      ∂ℓ/∂f = e
//	ℓ = δ(|e| − ½δ)   |e| > δ      ∂ℓ/∂f = δ·sign(e)
//
// It is torch.nn.HuberLoss, half the squared error in the middle: a large δ
// gives MSE/2.
//
// Source: Huber, Robust Estimation of a Location Parameter, Annals of
// Mathematical Statistics 35, 1964.
type Huber struct {
	Delta float64 // δ > 0, in units of the target
}

// NewHuber returns the Huber loss with δ = 1, PyTorch's default.
func NewHuber() Huber { return Huber{Delta: 1} }

func (h Huber) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, h)
}

func (h Huber) Point(f, y float64) (l, d float64) {
	e := f - y
	if a := math.Abs(e); a > h.Delta {
		return h.Delta * (a - h.Delta/2), h.Delta * number.Sign(e)
	}
	return e * e / 2, e
}

func (h Huber) points(l, d, f, y []float64) bool { return blas.HuberLoss(l, d, f, y, h.Delta) }

// CheckTarget reports the first target that is NaN or infinite.
func (Huber) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, finite)
}

// Curvature returns 1.
func (Huber) Curvature() float64 { return 1 }

func (h Huber) Validate() error {
	if !(h.Delta > 0) {
		return fmt.Errorf("loss: Huber's Delta is %g, want a number > 0 in units of the target (loss.NewHuber has 1)", h.Delta)
	}
	return nil
}

// LogCosh is ℓ = log cosh(f − y), with ∂ℓ/∂f = tanh(f − y): near ½e² for small
// errors and |e| − log 2 for large ones, like the Huber loss with δ = 1, but
// infinitely differentiable. Scale the target so that a typical error is 1.
type LogCosh struct{}

func (LogCosh) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, LogCosh{})
}

func (LogCosh) Point(f, y float64) (l, d float64) {
	e := f - y
	return logCosh(e), math.Tanh(e)
}

func (LogCosh) points(l, d, f, y []float64) bool { return blas.LogCoshLoss(l, d, f, y) }

// CheckTarget reports the first target that is NaN or infinite.
func (LogCosh) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, finite)
}

// Curvature returns 1.
func (LogCosh) Curvature() float64 { return 1 }

// logCosh returns log cosh e. For large e, cosh overflows; for small e, its
// logarithm is that of nearly 1, and cosh e − 1 = 2 sinh²(e/2) keeps the digits.
func logCosh(e float64) float64 {
	if a := math.Abs(e); a > 1 {
		return a - math.Ln2 + math.Log1p(math.Exp(-2*a))
	}
	s := math.Sinh(e / 2)
	return math.Log1p(2 * s * s)
}

// Quantile is the pinball loss, which is smallest at the quantile τ of the
// target:
//
//	ℓ = τ(y − f)       f < y      ∂ℓ/∂f = −τ
//	ℓ = (1−τ)(f − y)   f > y      ∂ℓ/∂f = 1−τ
//
// and 0, with gradient 0, where f = y. For τ = 0.9, a prediction that is too
// low costs nine times as much as one that is too high. τ = ½ gives MAE/2.
//
// Source: Koenker and Bassett, Regression Quantiles, Econometrica 46, 1978.
type Quantile struct {
	Tau float64 // τ, between 0 and 1
}

func (q Quantile) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, q)
}

func (q Quantile) Point(f, y float64) (l, d float64) {
	e := f - y
	switch {
	case e < 0:
		return -q.Tau * e, -q.Tau
	case e > 0:
		return (1 - q.Tau) * e, 1 - q.Tau
	}
	return e, e // 0, or NaN
}

func (q Quantile) points(l, d, f, y []float64) bool {
	return blas.SidedLoss(l, d, f, y, -q.Tau, 1-q.Tau)
}

// CheckTarget reports the first target that is NaN or infinite.
func (Quantile) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, finite)
}

func (q Quantile) Validate() error {
	if !(q.Tau > 0 && q.Tau < 1) {
		return fmt.Errorf("loss: Quantile's Tau is %g, want a number between 0 and 1 (0.5 is the median)", q.Tau)
	}
	return nil
}
