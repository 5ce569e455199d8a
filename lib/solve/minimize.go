package solve

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/train"
)

// MinimizeOptions are the settings of Minimize. Loss must be set.
type MinimizeOptions struct {
	Loss          loss.Loss
	Regularizer   regularizer.Regularizer // smooth, such as L2; nil for none
	SampleWeights []float64               // sample weights ≥ 0; nil means all 1

	// Method is any of gonum/optimize that needs no Hessian: LBFGS (also if
	// nil), BFGS, CG, GradientDescent, NelderMead, CmaEsChol. It must not be in
	// use elsewhere.
	Method optimize.Method
	// GradTolerance ends the search when no component of the gradient is larger; 0
	// means 10⁻⁶. Below about 10⁻⁸ the objective's own rounding hides the progress
	// from the line search.
	GradTolerance float64
	// Tolerance ends a method without gradients when the objective has not
	// fallen by more than this in 100 iterations; 0 means 10⁻¹⁰.
	Tolerance     float64
	MaxIterations int // 0 means 1000

	Seed       uint64 // for models with random layers
	RecordPath bool   // keep θ of each record in History.Path
}

// Minimize minimizes the loss over all samples plus the penalty by a method of
// gonum/optimize, from the current parameters of m, which may be any model. L-BFGS
// suits a smooth objective: it needs no learning rate, and few passes where
// gradient descent needs thousands. It finds only a local minimum of a network. A
// kink (L1, MAE) stops it: use [FISTA] there.
//
// m ends at the best point of all iterations. A done context and reaching
// MaxIterations are not errors: the history's Status is then Interrupted or
// Completed. It is Converged if the gradient is as small as GradTolerance, or so
// small that rounding hides any progress from the line search. Minimize returns an
// error for data and settings that cannot work, for a loss that is NaN or
// unbounded, and for a line search that fails far from a minimum. The history is
// nil only if the search did not begin.
//
// A value and a gradient at the same point cost one pass over the data. Random
// layers draw the same numbers at every point, so that the objective is a function.
// Batch normalisation sees all samples as one batch.
//
// Source: Nocedal and Wright, Numerical Optimization, 2nd ed., 2006, chapter 7.
func Minimize(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt MinimizeOptions) (*train.History, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	data, err := checkProblem(m, x, y, opt.SampleWeights, opt.Loss, opt.Regularizer)
	if err != nil {
		return nil, err
	}
	uses, err := opt.Method.Uses(optimize.Available{Grad: true})
	if err != nil {
		return nil, fmt.Errorf("solve: %T needs what is not there (%w): for second derivatives see Logistic", opt.Method, err)
	}
	s := &search{
		ctx:       ctx,
		objective: newSmooth(m, data, opt.Loss, opt.Regularizer, opt.Seed),
		recorder:  newRecorder(opt.RecordPath),
		best:      slices.Clone(m.Params()),
		bestValue: math.Inf(1),
		gradients: uses.Grad,
	}
	s.objective.both = uses.Grad
	return s.run(opt)
}

// check fills in what is not set and returns an error for what is set badly.
func (o *MinimizeOptions) check() error {
	if o.Method == nil {
		o.Method = &optimize.LBFGS{}
	}
	if o.GradTolerance == 0 {
		o.GradTolerance = 1e-6
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-10
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 1000
	}
	switch {
	case !(o.GradTolerance > 0):
		return fmt.Errorf("solve: GradTolerance is %g, want a number > 0", o.GradTolerance)
	case !(o.Tolerance > 0):
		return fmt.Errorf("solve: Tolerance is %g, want a number > 0", o.Tolerance)
	case o.MaxIterations < 0:
		return fmt.Errorf("solve: MaxIterations is %d, want at least 1", o.MaxIterations)
	}
	return nil
}

// search is one run of a method. The method and the loop around it live in
// several goroutines, which take turns at the objective; see direct for L-BFGS.
type search struct {
	*recorder
	ctx       context.Context
	gradients bool // whether the method uses them

	mu        sync.Mutex
	objective *smooth
	invalid   error // the loss was NaN or −∞
	best      []float64
	bestValue float64
	last      []float64 // point recorded last
}

