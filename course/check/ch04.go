package check

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
)

var lineByHand = Exercise{"LineByHand", []string{
	"Compute both means first: the line passes through the point of the two means.",
	"Then sum (xᵢ − x̄)(yᵢ − ȳ) and (xᵢ − x̄)² in one loop. The slope is the first sum divided by the second.",
	"The intercept is ȳ − w₁x̄. Return it first.",
}}

// LineByHand checks the least-squares line through points with one feature:
// w₁ = cov(x, y)/var(x), w₀ = ȳ − w₁x̄.
func LineByHand(f func(x, y []float64) (w0, w1 float64)) Answer {
	return examine(lineByHand, func(t *trial) {
		cases(t, 41, []int{6, 20, 2}, func(r *rand.Rand) int {
			return between(r, 3, 25)
		}, func(n int, r *rand.Rand) {
			x, y := normal(r, n), normal(r, n)
			for i := range x {
				x[i], y[i] = twoDigits(x[i]+2), twoDigits(1.5*x[i]+y[i]-4)
			}
			t.give("x", x, "y", y)
			w0, w1 := f(slices.Clone(x), slices.Clone(y))
			m := model.NewLinear(1, 1)
			if err := solve.LeastSquares(m, mat.NewDense(n, 1, x), mat.NewDense(n, 1, y), nil); err != nil {
				panic(err)
			}
			a, b := m.Params()[0], m.Params()[1]
			meanX, meanY, cov := stat.Mean(x, nil), stat.Mean(y, nil), stat.Covariance(x, y, nil)
			through := func(slope float64) []float64 { return []float64{meanY - slope*meanX, slope} }
			sumXY, sumXX := 0.0, 0.0
			for i := range x {
				sumXY, sumXX = sumXY+x[i]*y[i], sumXX+x[i]*x[i]
			}
			t.equal("(w0, w1)", []float64{w0, w1}, []float64{a, b},
				mistake{[]float64{b, a}, "You have exchanged the two: w0 is the intercept, w1 the slope."},
				mistake{through(cov / stat.Variance(y, nil)), "You divide by the variance of y. The slope is per unit of x: divide by the variance of x."},
				mistake{through(cov / stat.PopVariance(x, nil)), "The covariance and the variance divide by different numbers, n − 1 and n. Use the sums themselves, and nothing is left to mix up."},
				mistake{through(stat.Correlation(x, y, nil)), "That is the correlation, which has no unit: divide the covariance by the variance of x alone."},
				mistake{through((y[n-1] - y[0]) / (x[n-1] - x[0])), "Your line goes through two of the points. The one that fits best looks at all."},
				mistake{through(cov), "That is the covariance: divide it by the variance of x."},
				mistake{through(sumXY / sumXX), "Your slope is that of a line through the origin: subtract the means first."},
				mistake{[]float64{meanY, b}, "The slope is right. At x = x̄, not at 0, the line is at ȳ: the intercept is ȳ − w₁x̄."},
				mistake{[]float64{meanY + b*meanX, b}, "The slope is right. Going back from x̄ to 0 the line loses w₁x̄: subtract it."})
		})
	})
}

var huberGradient = Exercise{"HuberGradient", []string{
	"Begin with the gradient for squared error: the mean of e and the mean of e·x, where e is prediction minus target.",
	"Huber's loss limits the pull of one error: clip e to the range from −delta to delta before you use it.",
	"e = max(-delta, min(delta, e)); then g0 += e and g1 += e * x[i]. Divide both by the number of samples.",
}}

