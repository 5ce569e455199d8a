package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// RateRange is the outcome of a learning-rate range test: the loss of each
// batch at the rate of that step.
type RateRange struct {
	Rates, Losses []float64
}

// RangeTest trains with a rate that grows from low to high by a constant
// factor, one step a batch, and returns the losses. Where they fall most
// steeply is a good rate; where they rise, training would diverge. The test
// ends early when the loss is four times its best. The model gets its
// parameters back.
//
// Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017.
func RangeTest(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt Options, low, high float64, steps int) (*RateRange, error) {
	if !(low > 0 && high > low) || math.IsInf(high, 1) || steps < 2 {
		return nil, fmt.Errorf("train: range test from %g to %g in %d steps: want 0 < low < high and at least 2 steps", low, high, steps)
	}
	before := make([]float64, snapshotSize(m))
	takeSnapshot(before, m)
	defer restoreSnapshot(m, before)

	var r RateRange
	best := math.Inf(1)
	opt.Schedule = sweep{low, high, steps}
	opt.Epochs = steps // at least one step an epoch
	opt.Tolerance, opt.Resume, opt.OnEpoch = 0, nil, nil
	opt.OnStep = append(slices.Clone(opt.OnStep), func(s *State) error {
		r.Rates = append(r.Rates, s.Rate)
		r.Losses = append(r.Losses, s.BatchLoss)
		best = math.Min(best, s.BatchLoss)
		if s.Step >= steps || s.BatchLoss > 4*best {
			return Stop
		}
		return nil
	})
	h, err := Fit(ctx, m, x, y, opt)
	if err != nil && (h == nil || h.Status != Diverged) {
		return nil, err
	}
	if len(r.Rates) == 0 {
		return nil, errors.New("train: the range test ended before its first step")
	}
	return &r, nil
}

// Suggest returns the rate at which the smoothed loss falls most steeply
// against the logarithm of the rate, or 0 if it never falls.
func (r *RateRange) Suggest() float64 {
	const keep = 0.9
	var rate, steepest, mean, last float64
	for i, l := range r.Losses {
		mean = keep*mean + (1-keep)*l
		smoothed := mean / (1 - math.Pow(keep, float64(i+1)))
		if i > 0 && smoothed-last < steepest {
			steepest, rate = smoothed-last, r.Rates[i]
		}
		last = smoothed
	}
	return rate
}

// sweep is the geometric sequence from low to high.
type sweep struct {
	low, high float64
	steps     int
}

func (s sweep) Rate(step int) float64 {
	return s.low * math.Pow(s.high/s.low, float64(step)/float64(s.steps-1))
}
