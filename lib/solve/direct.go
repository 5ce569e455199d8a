package solve

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"

	"github.com/descent-go/descent/internal/number"
)

// direct is optimize.Minimize for L-BFGS, with the same steps, in one goroutine. Minimize hands
// each evaluation from one to another, and with a second thread that takes longer than the
// evaluation of a small problem. It declines other methods.
func (s *search) direct(x []float64, opt MinimizeOptions) (status optimize.Status, err error, ok bool) {
	l, ok := opt.Method.(*optimize.LBFGS)
	if !ok {
		return status, nil, false
	}
	if l.Linesearcher == nil {
		l.Linesearcher = &optimize.Bisection{}
	}
	if l.Store == 0 {
		l.Store = 15
	}
	loc := &optimize.Location{X: x, Gradient: make([]float64, len(x))}
	if status, err = s.evaluate(loc, optimize.FuncEvaluation|optimize.GradEvaluation); err != nil {
		return status, err, true
	}
	for i, g := range loc.Gradient {
		if !number.IsFinite(g) {
			return optimize.Failure, optimize.ErrGrad{Grad: g, Index: i}, true
		}
	}
	if status = s.iteration(loc, 0, l, opt); status != optimize.NotTerminated {
		return status, nil, true
	}
	steps := optimize.LinesearchMethod{NextDirectioner: l, Linesearcher: l.Linesearcher}
	op, err := steps.Init(loc)
	for iterations := 0; err == nil; op, err = steps.Iterate(loc) {
		if op == optimize.MajorIteration {
			iterations++
			if status = s.iteration(loc, iterations, l, opt); status != optimize.NotTerminated {
				return status, nil, true
			}
		} else if status, err = s.evaluate(loc, op); err != nil {
			return status, err, true
		}
	}
	return optimize.Failure, err, true
}

// evaluate computes what op asks for.
func (s *search) evaluate(loc *optimize.Location, op optimize.Operation) (optimize.Status, error) {
	if op&optimize.FuncEvaluation != 0 {
		loc.F = s.value(loc.X)
	}
	if op&optimize.GradEvaluation != 0 {
		s.gradient(loc.Gradient, loc.X)
	}
	return s.status()
}

// iteration records one, and returns a reason to stop if there is one.
func (s *search) iteration(loc *optimize.Location, iterations int, l *optimize.LBFGS, opt MinimizeOptions) optimize.Status {
	enough := l.GradStopThreshold
	if enough == 0 {
		enough = 1e-12 // gonum's
	}
	status := optimize.NotTerminated
	switch g := floats.Norm(loc.Gradient, math.Inf(1)); {
	case math.IsInf(loc.F, -1):
		status = optimize.FunctionNegativeInfinity
	case g < opt.GradTolerance, g < enough:
		status = optimize.GradientThreshold
	case iterations >= opt.MaxIterations:
		status = optimize.IterationLimit
	}
	s.Record(loc, optimize.MajorIteration, nil)
	return status
}
