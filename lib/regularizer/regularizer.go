// Package regularizer holds penalties on the weights of a model.
//
// A penalty R(θ) is added to the loss and pulls the weights towards 0, so that
// the model fits the pattern and not the noise. It comes in two forms. Its
// gradient is added to the gradient of the loss; this works with every
// optimizer. Its proximal step,
//
//	prox_{sR}(θ) = argmin_u ½‖u − θ‖² + s·R(u)
//
// is applied after the optimizer's step, with s the learning rate. For the L1
// penalty only the proximal step gives weights that are exactly 0: with a
// gradient of ±λ a weight jumps back and forth across 0 and never stops
// there.
//
// Training applies a penalty to one block of parameters at a time, but not to
// intercepts and biases. A block is an n×k weight matrix, row by row, with a
// row for each input and a column for each output.
//
// # Which penalty
//
//	L2          ½λ‖θ‖²                      small weights, shared among correlated features
//	L1          λ‖θ‖₁                       many weights exactly 0
//	ElasticNet  λ(ρ‖θ‖₁ + ½(1−ρ)‖θ‖²)       both
//	GroupLasso  λ Σ_g ‖θ_g‖                 whole groups 0, such as a feature for all outputs
//	MaxNorm     ‖column‖ ≤ c                no limit inside, a wall outside
//	Sum         of the gradients            several penalties, as gradients
//	Chain       of the proximal steps       several penalties, as proximal steps
//
// # Conventions
//
// L2 has the factor ½, so that its gradient is λθ: λ is what PyTorch calls the
// weight_decay of SGD. The loss to which R is added is a mean over samples, so λ
// does not depend on their number. The estimators of scikit-learn scale their
// objectives in different ways; with m samples, one output and loss.MSE (without
// ½) or the binary cross-entropy, the same minimum is found by
//
//	Ridge(alpha)                    alpha = mλ/2
//	Lasso(alpha)                    alpha = λ/2
//	ElasticNet(alpha, l1_ratio)     alpha = λ/2, l1_ratio = ρ
//	MultiTaskLasso(alpha)           alpha = kλ/2 for k outputs, with groups of k
//	LogisticRegression(C)           C = 1/(mλ), for l2 and l1
//	LinearSVC(C)                    C = 1/(mλ)
//	SGDClassifier(alpha)            alpha = λ
//	SGDRegressor(alpha)             alpha = λ/2
//
// An example evaluates the table for given numbers, and the tests compare
// each of these models with scikit-learn's coefficients.
//
// Source: Parikh and Boyd, Proximal Algorithms, Foundations and Trends in
// Optimization 1(3), 2014.
package regularizer

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/number"
)

// A Regularizer is a penalty R(θ) on a block of parameters.
type Regularizer interface {
	// Penalty returns R(θ).
	Penalty(theta []float64) float64
	// AddGradient adds ∂R/∂θ, or a subgradient, to grad.
	AddGradient(grad, theta []float64)
}

// A Proximal is a Regularizer with a proximal step.
type Proximal interface {
	Regularizer
	// Prox replaces θ by prox_{step·R}(θ).
	Prox(theta []float64, step float64)
}

// A BlockChecker is a Regularizer that only fits blocks of certain sizes.
// Training calls CheckBlock for each block of weights before it starts.
type BlockChecker interface {
	// CheckBlock returns an error if a block of size weights does not fit.
	CheckBlock(size int) error
}

// L2 is the ridge penalty R(θ) = ½λ‖θ‖², with gradient λθ. It shrinks each
// weight by the same factor.
type L2 struct{ Lambda float64 }

func (r L2) Penalty(theta []float64) float64 {
	sum := 0.0
	for _, v := range theta {
		sum += v * v
	}
	return r.Lambda / 2 * sum
}

// AddGradient adds λθ.
func (r L2) AddGradient(grad, theta []float64) {
	checkLengths(grad, theta)
	for i, v := range theta {
		grad[i] += r.Lambda * v
	}
}

