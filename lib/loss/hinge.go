package loss

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/blas"
)

// Hinge is the loss of the support vector machine. With s = 2y − 1, which is
// +1 for y = 1 and −1 for y = 0,
//
//	ℓ = max(0, 1 − s·f)
//	∂ℓ/∂f = −s where s·f < 1, and 0 elsewhere
//
// A score on the right side with a margin of 1 costs nothing. Labels are 0 and
// 1, as everywhere in this package; textbooks use −1 and +1. With k columns of
// labels it trains one machine for each (one against the rest).
//
// Source: Cortes and Vapnik, Support-Vector Networks, Machine Learning 20, 1995.
type Hinge struct{}

func (Hinge) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, Hinge{})
}

func (Hinge) Point(f, y float64) (l, d float64) {
	s := 2*y - 1
	if s*f >= 1 {
		return 0, 0
	}
	return 1 - s*f, -s
}

func (Hinge) points(l, d, f, y []float64) bool { return blas.HingeLoss(l, d, f, y) }

// CheckTarget reports the first target that is not 0 or 1.
func (Hinge) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, zeroOrOne)
}

// SquaredHinge is ℓ = max(0, 1 − s·f)² with s = 2y − 1 and y ∈ {0, 1}, and
// ∂ℓ/∂f = −2s·max(0, 1 − s·f). It is the default of scikit-learn's LinearSVC:
// it has no kink, and penalises large violations more than [Hinge].
type SquaredHinge struct{}

func (SquaredHinge) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, SquaredHinge{})
}

func (SquaredHinge) Point(f, y float64) (l, d float64) {
	s := 2*y - 1
	v := math.Max(0, 1-s*f)
	return v * v, -2 * s * v
}

func (SquaredHinge) points(l, d, f, y []float64) bool { return blas.SquaredHingeLoss(l, d, f, y) }

// CheckTarget reports the first target that is not 0 or 1.
func (SquaredHinge) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, zeroOrOne)
}

// Curvature returns 2.
func (SquaredHinge) Curvature() float64 { return 2 }

// MulticlassHinge requires the score of the true class y to exceed every
// other score by 1:
//
//	ℓ = max(0, 1 + max_{j≠y} f_j − f_y)
//
// Where ℓ > 0 the gradient is −1 for y and +1 for the largest of the other
// scores (the first, if several are equal). f has one column for each class,
// and the target one column with the number of the class. It is
// scikit-learn's hinge_loss for several classes.
//
// Source: Crammer and Singer, On the Algorithmic Implementation of Multiclass
// Kernel-based Vector Machines, JMLR 2, 2001.
type MulticlassHinge struct{}

func (MulticlassHinge) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	if !checkClasses(dPred, pred, target, weight) {
		panic("loss: MulticlassHinge wants one column with the numbers of the classes")
	}
	rows, _ := pred.Dims()
	return multiclassHinge(raw(dPred), pred.RawMatrix(), target.RawMatrix(), weight, totalWeight(weight, rows))
}

func multiclassHinge(dPred, pred, target blas64.General, weight []float64, total float64) float64 {
	if pred.Rows*pred.Cols >= shared {
		return sharedHinge(dPred, pred, target, weight, total)
	}
	return mean(sumHinge(dPred, pred, target, weight, total), total)
}

// sharedHinge is multiclassHinge on several cores.
func sharedHinge(dPred, pred, target blas64.General, weight []float64, total float64) float64 {
	return mean(rowsInParts(dPred, pred, target, weight, func(dPred, pred, target blas64.General, weight []float64) accurate.Sum {
		return sumHinge(dPred, pred, target, weight, total)
	}), total)
}

// sumHinge returns the sum over the rows. What blocks leave is done row by row.
func sumHinge(dPred, pred, target blas64.General, weight []float64, total float64) (sum accurate.Sum) {
	if blas.HasKernels && fewClasses(pred) && total != 0 {
		done := addHinges(&sum, dPred, pred, target, weight, total)
		if done == pred.Rows {
			return sum
		}
		dPred, pred, target, weight = rowsFrom(dPred, pred, target, weight, done)
	}
	addRows(&sum, dPred, pred, target, weight, total, hingeRow)
	return sum
}

func hingeRow(_ int, d, f, target []float64) float64 {
	y := class(target[0], len(f))
	rival, top := y, math.Inf(-1)
	for j, v := range f {
		if j != y && (rival == y || v > top || math.IsNaN(v)) { // NaN wins, to be seen
			rival, top = j, v
		}
	}
	clear(d)
	l := 1 + top - f[y]
	if l <= 0 {
		return 0
	}
	if d != nil {
		d[y], d[rival] = -1, 1
	}
	return l
}

// CheckTarget reports the first target that is not the number of a class.
func (MulticlassHinge) CheckTarget(target *mat.Dense, outputs int) error {
	return checkNumbers(target, outputs, false)
}
