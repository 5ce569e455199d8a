package solve

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/model"
)

// NewtonOptions are the settings of Logistic.
type NewtonOptions struct {
	Lambda        float64   // λ of the penalty ½λ‖w‖², without the intercept
	SampleWeights []float64 // sample weights ≥ 0; nil means all 1
	// Tolerance ends the iteration when no component of the gradient is
	// larger; 0 means 10⁻¹⁰. It also ends when rounding keeps the gradient from
	// getting smaller.
	Tolerance     float64
	MaxIterations int // 0 means 100
}

// Report describes a run of an iterative solver.
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
// divided by their sum. This is iteratively reweighted least squares (IRLS). It
// starts at m's parameters. A step that does not lower the objective is halved
// until it does. Columns that are far from 0, or very large or small, are shifted
// and scaled internally, so that they cost no digits. A step is one pass over x, on
// all cores, and stores nothing of the size of x. y holds 0 and 1, or probabilities
// between them.
//
// If a Hessian takes more than about 10⁷ products, Logistic avoids computing it
// where that is safe. It uses the Hessian of every k-th row, k ≤ 8, instead, at the
// optimum of these rows if the parameters are all 0. It keeps a Hessian as long as
// each step with it reduces the gradient by a third, and corrects it from the
// gradients (BFGS). There are then more iterations, but each is much shorter. With
// a penalty and hundreds of columns or more it begins without any Hessian (L-BFGS),
// and computes one only if that takes longer than two Hessians.
//
// Without a penalty there is no minimum if a plane separates the classes, even if
// some samples lie on it: the weights grow for ever. With an intercept, which is
// not penalised, there is also no minimum if there is only one class. In these
// cases, and if MaxIterations is not enough, Logistic returns an error that says
// so; the report is still valid.
//
// scikit-learn's LogisticRegression has the same minimum for C = 1/(λ·Σw).
//
// Source: Bishop, Pattern Recognition and Machine Learning, 2006, §4.3.3;
// Albert and Anderson, On the Existence of Maximum Likelihood Estimates in
// Logistic Regression Models, Biometrika 71, 1984; Byrd, Chin, Neveitt and
// Nocedal, On the Use of Stochastic Hessian Information in Optimization Methods
// for Machine Learning, SIAM J. Optim. 21, 2011.
func Logistic(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions) (*Report, error) {
	if _, outputs := m.Dims(); outputs != 1 {
		return nil, fmt.Errorf("solve: logistic regression has one output, this model has %d", outputs)
	}
	data, err := checkData(m, x, y, opt.SampleWeights)
	if err != nil {
		return nil, err
	}
	var range01 targetRange
	if err := range01.add(y, opt.SampleWeights); err != nil {
		return nil, fmt.Errorf("solve: %w", err)
	}
	if err := opt.check(); err != nil {
		return nil, err
	}
	if err := range01.check(m); err != nil {
		return nil, err
	}
	if err := checkRoom(data.X, len(m.Params()), len(m.Params())); err != nil {
		return nil, err
	}
	x, y, opt.SampleWeights = data.X, data.Y, data.SampleWeights
	if err := checkStart(m); err != nil {
		return nil, err
	}
	f := newFrame(x, opt.Lambda, m.HasIntercept())
	return inFrame(f, m, func() (*Report, error) { return minimizeLogistic(m, x, y, opt, f) })
}

// A targetRange is the smallest and the largest target of logistic regression.
type targetRange struct {
	lowest, highest float64
	known           bool
}

// add takes the targets into account, or returns an error for one that cannot be.
func (t *targetRange) add(y *mat.Dense, weights []float64) error {
	for i := range y.RawMatrix().Rows {
		v := y.At(i, 0)
		if weight(weights, i) == 0 {
			continue
		}
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("the target in row %d is %g, want 0 or 1 (or a probability between): recode the labels", i, v)
		}
		if !t.known {
			t.lowest, t.highest, t.known = v, v, true
		}
		t.lowest, t.highest = min(t.lowest, v), max(t.highest, v)
	}
	return nil
}

// check returns an error if the intercept has no best value.
func (t *targetRange) check(m *model.Linear) error {
	if m.HasIntercept() && (t.lowest == 1 || t.highest == 0) {
		return fmt.Errorf("solve: all targets are %g, so that an intercept further from 0 is always better and there is no minimum: use samples of both classes", t.lowest)
	}
	return nil
}

func checkStart(m *model.Linear) error {
	for j, v := range m.Params() {
		if !number.IsFinite(v) {
			return fmt.Errorf("solve: parameter %d is %g at the start: set it to 0", j, v)
		}
	}
	return nil
}