// Prox divides θ by 1 + step·λ.
func (r L2) Prox(theta []float64, step float64) {
	shrink := 1 / (1 + step*r.Lambda)
	for i := range theta {
		theta[i] *= shrink
	}
}

func (r L2) Validate() error { return checkLambda("L2", r.Lambda) }

// L1 is the lasso penalty R(θ) = λ‖θ‖₁. Its subgradient is λ·sign(θ), with 0
// at 0. Its proximal step makes small weights exactly 0.
//
// Source: Tibshirani, Regression Shrinkage and Selection via the Lasso, 1996.
type L1 struct{ Lambda float64 }

func (r L1) Penalty(theta []float64) float64 {
	sum := 0.0
	for _, v := range theta {
		sum += math.Abs(v)
	}
	return r.Lambda * sum
}

// AddGradient adds λ·sign(θ), and nothing where θ is 0.
func (r L1) AddGradient(grad, theta []float64) {
	checkLengths(grad, theta)
	for i, v := range theta {
		grad[i] += r.Lambda * number.Sign(v)
	}
}

// Prox moves each weight towards 0 by step·λ, at most to 0: θ ←
// sign(θ)·max(|θ| − step·λ, 0), called soft thresholding.
func (r L1) Prox(theta []float64, step float64) {
	for i, v := range theta {
		theta[i] = softThreshold(v, step*r.Lambda)
	}
}

func (r L1) Validate() error { return checkLambda("L1", r.Lambda) }

// ElasticNet mixes L1 and L2, R(θ) = λ(ρ‖θ‖₁ + ½(1−ρ)‖θ‖²). It is
// scikit-learn's penalty, where λ and ρ are called alpha and l1_ratio.
//
// Source: Zou and Hastie, Regularization and Variable Selection via the
// Elastic Net, 2005.
type ElasticNet struct {
	Lambda  float64
	L1Ratio float64 // ρ: 0 is L2, 1 is L1
}

func (r ElasticNet) parts() (L1, L2) {
	return L1{r.Lambda * r.L1Ratio}, L2{r.Lambda * (1 - r.L1Ratio)}
}

func (r ElasticNet) Penalty(theta []float64) float64 {
	l1, l2 := r.parts()
	return l1.Penalty(theta) + l2.Penalty(theta)
}

// AddGradient adds λ(ρ·sign(θ) + (1−ρ)θ).
func (r ElasticNet) AddGradient(grad, theta []float64) {
	l1, l2 := r.parts()
	l1.AddGradient(grad, theta)
	l2.AddGradient(grad, theta)
}

// Prox soft-thresholds by step·λρ, then divides by 1 + step·λ(1−ρ).
func (r ElasticNet) Prox(theta []float64, step float64) {
	l1, l2 := r.parts()
	l1.Prox(theta, step)
	l2.Prox(theta, step)
}

func (r ElasticNet) Validate() error {
	if !(r.L1Ratio >= 0 && r.L1Ratio <= 1) {
		return fmt.Errorf("regularizer: ElasticNet's L1Ratio is %g, want between 0 and 1", r.L1Ratio)
	}
	return checkLambda("ElasticNet", r.Lambda)
}

func checkLambda(name string, lambda float64) error {
	if !(lambda >= 0) || math.IsInf(lambda, 1) {
		return fmt.Errorf("regularizer: %s's Lambda is %g, want a finite number ≥ 0", name, lambda)
	}
	return nil
}

func checkLengths(grad, theta []float64) {
	if len(grad) != len(theta) {
		panic(fmt.Sprintf("regularizer: gradient has length %d, parameters %d", len(grad), len(theta)))
	}
}

func softThreshold(v, t float64) float64 {
	switch {
	case v > t:
		return v - t
	case v < -t:
		return v + t
	case math.IsNaN(v):
		return v
	}
	return 0
}
