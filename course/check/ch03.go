package check

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

var momentumStep = Exercise{"MomentumStep", []string{
	"Two lines inside a loop over j, one for each of the two formulas.",
	"First change b[j], then use the new b[j] to change theta[j].",
	"b[j] = mu*b[j] + g, and then theta[j] -= alpha * b[j].",
}}

// MomentumStep checks one step of gradient descent with momentum, which changes
// theta and b in place: b ← μb + g, θ ← θ − αb.
func MomentumStep(f func(theta, b, grad []float64, alpha, mu float64)) Answer {
	return examine(momentumStep, func(t *trial) {
		cases(t, 31, []float64{0.9, 0.5, 0}, func(r *rand.Rand) float64 {
			return uniform(r, 0, 0.99)
		}, func(mu float64, r *rand.Rand) {
			theta, b, grad, alpha := normal(r, 3), normal(r, 3), normal(r, 3), 0.1+twoDigits(r.Float64())
			theta0, b0, grad0 := slices.Clone(theta), slices.Clone(b), slices.Clone(grad)
			velocity := combine(mu, b, 1, grad)
			t.give("theta", theta, "b", b, "grad", grad, "alpha", alpha, "mu", mu)
			f(theta, b, grad, alpha, mu)
			t.unchanged("grad", grad, grad0)
			t.equal("b", b, velocity,
				mistake{combine(mu, b0, -alpha, grad), "You gather steps, b ← μb − αg, as some books do. Here b gathers gradients, and alpha and the minus sign come in with theta. (They differ when alpha changes.)"},
				mistake{combine(mu, b0, alpha, grad), "alpha is in b already. Here b gathers gradients as they are, and alpha comes in with theta."},
				mistake{combine(mu, b0, -1, grad), "b gathers gradients with their sign: add the gradient. theta subtracts."},
				mistake{b0, "b stays as it was, and the next step would know nothing of this one: change b[j] itself."},
				mistake{grad0, "b forgets what it was: the new velocity is mu times the old one, plus the gradient."},
				mistake{combine(1, b0, 1, grad), "b never slows down: the old velocity is multiplied by mu."},
				mistake{combine(mu, b0, 1-mu, grad), "You add only a share 1 − mu of the gradient. Adam averages like that; momentum adds all of it."})
			t.equal("theta", theta, combine(1, theta0, -alpha, velocity),
				mistake{combine(1, theta0, -alpha, b0), "theta moves with the old velocity: change b[j] first, then use it."},
				mistake{combine(1, theta0, -alpha, grad), "theta moves against the gradient alone: the velocity b takes its place."},
				mistake{combine(1, theta0, -alpha, combine(mu, velocity, 1, grad)), "That is Nesterov's momentum, which looks one step ahead: gradient plus mu times the new velocity. Here theta moves by alpha times the velocity alone."},
				mistake{combine(1, theta0, 1, velocity), "theta adds the velocity, uphill and without the learning rate: subtract alpha times it."},
				mistake{combine(1, theta0, alpha, velocity), "theta moves uphill: subtract the velocity."},
				mistake{combine(1, theta0, -1, velocity), "The learning rate is missing: the step is alpha times the velocity."},
				mistake{theta0, "theta does not move."})
		})
	})
}

var rmsProp = Exercise{"RMSProp", []string{
	"Which setting says how long the first moment remembers the direction?",
	"m ← β₁m + (1−β₁)g. For which β₁ is m the gradient itself?",
	"One line: o.Beta1 = …, and the number is as small as it can be.",
}}

