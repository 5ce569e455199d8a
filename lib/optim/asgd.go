package optim

import (
	"errors"
	"iter"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// ASGD is averaged stochastic gradient descent: [SGD] with a rate that falls
// slowly, and the mean of all θ from step t₀ on. Single steps follow the noise of
// their samples, which cancels in the mean.
//
//	η = α/(1 + λα(t−1))^κ                t counts steps from 1
//	θ ← (1 − λη)θ − η·g
//	average ← θ                          up to step t₀ + 2
//	average ← average + (θ − average)/(t − 1 − t₀)      after it
//
// With κ = ¾, slower than the 1/t that plain SGD needs, the average converges on a
// strongly convex loss as fast as any method that sees each sample once. ASGD is an
// [Averager]: training evaluates and keeps the average.
//
// At a constant rate, the semantics are those of torch.optim.ASGD. If a schedule
// changes α, PyTorch uses the rate of the previous step; ASGD uses that of the
// current step. [SWA] averages any optimizer, and [ScheduleFree] takes the gradient
// near the average.
//
// Sources: Polyak and Juditsky, Acceleration of Stochastic Approximation by
// Averaging, 1992; Bottou, Large-Scale Machine Learning with Stochastic Gradient
// Descent, 2010, section 5.
type ASGD struct {
	Lambda float64 // λ ≥ 0, of the decay and of the rate
	Power  float64 // κ ≥ 0
	Start  int     // t₀ ≥ 0

	average
}

// NewASGD returns ASGD that averages from step start on, with λ = 10⁻⁴ and κ =
// 0.75.
func NewASGD(start int) *ASGD { return &ASGD{Lambda: 1e-4, Power: 0.75, Start: start} }

func (o *ASGD) Init(dim int) { o.init(dim) }

// Step moves θ, then updates the average.
func (o *ASGD) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.values))
	o.checkStep("ASGD")
	before := o.steps[0] // t − 1
	o.steps[0]++
	eta := lr / math.Pow(1+o.Lambda*lr*before, o.Power)
	keep := 1 - o.Lambda*eta
	if !blas.Axpby(-eta, grad, keep, theta) {
		for i, g := range grad {
			theta[i] = keep*theta[i] - eta*g
		}
	}
	o.add(theta, 1/max(1, before-float64(o.Start)))
}

// State yields "steps", "count" and "average".
func (o *ASGD) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "count", "average"}, o.steps[:], o.count[:], o.values)
	}
}

// Validate reports a negative λ, κ or t₀.
func (o *ASGD) Validate() error {
	return advise("NewASGD", errors.Join(
		checkNotNegative("ASGD", "Lambda", o.Lambda),
		checkNotNegative("ASGD", "Power", o.Power),
		checkAtLeast("ASGD", "Start", o.Start, 0)))
}
