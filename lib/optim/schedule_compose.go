package optim

import (
	"errors"
	"fmt"
	"iter"
	"sort"
)

// Sequence runs schedules one after another. Milestones holds the steps at which
// the second and later schedules begin; each counts its steps from there.
//
// All schedules observe the metric, even those that have not begun.
type Sequence struct {
	Schedules  []Schedule
	Milestones []int // one fewer than Schedules, in ascending order
}

func (s Sequence) Rate(step int) float64 {
	i := sort.SearchInts(s.Milestones, step+1)
	if i > 0 {
		step -= s.Milestones[i-1]
	}
	return s.Schedules[i].Rate(step)
}

// Observe passes the metric on to the schedules that are Observers.
func (s Sequence) Observe(metric float64) { members(s.Schedules).observe(metric) }

// Init resets the inner schedules.
func (s Sequence) Init() { members(s.Schedules).init() }

// State yields the states of the inner schedules, with names that begin with
// "0.", "1." and so on.
func (s Sequence) State() iter.Seq2[string, []float64] { return members(s.Schedules).state() }

func (s Sequence) Validate() error {
	errs := []error{checkMilestones("Sequence", s.Milestones)}
	if len(s.Schedules) != len(s.Milestones)+1 {
		errs = append(errs, fmt.Errorf("optim: Sequence has %d schedules and %d milestones, want one milestone fewer than schedules", len(s.Schedules), len(s.Milestones)))
	}
	for _, inner := range s.Schedules {
		errs = append(errs, checkInner("Sequence", inner))
	}
	return errors.Join(errs...)
}

// Warmup rises linearly from Initial to the first rate of the inner schedule, in
// Steps steps, and then runs that schedule from its first step:
//
//	α_t = Initial + (Schedule.Rate(0) − Initial)·t/Steps    if t < Steps
//	α_t = Schedule.Rate(t − Steps)                          otherwise
//
// Early gradients of a network, and the averages that adaptive optimizers keep,
// are too uncertain for full steps.
//
// Source: Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1
// Hour, 2017, section 2.2.
type Warmup struct {
	Initial  float64 // ≥ 0
	Steps    int     // ≥ 1
	Schedule         // the schedule after the warmup
}

func (s Warmup) Rate(step int) float64 {
	if step >= s.Steps {
		return s.Schedule.Rate(step - s.Steps)
	}
	return s.Initial + (s.Schedule.Rate(0)-s.Initial)*progress(step, s.Steps)
}

func (s Warmup) Observe(metric float64) { members{s.Schedule}.observe(metric) }

// Init resets the inner schedule.
func (s Warmup) Init() { members{s.Schedule}.init() }

// State yields the state of the inner schedule, with names that begin with "0.".
func (s Warmup) State() iter.Seq2[string, []float64] { return members{s.Schedule}.state() }

func (s Warmup) Validate() error {
	return errors.Join(
		checkNotNegative("Warmup", "Initial", s.Initial),
		checkAtLeast("Warmup", "Steps", s.Steps, 1),
		checkInner("Warmup", s.Schedule),
	)
}

// PerEpoch makes a schedule count epochs instead of steps, as PyTorch's usually
// do: α_t = Schedule.Rate(⌊t/StepsPerEpoch⌋).
type PerEpoch struct {
	Schedule          // counts epochs
	StepsPerEpoch int // ≥ 1, the number of batches
}

func (s PerEpoch) Rate(step int) float64 { return s.Schedule.Rate(step / s.StepsPerEpoch) }

func (s PerEpoch) Observe(metric float64) { members{s.Schedule}.observe(metric) }

// Init resets the inner schedule.
func (s PerEpoch) Init() { members{s.Schedule}.init() }

// State yields the state of the inner schedule, with names that begin with "0.".
func (s PerEpoch) State() iter.Seq2[string, []float64] { return members{s.Schedule}.state() }

func (s PerEpoch) Validate() error {
	return errors.Join(
		checkAtLeast("PerEpoch", "StepsPerEpoch", s.StepsPerEpoch, 1),
		checkInner("PerEpoch", s.Schedule),
	)
}
