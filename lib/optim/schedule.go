package optim

import (
	"fmt"
	"math"
)

// A Schedule gives the learning rate of each step. Steps are updates of θ,
// counted from 0.
type Schedule interface {
	Rate(step int) float64
}

// An Observer is a Schedule that follows a metric, such as the validation
// loss: training reports it after each epoch.
type Observer interface {
	Schedule
	Observe(metric float64)
}

// ScheduleFunc makes a function a Schedule.
type ScheduleFunc func(step int) float64

// Rate returns f(step).
func (f ScheduleFunc) Rate(step int) float64 { return f(step) }

// Constant is a rate that never changes.
type Constant float64

// Rate returns the rate.
func (c Constant) Rate(int) float64 { return float64(c) }

// Validate reports a rate that is not a positive finite number.
func (c Constant) Validate() error { return checkRate("Constant", float64(c)) }

// StepDecay multiplies the rate by Factor every Every steps:
// α_t = Initial · Factor^⌊t/Every⌋.
type StepDecay struct {
	Initial float64
	Factor  float64
	Every   int
}

// Rate returns α_t.
func (s StepDecay) Rate(step int) float64 {
	return s.Initial * math.Pow(s.Factor, float64(step/s.Every))
}

// Validate reports settings that give no positive rate.
func (s StepDecay) Validate() error {
	if s.Every < 1 || !(s.Factor > 0) {
		return fmt.Errorf("optim: StepDecay has Every %d and Factor %g, want Every ≥ 1 and Factor > 0", s.Every, s.Factor)
	}
	return checkRate("StepDecay", s.Initial)
}

// Cosine falls from Initial to Final along half a cosine in Steps steps, and
// stays there: α_t = Final + ½(Initial − Final)(1 + cos(πt/Steps)).
//
// Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm
// Restarts, 2017, equation 5.
type Cosine struct {
	Initial float64
	Final   float64
	Steps   int
}

// Rate returns α_t.
func (s Cosine) Rate(step int) float64 {
	t := math.Min(float64(step)/float64(s.Steps), 1)
	return s.Final + (s.Initial-s.Final)*(1+math.Cos(math.Pi*t))/2
}

// Validate reports settings that give no rate.
func (s Cosine) Validate() error {
	if s.Steps < 1 || !(s.Final >= 0) {
		return fmt.Errorf("optim: Cosine has Steps %d and Final %g, want Steps ≥ 1 and Final ≥ 0", s.Steps, s.Final)
	}
	return checkRate("Cosine", s.Initial)
}

func checkRate(name string, rate float64) error {
	if !(rate > 0) || math.IsInf(rate, 1) {
		return fmt.Errorf("optim: %s's learning rate is %g, want a positive finite number", name, rate)
	}
	return nil
}
