// Package loss measures how far predictions are from targets, and in which
// direction to move them.
//
// Each loss is a mean over the batch of a sample's loss ℓ(f, y), where f is a
// row of the model's output and y the row of the target:
//
//	L = Σᵢ wᵢ ℓ(fᵢ, yᵢ) / Σᵢ wᵢ
//
// with sample weights w, all 1 if not given. A sample of weight 0 is ignored,
// even if its prediction or its target is NaN, and a weight of 2 is the same
// as the sample twice. Where f has k independent columns, ℓ is the mean over
// the columns, as with PyTorch's reduction "mean".
//
// # Which loss
//
// The loss determines the best prediction when the target is uncertain:
//
//	target                 loss                          the best prediction is
//	a number               MSE                           the mean
//	a number, outliers     MAE, Huber, LogCosh           the median, or between
//	a number, a quantile   Quantile                      the quantile τ
//	a count                Poisson                       the log of the mean
//	yes or no              BinaryCrossEntropy            the log-odds
//	yes or no, one rare    Focal                         in the order of the log-odds
//	yes or no              Hinge, SquaredHinge           the side of the boundary
//	one of k classes       CrossEntropy                  log-probabilities
//	one of k classes       MulticlassHinge               the largest score
//	a distribution         KLDivergence, CrossEntropy    log-probabilities
//
// # Scores, not probabilities
//
// Losses for classification take scores (logits). log σ(f) computed from f is
// exact for f = ±10⁴, while log p computed from a probability that was rounded
// to 0 is −∞. The value and the gradient of each loss here are finite for
// scores up to ±10⁴ and beyond. The only exception is [Poisson], whose true
// value e^f leaves the range of a float64 at f = 709.8.
//
// # Targets
//
// Binary losses take y ∈ {0, 1}. Losses over k classes take either the number
// of the class, counted from 0, in one column, or (CrossEntropy, KLDivergence)
// k columns of probabilities. Every loss is a [TargetChecker]. Training checks
// the targets before the first step, so that a label that was not recoded
// causes an error that names its row, not a strange result. With
// AllowUnlabelled, a target of −1 is ignored.
//
// # Smoothness
//
// Gradient descent is stable up to a learning rate that depends on the second
// derivative of the loss. Losses with a second derivative are [Smooth]. That of
// Poisson is unbounded. MAE, Quantile, Hinge and MulticlassHinge are not Smooth:
// they have kinks, where their gradient is 0 if that is a subgradient. Nor is
// Focal, which is not convex.
package loss

import (
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
)

// A Loss is the weighted mean, over a batch, of the loss of each sample.
type Loss interface {
	// Loss returns L. It writes the gradient ∂L/∂pred into dPred unless dPred
	// is nil; an empty dPred is resized to pred's shape. weight is nil or
	// holds a weight ≥ 0 for each row. If the weights sum to 0, the loss and
	// its gradient are 0. dPred must not share memory with pred or target.
	// Loss panics if the shapes do not fit, and allocates nothing.
	Loss(dPred, pred, target *mat.Dense, weight []float64) float64
}

// A TargetChecker is a Loss that can check its targets. Training calls
// CheckTarget once, before it starts.
type TargetChecker interface {
	// CheckTarget returns an error that names the first row of target that
	// the loss cannot use with predictions of the given number of outputs.
	CheckTarget(target *mat.Dense, outputs int) error
}

// A Separable loss of a batch can be computed from the losses of its parts,
// so that training can work in blocks that stay in the cache, and on several
// cores. For parts with totals Wₐ and W_b,
//
//	L = (WₐLₐ + W_bL_b) / (Wₐ + W_b)
//
// and likewise for the gradient. All losses of this package are separable; see
// [AsSeparable].
type Separable interface {
	Loss
	// Total returns W, by which the sum over samples is divided: Σ wᵢ, unless
	// classes have weights too.
	Total(target *mat.Dense, weight []float64) float64
}

// A Pointwise loss is a function of one prediction and one target; L is its
// mean over rows and columns. If it ignores elements without a label, it must
// also be Separable, with a Total that does not count them.
type Pointwise interface {
	Loss
	// Point returns ℓ(f, y) and ∂ℓ/∂f.
	Point(f, y float64) (l, d float64)
}

// Points sets l and d to ℓ(f, y) and ∂ℓ/∂f for each element of f and y. It is
// p.Point for many elements at a time, and faster for some losses. d may be
// f.
func Points(p Pointwise, l, d, f, y []float64) {
	if b, ok := p.(BinaryCrossEntropy); ok && !b.AllowUnlabelled && blas.LogisticLoss(l, d, f, y, b.weight(0)) {
		return
	}
	if p, ok := p.(Poisson); ok && !p.Full {
		p.points(l, d, f, y)
		return
	}
	for j, v := range f {
		l[j], d[j] = p.Point(v, y[j])
	}
}

// A Smooth loss has a second derivative, for Newton's method (see
// objective.Hessian) and for the largest learning rate at which gradient descent
// is stable.
//
// Where f = xW is linear in the parameters, the Hessian of L is at most
// L̄ = c·λmax(XᵀX/m), with c the curvature, and gradient descent converges for
// any rate below 2/L̄.
//
// Source: Nesterov, Lectures on Convex Optimization, 2018, section 2.1.
type Smooth interface {
	Loss
	// Curvature returns an upper bound of ∂²ℓ/∂f²: the largest eigenvalue of
	// that matrix over all f and y, if f has several columns. It does not
	// depend on the number of columns k. For a loss that is a mean over
	// columns, the bound is larger than necessary by the factor k. It is +Inf
	// if there is no bound, as for Poisson, or none is known.
	Curvature() float64
	// HessianProduct sets dst to ∂²L/∂pred² times v: how the gradient that Loss
	// writes changes when the predictions move along v. v has the shape of pred;
	// an empty dst is resized to it. dst must not share memory with the others.
	HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense)
}
