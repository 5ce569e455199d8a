package optim

import (
	"errors"
	"fmt"
	"math"
)

// OneCycle rises from Max/Div to Max in the first part of training and falls to
// Max/(Div·FinalDiv) in the rest, along half cosines. With ThreePhase it falls
// back to Max/Div as fast as it rose, and from there to the end. Since the rate
// is near its peak only briefly, the peak may be large.
//
// The peak is at step Start·Steps − 1, and the last rate at step Steps − 1, as
// in torch.optim.lr_scheduler.OneCycleLR. That class also cycles the momentum;
// here [NewOneCycleMomentum] does.
//
// Source: Smith and Topin, Super-Convergence: Very Fast Training of Neural
// Networks Using Large Learning Rates, 2018.
type OneCycle struct {
	Max        float64 // > 0, the rate at the peak
	Steps      int     // ≥ 2, the length of training
	Start      float64 // 0 ≤ Start < 1, the share of the steps in which the rate rises
	Div        float64 // > 0
	FinalDiv   float64 // > 0
	Linear     bool    // straight lines in place of cosines
	ThreePhase bool    // Start must then be below ½
}

// NewOneCycle returns a cycle that rises from peak/25 during 30 % of the steps,
// and ends at 10⁻⁴ of its first rate.
func NewOneCycle(peak float64, steps int) OneCycle {
	return OneCycle{Max: peak, Steps: steps, Start: 0.3, Div: 25, FinalDiv: 1e4}
}

func (s OneCycle) Rate(step int) float64 {
	low := s.Max / s.Div
	return s.at(step, low, s.Max, low/s.FinalDiv)
}

// height returns 0 at the start, 1 at the peak and 0 at the end, or from the end of
// the second of three phases on.
func (s OneCycle) height(step int) float64 { return s.at(step, 0, 1, 0) }

// at returns low at the start, top at the peak, and end at the end of the cycle. With
// ThreePhase it comes back to low before it goes on to the end.
func (s OneCycle) at(step int, low, top, end float64) float64 {
	t, last := float64(step), float64(s.Steps-1)
	peak := float64(s.Start*float64(s.Steps)) - 1 // exactly 0 where the product rounds to 1
	if t <= peak {
		return s.anneal(low, top, 0, peak, t)
	}
	start, from := peak, top
	if s.ThreePhase {
		turn := float64(2*s.Start*float64(s.Steps)) - 2
		if t <= turn {
			return s.anneal(top, low, start, turn, t)
		}
		start, from = turn, low
	}
	return s.anneal(from, end, start, last, min(t, last))
}

// anneal goes from a at step start to b at step end.
func (s OneCycle) anneal(a, b, start, end, t float64) float64 {
	part := 1.0
	if end > start {
		part = (t - start) / (end - start)
	}
	if s.Linear {
		return a + (b-a)*part
	}
	return cosine(a, b, part)
}

func (s OneCycle) Validate() error {
	var start error
	limit := 1.0
	if s.ThreePhase {
		limit = 0.5
	}
	if !(s.Start >= 0 && s.Start < limit) {
		start = fmt.Errorf("optim: OneCycle's Start is %g, want 0 ≤ Start < %g", s.Start, limit)
	}
	return advise("NewOneCycle", start,
		checkPositive("OneCycle", "Max", s.Max),
		checkAtLeast("OneCycle", "Steps", s.Steps, 2),
		checkPositive("OneCycle", "Div", s.Div),
		checkPositive("OneCycle", "FinalDiv", s.FinalDiv),
	)
}

// A CyclicMode says how the cycles of [Cyclic] shrink.
type CyclicMode int

// The modes of torch.optim.lr_scheduler.CyclicLR.
const (
	Triangular  CyclicMode = iota // all cycles are of equal height
	Triangular2                   // each is half as high as the one before
	ExpRange                      // step t is Gammaᵗ as high
)

// Cyclic rises from Min to Max in Up steps and falls back in Down, again and
// again:
//
//	α_t = Min + (Max − Min)·h·s
//
// with h from 0 to 1 and back, and s = 1, 2^−cycle or Gammaᵗ by the mode.
//
// Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017.
type Cyclic struct {
	Min, Max float64 // 0 ≤ Min ≤ Max
	Up, Down int     // steps, ≥ 1
	Mode     CyclicMode
	Gamma    float64 // for ExpRange, 0 < Gamma ≤ 1
}

func (s Cyclic) Rate(step int) float64 { return s.Min + (s.Max-s.Min)*s.height(step) }

// height returns h·s.
func (s Cyclic) height(step int) float64 {
	cycle, at := step/(s.Up+s.Down), step%(s.Up+s.Down)
	height := float64(at) / float64(s.Up)
	if at > s.Up {
		height = float64(s.Up+s.Down-at) / float64(s.Down)
	}
	switch s.Mode {
	case Triangular2:
		height = math.Ldexp(height, -cycle)
	case ExpRange:
		height *= math.Pow(s.Gamma, float64(step))
	}
	return height
}

func (s Cyclic) Validate() error {
	var order, mode, gamma error
	if !(s.Min <= s.Max) {
		order = fmt.Errorf("optim: Cyclic's Min is %g and its Max %g, want Min ≤ Max", s.Min, s.Max)
	}
	if s.Mode < Triangular || s.Mode > ExpRange {
		mode = fmt.Errorf("optim: Cyclic's Mode is %d, want Triangular, Triangular2 or ExpRange", s.Mode)
	}
	if s.Mode == ExpRange {
		gamma = checkShare("Cyclic", "Gamma", s.Gamma)
	} else {
		gamma = checkNotNegative("Cyclic", "Gamma", s.Gamma)
	}
	return errors.Join(order, mode, gamma,
		checkNotNegative("Cyclic", "Min", s.Min),
		checkPositive("Cyclic", "Max", s.Max),
		checkAtLeast("Cyclic", "Up", s.Up, 1),
		checkAtLeast("Cyclic", "Down", s.Down, 1),
	)
}
