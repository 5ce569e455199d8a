package check

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

var meanAbsoluteError = Exercise{"MeanAbsoluteError", []string{
	"It is the loop of mse, with another function of the error.",
	"math.Abs gives the size of a number without its sign.",
	"Sum math.Abs(y[i] - prediction[i]), and divide by the number of samples at the end.",
}}

// MeanAbsoluteError checks (1/m) Σ|yᵢ − ŷᵢ|.
func MeanAbsoluteError(f func(y, prediction []float64) float64) Answer {
	return examine(meanAbsoluteError, func(t *trial) {
		cases(t, 21, []int{5, 12, 1}, func(r *rand.Rand) int {
			return between(r, 1, 20)
		}, func(m int, r *rand.Rand) {
			y, prediction := normal(r, m), normal(r, m)
			var sum, absolute, squared float64
			for i := range y {
				e := y[i] - prediction[i]
				sum, absolute, squared = sum+e, absolute+math.Abs(e), squared+e*e
			}
			n := float64(m)
			t.give("y", y, "prediction", prediction)
			t.equal("the mean absolute error", f(slices.Clone(y), slices.Clone(prediction)), absolute/n,
				mistake{absolute, "You return the sum: divide it by the number of samples."},
				mistake{absolute / (n - 1), "You divide by n − 1: the mean divides by n."},
				mistake{absolute / n / 2, "There is a factor ½ too many: it belongs to some squared errors."},
				mistake{squared / n, "That is the mean squared error: take the absolute value of each error, not its square."},
				mistake{math.Sqrt(squared / n), "That is the root of the mean squared error, which wild values still dominate."},
				mistake{sum / n, "Errors of opposite sign cancel: take the absolute value of each before adding."},
				mistake{math.Abs(sum) / n, "You take the absolute value of the sum, when the errors have cancelled already: take it of each error."})
		})
	})
}

var crossEntropy = Exercise{"CrossEntropy", []string{
	"For y = 1 the loss is log(1 + e⁻ᶻ), for y = 0 it is log(1 + eᶻ). Which of the two exponentials overflows, and when?",
	"log(1 + eᶻ) = max(z, 0) + log(1 + e^(−|z|)), and this exponent is never positive.",
	"The loss is max(z, 0) − y·z + log(1 + e^(−|z|)). math.Log1p(x) is log(1 + x), exact for small x.",
}}

// CrossEntropy checks the cross-entropy of one sample from its logit z, for y
// between 0 and 1, which must hold for every z.
func CrossEntropy(f func(z, y float64) float64) Answer {
	return examine(crossEntropy, func(t *trial) {
		softplus := func(z float64) float64 { return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }
		type sample struct{ z, y float64 }
		cases(t, 0, []sample{
			{-1.3, 0.25}, {0.7, 1}, {0.7, 0}, {0, 1}, {40, 0}, {-40, 1}, {-800, 1}, {800, 0}, {800, 1}, {-800, 0},
		}, func(r *rand.Rand) sample {
			c := sample{uniform(r, -5, 5), uniform(r, 0, 1)}
			if r.IntN(3) == 0 {
				c.z *= 200
			}
			return c
		}, func(c sample, r *rand.Rand) {
			p := 1 / (1 + math.Exp(-c.z))
			t.give("z", c.z, "y", c.y)
			got, want := f(c.z, c.y), softplus(c.z)-c.y*c.z
			if !math.IsInf(got, 0) && !math.IsNaN(got) && clipped(got, p, c.y) && !near(got, want) {
				t.fail("You keep p away from 0 and 1 by a small number, and the loss is wrong wherever that matters: %s in place of %s. Write the loss with z, which needs no such number.", show(got), show(want))
			}
			t.equal("the cross-entropy", got, want,
				mistake{want / math.Ln2, "That is the logarithm to base 2. log is math.Log."},
				mistake{want / math.Ln10, "That is the logarithm to base 10. log is math.Log."},
				mistake{(p - c.y) * (p - c.y), "That is the squared error of the probability."},
				mistake{p - c.y, "That is the derivative with respect to z. The loss itself is wanted."},
				mistake{math.Log(1+math.Exp(c.z)) - c.y*c.z, "e to the power of a large z overflows. Write the loss so that the exponent is never positive."},
				mistake{math.Log(1+math.Exp(-c.z)) + (1-c.y)*c.z, "e to the power of −z overflows for a very negative z. Write the loss so that the exponent is never positive."},
				mistake{-(c.y*math.Log(p) + (1-c.y)*math.Log(1-p)), "You go by the probability. Here it is rounded to 0 or 1, and all that the logit knows is lost: write the loss with z."},
				mistake{softplus(c.z) - (1-c.y)*c.z, "You have exchanged the classes: for y = 1 a large z is right, and costs nothing."},
				mistake{softplus(c.z), "The loss does not depend on y."},
				mistake{-c.y * math.Log(p), "Only the part of class 1 is there: add that of class 0, −(1−y) log(1−p)."},
				mistake{c.y*c.z - softplus(c.z), "The sign is wrong: a loss is not negative."})
		})
	})
}

