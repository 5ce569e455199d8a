package optim

import (
	"errors"
	"fmt"
	"iter"
)

// ScheduledMomentum makes the momentum of its inner optimizer follow a schedule: μ
// of [SGD], [RMSprop] and [Muon], β₁ of [Adam] and its relatives. The usual
// schedule is [CycleMomentum], which falls while the learning rate rises:
//
//	cycle := optim.NewOneCycle(0.1, steps)
//	train.Options{
//		Schedule:  cycle,
//		Optimizer: optim.NewOneCycleMomentum(cycle, &optim.SGD{Momentum: 0.95}),
//	}
//
// Around [Groups], it sets the momentum of each group that has one.
// ScheduledMomentum counts its steps from 0. After each step it restores the
// momentum of the inner optimizer, so that its settings do not change.
type ScheduledMomentum struct {
	Momentum  Schedule // the momentum of each step
	Optimizer          // the inner optimizer

	steps  [1]float64
	inner  []heavy
	before []float64 // their momenta
}

// heavy is an optimizer whose momentum can be set.
type heavy interface {
	Optimizer
	SetMomentum(mu float64) (before float64)
}

// NewOneCycleMomentum returns ScheduledMomentum around inner, with a momentum that
// goes from 0.95 to 0.85 at the peak of the cycle and back.
func NewOneCycleMomentum(cycle OneCycle, inner Optimizer) *ScheduledMomentum {
	return &ScheduledMomentum{Momentum: CycleMomentum{Cycle: cycle, Low: 0.85, High: 0.95}, Optimizer: inner}
}

// inside appends the optimizers in a nest whose momentum can be set.
func inside(all []heavy, o Optimizer) []heavy {
	if h, ok := As[heavy](o); ok {
		return append(all, h)
	}
	if g, ok := As[*Groups](o); ok {
		for _, group := range g.Groups {
			all = inside(all, group.Optimizer)
		}
	}
	return all
}

// Init prepares for dim parameters. It panics if no inner optimizer has a momentum.
func (o *ScheduledMomentum) Init(dim int) {
	o.steps[0] = 0
	o.inner = inside(nil, o.Optimizer)
	o.before = make([]float64, len(o.inner))
	if len(o.inner) == 0 {
		panic(fmt.Sprintf("optim: ScheduledMomentum around a %T, which has no momentum", o.Optimizer))
	}
	o.Optimizer.Init(dim)
}

// Step moves θ with the scheduled momentum.
func (o *ScheduledMomentum) Step(theta, grad []float64, lr float64) {
	if len(o.inner) == 0 {
		panic(fmt.Sprintf("optim: Step before Init: call Init(%d) first", len(theta)))
	}
	mu := o.Momentum.Rate(int(o.steps[0]))
	for i, inner := range o.inner {
		o.before[i] = inner.SetMomentum(mu)
	}
	o.steps[0]++
	o.Optimizer.Step(theta, grad, lr)
	for i, inner := range o.inner {
		inner.SetMomentum(o.before[i])
	}
}

// State yields "steps", and the state of the inner optimizer, with names that begin
// with "momentum.".
func (o *ScheduledMomentum) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		_ = yield("steps", o.steps[:]) && yieldInner(yield, "momentum.", o.Optimizer)
	}
}

func (o *ScheduledMomentum) Unwrap() Optimizer { return o.Optimizer }

// Validate reports a schedule that is missing or follows a metric, an optimizer
// whose momentum is missing or 0, and what both report.
func (o *ScheduledMomentum) Validate() error {
	if o.Momentum == nil {
		return advise("NewOneCycleMomentum", errors.New("optim: ScheduledMomentum's Momentum is not set"))
	}
	err := errors.Join(checkPlain("ScheduledMomentum", o.Momentum), checkInner("ScheduledMomentum", o.Optimizer))
	if err != nil {
		return err
	}
	all := inside(nil, o.Optimizer)
	if len(all) == 0 {
		return fmt.Errorf("optim: ScheduledMomentum is around a %T, which has no momentum: want SGD, RMSprop, Muon, Adam or a relative of it inside", o.Optimizer)
	}
	for _, inner := range all {
		mu := inner.SetMomentum(0)
		if inner.SetMomentum(mu); mu == 0 {
			return fmt.Errorf("optim: ScheduledMomentum is around a %T without momentum: give it one above 0, such as 0.9, so that it keeps a direction", inner)
		}
	}
	return nil
}

// checkPlain wants a schedule that depends on the step alone: nobody tells one
// inside an optimizer what a metric is.
func checkPlain(owner string, s Schedule) error {
	if _, ok := s.(Observer); ok && hasState(s) {
		return fmt.Errorf("optim: %s has a %T, which follows a metric: want a schedule that depends on the step alone", owner, s)
	}
	return checkInner(owner, s)
}

// hasState tells a schedule that follows a metric from one that only could, such
// as a [Sequence] of plain ones.
func hasState(s Schedule) bool {
	for range s.(Observer).State() {
		return true
	}
	return false
}

// CycleMomentum is the momentum for a cycle of the learning rate: High where the
// rate is lowest, and Low at the peak, where the rate alone is fast enough.
//
//	μ_t = High − (High − Low)·h_t
//
// h_t goes from 0 at the ends of the cycle to 1 at its peak. This is PyTorch's
// OneCycleLR (bounds 0.85 and 0.95) and CyclicLR (0.8 and 0.9) with cycle_momentum.
//
// Source: Smith, A disciplined approach to neural network hyper-parameters, 2018,
// section 4.3.
type CycleMomentum struct {
	Cycle     interface{ height(step int) float64 } // a [OneCycle] or a [Cyclic]
	Low, High float64                               // 0 ≤ Low ≤ High < 1
}

// Rate returns μ_t.
func (s CycleMomentum) Rate(step int) float64 {
	return s.High - (s.High-s.Low)*s.Cycle.height(step)
}

// Validate reports bounds outside 0 ≤ Low ≤ High < 1, and what the cycle reports.
func (s CycleMomentum) Validate() error {
	if s.Cycle == nil {
		return advise("NewOneCycleMomentum", errors.New("optim: CycleMomentum's Cycle is not set, want a OneCycle or a Cyclic"))
	}
	var order error
	if !(s.Low <= s.High) {
		order = fmt.Errorf("optim: CycleMomentum's Low is %g and its High %g, want Low ≤ High", s.Low, s.High)
	}
	return errors.Join(order,
		checkFraction("CycleMomentum", "Low", s.Low),
		checkFraction("CycleMomentum", "High", s.High),
		checkInner("CycleMomentum", s.Cycle))
}