// HuberGradient checks the gradient of the mean Huber loss of a line:
// the means of ψ(e) and ψ(e)x, with ψ(e) = e clipped to ±δ (Huber, 1964).
func HuberGradient(f func(x, y []float64, w0, w1, delta float64) (g0, g1 float64)) Answer {
	return examine(huberGradient, func(t *trial) {
		type sample struct {
			n     int
			delta float64
		}
		cases(t, 42, []sample{{6, 0.5}, {15, 1}, {4, 100}, {1, 0.1}}, func(r *rand.Rand) sample {
			return sample{between(r, 1, 20), uniform(r, 0.1, 2)}
		}, func(c sample, r *rand.Rand) {
			x, y, w0, w1 := normal(r, c.n), normal(r, c.n), twoDigits(r.NormFloat64()), twoDigits(r.NormFloat64())
			clip := func(e float64) float64 { return max(-c.delta, min(c.delta, e)) }
			// mean returns the means of two functions of the error and the feature.
			mean := func(a, b func(e, x float64) float64) []float64 {
				g := make([]float64, 2)
				for i := range x {
					e := w0 + w1*x[i] - y[i]
					g[0] += a(e, x[i]) / float64(c.n)
					g[1] += b(e, x[i]) / float64(c.n)
				}
				return g
			}
			pulls := func(psi func(e float64) float64) []float64 {
				return mean(func(e, _ float64) float64 { return psi(e) }, func(e, x float64) float64 { return psi(e) * x })
			}
			t.give("x", x, "y", y, "w0", w0, "w1", w1, "delta", c.delta)
			g0, g1 := f(slices.Clone(x), slices.Clone(y), w0, w1, c.delta)
			right := pulls(clip)
			t.equal("the gradient (g0, g1)", []float64{g0, g1}, right,
				mistake{combine(-1, right, 0, right), "It points downhill. The error is prediction minus target."},
				mistake{combine(float64(c.n), right, 0, right), "You return the sums: divide by the number of samples."},
				mistake{combine(2, right, 0, right), "It is twice too large: Huber's loss is half the square in the middle, so that its derivative is e."},
				mistake{pulls(func(e float64) float64 { return e }), "That is the gradient for the squared error: one wild value may pull as hard as it likes. Clip e."},
				mistake{pulls(func(e float64) float64 { return math.Copysign(c.delta, e) }), "Every error pulls with delta, also the small ones, which should pull with e itself."},
				mistake{mean(func(e, _ float64) float64 { return clip(e) }, func(e, x float64) float64 { return clip(e * x) }),
					"You clip the product e·x. Huber's loss limits the error alone; that nothing limits x is its weakness."},
				mistake{pulls(func(e float64) float64 { return huberOf(e, c.delta) }), "You average the loss itself. Its derivative is wanted."})
		})
	})
}

// huberOf is Huber's loss of one error.
func huberOf(e, delta float64) float64 {
	l, _ := loss.Huber{Delta: delta}.Point(e, 0)
	return l
}

var penalised = Exercise{"Penalised", []string{
	"Call crossEntropy first. It returns the loss, and writes its gradient into grad.",
	"Then, for j from 1 on, add ½λθⱼ² to the loss and its derivative λθⱼ to grad[j].",
	"The loop begins at 1: theta[0] is the intercept, which is not penalised.",
}}

// Penalised checks the cross-entropy with the penalty ½λ‖w‖², which excludes
// the intercept θ₀, and its gradient.
func Penalised(f func(crossEntropy func(theta, grad []float64) float64, lambda float64, theta, grad []float64) float64) Answer {
	return examine(penalised, func(t *trial) {
		r := random(43)
		x, y := mat.NewDense(20, 3, normal(r, 60)), mat.NewDense(20, 1, nil)
		for i := range 10 {
			y.Set(i, 0, 1)
		}
		m := model.NewLogistic(3)
		var pred, dPred mat.Dense
		value := func(theta, grad []float64) float64 {
			copy(m.Params(), theta)
			m.Forward(&pred, x)
			l := loss.BinaryCrossEntropy{}.Loss(&dPred, &pred, y, nil)
			clear(grad)
			m.Backward(grad, &dPred)
			return l
		}
		cases(t, 44, []float64{0.1, 3, 0}, func(r *rand.Rand) float64 {
			return uniform(r, 0.01, 5)
		}, func(lambda float64, r *rand.Rand) {
			theta := normal(r, 4)
			plain := make([]float64, 4)
			base := value(theta, plain)
			w := slices.Clone(theta)
			w[0] = 0
			square := func(v []float64) float64 { return mat.Dot(mat.NewVecDense(4, v), mat.NewVecDense(4, v)) }

			grad, before := []float64{7, 7, 7, 7}, slices.Clone(theta)
			t.give("theta", theta, "lambda", lambda)
			got := f(value, lambda, theta, grad)
			t.unchanged("theta", theta, before)
			t.equal("the loss", got, base+lambda/2*square(w),
				mistake{base, "The penalty is missing from the loss."},
				mistake{base + lambda*square(w), "The penalty in the loss has the factor ½, so that its derivative has none."},
				mistake{base + lambda/2*square(theta), "You penalise the intercept in the loss. It only says how common the classes are: begin at j = 1."},
				mistake{lambda / 2 * square(w), "You return the penalty alone: add it to the cross-entropy."})
			t.equal("grad", grad, combine(1, plain, lambda, w),
				mistake{plain, "The penalty is missing from the gradient: loss and gradient must fit, or no check will pass."},
				mistake{combine(1, plain, lambda/2, w), "The derivative of ½λw² is λw: the ½ goes away."},
				mistake{combine(1, plain, 2*lambda, w), "The derivative of ½λw² is λw, without a factor 2."},
				mistake{combine(1, plain, lambda, theta), "You penalise the intercept in the gradient: begin at j = 1."},
				mistake{combine(1, plain, -lambda, w), "The penalty pulls the weights away from 0: add λw to the gradient."},
				mistake{[]float64{plain[0], lambda * w[1], lambda * w[2], lambda * w[3]}, "You overwrite the gradient of the cross-entropy: add to it, with +=."})
		})
	})
}