// clipped says whether a cross-entropy comes from a probability that was kept
// away from 0 and 1 by a small number, or had it added.
func clipped(got, p, y float64) bool {
	for e := 5; e <= 20; e++ {
		for _, eps := range []float64{math.Pow(10, -float64(e)), math.Pow(2, -52)} {
			q := max(eps, min(1-eps, p))
			if near(got, -(y*math.Log(q)+(1-y)*math.Log(1-q))) || near(got, -(y*math.Log(max(p, eps))+(1-y)*math.Log(max(1-p, eps)))) ||
				near(got, -(y*math.Log(p+eps)+(1-y)*math.Log(1-p+eps))) {
				return true
			}
		}
	}
	return false
}

var descent = Exercise{"Descend", []string{
	"A loop of steps rounds. What changes in each of them?",
	"One step is θ ← θ − α · slope(θ), with the slope where θ is now, not where it began.",
	"for range steps { theta -= alpha * slope(theta) }, and then return theta.",
}}

// Descend checks gradient descent in one dimension, θ ← θ − α L′(θ), from a given
// start and for a given number of steps.
func Descend(f func(slope func(theta float64) float64, theta, alpha float64, steps int) float64) Answer {
	return examine(descent, func(t *trial) {
		type valley struct {
			lowest, start, alpha float64
			steps                int
		}
		cases(t, 0, []valley{{1.5, -0.5, 0.1, 5}, {-2, 1, 0.05, 12}, {0.5, 2, 0.2, 1}, {3, -1, 0.1, 0}}, func(r *rand.Rand) valley {
			return valley{uniform(r, -2, 2), uniform(r, -2, 2), uniform(r, 0.01, 0.1), between(r, 0, 20)}
		}, func(c valley, r *rand.Rand) {
			asked := 0
			slope := func(theta float64) float64 { asked++; return 2*(theta-c.lowest) + 0.5*math.Sin(theta) }
			t.give("slope(θ)", fmt.Sprintf("2(θ − %g) + sin(θ)/2", c.lowest), "theta", c.start, "alpha", c.alpha, "steps", c.steps)
			got := f(slope, c.start, c.alpha, c.steps)
			if asked > 10*c.steps+10 {
				t.fail("You ask for the slope %d times in %d steps: once for each is enough.", asked, c.steps)
			}
			walk := func(steps int, next func(theta float64) float64) float64 {
				theta := c.start
				for range steps {
					theta = next(theta)
				}
				return theta
			}
			step := func(theta float64) float64 { return theta - c.alpha*slope(theta) }
			t.equal("the end", got, walk(c.steps, step),
				mistake{c.start, "θ stays where it began: write the result of each step into it."},
				mistake{walk(c.steps, func(theta float64) float64 { return theta + c.alpha*slope(theta) }), "You walk uphill: the slope points up, and a step goes against it."},
				mistake{walk(c.steps, func(theta float64) float64 { return theta - c.alpha*slope(c.start) }), "All your steps use the slope at the start. Ask for it anew where θ is now."},
				mistake{walk(c.steps, func(theta float64) float64 { return theta - slope(theta) }), "The learning rate is missing: a step is alpha times the slope."},
				mistake{walk(c.steps, func(theta float64) float64 { return theta - math.Copysign(c.alpha, slope(theta)) }), "All your steps have the same length. They are long where the slope is steep."},
				mistake{walk(c.steps+1, step), "That is one step too many."},
				mistake{walk(max(c.steps-1, 0), step), "That is one step too few."})
		})
	})
}

