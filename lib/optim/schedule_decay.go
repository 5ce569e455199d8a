package optim

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

// StepDecay multiplies the rate by Factor every Every steps:
//
//	α_t = Initial · Factor^⌊t/Every⌋
type StepDecay struct {
	Initial float64 // > 0
	Factor  float64 // > 0
	Every   int     // ≥ 1
}

func (s StepDecay) Rate(step int) float64 {
	return s.Initial * math.Pow(s.Factor, float64(step/s.Every))
}

func (s StepDecay) Validate() error {
	return errors.Join(
		checkPositive("StepDecay", "Initial", s.Initial),
		checkPositive("StepDecay", "Factor", s.Factor),
		checkAtLeast("StepDecay", "Every", s.Every, 1),
	)
}

// MultiStep multiplies the rate by Factor at each milestone:
//
//	α_t = Initial · Factor^n,  n the number of milestones ≤ t
type MultiStep struct {
	Initial    float64 // > 0
	Factor     float64 // > 0
	Milestones []int   // steps, in ascending order
}

func (s MultiStep) Rate(step int) float64 {
	passed := sort.SearchInts(s.Milestones, step+1)
	return s.Initial * math.Pow(s.Factor, float64(passed))
}

func (s MultiStep) Validate() error {
	return errors.Join(
		checkPositive("MultiStep", "Initial", s.Initial),
		checkPositive("MultiStep", "Factor", s.Factor),
		checkMilestones("MultiStep", s.Milestones),
	)
}

func checkMilestones(owner string, milestones []int) error {
	if !slices.IsSorted(milestones) || (len(milestones) > 0 && milestones[0] < 0) {
		return fmt.Errorf("optim: %s's Milestones are %v, want steps ≥ 0 in ascending order", owner, milestones)
	}
	return nil
}

// Exponential multiplies the rate by Factor at every step:
//
//	α_t = Initial · Factorᵗ
type Exponential struct {
	Initial float64 // > 0
	Factor  float64 // > 0; below 1 the rate falls
}

func (s Exponential) Rate(step int) float64 {
	return s.Initial * math.Pow(s.Factor, float64(step))
}

func (s Exponential) Validate() error {
	return errors.Join(
		checkPositive("Exponential", "Initial", s.Initial),
		checkPositive("Exponential", "Factor", s.Factor),
	)
}

// Sweep goes from Initial to Final in Steps steps, each of which multiplies the
// rate by the same factor. A learning-rate range test sweeps upwards over
// several powers of ten to find where the loss falls fastest.
//
//	α_t = Initial · (Final/Initial)^(t/Steps)
//
// Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017,
// section 3.3, with the geometric spacing that has become customary.
type Sweep struct {
	Initial float64 // > 0
	Final   float64 // > 0
	Steps   int     // ≥ 1
}

func (s Sweep) Rate(step int) float64 {
	return s.Initial * math.Pow(s.Final/s.Initial, progress(step, s.Steps))
}

func (s Sweep) Validate() error {
	return errors.Join(
		checkPositive("Sweep", "Initial", s.Initial),
		checkPositive("Sweep", "Final", s.Final),
		checkAtLeast("Sweep", "Steps", s.Steps, 1),
	)
}

// LinearRamp goes from Initial to Final in equal steps, up or down:
//
//	α_t = Initial + (Final − Initial)·t/Steps
type LinearRamp struct {
	Initial float64 // ≥ 0
	Final   float64 // ≥ 0
	Steps   int     // ≥ 1
}

func (s LinearRamp) Rate(step int) float64 {
	return s.Initial + (s.Final-s.Initial)*progress(step, s.Steps)
}

func (s LinearRamp) Validate() error {
	return errors.Join(
		checkNotNegative("LinearRamp", "Initial", s.Initial),
		checkNotNegative("LinearRamp", "Final", s.Final),
		checkAtLeast("LinearRamp", "Steps", s.Steps, 1),
	)
}

// Polynomial falls from Initial to Final along a power of the remaining time:
//
//	α_t = Final + (Initial − Final)·(1 − t/Steps)^Power
type Polynomial struct {
	Initial float64 // > 0
	Final   float64 // ≥ 0
	Power   float64 // > 0; 1 is a straight line
	Steps   int     // ≥ 1
}

func (s Polynomial) Rate(step int) float64 {
	return s.Final + (s.Initial-s.Final)*math.Pow(1-progress(step, s.Steps), s.Power)
}

func (s Polynomial) Validate() error {
	return errors.Join(
		checkPositive("Polynomial", "Initial", s.Initial),
		checkNotNegative("Polynomial", "Final", s.Final),
		checkPositive("Polynomial", "Power", s.Power),
		checkAtLeast("Polynomial", "Steps", s.Steps, 1),
	)
}

// progress returns how much of the steps is done, from 0 to 1.
func progress(step, steps int) float64 {
	return min(float64(step)/float64(steps), 1)
}