var cheapest = Exercise{"Cheapest", []string{
	"It is enough to try the probabilities in p as thresholds: between two of them nothing changes.",
	"For each threshold add up what it costs: miss for a 1 with p < t, and 1 for a 0 with p ≥ t.",
	"Remember the threshold with the lowest cost, in two nested loops. One more threshold calls nobody positive: anything above the largest p.",
}}

// Cheapest checks the choice of the threshold t with the lowest cost, where a
// missed positive costs miss and a false alarm costs 1. Samples with p ≥ t
// are predicted positive.
func Cheapest(f func(truth []int, p []float64, miss float64) float64) Answer {
	return examine(cheapest, func(t *trial) {
		cases(t, 44, []float64{20, 0.1, 3, 0.001}, func(r *rand.Rand) float64 {
			return uniform(r, 0.05, 30)
		}, func(miss float64, r *rand.Rand) {
			truth, p := make([]int, 60), make([]float64, 60)
			for i := range p {
				truth[i] = i % 3 % 2
				p[i] = twoDigits(model.Sigmoid(r.NormFloat64() + float64(truth[i])))
			}
			// cost is what threshold c costs at the given prices.
			cost := func(c, miss, alarm float64) (sum float64) {
				for i, y := range truth {
					switch {
					case y == 1 && !(p[i] >= c):
						sum += miss
					case y == 0 && p[i] >= c:
						sum += alarm
					}
				}
				return sum
			}
			// best says whether c costs as little as any threshold.
			best := func(c, miss, alarm float64) bool {
				lowest := cost(2, miss, alarm)
				for _, other := range p {
					lowest = min(lowest, cost(other, miss, alarm))
				}
				return cost(c, miss, alarm) <= lowest+tolerance
			}
			t.give("truth", truth, "p", p, "miss", miss)
			got := f(slices.Clone(truth), slices.Clone(p), miss)
			switch {
			case best(got, miss, 1):
			case near(got, 1/(1+miss)):
				t.fail("1/(1 + miss), %s, is the best threshold where the p are true probabilities. A model's p are only estimates: go by what each threshold costs on these data.", show(got))
			case near(got, miss/(1+miss)):
				t.fail("miss/(1 + miss) is the formula the wrong way round, and a formula is not asked for: go by what each threshold costs on these data.")
			case got == 0:
				t.fail("0 calls everybody positive. Or is it what your variable began with? := inside the loop makes a new one, which ends with the block; = changes the one outside.")
			case got == 0.5:
				t.fail("0.5 is the right threshold where both errors cost the same. Here a missed positive costs %g.", miss)
			case best(got, 1, miss):
				t.fail("%g would be right if a false alarm cost %g: you have exchanged the two errors. A miss is truth 1 with p < t.", got, miss)
			case best(got, 1, 1):
				t.fail("%g makes the fewest errors. But they cost different amounts: weigh each with its price.", got)
			case !best(got, miss, 1) && best(got, -miss, -1):
				t.fail("%g costs most. You want the lowest cost.", got)
			default:
				t.fail("%g costs %g on these data, and there is a cheaper threshold.", got, cost(got, miss, 1))
			}
		})
	})
}

