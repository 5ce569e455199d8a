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

// RateRange is the result of a learning-rate range test: the rate and the
// loss of each step.
type RateRange struct {
	Rates, Losses []float64
}

// RangeTest trains with a rate that grows from low to high by a constant
// factor, one step per batch, and returns the losses. Rates at which they fall
// are good; where they rise, training would diverge. The test ends early when
// the smoothed loss is four times its best. It restores the parameters of the
// model.
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
	var mean smoother
	best := math.Inf(1)
	opt.Schedule = geometric{low, high, steps}
	opt.Epochs = steps // at least one step an epoch
	opt.Tolerance, opt.Resume, opt.OnEpoch = 0, nil, nil
	opt.OnStep = append(slices.Clone(opt.OnStep), func(s *State) error {
		r.Rates = append(r.Rates, s.Rate)
		r.Losses = append(r.Losses, s.BatchLoss)
		smoothed := mean.add(s.BatchLoss)
		best = math.Min(best, smoothed)
		if s.Step >= steps || smoothed > 4*best {
			return ErrStop
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

// Suggest returns a tenth of the rate at which the smoothed loss was lowest:
// there the loss stops falling, and a tenth keeps a safe distance.
func (r *RateRange) Suggest() float64 {
	var mean smoother
	best, rate := math.Inf(1), 0.0
	for i, l := range r.Losses {
		if smoothed := mean.add(l); smoothed < best {
			best, rate = smoothed, r.Rates[i]
		}
	}
	return rate / 10
}

// smoother is an exponential moving average without the bias of its start.
type smoother struct{ sum, weight float64 }

func (s *smoother) add(v float64) float64 {
	const keep = 0.9
	s.sum = keep*s.sum + (1-keep)*v
	s.weight = keep*s.weight + (1 - keep)
	return s.sum / s.weight
}

// geometric is the geometric sequence from low to high.
type geometric struct {
	low, high float64
	steps     int
}

func (s geometric) Rate(step int) float64 {
	return s.low * math.Pow(s.high/s.low, float64(step)/float64(s.steps-1))
}
