package optim

import (
	"errors"
	"iter"
	"math"
)

// ScheduleFree runs its inner optimizer at a constant learning rate and averages
// the points that it visits. The gradient is computed between the current point z
// and the average x. No schedule has to lower the rate, and so the length of
// training need not be known in advance.
//
//	y = (1−β)z + βx                      θ, where the gradient is taken
//	z ← a step of the optimizer inside
//	x ← (1−c)x + c·z                     c = α*²/Σα*², α* the largest rate so far
//
// x, z and y start at the same point. The weights α*² matter during a [Warmup] of
// the rate, which the authors recommend; for a constant rate c = 1/t. β = 0 is the
// average of Polyak and Ruppert. β = 1 would compute the gradient at the average.
//
// θ is y during training, and x is the point to evaluate and keep. ScheduleFree is
// an [Averager], so that training does both. Changes made to θ between the steps,
// as by decoupled [WeightDecay] around ScheduleFree or by a proximal step, are
// applied to z.
//
// The inner optimizer should have no momentum, since β takes its place:
//
//	optim.NewScheduleFree(&optim.SGD{})
//	optim.NewScheduleFreeAdamW(0.01)
//
// The published code and optax.contrib.schedule_free compute x from y and z, which
// does not work for β = 0. ScheduleFree stores x instead.
//
// Source: Defazio et al., The Road Less Scheduled, 2024, algorithm 1; α* is that of
// their code.
type ScheduleFree struct {
	Beta      float64 // β, 0 ≤ β < 1
	Power     float64 // of α* in the weights, ≥ 0
	Optimizer         // moves z
	average           // x

	z              []float64
	largest, total [1]float64 // α* and Σα*²
}

// NewScheduleFree returns ScheduleFree around inner, with β = 0.9 and weights α*².
func NewScheduleFree(inner Optimizer) *ScheduleFree {
	return &ScheduleFree{Beta: 0.9, Power: 2, Optimizer: inner}
}

// NewScheduleFreeAdamW returns schedule-free AdamW: ScheduleFree with β = 0.9
// around [Adam] with β₁ = 0, β₂ = 0.999 and ε = 10⁻⁸, and a decoupled decay of
// strength lambda. The decay is computed at y, as in the paper's algorithm.
func NewScheduleFreeAdamW(lambda float64) WeightDecay {
	adam := NewAdam()
	adam.Beta1 = 0
	return WeightDecay{Lambda: lambda, Decoupled: true, Optimizer: NewScheduleFree(adam)}
}

func (o *ScheduleFree) Init(dim int) {
	o.init(dim)
	o.z = resize(o.z, dim)
	o.largest[0], o.total[0] = 0, 0
	o.Optimizer.Init(dim)
}

// Step moves z, the average x and θ.
func (o *ScheduleFree) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.z))
	o.checkStep("ScheduleFree")
	x, z := o.values[:len(theta)], o.z[:len(theta)]
	if o.steps[0] == 0 {
		copy(x, theta)
		copy(z, theta)
		o.count[0] = 1
	}
	for i, y := range theta {
		z[i] += y - o.between(z[i], x[i])
	}
	o.steps[0]++
	o.Optimizer.Step(z, grad, lr)
	c := o.share(lr)
	for i := range theta {
		x[i] = (1-c)*x[i] + c*z[i]
		theta[i] = o.between(z[i], x[i])
	}
}

// between returns y, the same bits whenever it is asked.
func (o *ScheduleFree) between(z, x float64) float64 {
	return float64((1-o.Beta)*z) + float64(o.Beta*x)
}

// share returns c, 0 while all rates were 0.
func (o *ScheduleFree) share(lr float64) float64 {
	o.largest[0] = max(o.largest[0], lr)
	if o.largest[0] == 0 {
		return 0
	}
	weight := math.Pow(o.largest[0], o.Power)
	o.total[0] += weight
	return weight / o.total[0]
}

// State yields "steps", "count", "average" (x), "z", "largest rate", "total
// weight", and the state of the inner optimizer, with names that begin with
// "schedulefree.".
func (o *ScheduleFree) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		_ = yieldAll(yield, []string{"steps", "count", "average", "z", "largest rate", "total weight"},
			o.steps[:], o.count[:], o.values, o.z, o.largest[:], o.total[:]) &&
			yieldInner(yield, "schedulefree.", o.Optimizer)
	}
}

func (o *ScheduleFree) Unwrap() Optimizer { return o.Optimizer }

// Validate reports settings outside 0 ≤ β < 1 and Power ≥ 0, and what the inner
// optimizer reports.
func (o *ScheduleFree) Validate() error {
	return errors.Join(
		advise("NewScheduleFree",
			checkFraction("ScheduleFree", "Beta", o.Beta),
			checkNotNegative("ScheduleFree", "Power", o.Power)),
		checkInner("ScheduleFree", o.Optimizer),
	)
}
