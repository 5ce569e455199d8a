package solve

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// NewtonOptions are the settings of Logistic.
type NewtonOptions struct {
	Lambda  float64   // of the penalty ½λ‖w‖², intercept excepted
	Weights []float64 // sample weights ≥ 0; nil means all 1
	// Tolerance ends the iteration when no component of the gradient is
	// larger; 0 means 10⁻¹⁰. It also ends when rounding keeps the gradient from
	// getting smaller.
	Tolerance     float64
	MaxIterations int // 0 means 50
}

// Report says how an iterative solver went.
type Report struct {
	Iterations int
	Objective  []float64 // loss plus penalty, at the start and after each iteration
	GradNorm   float64   // largest component of the gradient at the end
}

// Logistic sets the parameters of m, a linear model with one output, to the
// minimum of the mean binary cross-entropy plus ½λ‖w‖², by Newton's method:
//
//	θ ← θ − H⁻¹g,   g = X̃ᵀV(p − y) + λw,   H = X̃ᵀV diag(p(1−p))X̃ + λI
//
// where X̃ has the column of ones of the intercept and V the sample weights,
// divided by their sum. That is iteratively reweighted least squares (IRLS). A
// step that does not lower the objective is halved until it does. It starts at
// m's parameters. y holds 0 and 1, or probabilities between.
//
// Without a penalty there is no minimum if a plane separates the classes, even
// if some samples lie on it: the weights grow for ever. Logistic then returns
// an error that says so, as it does when MaxIterations do not suffice; the
// report is valid all the same.
//
// scikit-learn's LogisticRegression has the same minimum for C = 1/(λ·Σw).
//
// Source: Bishop, Pattern Recognition and Machine Learning, 2006, §4.3.3;
// Albert and Anderson, On the Existence of Maximum Likelihood Estimates in
// Logistic Regression Models, Biometrika 71, 1984.
func Logistic(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions) (*Report, error) {
	if _, outputs := m.Dims(); outputs != 1 {
		return nil, fmt.Errorf("solve: logistic regression has one output, this model has %d", outputs)
	}
	if err := checkData(m, x, y, opt.Weights); err != nil {
		return nil, err
	}
	rows, _ := x.Dims()
	for i := range rows {
		if v := y.At(i, 0); !(v >= 0 && v <= 1) {
			return nil, fmt.Errorf("solve: the target in row %d is %g, want 0 or 1 (or a probability between): recode the labels", i, v)
		}
	}
	if err := opt.check(); err != nil {
		return nil, err
	}
	for j, v := range m.Params() {
		if v-v != 0 {
			return nil, fmt.Errorf("solve: parameter %d is %g at the start: set it to 0", j, v)
		}
	}
	return newNewton(m, x, y, opt).run(opt)
}

// check fills in what is not set and returns an error for what is set badly.
func (o *NewtonOptions) check() error {
	if o.Tolerance == 0 {
		o.Tolerance = 1e-10
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 50
	}
	switch {
	case !(o.Tolerance > 0):
		return fmt.Errorf("solve: Tolerance is %g, want a number > 0", o.Tolerance)
	case o.MaxIterations < 0:
		return fmt.Errorf("solve: MaxIterations is %d, want at least 1", o.MaxIterations)
	}
	return checkLambda(o.Lambda)
}

// newton holds the data with the column of ones, and the vectors of a step.
// Rows of a and of scaled are the samples, times √v in scaled.
type newton struct {
	a       *mat.Dense // X̃
	y       []float64
	shares  []float64 // sample weights of sum 1
	lambda  []float64 // for each parameter
	theta   *mat.VecDense
	trial   *mat.VecDense
	step    *mat.VecDense
	grad    *mat.VecDense
	scores  *mat.VecDense
	moves   *mat.VecDense // how far the step moves the scores
	hessian *mat.SymDense
	scale   []float64 // 1/√Hⱼⱼ
	scaled  *mat.Dense
}

func newNewton(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions) *newton {
	a, _ := design(m, x, y, nil, 0)
	rows, params := a.Dims()
	n := &newton{
		a: a, y: mat.Col(nil, 0, y),
		shares:  shares(opt.Weights, rows),
		lambda:  make([]float64, params),
		theta:   mat.NewVecDense(params, m.Params()),
		trial:   mat.NewVecDense(params, nil),
		step:    mat.NewVecDense(params, nil),
		grad:    mat.NewVecDense(params, nil),
		scores:  mat.NewVecDense(rows, nil),
		moves:   mat.NewVecDense(rows, nil),
		hessian: mat.NewSymDense(params, nil),
		scale:   make([]float64, params),
		scaled:  mat.NewDense(rows, params, nil),
	}
	for _, p := range m.Layout() {
		if p.Decay {
			for j := range p.In(n.lambda) {
				p.In(n.lambda)[j] = opt.Lambda
			}
		}
	}
	return n
}

