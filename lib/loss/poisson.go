package loss

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/blas"
)

// Poisson is the negative log-likelihood of counts y when f is the logarithm
// of their mean (the log link), without the term log y!, which does not
// depend on f:
//
//	ℓ = e^f − y·f
//	∂ℓ/∂f = e^f − y
//
// in nats. Above f = 709.8 the loss overflows to +∞; training from θ = 0 at
// moderate learning rates stays far below. y must be ≥ 0 but need not be an
// integer, so the loss also fits rates and amounts.
//
// Source: McCullagh and Nelder, Generalized Linear Models, 1989, chapter 6.
type Poisson struct {
	// Full adds Stirling's approximation of log y!, which is y log y − y + ½
	// log 2πy for y > 1 and 0 otherwise, as PyTorch does. It changes the
	// value, not the gradient.
	Full bool
}

func (p Poisson) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, p)
}

func (p Poisson) Point(f, y float64) (l, d float64) {
	mean := accurate.Exp(f)
	l = mean - y*f
	if p.Full && y > 1 {
		l += y*math.Log(y) - y + math.Log(2*math.Pi*y)/2
	}
	return l, mean - y
}

func (p Poisson) points(l, d, f, y []float64) bool { return !p.Full && blas.PoissonLoss(l, d, f, y) }

// CheckTarget reports the first target that is not a finite number ≥ 0.
func (Poisson) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, func(y float64) error {
		if y < 0 {
			return fmt.Errorf("is %g, want a count ≥ 0: the Poisson loss is for numbers of events", y)
		}
		return finite(y)
	})
}
