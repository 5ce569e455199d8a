package solve

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/train"
)

// NewtonCGOptions are the settings of NewtonCG. Loss must be set.
type NewtonCGOptions struct {
	Loss        loss.Loss
	Regularizer regularizer.Regularizer // smooth, such as L2; nil for none
	Weights     []float64               // sample weights ≥ 0; nil means all 1

	// GradTolerance ends the search when no component of the gradient is larger;
	// 0 means 10⁻⁸.
	GradTolerance float64
	MaxIterations int // 0 means 200
	// MaxProducts is the maximum number of products with the Hessian matrix in an
	// iteration; 0 means the number of parameters plus 20.
	MaxProducts int

	Seed       uint64 // for models with random layers
	RecordPath bool   // keep θ of each record in History.Path
}

// NewtonCG minimizes the loss over all samples plus the penalty by Newton's method,
// from the current parameters of m, which may be any model. The equation of a step,
//
//	H·s = −g
//
// is solved approximately by conjugate gradients, which need only products of the
// Hessian matrix H with vectors, until ‖H·s + g‖ ≤ min(½, √‖g‖)·‖g‖. That is
// accurate enough for superlinear convergence. A step is no longer than a trust
// radius, which grows if the quadratic model of g and H predicts the objective and
// shrinks if it does not. If conjugate gradients meet a direction of negative
// curvature, they follow it to that radius, so that NewtonCG moves past saddles. It
// finds only a local minimum of a network.
//
// If the model is a model.SecondOrder, as model.Linear and the models of lib/grad
// are, products are exact and cost about one pass over the data each. Otherwise
// they are differences of gradients and cost two passes: see objective.Hessian.
//
// m ends at the best point. The history and its Status are those of [Minimize].
//
// Source: Nocedal and Wright, Numerical Optimization, 2nd ed., 2006, algorithms 4.1 and 7.2;
// Steihaug, The Conjugate Gradient Method and Trust Regions in Large Scale Optimization, SIAM
// J. Numer. Anal. 20, 1983.
func NewtonCG(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt NewtonCGOptions) (*train.History, error) {
	if err := opt.check(len(m.Params())); err != nil {
		return nil, err
	}
	data, err := checkProblem(m, x, y, opt.Weights, opt.Loss, opt.Regularizer)
	if err != nil {
		return nil, err
	}
	n := len(m.Params())
	c := &newtonCG{
		recorder: newRecorder(opt.RecordPath), opt: opt,
		smooth: newSmooth(m, data, opt.Loss, opt.Regularizer, opt.Seed),
		theta:  slices.Clone(m.Params()), trial: make([]float64, n), grad: make([]float64, n),
		step: make([]float64, n), residual: make([]float64, n), direction: make([]float64, n), product: make([]float64, n),
		above: make([]float64, n), moved: make([]float64, n),
	}
	c.smooth.both = true
	defer func() { copy(m.Params(), c.theta) }()
	return c.run(ctx)
}

// check fills in what is not set and returns an error for what is set badly.
func (o *NewtonCGOptions) check(params int) error {
	if o.GradTolerance == 0 {
		o.GradTolerance = 1e-8
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 200
	}
	if o.MaxProducts == 0 {
		o.MaxProducts = params + 20
	}
	switch {
	case !(o.GradTolerance > 0):
		return fmt.Errorf("solve: GradTolerance is %g, want a number > 0", o.GradTolerance)
	case o.MaxIterations < 0:
		return fmt.Errorf("solve: MaxIterations is %d, want at least 1", o.MaxIterations)
	case o.MaxProducts < 0:
		return fmt.Errorf("solve: MaxProducts is %d, want at least 1", o.MaxProducts)
	}
	return nil
}

type newtonCG struct {
	*recorder
	opt    NewtonCGOptions
	smooth *smooth

	theta, trial, grad []float64
	step, residual     []float64 // s and −g − H·s
	direction, product []float64 // d and H·d
	above, moved       []float64 // of differences of the penalty
	hessian            *objective.Hessian
	radius             float64
	extraPasses        float64 // of products
}

func (c *newtonCG) run(ctx context.Context) (*train.History, error) {
	value := c.smooth.value(c.theta)
	if !number.IsFinite(value) {
		err := fmt.Errorf("solve: the loss is %g at the start: start from other parameters or scale the features", value)
		return c.finish(train.Diverged, err.Error()), err
	}
	copy(c.grad, c.smooth.gradient(c.theta))
	c.radius = 10 * max(1, norm2(c.theta))
	c.note()
	for i := 0; ; i++ {
		largest := normInf(c.grad)
		switch {
		case ctx.Err() != nil:
			return c.finish(train.Interrupted, context.Cause(ctx).Error()), nil
		case math.IsNaN(largest):
			err := fmt.Errorf("solve: the gradient is not a number after %d iterations: scale the features or set a Regularizer", i)
			return c.finish(train.Diverged, err.Error()), err
		case largest <= c.opt.GradTolerance:
			return c.finish(train.Converged, fmt.Sprintf("no component of the gradient is above %.3g", c.opt.GradTolerance)), nil
		case i == c.opt.MaxIterations:
			return c.finish(train.Completed, fmt.Sprintf("all %d iterations are done; the gradient is %.3g", i, largest)), nil
		}
		c.curve()
		next, moved := c.descend(ctx, value)
		if !moved {
			if largest <= hidden*max(1, math.Abs(value)) {
				return c.finish(train.Converged, fmt.Sprintf("rounding hides further progress; the gradient is %.3g", largest)), nil
			}
			if ctx.Err() != nil {
				return c.finish(train.Interrupted, context.Cause(ctx).Error()), nil
			}
			err := fmt.Errorf("solve: no step lowers the objective where the gradient is %.3g: it may have a kink (L1, MAE), for which FISTA is made", largest)
			c.finish(train.Failed, err.Error())
			return c.history, err
		}
		value = next
		copy(c.grad, c.smooth.gradient(c.theta))
		c.note()
	}
}