func (s *search) run(opt MinimizeOptions) (*train.History, error) {
	m := s.objective.objective.Model
	defer func() { copy(m.Params(), s.best) }()
	if s.ctx.Err() != nil {
		return s.finish(train.Interrupted, context.Cause(s.ctx).Error()), nil
	}
	// The first point is computed here: a panic has the caller's stack.
	if f := s.value(s.best); !number.IsFinite(f) {
		return s.diverged(fmt.Errorf("solve: the loss is %g at the start: start from other parameters or scale the features", f))
	}
	start := slices.Clone(s.best)
	if status, err, ok := s.direct(start, opt); ok {
		return s.conclude(status, err, opt)
	}
	settings := &optimize.Settings{
		GradientThreshold: opt.GradTolerance,
		MajorIterations:   opt.MaxIterations + 1, // gonum counts the start
		Converger:         optimize.NeverTerminate{},
		Recorder:          s,
	}
	if !s.gradients {
		settings.Converger = &optimize.FunctionConverge{Absolute: opt.Tolerance, Iterations: 100}
	}
	problem := optimize.Problem{Func: s.value, Grad: s.gradient, Status: s.status}
	result, err := optimize.Minimize(problem, start, settings, opt.Method)
	if err != nil {
		return s.conclude(optimize.Failure, err, opt)
	}
	return s.conclude(result.Status, nil, opt)
}

// conclude turns gonum's reasons to stop into a history's.
func (s *search) conclude(status optimize.Status, err error, opt MinimizeOptions) (*train.History, error) {
	switch {
	case s.invalid != nil:
		return s.diverged(s.invalid)
	case s.ctx.Err() != nil && errors.Is(err, s.ctx.Err()):
		return s.finish(train.Interrupted, context.Cause(s.ctx).Error()), nil
	}
	gradNorm := math.NaN()
	if s.gradients {
		gradNorm = normInf(s.objective.gradient(s.best))
	}
	switch {
	case gradNorm <= opt.GradTolerance:
		return s.finish(train.Converged, fmt.Sprintf("no component of the gradient is above %.3g", opt.GradTolerance)), nil
	case err != nil && gradNorm <= hidden*max(1, math.Abs(s.bestValue)):
		return s.finish(train.Converged, fmt.Sprintf("rounding hides further progress; the gradient is %.3g", gradNorm)), nil
	case err != nil:
		err = fmt.Errorf("solve: the search failed where the gradient is %.3g (%w): the objective may have a kink (L1, MAE), for which FISTA is made, or its features very different scales", gradNorm, err)
		s.finish(train.Failed, err.Error())
		return s.history, err
	case status == optimize.IterationLimit:
		return s.finish(train.Completed, fmt.Sprintf("all %d iterations are done; the gradient is %.3g", opt.MaxIterations, gradNorm)), nil
	}
	return s.finish(train.Converged, status.String()), nil
}

// hidden is the size of a gradient, relative to the objective, along which a
// line search sees only rounding: a step of length ‖g‖ gains ‖g‖² < ε.
const hidden = 3e-8

func (s *search) diverged(err error) (*train.History, error) {
	return s.finish(train.Diverged, err.Error()), err
}

func (s *search) value(theta []float64) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.objective.value(theta)
	if (math.IsNaN(f) || math.IsInf(f, -1)) && s.invalid == nil {
		s.invalid = fmt.Errorf("solve: the loss became %g after %g passes: scale the features or set a Regularizer", f, s.objective.passes())
	}
	return f
}

func (s *search) gradient(grad, theta []float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copy(grad, s.objective.gradient(theta))
}

// status ends the search for a reason that gonum's methods do not know.
func (s *search) status() (optimize.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.invalid != nil {
		return optimize.Failure, s.invalid
	}
	if err := s.ctx.Err(); err != nil {
		return optimize.Failure, err
	}
	return optimize.NotTerminated, nil
}

// Init is part of optimize.Recorder.
func (s *search) Init() error { return nil }

// Record is part of optimize.Recorder: it keeps the best point and writes the
// history, one record for each iteration. The last one comes as PostIteration.
func (s *search) Record(l *optimize.Location, op optimize.Operation, _ *optimize.Stats) error {
	if op != optimize.MajorIteration && (op != optimize.PostIteration || slices.Equal(l.X, s.last)) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = append(s.last[:0], l.X...)
	if l.F <= s.bestValue {
		s.bestValue = l.F
		copy(s.best, l.X)
	}
	gradNorm := math.NaN()
	if s.gradients && l.Gradient != nil {
		gradNorm = norm2(l.Gradient)
	}
	penalty := s.objective.penaltyAt(l.X)
	s.record(l.X, l.F-penalty, penalty, gradNorm, math.NaN(), s.objective.passes())
	return nil
}