var softThreshold = Exercise{"SoftThreshold", []string{
	"There are three cases: the weight is above pull, below −pull, or between the two.",
	"Above pull it loses pull, below −pull it gains pull, and between them it becomes 0.",
	"In one line: math.Copysign(max(math.Abs(w)-pull, 0), w).",
}}

// SoftThreshold checks the proximal step of L1, which changes theta in place:
// θⱼ ← sign(θⱼ) max(|θⱼ| − pull, 0), where pull is αλ.
func SoftThreshold(f func(theta []float64, pull float64)) Answer {
	return examine(softThreshold, func(t *trial) {
		type sample struct {
			theta []float64
			pull  float64
		}
		cases(t, 0, []sample{
			{[]float64{2, -1.5, 0.1, -0.2, 0.7}, 0.3},
			{[]float64{0.5, -0.5, 0, 0.25}, 0.5},
			{[]float64{3, -4}, 0},
			{nil, 1},
		}, func(r *rand.Rand) sample {
			return sample{normal(r, between(r, 1, 8)), uniform(r, 0, 1)}
		}, func(c sample, r *rand.Rand) {
			each := func(change func(w float64) float64) []float64 {
				v := slices.Clone(c.theta)
				for j := range v {
					v[j] = change(v[j])
				}
				return v
			}
			theta := slices.Clone(c.theta)
			t.give("theta", theta, "pull", c.pull)
			f(theta, c.pull)
			t.equal("theta", theta, each(func(w float64) float64 { return math.Copysign(max(math.Abs(w)-c.pull, 0), w) }),
				mistake{c.theta, "theta stays as it was: write the results into it."},
				mistake{each(func(w float64) float64 { return w - math.Copysign(c.pull, w) }), "Small weights jump over 0 to the other side. They must stop there."},
				mistake{each(func(w float64) float64 { return max(w-c.pull, 0) }), "Negative weights vanish: they are pulled up, towards 0."},
				mistake{each(func(w float64) float64 { return max(math.Abs(w)-c.pull, 0) }), "The signs are lost: a negative weight stays negative, or becomes 0."},
				mistake{each(func(w float64) float64 { return max(-c.pull, min(c.pull, w)) }), "You cut the weights off at pull. Each loses pull, and those within it become 0."},
				mistake{each(func(w float64) float64 { return w + math.Copysign(c.pull, w) }), "You push the weights away from 0."},
				mistake{each(func(w float64) float64 { return w - c.pull }), "You pull everything down. A negative weight is pulled up, and all stop at 0."},
				mistake{each(func(w float64) float64 { return w * (1 - c.pull) }), "You shrink each weight in proportion, as L2 does. L1 pulls all by the same amount."},
				mistake{each(func(w float64) float64 {
					if math.Abs(w) <= c.pull {
						return 0
					}
					return w
				}), "Small weights are 0 now, but the others are pulled, too."})
		})
	})
}

var earlyStop = Exercise{"EarlyStop", []string{
	"Walk through the losses and remember two things: the lowest so far, and its epoch.",
	"Stop in the epoch in which epoch − best reaches patience.",
	"Epochs count from 1, so that losses[i] is that of epoch i + 1. If nothing stops training, it ends with the last epoch.",
}}