// note records the present point.
func (c *newtonCG) note() {
	c.record(c.theta, c.smooth.lossValue, c.smooth.penaltyPart, norm2(c.grad), math.NaN(), c.smooth.passes()+c.extraPasses)
}

// curve prepares products with the Hessian matrix at θ.
func (c *newtonCG) curve() {
	copy(c.smooth.objective.Model.Params(), c.theta)
	c.smooth.objective.Seed(c.opt.Seed, 0)
	c.hessian = c.smooth.objective.Hessian(0, c.smooth.rows)
	if c.hessian.Exact() {
		c.extraPasses++
	}
}

// descend takes the first step that lowers the objective as foretold, of smaller and smaller
// ones. It returns false if there is none.
func (c *newtonCG) descend(ctx context.Context, value float64) (next float64, moved bool) {
	for ctx.Err() == nil {
		c.conjugate()
		length := norm2(c.step)
		// The parabola −g·s − ½s·H·s, with H·s = −g − residual.
		promise := -floats.Dot(c.grad, c.step)/2 + floats.Dot(c.step, c.residual)/2
		floats.AddTo(c.trial, c.theta, c.step)
		if length == 0 || slices.Equal(c.trial, c.theta) {
			return value, false
		}
		next = c.smooth.value(c.trial)
		ratio := (value - next) / promise
		if promise <= 4*epsilon*math.Abs(value) { // rounding decides what the value is
			ratio = 0
			if normInf(c.smooth.gradient(c.trial)) < normInf(c.grad) && number.IsFinite(next) {
				ratio = 1
			}
		}
		if !number.IsFinite(next) {
			ratio = -1
		}
		switch {
		case !(ratio >= 0.25):
			c.radius = length / 4
		case ratio > 0.75 && length > 0.99*c.radius:
			c.radius *= 2
		}
		if ratio > 1e-4 {
			copy(c.theta, c.trial)
			return next, true
		}
		if promise <= 4*epsilon*math.Abs(value) {
			return value, false
		}
		copy(c.smooth.objective.Model.Params(), c.theta)
		c.curve()
	}
	return value, false
}

// conjugate sets step to a minimum of the parabola g·s + ½s·H·s within the radius, about as
// exactly as the parabola is the objective, and residual to −g − H·s.
func (c *newtonCG) conjugate() {
	clear(c.step)
	floats.ScaleTo(c.residual, -1, c.grad)
	copy(c.direction, c.residual)
	square := floats.Dot(c.residual, c.residual)
	enough := min(0.5, math.Sqrt(math.Sqrt(square))) * math.Sqrt(square)
	for range c.opt.MaxProducts {
		c.multiply()
		bend := floats.Dot(c.direction, c.product)
		alpha := square / bend
		limit := c.toRadius()
		if !(bend > 0) || alpha >= limit {
			alpha = limit
		}
		floats.AddScaled(c.step, alpha, c.direction)
		floats.AddScaled(c.residual, -alpha, c.product)
		if alpha == limit || norm2(c.residual) <= enough {
			return
		}
		before := square
		square = floats.Dot(c.residual, c.residual)
		floats.Scale(square/before, c.direction)
		floats.Add(c.direction, c.residual)
	}
}

// toRadius returns the τ > 0 at which ‖s + τd‖ is the radius.
func (c *newtonCG) toRadius() float64 {
	dd, sd, ss := floats.Dot(c.direction, c.direction), floats.Dot(c.step, c.direction), floats.Dot(c.step, c.step)
	root := math.Sqrt(sd*sd + dd*max(0, c.radius*c.radius-ss))
	if sd > 0 { // without a difference of numbers that are nearly equal
		return max(0, c.radius*c.radius-ss) / (sd + root)
	}
	return (root - sd) / dd
}

// multiply sets product to H·d. The penalty's part is a difference of its gradient, which
// for L2 is exact but for rounding.
func (c *newtonCG) multiply() {
	c.hessian.Product(c.product, c.direction)
	c.extraPasses++
	if !c.hessian.Exact() {
		c.extraPasses++
	}
	if c.opt.Regularizer == nil {
		return
	}
	step := math.Cbrt(epsilon) * (1 + norm2(c.theta)) / norm2(c.direction)
	for _, sign := range []float64{1, -1} {
		floats.AddScaledTo(c.moved, c.theta, sign*step, c.direction)
		clear(c.above)
		for _, p := range c.smooth.layout {
			if p.Decay {
				c.opt.Regularizer.AddGradient(p.In(c.above), p.In(c.moved))
			}
		}
		floats.AddScaled(c.product, sign/(2*step), c.above)
	}
}