// inFrame minimizes with the parameters of m in the frame.
func inFrame(f *frame, m *model.Linear, minimize func() (*Report, error)) (*Report, error) {
	f.enter(m.Params())
	report, err := minimize()
	f.leave(m.Params())
	for j, v := range m.Params() {
		if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			err = fmt.Errorf("solve: parameter %d is beyond the range of a float64: scale the columns of x", j)
		}
	}
	return report, err
}

func minimizeLogistic(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions, f *frame) (*Report, error) {
	n := newNewton(m, x, y, opt, 1, f)
	rows, _ := x.Dims()
	if params := len(m.Params()); rows*params*params < large {
		return n.run(opt, n.evaluate(n.theta, true))
	}
	n.thrifty = true
	if every := n.sampling(); every < 2 && opt.Lambda > 0 && n.afford() >= fewSteps {
		n.steps = n.afford()
		return n.run(opt, n.flat())
	}
	return n.run(opt, n.begin(m, x, y, opt))
}

// check fills in what is not set and returns an error for what is set badly.
func (o *NewtonOptions) check() error {
	if o.Tolerance == 0 {
		o.Tolerance = 1e-10
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 100
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
	x       rows.Matrix
	frame   *frame // of the columns; nil for as they are
	every   int    // each every-th row of x is in the sample
	first   int    // the first column of X̃ that is one of x's: 1 with an intercept
	y       []float64
	shares  []float64 // sample weights of sum 1
	lambda  []float64 // for each parameter
	blocks  *crossProduct
	sweep   *crossProduct // of passes without a Hessian
	parts   []newtonPart  // of the chunks
	theta   *mat.VecDense
	trial   *mat.VecDense
	step    *mat.VecDense
	grad    *mat.VecDense
	before  *mat.VecDense // the gradient before the step
	hessian *mat.SymDense
	inverse inverse
	thrifty bool            // spare Hessians
	stale   bool            // the Hessian is that of another θ, or of a sample
	steps   int             // that may be taken before there is a Hessian
	largest float64         // score in size
	passes  *logisticPasses // over a source, in place of x; nil for rows in memory
}

// A newtonPart is what a chunk of the rows adds, and room for a block.
type newtonPart struct {
	loss         accurate.Sum
	largest      float64
	grad         []float64
	scores, p, t []float64
	rows         []float64 // unless x lies in memory as it is
}

// newNewton prepares Newton's method on every k-th row of x.
func newNewton(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions, every int, f *frame) *newton {
	count, _ := x.Dims()
	count = (count + every - 1) / every
	targets, weights := make([]float64, count), make([]float64, count)
	for i := range count {
		targets[i], weights[i] = y.At(i*every, 0), weight(opt.SampleWeights, i*every)
	}
	params := len(m.Params())
	n := &newton{
		x: rows.Of(x), frame: f, every: every, y: targets,
		shares: shares(weights, count),
		lambda: make([]float64, params),
		blocks: newCrossProduct(count, params),
		theta:  mat.NewVecDense(params, m.Params()),
		trial:  mat.NewVecDense(params, nil),
		step:   mat.NewVecDense(params, nil),
		grad:   mat.NewVecDense(params, nil),
		before: mat.NewVecDense(params, nil),
	}
	if m.HasIntercept() {
		n.first = 1
	}
	n.sweep = n.blocks.finer()
	n.parts = make([]newtonPart, max(n.blocks.division.Count(), n.sweep.division.Count()))
	most := min(count, blockRows) // rows of a block
	for k := range n.parts {
		room := make([]float64, params+3*most)
		n.parts[k] = newtonPart{
			grad: room[:params], scores: room[params:][:most],
			p: room[params+most:][:most], t: room[params+2*most:],
		}
	}
	for _, p := range m.Layout() {
		if p.Decay {
			for j := range p.In(n.lambda) {
				p.In(n.lambda)[j] = opt.Lambda
				if f != nil {
					p.In(n.lambda)[j] = opt.Lambda * f.scale[j] * f.scale[j]
				}
			}
		}
	}
	return n
}

// run takes steps from where evaluate was called last, with what it returned. If
// the Hessian there is stale, n.inverse takes its place.
func (n *newton) run(opt NewtonOptions, objective float64) (*Report, error) {
	report := &Report{Objective: []float64{objective}, GradNorm: mat.Norm(n.grad, math.Inf(1))}
	before := math.Inf(1)
	fast := n.stale   // a step with the last Hessian is good enough
	far := !n.thrifty // not even one with the Hessian here is, so the next will be needed
	for {
		if n.stale && !fast && report.GradNorm > opt.Tolerance {
			n.evaluate(n.theta, true)
		}
		exact := !n.stale
		if err := n.direction(); err != nil {
			return report, err
		}
		// The step promises to lower the objective by half of this.
		promise := mat.Dot(n.grad, n.step)
		rounded := promise <= epsilon*objective && report.Iterations > 0 && report.GradNorm > before/2 && n.steps == 0
		if report.GradNorm <= opt.Tolerance || rounded {
			return report, n.separated(opt)
		}
		if report.Iterations == opt.MaxIterations {
			if err := n.separated(opt); err != nil {
				return report, err
			}
			return report, fmt.Errorf("solve: not converged in %d iterations: the gradient is still %.3g", report.Iterations, report.GradNorm)
		}
		next, ok := n.descend(objective, far)
		if !ok && exact { // as low as rounding lets it go
			return report, n.separated(opt)
		}
		if !ok {
			fast, n.steps = false, 0
			continue
		}
		objective = next
		report.Iterations++
		report.Objective = append(report.Objective, objective)
		before, report.GradNorm = report.GradNorm, mat.Norm(n.grad, math.Inf(1))
		good := report.GradNorm < before/contraction
		n.steps = max(n.steps-1, 0)
		fast = n.thrifty && (good || n.steps > 0)
		far = !n.thrifty || exact && !good
	}
}

// direction solves H·step = g, with the H that was computed last, or with what is
// known of it where that is stale.
func (n *newton) direction() error {
	if !n.stale && !n.inverse.factorize(n.hessian) {
		return n.singular()
	}
	n.inverse.multiply(n.step, n.grad)
	return nil
}

// singular says why there is no step.
func (n *newton) singular() error {
	if n.largest > saturated {
		return errSeparated
	}
	for _, l := range n.lambda {
		if l > 0 {
			return errors.New("solve: Lambda is too small to be seen beside the numbers in x, whose columns are linearly dependent or far from 0: centre and scale the columns, or remove one")
		}
	}
	return errors.New("solve: the columns of x are linearly dependent: remove one or set Lambda")
}

// descend goes along the step, halving it until the objective does not rise by
// more than its rounding. It leaves the derivatives where it ends, with the
// Hessian if that is asked for. A step that does not come from the Hessian here
// is not worth halving.
func (n *newton) descend(objective float64, hessian bool) (next float64, ok bool) {
	smallest := 1e-10
	if n.stale {
		smallest = 1
	}
	if n.steps > 0 {
		smallest = 1.0 / 16
	}
	n.before.CopyVec(n.grad)
	for scale := 1.0; scale >= smallest; scale /= 2 {
		n.trial.AddScaledVec(n.theta, -scale, n.step)
		if next = n.evaluate(n.trial, hessian); next <= objective*(1+8*epsilon) {
			if n.stale {
				n.inverse.learn(n.theta, n.trial, n.before, n.grad)
			}
			n.theta.CopyVec(n.trial)
			return next, true
		}
	}
	return objective, false
}

// evaluate returns the objective at θ, and leaves g there, and H if that is asked
// for, all in one pass over the data.
func (n *newton) evaluate(theta *mat.VecDense, hessian bool) float64 {
	if n.passes != nil {
		return n.passes.evaluate(n, theta)
	}
	for k := range n.parts {
		part := &n.parts[k]
		part.loss, part.largest = accurate.Sum{}, 0
		clear(part.grad)
	}
	n.stale = !hessian
	visit := func(k int, b blas64.General, lo int) {
		part := &n.parts[k]
		x := n.rows(part, lo, b.Rows)
		if hessian {
			n.losses(part, x, theta.RawVector().Data, lo)
			n.weigh(b, x, part.p, lo)
			return
		}
		// Rows stay in the second cache from the scores to the gradient.
		some := max(cached/x.Cols, 16)
		for at := 0; at < x.Rows; at += some {
			n.losses(part, rowsOf(x, at, min(at+some, x.Rows)), theta.RawVector().Data, lo+at)
		}
	}
	if hessian {
		n.hessian = n.blocks.sum(visit)
	} else {
		n.sweep.each(visit)
	}
	n.grad.Zero()
	n.largest = 0
	var objective accurate.Sum
	for _, part := range n.parts {
		objective.Add(part.loss.Value())
		n.largest = max(n.largest, part.largest)
		axpy(n.grad.RawVector().Data, 1, part.grad)
	}
	for j, l := range n.lambda {
		v := theta.AtVec(j)
		objective.Add(l / 2 * v * v)
		n.grad.SetVec(j, n.grad.AtVec(j)+l*v)
		if hessian {
			n.hessian.SetSym(j, j, n.hessian.At(j, j)+l)
		}
	}
	return objective.Value()
}

// cached numbers are a quarter of a megabyte.
const cached = 1 << 15

// rows returns count rows of x from sample lo on, which it copies only if they do
// not lie in memory as they are, or not in the frame.
func (n *newton) rows(part *newtonPart, lo, count int) blas64.General {
	_, cols := n.x.Dims()
	if dense, ok := n.x.Dense(); ok && n.frame == nil {
		return blas64.General{Rows: count, Cols: cols, Stride: dense.Stride * n.every, Data: dense.Data[lo*n.every*dense.Stride:]}
	}
	if part.rows == nil {
		part.rows = make([]float64, blockRows*cols)
	}
	for i := range count {
		row := part.rows[i*cols:][:cols]
		n.x.Copy(row, (lo+i)*n.every)
		if n.frame != nil {
			n.frame.apply(row)
		}
	}
	return blas64.General{Rows: count, Cols: cols, Stride: cols, Data: part.rows}
}

// score sets f ← X̃·theta for some rows.
func (n *newton) score(f []float64, x blas64.General, theta []float64) {
	clear(f)
	if n.first == 1 {
		floats.AddConst(theta[0], f)
	}
	rows.AddProduct(rows.Column(f), x, rows.Column(theta[n.first:]))
}

// losses adds the loss and the gradient of some rows, and leaves their p in
// part.p.
func (n *newton) losses(part *newtonPart, x blas64.General, theta []float64, lo int) {
	scores, p, t := part.scores[:x.Rows], part.p[:x.Rows], part.t[:x.Rows]
	n.score(scores, x, theta)
	loss, largest := part.loss, 0.0
	for i, f := range scores {
		t[i] = -math.Abs(f)
		largest = max(largest, -t[i])
	}
	blas.Softplus(t, t)
	blas.Sigmoid(p, scores)
	for i, f := range scores {
		y, v := n.y[lo+i], n.shares[lo+i]
		loss.Add(v * (max(f, 0) - f*y + t[i]))
		t[i] = v * (p[i] - y)
	}
	part.loss = loss
	part.largest = max(part.largest, largest)
	if n.first == 1 {
		part.grad[0] += floats.Sum(t)
	}
	rows.AddTransposed(rows.Column(part.grad[n.first:]), x, rows.Column(t))
}

// weigh writes rows of X̃ times √(v·p(1−p)).
func (n *newton) weigh(b, x blas64.General, p []float64, lo int) {
	for i := range b.Rows {
		row, root := b.Data[i*b.Stride:][:b.Cols], math.Sqrt(n.shares[lo+i]*p[i]*(1-p[i]))
		if n.first == 1 {
			row[0] = root
		}
		floats.ScaleTo(row[n.first:], root, x.Data[i*x.Stride:][:x.Cols])
	}
}

// saturated is a score at which p rounds to the label: σ(−36) = ε.
const saturated = 30

var errSeparated = errors.New("solve: a plane separates the classes, so that larger weights are always better and there is no minimum: set Lambda")

// separated tells a gradient that vanishes at a minimum from one that vanishes
// on the way to infinity. At a minimum, Newton's next step is as small as the
// gradient; on the way to infinity the gradient falls by a factor e in each
// step, and each step moves the scores by about 1.
func (n *newton) separated(opt NewtonOptions) error {
	if opt.Lambda > 0 || n.largest <= saturated/3 {
		return nil
	}
	if n.stale {
		n.evaluate(n.theta, true)
		if err := n.direction(); err != nil {
			return err
		}
	}
	found := false
	if n.passes != nil {
		found = n.passes.grows(n)
	} else {
		found = n.grows(n.theta.RawVector().Data, n.step.RawVector().Data)
	}
	if found {
		return errSeparated
	}
	return nil
}

// grows reports that the step moves a score that is large already.
func (n *newton) grows(theta, step []float64) bool {
	var found atomic.Bool
	n.sweep.each(func(k int, b blas64.General, lo int) {
		scores, moves := n.parts[k].scores[:b.Rows], n.parts[k].p[:b.Rows]
		x := n.rows(&n.parts[k], lo, b.Rows)
		n.score(scores, x, theta)
		n.score(moves, x, step)
		for i, f := range scores {
			if n.shares[lo+i] > 0 && math.Abs(moves[i]) > 0.1 && math.Abs(f) > saturated/3 {
				found.Store(true)
			}
		}
	})
	return found.Load()
}