// RMSProp checks settings of Adam with which the first moment is the gradient
// itself.
func RMSProp(f func() *optim.Adam) Answer {
	return examine(rmsProp, func(t *trial) {
		o, usual := f(), optim.NewAdam()
		switch {
		case o == nil:
			t.fail("It returns nil.")
		case o.Beta1 == 1:
			t.fail("With β₁ = 1 the first moment ignores the gradient and stays at 0 for ever. You want the opposite.")
		case o.Beta1 < 0:
			t.fail("β₁ is a share, from 0 to 1.")
		case o.Beta1 > 0 && o.Beta1 < usual.Beta1:
			t.fail("With β₁ = %g there is still some memory, about %.2g steps. You want none at all.", o.Beta1, 1/(1-o.Beta1))
		case o.Beta1 == usual.Beta1 && o.Beta2 != usual.Beta2:
			t.fail("β₂ is the memory of the size. The memory of the direction is the other one.")
		case o.Beta1 == usual.Beta1:
			t.fail("β₁ is still %g: the first moment is an average over about %.0f steps.", o.Beta1, 1/(1-o.Beta1))
		}
		t.equal("β₁", o.Beta1, 0.0)
		if o.Beta2 != usual.Beta2 || o.Epsilon != usual.Epsilon {
			t.fail("β₁ is right. Leave β₂ at %g and ε at %g.", usual.Beta2, usual.Epsilon)
		}
	})
}

var stableRate = Exercise{"StableRate", []string{
	"Keep two rates: lo, at which training converges, and hi, at which it does not. The edge lies between them.",
	"Ask about the middle of lo and hi. Depending on the answer the middle becomes the new lo or the new hi.",
	"Go on while hi − lo is more than 0.001, beginning with lo = 0.1 and hi = 3, and return lo.",
}}

// StableRate checks a search for the largest learning rate between 0.1 and 3 at
// which training converges, to an accuracy of 0.001.
func StableRate(f func(converges func(alpha float64) bool) float64) Answer {
	return examine(stableRate, func(t *trial) {
		cases(t, 0, []float64{0.6417, 2.718, 0.1493}, func(r *rand.Rand) float64 {
			return 0.11 + 2.8*r.Float64()
		}, func(edge float64, r *rand.Rand) {
			asked := 0
			t.give("the edge", edge)
			got := f(func(alpha float64) bool {
				asked++
				if alpha < 0.1 || alpha > 3 {
					t.fail("You ask about %.4g. The edge lies between 0.1 and 3, so begin with these two.", alpha)
				}
				return alpha <= edge
			})
			switch far := math.Abs(got - edge); {
			case asked == 0:
				t.fail("You never ask whether training converges: call converges with a rate.")
			case asked > 50:
				t.fail("You ask %d times, and each time is a whole training. Halve the interval each time: a dozen questions are enough.", asked)
			case far <= 0.001:
			case got == 0:
				t.fail("You return 0. Do you write := inside the loop? It makes a new variable, which ends with the block; = changes the one outside.")
			case math.Abs(got-0.1) < 0.002 || math.Abs(got-3) < 0.002:
				t.fail("You end at %.4g, an end of the interval, since you keep the wrong half.\n"+
					"Where training converges the edge is above: the middle becomes lo.", got)
			case far < 0.2:
				t.fail("You stop too early: %.4g is %.2g away from the edge. Go on until hi − lo is at most 0.001.", got, far)
			default:
				t.equal("the rate", got, edge)
			}
		})
	})
}

var adamStep = Exercise{"AdamStep", []string{
	"One loop over j does steps 4 to 8. m and v live on from step to step; their corrected values do not.",
	"Step 4: m[j] = beta1*m[j] + (1-beta1)*g. Step 5 is the same with beta2 and g*g.",
	"Steps 6 and 7: mHat := m[j] / (1 - math.Pow(beta1, float64(t))), and vHat alike. Don't store them in m and v.",
	"Step 8: theta[j] -= alpha * mHat / (math.Sqrt(vHat) + epsilon).",
}}

