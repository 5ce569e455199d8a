package solve

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/train"
)

// A smooth is F(θ) = loss + penalty of a model on all samples, as a function of θ.
// It remembers the last θ, so that a value and a gradient asked for at the same
// place cost one pass together.
type smooth struct {
	objective *objective.Objective
	layout    []model.Param
	rows      int
	penalty   regularizer.Regularizer // with a gradient; nil for none
	seed      uint64
	both      bool // compute the gradient with each value: it will be asked for

	at          []float64 // θ of what follows
	known       bool      // lossValue is that at θ
	knownGrad   bool      // grad is that at θ
	asked       bool      // for grad
	lossValue   float64
	penaltyPart float64
	grad        []float64
	halfPasses  int // that were asked for
}

func newSmooth(m model.Model, data objective.Data, l loss.Loss, r regularizer.Regularizer, seed uint64) *smooth {
	rows, _ := data.X.Dims()
	return &smooth{
		objective: objective.New(m, l, data, objective.Options{}),
		layout:    m.Layout(), rows: rows, penalty: r, seed: seed,
		at: slices.Clone(m.Params()), grad: make([]float64, len(m.Params())),
	}
}

// value returns F(θ).
func (s *smooth) value(theta []float64) float64 {
	if !s.known || !slices.Equal(theta, s.at) {
		s.move(theta)
		if s.both {
			s.differentiate()
		} else {
			s.lossValue = s.objective.Value(0, s.rows)
		}
	}
	return s.lossValue + s.penaltyPart
}

// gradient returns ∇F(θ), which is valid until the next call.
func (s *smooth) gradient(theta []float64) []float64 {
	if !s.known || !slices.Equal(theta, s.at) {
		s.move(theta)
	}
	if !s.knownGrad {
		s.differentiate()
	}
	if !s.asked {
		s.asked = true
		s.halfPasses++
	}
	return s.grad
}

func (s *smooth) move(theta []float64) {
	copy(s.at, theta)
	copy(s.objective.Model.Params(), theta)
	s.objective.Seed(s.seed, 0) // the same draw each time, or F would not be a function
	s.penaltyPart = s.penaltyAt(theta)
	s.halfPasses++
	s.known, s.knownGrad, s.asked = true, false, false
}

func (s *smooth) differentiate() {
	s.objective.Seed(s.seed, 0)
	s.lossValue = s.objective.Gradient(s.grad, 0, s.rows)
	for _, p := range s.layout {
		if s.penalty != nil && p.Decay {
			s.penalty.AddGradient(p.In(s.grad), p.In(s.at))
		}
	}
	s.knownGrad = true
}

func (s *smooth) penaltyAt(theta []float64) float64 {
	return penaltyAt(s.penalty, s.layout, theta)
}

func (s *smooth) passes() float64 { return float64(s.halfPasses) / 2 }

// penaltyAt returns the penalty of the parts of θ to which penalties apply.
func penaltyAt(r regularizer.Regularizer, layout []model.Param, theta []float64) float64 {
	sum := 0.0
	for _, p := range layout {
		if r != nil && p.Decay {
			sum += r.Penalty(p.In(theta))
		}
	}
	return sum
}

// recorder writes a history.
type recorder struct {
	history *train.History
	path    bool
	start   time.Time
}

func newRecorder(path bool) *recorder {
	return &recorder{history: &train.History{Status: train.Running}, path: path, start: time.Now()}
}

// record appends one point: theta, with its loss, its penalty and the gradient
// there.
func (r *recorder) record(theta []float64, lossValue, penalty, gradNorm, rate, passes float64) {
	n := len(r.history.Records) + 1
	r.history.Records = append(r.history.Records, train.Record{
		Epoch: n, Step: n - 1, Passes: passes,
		Loss: lossValue, Penalty: penalty, ValLoss: math.NaN(),
		Rate: rate, GradNorm: gradNorm, Elapsed: time.Since(r.start),
	})
	if r.path {
		r.history.Path = append(r.history.Path, slices.Clone(theta))
	}
}

func (r *recorder) finish(status train.Status, reason string) *train.History {
	r.history.Status, r.history.Reason = status, reason
	return r.history
}

func norm2(v []float64) float64   { return floats.Norm(v, 2) }
func normInf(v []float64) float64 { return floats.Norm(v, math.Inf(1)) }
