package solve

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// NewtonOptions are the settings of Logistic.
type NewtonOptions struct {
	Lambda  float64   // of the penalty ½λ‖w‖², intercept excepted
	Weights []float64 // sample weights ≥ 0; nil means all 1
	// Tolerance ends the iteration when no component of the gradient is
	// larger; 0 means 10⁻¹⁰.
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
//	θ ← θ − H⁻¹g,   g = X̃ᵀ(p − y)/m + λw,   H = X̃ᵀ diag(p(1−p)) X̃/m + λI
//
// where X̃ has the column of ones of the intercept. That is iteratively
// reweighted least squares (IRLS). A step that does not lower the objective is
// halved until it does. It starts at m's parameters.
//
// Without a penalty there is no minimum if a plane separates the classes: the
// weights grow for ever. Logistic then returns an error that says so, as it
// does when MaxIterations do not suffice; the report is valid all the same.
//
// scikit-learn's LogisticRegression has the same minimum for C = 1/(λm).
//
// Source: Bishop, Pattern Recognition and Machine Learning, §4.3.3.
func Logistic(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions) (*Report, error) {
	if _, outputs := m.Dims(); outputs != 1 {
		return nil, fmt.Errorf("solve: logistic regression has one output, this model has %d", outputs)
	}
	rows, err := checkData(m, x, y, opt.Weights)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if v := y.At(i, 0); v != 0 && v != 1 {
			return nil, fmt.Errorf("solve: the target in row %d is %g, want 0 or 1: recode the labels", i, v)
		}
	}
	if !(opt.Lambda >= 0) || math.IsInf(opt.Lambda, 1) {
		return nil, fmt.Errorf("solve: logistic regression with λ = %g, want a finite number ≥ 0", opt.Lambda)
	}
	if opt.Tolerance == 0 {
		opt.Tolerance = 1e-10
	}
	if opt.MaxIterations == 0 {
		opt.MaxIterations = 50
	}
	n := newNewton(m, x, y, opt)
	return n.run(opt)
}

// newton holds the data with the column of ones, and the vectors of a step.
type newton struct {
	a       *mat.Dense // X̃
	y       *mat.Dense
	weights []float64 // normalised to sum 1
	lambda  []float64 // for each parameter
	theta   *mat.VecDense
	trial   *mat.VecDense
	step    *mat.VecDense
	grad    *mat.VecDense
	scores  *mat.VecDense
	hessian *mat.SymDense
	scaled  *mat.Dense
}

func newNewton(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions) *newton {
	a, _ := design(m, x, y, nil, 0)
	rows, params := a.Dims()
	n := &newton{
		a: a, y: y,
		weights: make([]float64, rows),
		lambda:  make([]float64, params),
		theta:   mat.NewVecDense(params, m.Params()),
		trial:   mat.NewVecDense(params, nil),
		step:    mat.NewVecDense(params, nil),
		grad:    mat.NewVecDense(params, nil),
		scores:  mat.NewVecDense(rows, nil),
		hessian: mat.NewSymDense(params, nil),
		scaled:  mat.NewDense(rows, params, nil),
	}
	total := 0.0
	for i := range rows {
		n.weights[i] = weight(opt.Weights, i)
		total += n.weights[i]
	}
	for i := range rows {
		n.weights[i] /= total
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
		n.derivatives()
		report.GradNorm = mat.Norm(n.grad, math.Inf(1))
		if report.GradNorm <= opt.Tolerance {
			return report, n.separated(opt)
		}
		if report.Iterations == opt.MaxIterations {
			if err := n.separated(opt); err != nil {
				return report, err
			}
			return report, fmt.Errorf("solve: not converged in %d iterations: the gradient is still %.3g", report.Iterations, report.GradNorm)
		}
		var chol mat.Cholesky
		if !chol.Factorize(n.hessian) {
			if err := n.separated(opt); err != nil {
				return report, err
			}
			return report, errors.New("solve: the columns of x are linearly dependent: remove one or set Lambda")
		}
		if err := chol.SolveVecTo(n.step, n.grad); err != nil {
			if sep := n.separated(opt); sep != nil {
				return report, sep
			}
			return report, fmt.Errorf("solve: the columns of x are nearly linearly dependent: remove one or set Lambda (%v)", err)
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

// descend goes along the step, halving it until the objective falls.
func (n *newton) descend(objective float64) (next float64, ok bool) {
	for scale := 1.0; scale > 1e-10; scale /= 2 {
		n.trial.AddScaledVec(n.theta, -scale, n.step)
		if next = n.objective(n.trial); next <= objective {
			n.theta.CopyVec(n.trial)
			return next, true
		}
	}
	return objective, false
}

func (n *newton) objective(theta *mat.VecDense) float64 {
	n.scores.MulVec(n.a, theta)
	sum := 0.0
	for i, w := range n.weights {
		f := n.scores.AtVec(i)
		sum += w * (math.Max(f, 0) - f*n.y.At(i, 0) + math.Log1p(math.Exp(-math.Abs(f))))
	}
	for j, l := range n.lambda {
		v := theta.AtVec(j)
		sum += l / 2 * v * v
	}
	return sum
}

// derivatives computes g and H at θ.
func (n *newton) derivatives() {
	n.scores.MulVec(n.a, n.theta)
	raw := n.scaled.RawMatrix()
	for i, w := range n.weights {
		p := model.Sigmoid(n.scores.AtVec(i))
		n.scores.SetVec(i, w*(p-n.y.At(i, 0)))
		root := math.Sqrt(w * p * (1 - p))
		for j := range raw.Cols {
			raw.Data[i*raw.Stride+j] = root * n.a.At(i, j)
		}
	}
	n.grad.MulVec(n.a.T(), n.scores)
	n.hessian.SymOuterK(1, n.scaled.T())
	for j, l := range n.lambda {
		n.grad.SetVec(j, n.grad.AtVec(j)+l*n.theta.AtVec(j))
		n.hessian.SetSym(j, j, n.hessian.At(j, j)+l)
	}
}

// separated reports that θ classifies every sample rightly and nothing holds
// it back, so that there is no minimum.
func (n *newton) separated(opt NewtonOptions) error {
	if opt.Lambda > 0 {
		return nil
	}
	n.scores.MulVec(n.a, n.theta)
	for i, w := range n.weights {
		if right := (n.scores.AtVec(i) > 0) == (n.y.At(i, 0) == 1); w > 0 && !right {
			return nil
		}
	}
	return errors.New("solve: a plane separates the classes, so that larger weights are always better and there is no minimum: set Lambda")
}