func (n *newton) run(opt NewtonOptions) (*Report, error) {
	objective := n.objective(n.theta)
	report := &Report{Objective: []float64{objective}}
	for {
		before := report.GradNorm
		n.derivatives()
		report.GradNorm = mat.Norm(n.grad, math.Inf(1))
		if err := n.direction(); err != nil {
			return report, err
		}
		// The step promises to lower the objective by half of this.
		promise := mat.Dot(n.grad, n.step)
		rounded := promise <= epsilon*objective && report.Iterations > 0 && report.GradNorm > before/2
		if report.GradNorm <= opt.Tolerance || rounded {
			return report, n.separated(opt)
		}
		if report.Iterations == opt.MaxIterations {
			if err := n.separated(opt); err != nil {
				return report, err
			}
			return report, fmt.Errorf("solve: not converged in %d iterations: the gradient is still %.3g", report.Iterations, report.GradNorm)
		}
		next, ok := n.descend(objective)
		if !ok { // as low as rounding lets it go
			return report, n.separated(opt)
		}
		objective = next
		report.Iterations++
		report.Objective = append(report.Objective, objective)
	}
}

// direction solves H·step = g, with H scaled to a diagonal of ones, so that the
// units of the features cost no digits.
func (n *newton) direction() error {
	params := n.step.Len()
	for j := range params {
		n.scale[j] = 1 / math.Sqrt(n.hessian.At(j, j))
	}
	for i := range params {
		for j := i; j < params; j++ {
			n.hessian.SetSym(i, j, n.hessian.At(i, j)*n.scale[i]*n.scale[j])
		}
		n.trial.SetVec(i, n.grad.AtVec(i)*n.scale[i])
	}
	var chol mat.Cholesky
	if !chol.Factorize(n.hessian) || chol.SolveVecTo(n.step, n.trial) != nil {
		if mat.Norm(n.scores, math.Inf(1)) > saturated {
			return errSeparated
		}
		return errors.New("solve: the columns of x are linearly dependent: remove one or set Lambda")
	}
	for j, s := range n.scale {
		n.step.SetVec(j, n.step.AtVec(j)*s)
	}
	return nil
}

// descend goes along the step, halving it until the objective does not rise by
// more than its rounding.
func (n *newton) descend(objective float64) (next float64, ok bool) {
	for scale := 1.0; scale > 1e-10; scale /= 2 {
		n.trial.AddScaledVec(n.theta, -scale, n.step)
		if next = n.objective(n.trial); next <= objective*(1+8*epsilon) {
			n.theta.CopyVec(n.trial)
			return next, true
		}
	}
	return objective, false
}

func (n *newton) objective(theta *mat.VecDense) float64 {
	n.scores.MulVec(n.a, theta)
	sum := 0.0
	for i, v := range n.shares {
		f := n.scores.AtVec(i)
		sum += v * (max(f, 0) - f*n.y[i] + math.Log1p(math.Exp(-math.Abs(f))))
	}
	for j, l := range n.lambda {
		v := theta.AtVec(j)
		sum += l / 2 * v * v
	}
	return sum
}

// derivatives computes g and H at θ, and leaves the scores there.
func (n *newton) derivatives() {
	n.scores.MulVec(n.a, n.theta)
	n.grad.Zero()
	for i, v := range n.shares {
		p := model.Sigmoid(n.scores.AtVec(i))
		root := math.Sqrt(v * p * (1 - p))
		row, scaled := n.a.RawRowView(i), n.scaled.RawRowView(i)
		blas64.Axpy(v*(p-n.y[i]), vector(row), n.grad.RawVector())
		for j, x := range row {
			scaled[j] = root * x
		}
	}
	blas64.Syrk(blas.Trans, 1, n.scaled.RawMatrix(), 0, n.hessian.RawSymmetric())
	for j, l := range n.lambda {
		n.grad.SetVec(j, n.grad.AtVec(j)+l*n.theta.AtVec(j))
		n.hessian.SetSym(j, j, n.hessian.At(j, j)+l)
	}
}

func vector(v []float64) blas64.Vector { return blas64.Vector{N: len(v), Inc: 1, Data: v} }

// saturated is a score at which p rounds to the label: σ(−36) = ε.
const saturated = 30

var errSeparated = errors.New("solve: a plane separates the classes, so that larger weights are always better and there is no minimum: set Lambda")

// separated tells a gradient that vanishes at a minimum from one that vanishes
// on the way to infinity. At a minimum, Newton's next step is as small as the
// gradient; on the way to infinity the gradient falls by a factor e in each
// step, and each step moves the scores by about 1.
func (n *newton) separated(opt NewtonOptions) error {
	if opt.Lambda > 0 {
		return nil
	}
	n.moves.MulVec(n.a, n.step)
	for i, v := range n.shares {
		if v > 0 && math.Abs(n.moves.AtVec(i)) > 0.1 && math.Abs(n.scores.AtVec(i)) > saturated/3 {
			return errSeparated
		}
	}
	return nil
}
