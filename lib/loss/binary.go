package loss

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/blas"
)

// BinaryCrossEntropy is the negative log-likelihood of labels y ∈ {0, 1} when
// f is the logit of the probability p = σ(f) of class 1:
//
//	ℓ = −v·y log p − (1−y) log(1−p)
//	∂ℓ/∂f = (1−y)p − v·y(1−p)
//
// in nats, with v the weight of the positive class, 1 if not given. The
// logarithms are computed as −log σ(f) = max(−f, 0) + log(1 + e^{−|f|}), which
// never overflows and never takes log 0. A target between 0 and 1 is a
// probability. Several columns are independent labels (multi-label
// classification).
//
// With AllowUnlabelled, a target of −1 means that the label is not known. It is
// ignored, in the sum and in the number of labels that divides it. If no label is
// known, the loss is 0.
type BinaryCrossEntropy struct {
	// PositiveWeight is v: one number for all columns, or one for each. nil
	// weights both classes equally; (number of 0s)/(number of 1s) balances
	// them: see [BalancedPositiveWeight]. It is torch's pos_weight: the loss is
	// divided by the sum of the sample weights, not by the sum of the v.
	PositiveWeight []float64
	// AllowUnlabelled makes the loss ignore elements with the target −1.
	AllowUnlabelled bool
}

func (b BinaryCrossEntropy) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	check(dPred, pred, target, weight)
	_, cols := pred.Dims()
	if n := len(b.PositiveWeight); n > 1 && n != cols {
		panic(fmt.Sprintf("loss: %d positive weights for predictions of %d columns", n, cols))
	}
	total := b.Total(target, weight) * float64(cols)
	d, p, t := raw(dPred), pred.RawMatrix(), target.RawMatrix()
	if weight == nil && len(b.PositiveWeight) < 2 {
		d, p, t = asRow(d, p, t)
	}
	if sum, ok := oneRow(b, d, p, t, weight, total); ok {
		return sum / total
	}
	return rowwise(d, p, t, weight, total, b.row)
}

// Ignores reports that the row of a target, with −1 in each column, says nothing.
func (b BinaryCrossEntropy) Ignores(target []float64) bool {
	if !b.AllowUnlabelled {
		return false
	}
	for _, y := range target {
		if y != unlabelled {
			return false
		}
	}
	return true
}

// Total returns Σ wᵢ, in which a row of k columns with n labels counts n/k.
func (b BinaryCrossEntropy) Total(target *mat.Dense, weight []float64) float64 {
	rows, cols := target.Dims()
	if !b.AllowUnlabelled {
		return totalWeight(weight, rows)
	}
	var total accurate.Sum
	for i := range rows {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		for _, y := range target.RawRowView(i) {
			if y != unlabelled {
				total.Add(w)
			}
		}
	}
	return total.Value() / float64(cols)
}

// row returns Σ ℓ over the outputs of a sample, or over samples of one output, and
// writes ∂ℓ/∂f into d unless d is nil.
func (b BinaryCrossEntropy) row(_ int, d, pred, target []float64) float64 {
	if sum, ok := vectors(b, d, pred, target, 1); ok {
		return sum
	}
	var sum accurate.Sum
	for j, f := range pred {
		l, g := b.point(f, target[j], b.weight(j))
		sum.Add(l)
		if d != nil {
			d[j] = g
		}
	}
	return sum.Value()
}

func (b BinaryCrossEntropy) Point(f, y float64) (l, d float64) {
	return b.point(f, y, b.weight(0))
}

// point returns ℓ and ∂ℓ/∂f where v is the weight of the positive class: 0 without a
// label, even if f is NaN.
func (b BinaryCrossEntropy) point(f, y, v float64) (l, d float64) {
	if b.AllowUnlabelled && y == unlabelled {
		return 0, 0
	}
	return crossEntropy(f, y, v)
}

// crossEntropy returns ℓ and ∂ℓ/∂f where v is the weight of the positive class.
func crossEntropy(f, y, v float64) (l, d float64) {
	s := newLogistic(f)
	return v*y*s.negLogP + (1-y)*s.negLogQ, (1-y)*s.p - v*y*s.q
}

// weight returns v for output j.
func (b BinaryCrossEntropy) weight(j int) float64 {
	if len(b.PositiveWeight) == 0 {
		return 1
	}
	return b.PositiveWeight[min(j, len(b.PositiveWeight)-1)]
}

// logistic holds p = σ(f), q = 1 − p, −log p and −log q, none of them found by
// subtraction from 1.
type logistic struct{ p, q, negLogP, negLogQ float64 }