// AdamStep checks the t-th step of Adam, with t from 1, which changes theta, m
// and v in place (Kingma and Ba, 2015).
func AdamStep(f func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64)) Answer {
	return examine(adamStep, func(t *trial) {
		cases(t, 32, []int{3, 1, 1000}, func(r *rand.Rand) int {
			return between(r, 1, 50)
		}, func(step int, r *rand.Rand) {
			theta, m, v, grad := normal(r, 3), normal(r, 3), normal(r, 3), normal(r, 3)
			for j := range v {
				v[j] *= v[j]
			}
			if step == 1 {
				clear(m)
				clear(v)
				grad[1] = 0
			}
			c := adamCase{theta: theta, m: m, v: v, grad: grad, t: step, alpha: 0.1 + twoDigits(r.Float64()), beta1: 0.8, beta2: 0.95, epsilon: 0.01}
			c.check(t, f)
		})
	})
}

// adamCase is one step of Adam from a given state.
type adamCase struct {
	theta, m, v, grad            []float64
	t                            int
	alpha, beta1, beta2, epsilon float64
}

func (c adamCase) check(t *trial, f func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64)) {
	t.give("theta", c.theta, "m", c.m, "v", c.v, "grad", c.grad, "t", c.t,
		"alpha", c.alpha, "beta1", c.beta1, "beta2", c.beta2, "epsilon", c.epsilon)
	theta, m, v, grad := slices.Clone(c.theta), slices.Clone(c.m), slices.Clone(c.v), slices.Clone(c.grad)
	f(theta, m, v, grad, c.t, c.alpha, c.beta1, c.beta2, c.epsilon)
	t.unchanged("grad", grad, c.grad)

	squares := make([]float64, len(c.grad))
	for j, g := range c.grad {
		squares[j] = g * g
	}
	newM, newV := combine(c.beta1, c.m, 1-c.beta1, c.grad), combine(c.beta2, c.v, 1-c.beta2, squares)
	unbias1, unbias2 := 1/(1-math.Pow(c.beta1, float64(c.t))), 1/(1-math.Pow(c.beta2, float64(c.t)))
	mHat, vHat := combine(unbias1, newM, 0, newM), combine(unbias2, newV, 0, newV)
	const keep = "the correction is for the step alone: use a new variable, or the next step corrects a second time."
	t.equal("m", m, newM,
		mistake{mHat, "You store the corrected moment in m: " + keep},
		mistake{combine(c.beta1, c.m, 1, c.grad), "The new gradient enters m with the factor 1 − beta1."},
		mistake{combine(1-c.beta1, c.m, c.beta1, c.grad), "You have exchanged beta1 and 1 − beta1: beta1 is the share of the old."},
		mistake{c.m, "m does not change (step 4)."})
	t.equal("v", v, newV,
		mistake{vHat, "You store the corrected moment in v: " + keep},
		mistake{combine(c.beta2, c.v, 1-c.beta2, c.grad), "v averages the squares of the gradient: g*g, not g (step 5)."},
		mistake{combine(c.beta2, c.v, 1, squares), "The new square enters v with the factor 1 − beta2."},
		mistake{c.v, "v does not change (step 5)."})

	// hats are the moments corrected as if it were step a, or b.
	hats := func(a, b int) (m, v []float64, ratio func(m, v float64) float64) {
		p, q := 1/(1-math.Pow(c.beta1, float64(a))), 1/(1-math.Pow(c.beta2, float64(b)))
		return combine(p, newM, 0, newM), combine(q, newV, 0, newV), c.ratio
	}
	inside := func(m, v float64) float64 { return m / math.Sqrt(v+c.epsilon) }
	t.equal("theta", theta, c.move(mHat, vHat, c.ratio),
		mistake{c.move(hats(c.t+1, c.t+1)), "You correct with t + 1. Here t begins at 1; the i + 1 of the article is for a count that begins at 0."},
		mistake{c.move(hats(c.t-1, c.t-1)), "You correct with t − 1. t begins at 1, so that it can be the exponent itself."},
		mistake{c.move(hats(1, 1)), "You divide by 1 − β, as in the first step. Later it is 1 − βᵗ: math.Pow(beta1, float64(t))."},
		mistake{c.move(newM, newV, c.ratio), "Your update uses m and v before correcting their bias: divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ (steps 6 and 7)."},
		mistake{c.move(mHat, newV, c.ratio), "Your update uses v before correcting its bias: divide by 1 − β₂ᵗ (step 7)."},
		mistake{c.move(newM, vHat, c.ratio), "Your update uses m before correcting its bias: divide by 1 − β₁ᵗ (step 6)."},
		mistake{c.move(mHat, vHat, inside), "ε stands inside the root: it is added after the root was taken, √v̂ + ε."},
		mistake{c.move(mHat, vHat, func(m, v float64) float64 { return m / math.Sqrt(v) }), "ε is missing: where the gradient was always 0 you divide 0 by 0."},
		mistake{c.move(mHat, vHat, func(m, v float64) float64 { return m / (v + c.epsilon) }), "The root is missing: divide by √v̂ + ε (step 8)."},
		mistake{c.move(c.grad, vHat, c.ratio), "The step goes along the gradient: the corrected first moment takes its place (step 8)."},
		mistake{c.move(mHat, vHat, func(m, v float64) float64 { return -c.ratio(m, v) }), "theta moves uphill: subtract the step."},
		mistake{c.theta, "theta does not move (step 8)."})
}

