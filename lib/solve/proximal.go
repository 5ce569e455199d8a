package solve

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/train"
)

// ProximalOptions are the settings of ISTA and FISTA. Loss must be set.
type ProximalOptions struct {
	Loss loss.Loss
	// Proximal is the penalty, such as L1; nil for none. A smooth penalty may be in
	// Regularizer, which is treated like the loss.
	Proximal      regularizer.Proximal
	Regularizer   regularizer.Regularizer
	SampleWeights []float64 // sample weights ≥ 0; nil means all 1

	// Step is 1/L for a known bound L of the curvature of the loss (and of
	// Regularizer): see StepBound. 0 means that each step is tried and halved until
	// it is small enough. That needs no bound and costs half a pass for each failed
	// trial.
	Step float64
	// Restart resets FISTA's momentum when it points uphill. The objective then
	// does not oscillate, and converges linearly if the minimum is sharp.
	Restart bool
	// Tolerance ends the iteration when no component of (θ − θ⁺)/step, which is
	// the gradient where there is no penalty, is larger; 0 means 10⁻⁶.
	Tolerance     float64
	MaxIterations int // 0 means 1000

	Seed       uint64 // for models with random layers
	RecordPath bool   // keep θ of each record in History.Path
}

// ISTA minimizes a smooth loss over all samples plus a penalty R that need not be
// smooth, by proximal gradient steps from the current parameters of m, which may be
// any model:
//
//	θ⁺ = prox_{sR}(θ − s∇L(θ)),   s = 1/L
//
// For the lasso this is the iterative shrinkage-thresholding algorithm. After t
// steps the objective is within O(1/t) of the minimum. [FISTA] needs far fewer
// steps of the same cost.
//
// The history's GradNorm is ‖(θ − θ⁺)/s‖₂, which is 0 exactly at a minimum. Status
// and errors are those of [Minimize].
//
// Source: Beck and Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm
// for Linear Inverse Problems, SIAM J. Imaging Sciences 2, 2009, §3.
func ISTA(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt ProximalOptions) (*train.History, error) {
	return proximal(ctx, m, x, y, opt, false)
}

// FISTA is [ISTA] with momentum: each step starts at a point z beyond the last one:
//
//	θ⁺ = prox_{sR}(z − s∇L(z))
//	t⁺ = (1 + √(1 + 4t²))/2
//	z⁺ = θ⁺ + (t − 1)/t⁺ · (θ⁺ − θ)
//
// After t steps the objective is within O(1/t²) of the minimum. The loss of each
// record is the loss at z, where the gradient was computed.
//
// Source: Beck and Teboulle, 2009, §4; for the restart O'Donoghue and Candès,
// Adaptive Restart for Accelerated Gradient Schemes, 2015 (gradient scheme).
func FISTA(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt ProximalOptions) (*train.History, error) {
	return proximal(ctx, m, x, y, opt, true)
}

// StepBound returns 1/L, a step at which ISTA and FISTA converge for a linear model
// without trials. L is the curvature of the loss times the largest eigenvalue of
// X̃ᵀX̃/m (model.Linear.CurvatureBound, at most 100 passes over the data). It
// returns an error if the loss has no bound on its curvature.
//
// A smooth Regularizer adds its own curvature, λ for L2: the step is then
// 1/(1/StepBound + λ).
func StepBound(m *model.Linear, x mat.Matrix, weights []float64, l loss.Loss) (float64, error) {
	smooth, ok := l.(loss.Smooth)
	if !ok || math.IsInf(smooth.Curvature(), 1) {
		return 0, fmt.Errorf("solve: the curvature of %T has no bound: leave Step 0, or choose a smooth loss", l)
	}
	rows, _ := x.Dims()
	if weights != nil && len(weights) != rows {
		return 0, fmt.Errorf("solve: there are %d sample weights for %d rows", len(weights), rows)
	}
	data := objective.Data{X: x, Y: mat.NewDense(rows, 1, nil), SampleWeights: weights}.Used()
	rows, _ = data.X.Dims()
	// Weights raise the eigenvalue by no more than their largest over their mean.
	largest := float64(rows) * slices.Max(shares(data.SampleWeights, rows))
	return 1 / (smooth.Curvature() * largest * m.CurvatureBound(data.X)), nil
}

func proximal(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt ProximalOptions, accelerate bool) (*train.History, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	data, err := checkProblem(m, x, y, opt.SampleWeights, opt.Loss, opt.Proximal)
	if err != nil {
		return nil, err
	}
	if v, ok := opt.Regularizer.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return nil, fmt.Errorf("solve: %w", err)
		}
	}
	p := &proximalRun{
		recorder:   newRecorder(opt.RecordPath),
		opt:        opt,
		smooth:     newSmooth(m, data, opt.Loss, opt.Regularizer, opt.Seed),
		accelerate: accelerate,
		theta:      slices.Clone(m.Params()),
		z:          slices.Clone(m.Params()),
		next:       slices.Clone(m.Params()),
		grad:       make([]float64, len(m.Params())),
		step:       opt.Step,
		t:          1,
	}
	if p.step == 0 {
		p.step = 1
	}
	defer func() { copy(m.Params(), p.theta) }()
	return p.run(ctx)
}