var auc = Exercise{"AUC", []string{
	"Two loops: over all samples of class 1, and for each of them over all samples of class 0.",
	"Such a pair counts 1 if the sample of class 1 has the higher score, and ½ if the scores are equal.",
	"At the end divide by the number of pairs.",
}}

// AUC checks the area under the ROC curve, as the share of pairs of a positive
// and a negative in which the positive has the higher score; ties count half
// (Hanley and McNeil, 1982).
func AUC(f func(truth []int, score []float64) float64) Answer {
	return examine(auc, func(t *trial) {
		type sample struct {
			truth []int
			score []float64
		}
		cases(t, 0, []sample{
			{[]int{0, 0, 1, 0, 1, 1, 0}, []float64{0.1, 0.4, 0.4, 0.5, 0.8, 0.3, 0.2}},
			{[]int{1, 0, 0, 1}, []float64{2.5, -1, 0.5, 0.7}},
			{[]int{1, 0, 1, 0, 0}, []float64{0.5, 0.5, 0.5, 0.5, 0.5}},
			{[]int{0, 1}, []float64{0.9, 0.2}},
		}, func(r *rand.Rand) sample {
			n := between(r, 2, 12)
			c := sample{ints(r, n, 0, 1), wholes(r, n, 0, 9)}
			c.truth[0], c.truth[1] = 0, 1
			return c
		}, func(c sample, r *rand.Rand) {
			want, err := metric.ROCAUC(c.truth, c.score, nil)
			if err != nil {
				panic(err)
			}
			pairs, ties := 0.0, 0.0
			for i, y := range c.truth {
				for j, other := range c.truth {
					if y == 1 && other == 0 {
						pairs++
						if c.score[i] == c.score[j] {
							ties++
						}
					}
				}
			}
			m, correct := float64(len(c.truth)), 0.0
			for i, y := range c.truth {
				if (c.score[i] > 0.5) == (y == 1) {
					correct++
				}
			}
			t.give("truth", c.truth, "score", c.score)
			t.equal("the AUC", f(slices.Clone(c.truth), slices.Clone(c.score)), want,
				mistake{want * pairs, "You return the number of pairs in the right order: divide it by the number of pairs."},
				mistake{want - ties/pairs/2, "Equal scores count for nothing: such a pair is a guess, and counts ½."},
				mistake{want + ties/pairs/2, "Equal scores count as right: such a pair is a guess, and counts ½."},
				mistake{correct / m, "That is the accuracy with the threshold 0.5. AUC needs no threshold: it compares pairs."},
				mistake{2*want - 1, "That is the Gini coefficient, 2·AUC − 1: count the right pairs, and do not subtract the wrong ones."},
				mistake{1 - want, "You count the pairs in the wrong order: class 1 should have the higher score."},
				mistake{want * pairs / (m * m), "You divide by all pairs of samples. Only those of a 1 and a 0 count."},
				mistake{want * pairs / (m * (m - 1) / 2), "You divide by all pairs of samples. Only those of a 1 and a 0 count."})
		})
	})
}

var bestPair = Exercise{"BestPair", []string{
	"Two nested loops, for a from 0 and for b from a + 1, give each pair once.",
	"Keep the pair with the highest AUC so far. Begin with a best of −1, or an AUC of 0 is never taken.",
	"With n features there are n(n−1)/2 pairs: each call trains a model, so ask for none twice.",
}}

