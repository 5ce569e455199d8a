package tune

import (
	"errors"
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/train"
)

// SuccessiveHalving tries many candidates with a small budget and continues
// with the best of them. Of n candidates, round k = 0, 1, … evaluates the best
// ⌊n/ηᵏ⌋ of the previous round with the budget MinBudget·ηᵏ, where η is
// Factor, while candidates remain and the budget is at most MaxBudget. Each
// round costs about n·MinBudget, where n full evaluations would cost
// n·MaxBudget.
//
// The objective reads the budget in Trial.Budget: epochs, training rows, trees.
// A trial starts from scratch; to continue a model of the previous round, the
// objective must keep it. A failed candidate is not tried again.
//
// Source: Jamieson and Talwalkar, Non-stochastic Best Arm Identification and
// Hyperparameter Optimization, AISTATS 2016.
type SuccessiveHalving struct {
	Candidates           Method  // a Grid or a Random; its first batch is used
	MinBudget, MaxBudget float64 // of the first round, and the largest
	Factor               float64 // η ≥ 1.1; 3 is usual
}

// NewSuccessiveHalving returns SuccessiveHalving with the usual factor 3.
func NewSuccessiveHalving(candidates Method, minBudget, maxBudget float64) SuccessiveHalving {
	return SuccessiveHalving{Candidates: candidates, MinBudget: minBudget, MaxBudget: maxBudget, Factor: 3}
}

func (m SuccessiveHalving) Validate() error {
	switch {
	case m.Candidates == nil:
		return errors.New("tune: SuccessiveHalving: Candidates is nil: give it a Grid or a Random")
	case !(m.MinBudget > 0 && m.MinBudget <= m.MaxBudget) || !number.IsFinite(m.MaxBudget):
		return fmt.Errorf("tune: SuccessiveHalving: budgets from %g to %g, want 0 < MinBudget ≤ MaxBudget, finite", m.MinBudget, m.MaxBudget)
	case !(m.Factor >= 1.1) || !number.IsFinite(m.Factor):
		return fmt.Errorf("tune: SuccessiveHalving: Factor is %g, want at least 1.1 (tune.NewSuccessiveHalving has 3)", m.Factor)
	}
	return nil
}

func (m SuccessiveHalving) Propose(r *Result) ([]Trial, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if len(r.Trials) == 0 {
		return m.first()
	}
	// The trials of a round are those with its budget.
	candidates, round := 0, 0
	var last Result
	for i, t := range r.Trials {
		if i == 0 || t.Budget != r.Trials[i-1].Budget {
			round++
			last = Result{Goal: r.Goal}
		}
		if round == 1 {
			candidates++
		}
		last.Trials = append(last.Trials, t)
	}
	const hair = 1e-9 // rounding in the power must not cost a round
	growth := math.Pow(m.Factor, float64(round))
	budget, keep := m.MinBudget*growth, int(float64(candidates)/growth+hair)
	if budget > m.MaxBudget*(1+hair) {
		return nil, nil
	}
	var trials []Trial
	for _, t := range last.Sorted() {
		if len(trials) < keep && t.Status == train.Completed {
			trials = append(trials, Trial{Params: t.Params, Budget: min(budget, m.MaxBudget)})
		}
	}
	return trials, nil
}

func (m SuccessiveHalving) first() ([]Trial, error) {
	trials, err := m.Candidates.Propose(&Result{})
	for i := range trials {
		trials[i].Budget = m.MinBudget
	}
	return trials, err
}