// check fills in what is not set and returns an error for what is set badly.
func (o *ProximalOptions) check() error {
	if o.Tolerance == 0 {
		o.Tolerance = 1e-6
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 1000
	}
	switch {
	case !(o.Step >= 0) || math.IsInf(o.Step, 1):
		return fmt.Errorf("solve: Step is %g, want a finite number > 0, or 0 to have it found", o.Step)
	case !(o.Tolerance > 0):
		return fmt.Errorf("solve: Tolerance is %g, want a number > 0", o.Tolerance)
	case o.MaxIterations < 0:
		return fmt.Errorf("solve: MaxIterations is %d, want at least 1", o.MaxIterations)
	}
	return nil
}

type proximalRun struct {
	*recorder
	opt        ProximalOptions
	smooth     *smooth
	accelerate bool

	theta, z, next []float64 // θ, the point to step from, θ⁺
	grad           []float64 // ∇L(z)
	step, t        float64
}

func (p *proximalRun) run(ctx context.Context) (*train.History, error) {
	for i := 1; ; i++ {
		if ctx.Err() != nil {
			return p.finish(train.Interrupted, context.Cause(ctx).Error()), nil
		}
		copy(p.grad, p.smooth.gradient(p.z))
		value := p.smooth.value(p.z)
		if !number.IsFinite(value) {
			err := fmt.Errorf("solve: the loss is %g after %d iterations: lower Step (now %.3g), or leave it 0", value, i-1, p.step)
			return p.finish(train.Diverged, err.Error()), err
		}
		lossPart, smoothPart, passes := p.smooth.lossValue, p.smooth.penaltyPart, p.smooth.passes()
		if err := p.advance(value, i == 1); err != nil {
			p.finish(train.Failed, err.Error())
			return p.history, err
		}
		largest, length := p.gradientMap()
		penalty := smoothPart + penaltyAt(p.opt.Proximal, p.smooth.layout, p.z)
		p.record(p.z, lossPart, penalty, length, p.step, passes)
		p.extrapolate()
		switch {
		case largest <= p.opt.Tolerance:
			return p.finish(train.Converged, fmt.Sprintf("no component of the gradient map is above %.3g", p.opt.Tolerance)), nil
		case i == p.opt.MaxIterations:
			return p.finish(train.Completed, fmt.Sprintf("all %d iterations are done; the gradient map is %.3g", i, largest)), nil
		}
	}
}

// advance sets next to the proximal step from z. Unless Step is given, the step
// is halved until the parabola of curvature 1/step lies above the loss there;
// the first one is doubled before, while it does.
func (p *proximalRun) advance(value float64, first bool) error {
	p.move()
	if p.opt.Step > 0 {
		return nil
	}
	for range maxDoublings {
		if !first || !p.below(value) {
			break
		}
		p.step *= 2
		p.move()
	}
	for !p.below(value) {
		if p.step /= 2; p.step < 1e-300 {
			return errors.New("solve: no step is short enough: the loss has a kink, where no proximal gradient step goes")
		}
		p.move()
	}
	return nil
}

const maxDoublings = 60

// move sets next to prox_{sR}(z − s∇L(z)).
func (p *proximalRun) move() {
	for i, g := range p.grad {
		p.next[i] = p.z[i] - p.step*g
	}
	for _, part := range p.smooth.layout {
		if p.opt.Proximal != nil && part.Decay {
			p.opt.Proximal.Prox(part.In(p.next), p.step)
		}
	}
}

// below reports that the loss at next is below the parabola through z. Near the
// minimum both are equal but for rounding, which must not shorten the step.
func (p *proximalRun) below(value float64) bool {
	bound := value + 1000*epsilon*math.Abs(value)
	for i, g := range p.grad {
		d := p.next[i] - p.z[i]
		bound += g*d + d*d/(2*p.step)
	}
	return p.smooth.value(p.next) <= bound
}

// gradientMap returns the largest component and the length of (z − θ⁺)/step.
func (p *proximalRun) gradientMap() (largest, length float64) {
	for i, v := range p.z {
		d := math.Abs(v-p.next[i]) / p.step
		largest = max(largest, d)
		length = math.Hypot(length, d)
	}
	return largest, length
}

// extrapolate makes θ⁺ the current point and chooses the next one to step from.
func (p *proximalRun) extrapolate() {
	if !p.accelerate {
		copy(p.theta, p.next)
		copy(p.z, p.next)
		return
	}
	if p.opt.Restart && p.uphill() {
		p.t = 1
	}
	t := (1 + math.Sqrt(1+4*p.t*p.t)) / 2
	momentum := (p.t - 1) / t
	p.t = t
	for i, v := range p.next {
		p.z[i] = v + momentum*(v-p.theta[i])
		p.theta[i] = v
	}
}

// uphill reports that the last movement goes against the step: (z−θ⁺)·(θ⁺−θ) > 0.
func (p *proximalRun) uphill() bool {
	sum := 0.0
	for i, v := range p.next {
		sum += (p.z[i] - v) * (v - p.theta[i])
	}
	return sum > 0
}
