package solve

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/train"
)

// objective is F(θ) = loss + penalty of a model on all samples, as a function
// of θ. It remembers the last θ, so that a value and a gradient asked for at
// the same place cost one pass together.
type objective struct {
	model   model.Model
	layout  []model.Param
	x       mat.Matrix
	y       *mat.Dense
	weights []float64
	loss    loss.Loss
	penalty regularizer.Regularizer // with a gradient; nil for none
	seed    uint64

	at          []float64 // θ of what follows
	known       bool      // lossValue and dPred are those at θ
	knownGrad   bool      // grad is that at θ
	lossValue   float64
	penaltyPart float64
	grad        []float64
	pred, dPred mat.Dense
	halfPasses  int
}

func newObjective(m model.Model, x mat.Matrix, y *mat.Dense, weights []float64, l loss.Loss, r regularizer.Regularizer, seed uint64) *objective {
	return &objective{
		model: m, layout: m.Layout(), x: x, y: y, weights: weights, loss: l, penalty: r, seed: seed,
		at: slices.Clone(m.Params()), grad: make([]float64, len(m.Params())),
	}
}

// value returns F(θ), by a Forward unless it is known.
func (o *objective) value(theta []float64) float64 {
	if !o.known || !slices.Equal(theta, o.at) {
		o.forward(theta)
	}
	return o.lossValue + o.penaltyPart
}

// gradient returns ∇F(θ), which is valid until the next call, by a Backward and
// the Forward before it unless they are known.
func (o *objective) gradient(theta []float64) []float64 {
	o.value(theta)
	if o.knownGrad {
		return o.grad
	}
	clear(o.grad)
	o.model.Backward(o.grad, &o.dPred)
	o.halfPasses++
	for _, p := range o.layout {
		if o.penalty != nil && p.Decay {
			o.penalty.AddGradient(p.In(o.grad), p.In(o.at))
		}
	}
	o.knownGrad = true
	return o.grad
}

func (o *objective) forward(theta []float64) {
	copy(o.at, theta)
	copy(o.model.Params(), theta)
	if s, ok := o.model.(model.Seeder); ok {
		s.Seed(o.seed, 0) // the same draw each time, or F would not be a function
	}
	o.pred.Reset()
	o.model.Forward(&o.pred, o.x)
	o.dPred.Reset()
	o.lossValue = o.loss.Loss(&o.dPred, &o.pred, o.y, o.weights)
	o.penaltyPart = o.penaltyAt(theta)
	o.halfPasses++
	o.known, o.knownGrad = true, false
}

func (o *objective) penaltyAt(theta []float64) float64 {
	return penaltyAt(o.penalty, o.layout, theta)
}

func (o *objective) passes() float64 { return float64(o.halfPasses) / 2 }

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
