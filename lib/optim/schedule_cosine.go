package optim

import (
	"errors"
	"math"
)

// Cosine falls from Initial to Final along half a cosine in Steps steps, and
// stays there. (PyTorch's CosineAnnealingLR rises again.)
//
//	α_t = Final + ½(Initial − Final)(1 + cos(πt/Steps))
//
// Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm
// Restarts, 2017, equation 5.
type Cosine struct {
	Initial float64 // > 0
	Final   float64 // ≥ 0
	Steps   int     // ≥ 1
}

func (s Cosine) Rate(step int) float64 {
	return cosine(s.Initial, s.Final, progress(step, s.Steps))
}

func (s Cosine) Validate() error {
	return errors.Join(
		checkPositive("Cosine", "Initial", s.Initial),
		checkNotNegative("Cosine", "Final", s.Final),
		checkAtLeast("Cosine", "Steps", s.Steps, 1),
	)
}

// CosineRestarts falls as [Cosine] does, then restarts from Initial,
// repeatedly. Each fall is Growth times as long as the one before.
//
// Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm
// Restarts, 2017.
type CosineRestarts struct {
	Initial float64 // > 0
	Final   float64 // ≥ 0
	Steps   int     // ≥ 1, the length of the first fall
	Growth  int     // ≥ 1
}

func (s CosineRestarts) Rate(step int) float64 {
	length := s.Steps
	if s.Growth == 1 {
		step %= length
	}
	for step >= length {
		step -= length
		length *= s.Growth
	}
	return cosine(s.Initial, s.Final, float64(step)/float64(length))
}

func (s CosineRestarts) Validate() error {
	return errors.Join(
		checkPositive("CosineRestarts", "Initial", s.Initial),
		checkNotNegative("CosineRestarts", "Final", s.Final),
		checkAtLeast("CosineRestarts", "Steps", s.Steps, 1),
		checkAtLeast("CosineRestarts", "Growth", s.Growth, 1),
	)
}

// cosine goes from a to b along half a cosine as t goes from 0 to 1.
func cosine(a, b, t float64) float64 {
	return b + (a-b)*(1+math.Cos(math.Pi*t))/2
}