func (c adamCase) ratio(m, v float64) float64 { return m / (math.Sqrt(v) + c.epsilon) }

// move returns θ after a step of α times the ratio of two moments.
func (c adamCase) move(m, v []float64, ratio func(m, v float64) float64) []float64 {
	theta := slices.Clone(c.theta)
	for j := range theta {
		theta[j] -= c.alpha * ratio(m[j], v[j])
	}
	return theta
}

var epochsTo = Exercise{"EpochsTo", []string{
	"for s, err := range train.Epochs(…) gives you control after each epoch: return when the loss is low enough.",
	"s.Loss is the mean of the losses during the epoch, while θ was moving. Predict on all of x with s.Model, and use loss.MSE{}.Loss.",
	"An error, which is how divergence is reported, means 0. So does the end of the loop.",
}}

// EpochsTo checks a count of the epochs that a linear model without intercept
// needs until its loss on all data is at most the target: 0 if 100 are not
// enough. Training begins at θ = 0 and with seed 1.
func EpochsTo(f func(target float64, o optim.Optimizer, alpha float64, batch int, x, y *mat.Dense) int) Answer {
	return examine(epochsTo, func(t *trial) {
		r := random(33)
		x, y := mat.NewDense(60, 2, normal(r, 120)), mat.NewDense(60, 1, nil)
		for i := range 60 {
			y.Set(i, 0, 2*x.At(i, 0)-x.At(i, 1)+0.1*r.NormFloat64())
		}
		type sample struct {
			name   string
			o      optim.Optimizer
			alpha  float64
			batch  int
			target float64
		}
		cases(t, 0, []sample{
			{"SGD", &optim.SGD{}, 0.01, 20, 0.3},
			{"GD", &optim.SGD{}, 0.05, 0, 0.5},
			{"Adam", optim.NewAdam(), 0.1, 16, 0.02},
			{"GD, too small a rate", &optim.SGD{}, 1e-5, 0, 0.1},
			{"GD, too large a rate", &optim.SGD{}, 50, 0, 0.1},
		}, func(r *rand.Rand) sample {
			return sample{"SGD", &optim.SGD{}, uniform(r, 0.01, 0.05), between(r, 10, 30), uniform(r, 0.05, 0.5)}
		}, func(c sample, r *rand.Rand) {
			t.give("the optimizer", c.name, "alpha", c.alpha, "batch", c.batch, "target", c.target)
			got := f(c.target, c.o, c.alpha, c.batch, x, y)
			all := epochs(c.target, c.o, c.alpha, c.batch, x, y)
			if all == 0 {
				t.equal("the number of epochs", got, 0,
					mistake{100, "The target was not reached in 100 epochs, and that is 0 by agreement."},
					mistake{1, "The loss was NaN or infinite, and training had failed: look at err."})
			}
			t.equal("the number of epochs", got, all,
				mistake{all - 1, "You are one short: count the epoch that reaches the target."},
				mistake{all + 1, "That is one too many. Do you compare s.Loss? It is the mean over the epoch, while θ was moving: predict on all data after it."},
				mistake{0, "The target is reached in epoch " + strconv.Itoa(all) + ", and you say 0: compare with <=, and predict with s.Model on all of x."},
				mistake{all * ((60 + max(1, c.batch) - 1) / max(1, c.batch)), "You count steps. An epoch has several batches: s.Epoch."},
				mistake{100, "You do not stop when the target is reached: return inside the loop."})
		})
	})
}

