package optim

import (
	"iter"
	"strconv"
)

// A Schedule gives the learning rate of each step. Steps are updates of θ,
// counted from 0. Schedules that end stay where they ended.
type Schedule interface {
	Rate(step int) float64
}

// An Observer is a Schedule that follows a metric, such as the validation loss:
// training reports it after each epoch. Training calls Init at its start, so that a
// second run gives the same as the first, and saves State with that of the
// optimizer, so that a resumed run goes on with the same rate.
type Observer interface {
	Schedule
	// Observe takes the metric of one more epoch.
	Observe(metric float64)
	// Init forgets everything.
	Init()
	// State yields names and vectors as views, to save from and load into.
	State() iter.Seq2[string, []float64]
}

// ScheduleFunc makes a function a Schedule.
type ScheduleFunc func(step int) float64

func (f ScheduleFunc) Rate(step int) float64 { return f(step) }

// Constant is a rate that never changes.
type Constant float64

func (c Constant) Rate(int) float64 { return float64(c) }

// Validate reports a rate that is not a positive finite number.
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
