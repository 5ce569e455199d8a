package optim

import (
	"iter"
	"math"
)

// Plateau multiplies the rate by Factor when the metric it observes has not
// improved for more than Patience observations.
//
// A metric m improves on the best so far, m*, if m < m* − Threshold·|m*|, or if
// m < m* − Threshold with Absolute; with Maximize, m must be larger by as much.
// The first metric always improves, NaN never does. After a reduction, Cooldown
// observations pass before bad ones count again.
//
// The semantics are those of torch.optim.lr_scheduler.ReduceLROnPlateau, except
// that the threshold is relative to |m*|: for negative metrics PyTorch counts a
// slightly worse one as an improvement.
type Plateau struct {
	Initial   float64 // > 0
	Factor    float64 // 0 < Factor < 1
	Patience  int     // ≥ 0
	Threshold float64 // ≥ 0
	Absolute  bool    // the threshold is absolute, not relative
	Maximize  bool    // larger metrics are better, as for accuracy
	Cooldown  int     // ≥ 0
	Min       float64 // ≥ 0, the rate does not fall below it
	Epsilon   float64 // ≥ 0, smaller reductions are not made

	observed, rate, best, bad, cooling [1]float64
}

// NewPlateau returns a schedule that divides the rate by 10 after more than 10
// observations that were not better than the best by one part in 10⁴.
func NewPlateau(initial float64) *Plateau {
	return &Plateau{Initial: initial, Factor: 0.1, Patience: 10, Threshold: 1e-4, Epsilon: 1e-8}
}

func (s *Plateau) Init() {
	s.observed[0], s.bad[0], s.cooling[0] = 0, 0, 0
	s.rate[0] = s.Initial
	s.best[0] = math.Inf(1)
	if s.Maximize {
		s.best[0] = math.Inf(-1)
	}
}

// Rate returns the current rate; it ignores the step.
func (s *Plateau) Rate(int) float64 {
	if s.observed[0] == 0 {
		return s.Initial
	}
	return s.rate[0]
}

func (s *Plateau) Observe(metric float64) {
	if s.observed[0] == 0 {
		s.Init()
	}
	s.observed[0]++
	if s.better(metric) {
		s.best[0], s.bad[0] = metric, 0
	} else {
		s.bad[0]++
	}
	if s.cooling[0] > 0 {
		s.cooling[0]--
		s.bad[0] = 0
	}
	if s.bad[0] <= float64(s.Patience) {
		return
	}
	if reduced := max(s.rate[0]*s.Factor, s.Min); s.rate[0]-reduced > s.Epsilon {
		s.rate[0] = reduced
	}
	s.cooling[0], s.bad[0] = float64(s.Cooldown), 0
}

func (s *Plateau) better(metric float64) bool {
	best, threshold := s.best[0], s.Threshold
	if math.IsInf(best, 0) {
		threshold = 0
	} else if !s.Absolute {
		threshold *= math.Abs(best)
	}
	if s.Maximize {
		return metric > best+threshold
	}
	return metric < best-threshold
}

// State yields "observed" (how many), "rate", "best", "bad" (how many since the
// best) and "cooling" (how many to go).
func (s *Plateau) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"observed", "rate", "best", "bad", "cooling"},
			s.observed[:], s.rate[:], s.best[:], s.bad[:], s.cooling[:])
	}
}

func (s *Plateau) Validate() error {
	return advise("NewPlateau",
		checkPositive("Plateau", "Initial", s.Initial),
		checkPositive("Plateau", "Factor", s.Factor),
		checkFraction("Plateau", "Factor", s.Factor),
		checkAtLeast("Plateau", "Patience", s.Patience, 0),
		checkNotNegative("Plateau", "Threshold", s.Threshold),
		checkAtLeast("Plateau", "Cooldown", s.Cooldown, 0),
		checkNotNegative("Plateau", "Min", s.Min),
		checkNotNegative("Plateau", "Epsilon", s.Epsilon),
	)
}
