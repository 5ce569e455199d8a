package solve

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
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
// m's parameters; if they are all 0 and the data are large, it first takes a few
// steps on every k-th row alone, k at most 16, which saves most of the steps on
// all. A step is one pass over x, on all cores, in which nothing the size of x is
// stored. y holds 0 and 1, or probabilities between.
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
	if every := sampling(rows, len(m.Params())); every > 1 && allZero(m.Params()) {
		rough := opt
		rough.Tolerance, rough.MaxIterations = roughTolerance, 10
		if _, err := newNewton(m, x, y, rough, every).run(rough); err != nil || !isFinite(floats.Sum(m.Params())) {
			clear(m.Params())
		}
	}
	return newNewton(m, x, y, opt, 1).run(opt)
}

// roughTolerance is for a start: where a sample's optimum differs from that of
// all rows by more than this.
const roughTolerance = 1e-4

// sampling returns which share of the rows to begin with: one of so many. They
// are fifty times the parameters at least, and large problems alone are worth it.
func sampling(rows, params int) int {
	if rows*params*params < 1<<27 {
		return 1
	}
	return min(rows/(50*params), 16)
}

func allZero(v []float64) bool {
	return !slices.ContainsFunc(v, func(x float64) bool { return x != 0 })
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

// newton holds the data, the vectors of a step, and g and H where they were
// computed last.
type newton struct {
	x       mat.Matrix
	every   int // one of so many rows of x is a sample
	first   int // the first column of X̃ that is one of x's: 1 with an intercept
	y       []float64
	shares  []float64 // sample weights of sum 1
	lambda  []float64 // for each parameter
	blocks  *crossProduct
	parts   []newtonPart // of the chunks
	theta   *mat.VecDense
	trial   *mat.VecDense
	step    *mat.VecDense
	grad    *mat.VecDense
	hessian *mat.SymDense
	scale   []float64 // 1/√Hⱼⱼ
	largest float64   // score in size
}

// A newtonPart is what a chunk of the rows adds, and room for a block.
type newtonPart struct {
	loss, largest float64
	grad          []float64
	scores, p, t  []float64
}

// newNewton works on one row of x of so many.
func newNewton(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions, every int) *newton {
	rows, _ := x.Dims()
	rows = (rows + every - 1) / every
	targets, weights := make([]float64, rows), make([]float64, rows)
	for i := range rows {
		targets[i], weights[i] = y.At(i*every, 0), weight(opt.Weights, i*every)
	}
	params := len(m.Params())
	n := &newton{
		x: x, every: every, y: targets,
		shares: shares(weights, rows),
		lambda: make([]float64, params),
		blocks: newCrossProduct(rows, params),
		theta:  mat.NewVecDense(params, m.Params()),
		trial:  mat.NewVecDense(params, nil),
		step:   mat.NewVecDense(params, nil),
		grad:   mat.NewVecDense(params, nil),
		scale:  make([]float64, params),
	}
	if m.HasIntercept() {
		n.first = 1
	}
	n.parts = make([]newtonPart, len(n.blocks.chunks))
	for k := range n.parts {
		room := make([]float64, params+3*blockRows)
		n.parts[k] = newtonPart{
			grad: room[:params], scores: room[params:][:blockRows],
			p: room[params+blockRows:][:blockRows], t: room[params+2*blockRows:],
		}
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
	objective := n.evaluate(n.theta, true)
	report := &Report{Objective: []float64{objective}}
	for {
		before := report.GradNorm
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
		// The gradient falls with the square of the step, so that this step may
		// be foreseen to be the last, which needs no other Hessian.
		ratio := report.GradNorm / before
		last := report.Iterations > 0 && ratio < 0.1 && report.GradNorm*ratio*ratio <= opt.Tolerance
		next, ok := n.descend(objective, !last)
		if !ok { // as low as rounding lets it go
			return report, n.separated(opt)
		}
		objective = next
		report.Iterations++
		report.Objective = append(report.Objective, objective)
		if last {
			if norm := mat.Norm(n.grad, math.Inf(1)); norm <= opt.Tolerance {
				report.GradNorm = norm
				return report, nil
			}
			n.evaluate(n.theta, true)
		}
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
		if n.largest > saturated {
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
// more than its rounding. It leaves the derivatives where it ends, with the
// Hessian if that is asked for.
func (n *newton) descend(objective float64, hessian bool) (next float64, ok bool) {
	for scale := 1.0; scale > 1e-10; scale /= 2 {
		n.trial.AddScaledVec(n.theta, -scale, n.step)
		if next = n.evaluate(n.trial, hessian); next <= objective*(1+8*epsilon) {
			n.theta.CopyVec(n.trial)
			return next, true
		}
	}
	return objective, false
}

// evaluate returns the objective at θ, and leaves g there, and H if that is asked
// for, all in one pass over the data.
func (n *newton) evaluate(theta *mat.VecDense, hessian bool) float64 {
	for k := range n.parts {
		part := &n.parts[k]
		part.loss, part.largest = 0, 0
		clear(part.grad)
	}
	visit := func(k int, b blas64.General, lo int) {
		n.fill(b, lo)
		n.block(&n.parts[k], b, theta.RawVector(), lo, hessian)
	}
	if hessian {
		n.hessian = n.blocks.sum(visit)
	} else {
		n.blocks.each(visit)
	}
	n.grad.Zero()
	n.largest = 0
	objective := 0.0
	for _, part := range n.parts {
		objective += part.loss
		n.largest = max(n.largest, part.largest)
		axpy(n.grad.RawVector().Data, 1, part.grad)
	}
	for j, l := range n.lambda {
		v := theta.AtVec(j)
		objective += l / 2 * v * v
		n.grad.SetVec(j, n.grad.AtVec(j)+l*v)
		if hessian {
			n.hessian.SetSym(j, j, n.hessian.At(j, j)+l)
		}
	}
	return objective
}

// fill writes the rows of X̃ from row lo on.
func (n *newton) fill(b blas64.General, lo int) {
	for i := range b.Rows {
		row := b.Data[i*b.Stride:][:b.Cols]
		copyRow(row[n.first:], n.x, (lo+i)*n.every)
		if n.first == 1 {
			row[0] = 1
		}
	}
}

// block adds the loss and the gradient of a block, and multiplies its rows by
// √(v·p(1−p)) if that is asked for.
func (n *newton) block(part *newtonPart, b blas64.General, theta blas64.Vector, lo int, hessian bool) {
	scores, p, t := part.scores[:b.Rows], part.p[:b.Rows], part.t[:b.Rows]
	blas.Gemv(blas.NoTrans, 1, b, theta, 0, vector(scores))
	for i, f := range scores {
		t[i] = -math.Abs(f)
	}
	blas.Softplus(t, t)
	blas.Sigmoid(p, scores)
	for i, f := range scores {
		y, v := n.y[lo+i], n.shares[lo+i]
		part.loss += v * (max(f, 0) - f*y + t[i])
		part.largest = max(part.largest, math.Abs(f))
		t[i], p[i] = v*(p[i]-y), math.Sqrt(v*p[i]*(1-p[i]))
	}
	blas.Gemv(blas.Trans, 1, b, vector(t), 1, vector(part.grad))
	if !hessian {
		return
	}
	for i, root := range p {
		scale(b.Data[i*b.Stride:][:b.Cols], root)
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
	var found atomic.Bool
	n.blocks.each(func(k int, b blas64.General, lo int) {
		scores, moves := n.parts[k].scores[:b.Rows], n.parts[k].p[:b.Rows]
		n.fill(b, lo)
		blas.Gemv(blas.NoTrans, 1, b, n.theta.RawVector(), 0, vector(scores))
		blas.Gemv(blas.NoTrans, 1, b, n.step.RawVector(), 0, vector(moves))
		for i, f := range scores {
			if n.shares[lo+i] > 0 && math.Abs(moves[i]) > 0.1 && math.Abs(f) > saturated/3 {
				found.Store(true)
			}
		}
	})
	if found.Load() {
		return errSeparated
	}
	return nil
}