// epochs is a solution.
func epochs(target float64, o optim.Optimizer, alpha float64, batch int, x, y *mat.Dense) int {
	_, n := x.Dims()
	m := model.NewLinearNoIntercept(n, 1)
	var pred mat.Dense
	for s, err := range train.Epochs(context.Background(), m, x, y, train.Options{
		Loss: loss.MSE{}, Optimizer: o, Schedule: optim.Constant(alpha), BatchSize: batch, Seed: 1, Epochs: 100,
	}) {
		if err != nil {
			return 0
		}
		m.Predict(&pred, x)
		if (loss.MSE{}).Loss(nil, &pred, y, nil) <= target {
			return s.Epoch
		}
	}
	return 0
}

var batches = Exercise{"Batches", []string{
	"A batch is a piece of order: order[from:to]. Where does the next one begin?",
	"for from := 0; from < len(order); from += size. The last piece may be shorter.",
	"out = append(out, order[from:min(from+size, len(order))]).",
}}

// Batches checks the division of a list of samples into batches; the last one
// may be smaller.
func Batches(f func(order []int, size int) [][]int) Answer {
	return examine(batches, func(t *trial) {
		type sample struct{ samples, size int }
		cases(t, 34, []sample{{10, 4}, {9, 3}, {2, 5}, {3, 1}, {0, 2}}, func(r *rand.Rand) sample {
			return sample{between(r, 0, 20), between(r, 1, 7)}
		}, func(c sample, r *rand.Rand) {
			order := r.Perm(c.samples)
			before := slices.Clone(order)
			want := append([][]int{}, slices.Collect(slices.Chunk(before, c.size))...)
			var whole, numbers, strided [][]int
			for _, b := range want {
				if len(b) == c.size {
					whole = append(whole, b)
				}
			}
			sorted := slices.Sorted(slices.Values(before))
			for b := range slices.Chunk(sorted, c.size) {
				numbers = append(numbers, b)
			}
			for i := range want {
				var b []int
				for j := i; j < len(before); j += len(want) {
					b = append(b, before[j])
				}
				strided = append(strided, b)
			}
			t.give("order", before, "size", c.size)
			got := f(order, c.size)
			t.unchanged("order", order, before)
			seen := slices.Concat(got...)
			if n := len(got); n > 0 && len(got[n-1]) == 0 {
				t.fail("The last batch is empty. Stop when all samples are in a batch.")
			}
			if len(seen) > len(before) {
				t.fail("There are %d samples in your batches, and %d in all. Each comes once: the next batch begins where the last one ended.", len(seen), len(before))
			}
			t.equal("the batches", append([][]int{}, got...), want,
				mistake{append([][]int{}, whole...), "The last samples are left out. The last batch may be smaller: min(from+size, len(order))."},
				mistake{numbers, "Take the samples in the given order, order[i], not the numbers 0, 1, 2 …"},
				mistake{strided, "Each batch takes every k-th sample. It is a piece of order."},
				mistake{[][]int{before}, "That is one batch of all."})
		})
	})
}