// EarlyStop checks the epoch at which training stops, and the best epoch, for
// given validation losses. Epochs count from 1.
func EarlyStop(f func(losses []float64, patience int) (stop, best int)) Answer {
	return examine(earlyStop, func(t *trial) {
		type sample struct {
			losses   []float64
			patience int
		}
		cases(t, 0, []sample{
			{[]float64{9, 7, 5, 6, 5.5, 7, 6.5, 8, 9, 10, 3}, 3},
			{[]float64{9, 5, 6, 4, 5, 7, 4.5, 3, 2}, 4},
			{[]float64{5, 5, 5, 5, 4}, 3},
			{[]float64{4, 3, 2, 1}, 2},
			{[]float64{1}, 5},
		}, func(r *rand.Rand) sample {
			return sample{wholes(r, between(r, 1, 15), 1, 9), between(r, 1, 4)}
		}, func(c sample, r *rand.Rand) {
			t.give("losses", c.losses, "patience", c.patience)
			stop, best := f(slices.Clone(c.losses), c.patience)
			result := func(patience int, best bool) []int {
				a, b := stopping(c.losses, patience, best)
				return []int{a, b}
			}
			right := result(c.patience, true)
			t.equal("(stop, best)", []int{stop, best}, right,
				mistake{tie(c.losses, c.patience), "A loss that only equals the best is no improvement: the count begins anew with a lower one, so compare with < and not <=."},
				mistake{[]int{min(c.patience, len(c.losses)), 0}, "best stays 0. Do you write := inside the loop? It makes a new variable, which ends with the block; = changes the one outside."},
				mistake{[]int{right[1], right[0]}, "You have exchanged the two: first the epoch in which training stops, then the best."},
				mistake{[]int{right[0], right[1] - 1}, "best is an index here. Epochs count from 1, so add 1."},
				mistake{[]int{right[0] - 1, right[1] - 1}, "Your epochs count from 0. They count from 1."},
				mistake{result(c.patience+1, true), "You wait one epoch too long: stop in the epoch in which patience is used up."},
				mistake{result(c.patience-1, true), "You stop one epoch too early: patience epochs without a new best are allowed, counting this one."},
				mistake{result(c.patience, false), "You compare with the epoch before. Compare with the best so far, or a slow rise and fall fools you."},
				mistake{[]int{right[0], right[0]}, "best is the epoch with the lowest loss, whose parameters are worth keeping, not the last one."},
				mistake{[]int{len(c.losses), slices.Index(c.losses, slices.Min(c.losses)) + 1}, "You never stop: when patience is used up, training ends."})
		})
	})
}

// tie is a solution in which a loss equal to the best is a new best.
func tie(losses []float64, patience int) []int {
	lowest, best := math.Inf(1), 0
	for i, loss := range losses {
		if loss <= lowest {
			lowest, best = loss, i+1
		}
		if i+1-best >= patience {
			return []int{i + 1, best}
		}
	}
	return []int{len(losses), best}
}

// stopping is a solution. With fromBest false it compares each loss with the one
// before in place of the best one.
func stopping(losses []float64, patience int, fromBest bool) (stop, best int) {
	lowest, since := math.Inf(1), 0
	for i, loss := range losses {
		since++
		if loss < lowest || !fromBest && loss < losses[i-1] {
			since = 0
		}
		if loss < lowest {
			lowest, best = loss, i+1
		}
		if since >= patience {
			return i + 1, best
		}
	}
	return len(losses), best
}

var bestDegree = Exercise{"BestDegree", []string{
	"Which of the two errors says how the model does on people it has not seen?",
	"Try all degrees from 1 to most, and remember the lowest validation error and its degree.",
	"The error may rise and then fall further: don't stop at the first rise.",
}}

