package optim

import (
	"iter"
	"strconv"
)

// A Schedule gives the learning rate of each step. Steps are updates of θ,
// counted from 0. A schedule that has ended stays at its last rate.
type Schedule interface {
	Rate(step int) float64
}

// An Observer is a Schedule that depends on a metric, such as the validation loss.
// Training calls Init at its start, so that a second run gives the same result as
// the first, and Observe after each epoch. It saves State with that of the
// optimizer, so that a resumed run continues at the same rate.
type Observer interface {
	Schedule
	// Observe records the metric of an epoch.
	Observe(metric float64)
	// Init resets the schedule.
	Init()
	// State yields the names and vectors to be saved and restored, as views.
	State() iter.Seq2[string, []float64]
}

// ScheduleFunc makes a function a Schedule.
type ScheduleFunc func(step int) float64

func (f ScheduleFunc) Rate(step int) float64 { return f(step) }

// Constant is a rate that never changes.
type Constant float64

func (c Constant) Rate(int) float64 { return float64(c) }

func (c Constant) Validate() error { return checkPositive("Constant", "rate", float64(c)) }

// members is what Sequence, Warmup and PerEpoch share: they pass on what is
// observed to all schedules inside.
type members []Schedule

func (m members) observe(metric float64) {
	for _, s := range m {
		if o, ok := s.(Observer); ok {
			o.Observe(metric)
		}
	}
}

func (m members) init() {
	for _, s := range m {
		if o, ok := s.(Observer); ok {
			o.Init()
		}
	}
}

// state yields the states of the members, with names that begin with their
// number.
func (m members) state() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		for i, s := range m {
			o, ok := s.(Observer)
			if !ok {
				continue
			}
			for name, v := range o.State() {
				if !yield(strconv.Itoa(i)+"."+name, v) {
					return
				}
			}
		}
	}
}