// BestPair checks the search for the pair of features a < b, numbered from 0 to
// n − 1, whose model has the highest AUC.
func BestPair(f func(n int, auc func(a, b int) float64) (a, b int)) Answer {
	return examine(bestPair, func(t *trial) {
		cases(t, 46, []int{6, 9, 2}, func(r *rand.Rand) int {
			return between(r, 2, 9)
		}, func(n int, r *rand.Rand) {
			score, asked, itself := map[[2]int]float64{}, map[[2]int]int{}, false
			high, low, near := [2]int{0, 1}, [2]int{0, 1}, [2]int{0, 1}
			for a := range n {
				for b := range a {
					pair := [2]int{b, a}
					score[pair] = 0.5 + 0.4*r.Float64()
				}
			}
			for a := range n {
				for b := a + 1; b < n; b++ {
					pair := [2]int{a, b}
					if score[pair] > score[high] {
						high = pair
					}
					if score[pair] < score[low] {
						low = pair
					}
					if b == a+1 && score[pair] > score[near] {
						near = pair
					}
				}
			}
			t.give("n", n, "the best pair", high)
			a, b := f(n, func(a, b int) float64 {
				if a < 0 || b < 0 || a >= n || b >= n {
					t.fail("You ask for the features %d and %d. They are numbered from 0 to %d.", a, b, n-1)
				}
				if a == b {
					itself = true
					return 1
				}
				asked[[2]int{min(a, b), max(a, b)}]++
				return score[[2]int{min(a, b), max(a, b)}]
			})
			for pair, times := range asked {
				if times > 1 && [2]int{a, b} == high {
					t.fail("You ask for the pair %d and %d %d times, and each time is a training. Begin the inner loop after a.", pair[0], pair[1], times)
				}
			}
			if a == 0 && b == 0 && !itself {
				t.fail("You return the pair 0 and 0. Do you write := inside the loop? It makes new variables, which end with the block; = changes those outside.")
			}
			if a == b {
				t.fail("You pair feature %d with itself. The two must differ.", a)
			}
			t.equal("the pair", [2]int{a, b}, high,
				mistake{[2]int{high[1], high[0]}, "That is the pair. Return the smaller number first."},
				mistake{low, "That is the pair with the lowest AUC. You want the highest."},
				mistake{near, "You try only neighbours: the inner loop runs over all features after a."})
		})
	})
}

var rSquared = Exercise{"RSquared", []string{
	"Two sums of squares: of the errors of the predictions, and of the errors of one that always says the mean of y.",
	"Divide the first by the second: what share of the scatter is left? Take it from 1.",
	"1 - errors/scatter, with errors += (y[i]-prediction[i])² and scatter += (y[i]-mean)².",
}}

// RSquared checks R² = 1 − Σ(yᵢ − ŷᵢ)²/Σ(yᵢ − ȳ)².
func RSquared(f func(y, prediction []float64) float64) Answer {
	return examine(rSquared, func(t *trial) {
		cases(t, 47, []int{6, 20, 3}, func(r *rand.Rand) int { return between(r, 3, 25) }, func(n int, r *rand.Rand) {
			y, noise := normal(r, n), normal(r, n)
			prediction := make([]float64, n)
			for i := range y {
				y[i] = twoDigits(3*y[i] + 5)
				prediction[i] = twoDigits(0.7*y[i] + 1.2 + noise[i])
			}
			mean, centre := stat.Mean(y, nil), stat.Mean(prediction, nil)
			var errors, scatter, explained, other float64
			for i := range y {
				errors += (y[i] - prediction[i]) * (y[i] - prediction[i])
				scatter += (y[i] - mean) * (y[i] - mean)
				explained += (prediction[i] - mean) * (prediction[i] - mean)
				other += (y[i] - centre) * (y[i] - centre)
			}
			correlation := stat.Correlation(y, prediction, nil)
			t.give("y", y, "prediction", prediction)
			t.equal("R²", f(slices.Clone(y), slices.Clone(prediction)), 1-errors/scatter,
				mistake{errors / scatter, "That is the share of the scatter that is left: take it from 1."},
				mistake{correlation * correlation, "That is the square of the correlation, which a model that is off by 100 everywhere has, too. Go by the errors themselves."},
				mistake{correlation, "That is the correlation, which a model that is off by 100 everywhere has, too. Go by the errors themselves."},
				mistake{explained / scatter, "That is the scatter of the predictions. It is the same only for a least-squares fit on its own training data."},
				mistake{1 - errors/other, "The scatter is that of y around the mean of y, not of the predictions."},
				mistake{1 - math.Sqrt(errors/scatter), "Leave out the root: R² goes by squares."},
				mistake{errors / float64(n), "That is the mean squared error: compare it with that of a model that always says the mean."},
				mistake{1 - errors/float64(n), "Divide the sum of the squared errors by the scatter of y, not by the number of samples."},
				mistake{1 - scatter/errors, "The fraction stands on its head: errors divided by scatter."})
		})
	})
}
