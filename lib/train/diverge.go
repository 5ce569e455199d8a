package train

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// diverged ends training. It says what became infinite, when, and what to do about it. For a
// linear model it computes the cure: gradient descent on a loss whose curvature
// is at most L is stable only below the learning rate 2/L.
func (r *run) diverged(what string, value float64, batch int) error {
	s := r.state
	advice := fmt.Sprintf("lower the learning rate (now %g) or scale the features", s.Rate)
	if limit, ok := r.largestRate(); ok && s.Rate > limit {
		advice = fmt.Sprintf("the learning rate %g is above 2/L = %.2g, beyond which gradient descent diverges on this data: lower it, or scale the features", s.Rate, limit)
	}
	return r.fail(Diverged, fmt.Errorf("train: %s is %g at epoch %d, batch %d: %s", what, value, s.Epoch, batch, advice))
}

// largestRate returns 2/L where it is known and tight: for a linear model with
// one output, a smooth loss and no sample weights. Of a stream it knows the batch.
func (r *run) largestRate() (limit float64, ok bool) {
	m, ok1 := r.state.Model.(model.Affine)
	l, ok2 := r.opt.Loss.(loss.Smooth)
	if _, outputs := r.state.Model.Dims(); !ok1 || !ok2 || outputs > 1 || r.objective.Data.SampleWeights != nil {
		return 0, false
	}
	curvature := l.Curvature() * model.CurvatureBound(m, r.objective.Data.X)
	return 2 / curvature, curvature > 0 && !math.IsInf(curvature, 1)
}