// BestDegree checks the choice of the degree from 1 to most that generalises
// best, given the errors of each degree; among equals the smallest.
func BestDegree(f func(errors func(degree int) (training, validation float64), most int) int) Answer {
	return examine(bestDegree, func(t *trial) {
		cases(t, 0, [][]float64{
			{9, 6, 7, 4, 20, 8},
			{3, 3, 3},
			{8, 7, 6, 5, 4},
			{1},
		}, func(r *rand.Rand) []float64 {
			return wholes(r, between(r, 1, 9), 1, 9)
		}, func(validation []float64, r *rand.Rand) {
			most, outside, asked := len(validation), false, 0
			t.give("validation errors of degree 1, 2, …", validation)
			got := f(func(degree int) (float64, float64) {
				if degree < 1 || degree > most {
					outside, asked = true, degree
					return math.NaN(), math.NaN()
				}
				return 10 / float64(degree), validation[degree-1]
			}, most)
			if outside {
				t.fail("You ask for degree %d. Degrees go from 1 to most, which is %d here.", asked, most)
			}
			lowest := slices.Index(validation, slices.Min(validation))
			last := lowest
			for i, v := range validation {
				if v == validation[lowest] {
					last = i
				}
			}
			rise := 1
			for rise < most && validation[rise] <= validation[rise-1] {
				rise++
			}
			t.equal("the degree", got, lowest+1,
				mistake{lowest, "You are one short: the first degree is 1."},
				mistake{0, "You return 0. Do you write := inside the loop? It makes a new variable, which ends with the block; = changes the one outside."},
				mistake{last + 1, "Of equals you take the last. The simplest is better: compare with < and not <=."},
				mistake{most, "You choose by the training error, which falls with every degree."},
				mistake{rise, "You stop at the first rise. The error falls further after it: try all degrees."},
				mistake{slices.Index(validation, slices.Max(validation)) + 1, "You choose the highest error."})
		})
	})
}

var numericalSlope = Exercise{"NumericalSlope", []string{
	"The slope is a difference of f divided by a difference of x. Take one point on each side of x.",
	"The two points are x + h and x − h. How far apart are they?",
	"(f(x+h) - f(x-h)) / (2 * h).",
}}

// NumericalSlope checks the central difference (f(x+h) − f(x−h))/(2h).
func NumericalSlope(f func(f func(x float64) float64, x, h float64) float64) Answer {
	return examine(numericalSlope, func(t *trial) {
		type sample struct{ a, b, c, x, h float64 }
		cases(t, 0, []sample{{1, 0, 0, 2, 0.5}, {0.5, -2, 3, -1.5, 0.1}, {0, 1, 0, 0, 0.01}}, func(r *rand.Rand) sample {
			return sample{uniform(r, 0.5, 2), uniform(r, -2, 2), uniform(r, -2, 2), uniform(r, -3, 3), uniform(r, 0.1, 0.5)}
		}, func(c sample, r *rand.Rand) {
			cubic := func(x float64) float64 { return c.a*x*x*x + c.b*x*x + c.c*x + 1 }
			up, here, down := cubic(c.x+c.h), cubic(c.x), cubic(c.x-c.h)
			t.give("f(x)", fmt.Sprintf("%g·x³ + %g·x² + %g·x + 1", c.a, c.b, c.c), "x", c.x, "h", c.h)
			t.equal("the slope", f(cubic, c.x, c.h), (up-down)/(2*c.h),
				mistake{(up - here) / c.h, "That is the slope to the right only. Take a point on each side: the errors of the two nearly cancel."},
				mistake{(here - down) / c.h, "That is the slope to the left only. Take a point on each side: the errors of the two nearly cancel."},
				mistake{(up - down) / c.h, "The two points are 2h apart, not h."},
				mistake{(up - down) / 2 / c.h * c.h, "That is half the difference: divide it by h, too."},
				mistake{up - down, "That is the difference of f: divide it by that of x, which is 2h."},
				mistake{(up - down) / 2 * c.h, "(…) / 2 * h multiplies by h: write / (2 * h)."},
				mistake{(down - up) / (2 * c.h), "The sign is wrong: f(x+h) − f(x−h)."},
				mistake{3*c.a*c.x*c.x + 2*c.b*c.x + c.c, "That is the exact derivative. The difference of f is asked for, which any f has."})
		})
	})
}