func newLogistic(f float64) logistic {
	e := math.Exp(-math.Abs(f))
	large, tail := 1/(1+e), math.Log1p(e)
	small := e * large
	if f < 0 {
		return logistic{p: small, q: large, negLogP: tail - f, negLogQ: tail}
	}
	return logistic{p: large, q: small, negLogP: tail, negLogQ: tail + f}
}

func (b BinaryCrossEntropy) points(l, d, f, y []float64) bool {
	return len(b.PositiveWeight) < 2 && !b.AllowUnlabelled && blas.LogisticLoss(l, d, f, y, b.weight(0))
}

// CheckTarget reports the first target that is not 0, 1 or a probability, or −1 with
// AllowUnlabelled.
func (b BinaryCrossEntropy) CheckTarget(target *mat.Dense, outputs int) error {
	if n := len(b.PositiveWeight); n > 1 && n != outputs {
		return fmt.Errorf("loss: PositiveWeight has %d elements and the model %d outputs: give one weight, or one for each output", n, outputs)
	}
	known := false
	err := checkEach(target, outputs, func(y float64) error {
		if b.AllowUnlabelled && y == unlabelled {
			return nil
		}
		known = true
		if !(y >= 0 && y <= 1) {
			return fmt.Errorf("is %g, want 0 or 1 (or a probability between): recode the labels", y)
		}
		return nil
	})
	if rows, _ := target.Dims(); err == nil && rows > 0 && !known {
		return errNoLabels
	}
	return err
}

// Curvature returns ¼·max(1, v), reached at f = 0.
func (b BinaryCrossEntropy) Curvature() float64 {
	top := 1.0
	for _, v := range b.PositiveWeight {
		top = max(top, v)
	}
	return top / 4
}

func (b BinaryCrossEntropy) Validate() error {
	return checkWeights("PositiveWeight", b.PositiveWeight)
}

// Focal is binary cross-entropy that gives less weight to samples that are
// already well classified. It is for data in which almost every sample is
// background. With p_t the predicted probability of the true class,
//
//	ℓ = −α_t (1 − p_t)^γ log p_t
//	∂ℓ/∂f = ∓α_t (1 − p_t)^γ (1 − p_t − γ p_t log p_t)     − for y = 1, + for y = 0
//
// where α_t is α for y = 1 and 1 − α for y = 0. f is the logit and y ∈ {0, 1}.
// γ = 0 and α = ½ give half of [BinaryCrossEntropy]. The loss is not convex.
//
// Source: Lin, Goyal, Girshick, He and Dollár, Focal Loss for Dense Object
// Detection, 2017, equation 5.
type Focal struct {
	Gamma float64 // γ ≥ 0: how strongly well-classified samples are discounted
	Alpha float64 // α, the weight of class 1, 0 < α < 1
}

// NewFocal returns the focal loss with γ = 2 and α = ¼, the best settings in
// the paper.
func NewFocal() Focal { return Focal{Gamma: 2, Alpha: 0.25} }

func (l Focal) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	return elementwise(dPred, pred, target, weight, l)
}

func (l Focal) Point(f, y float64) (value, d float64) {
	alpha, side := 1-l.Alpha, -1.0
	if y == 1 {
		alpha, side = l.Alpha, 1
	}
	t := newLogistic(side * f)
	alpha *= math.Exp(-l.Gamma * t.negLogQ) // (1 − p_t)^γ without underflow of 1 − p_t
	return alpha * t.negLogP, -side * alpha * (t.q + l.Gamma*t.p*t.negLogP)
}

func (l Focal) points(value, d, f, y []float64) bool {
	return blas.FocalLoss(value, d, f, y, l.Gamma, l.Alpha)
}

// CheckTarget reports the first target that is not 0 or 1.
func (Focal) CheckTarget(target *mat.Dense, outputs int) error {
	return checkEach(target, outputs, zeroOrOne)
}

// Validate returns an error unless γ is finite and ≥ 0 and 0 < α < 1: at α = 0 or 1
// one class would be ignored.
func (l Focal) Validate() error {
	if !(l.Gamma >= 0) || math.IsInf(l.Gamma, 1) {
		return fmt.Errorf("loss: Focal's Gamma is %g, want a finite number ≥ 0", l.Gamma)
	}
	if !(l.Alpha > 0 && l.Alpha < 1) {
		return fmt.Errorf("loss: Focal's Alpha is %g, want between 0 and 1, where both classes count (0.5 weighs them alike, loss.NewFocal has 0.25)", l.Alpha)
	}
	return nil
}
