package ch04

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestLineByHand(t *testing.T) {
	e := checktest.New(t, check.LineByHand)
	// through is a line through the means with another slope.
	through := func(slope func(x, y []float64) float64) func(x, y []float64) (float64, float64) {
		return func(x, y []float64) (float64, float64) {
			w1 := slope(x, y)
			return stat.Mean(y, nil) - w1*stat.Mean(x, nil), w1
		}
	}
	e.Right(lineByHand)
	e.Right(through(func(x, y []float64) float64 { return stat.Covariance(x, y, nil) / stat.Variance(x, nil) }))
	e.Wrong("exchanged the two", func(x, y []float64) (float64, float64) {
		w0, w1 := lineByHand(x, y)
		return w1, w0
	})
	e.Wrong("the variance of y", through(func(x, y []float64) float64 { return stat.Covariance(x, y, nil) / stat.Variance(y, nil) }))
	e.Wrong("n − 1 and n", through(func(x, y []float64) float64 { return stat.Covariance(x, y, nil) / stat.PopVariance(x, nil) }))
	e.Wrong("the correlation", through(func(x, y []float64) float64 { return stat.Correlation(x, y, nil) }))
	e.Wrong("through the origin", through(func(x, y []float64) float64 {
		xy, xx := 0.0, 0.0
		for i := range x {
			xy, xx = xy+x[i]*y[i], xx+x[i]*x[i]
		}
		return xy / xx
	}))
	e.Wrong("not at 0", func(x, y []float64) (float64, float64) {
		_, w1 := lineByHand(x, y)
		return stat.Mean(y, nil), w1
	})
	e.Wrong("subtract it", func(x, y []float64) (float64, float64) {
		_, w1 := lineByHand(x, y)
		return stat.Mean(y, nil) + w1*stat.Mean(x, nil), w1
	})
	e.Wrong("two of the points", through(func(x, y []float64) float64 {
		return (y[len(y)-1] - y[0]) / (x[len(x)-1] - x[0])
	}))
	e.Wrong("That is the covariance", through(func(x, y []float64) float64 { return stat.Covariance(x, y, nil) }))
}

func TestHuberGradient(t *testing.T) {
	type answer = func(x, y []float64, w0, w1, delta float64) (float64, float64)
	e := checktest.New(t, check.HuberGradient)
	pulls := func(psi func(e, delta float64) float64) answer {
		return func(x, y []float64, w0, w1, delta float64) (g0, g1 float64) {
			for i := range x {
				p := psi(w0+w1*x[i]-y[i], delta) / float64(len(x))
				g0, g1 = g0+p, g1+p*x[i]
			}
			return g0, g1
		}
	}
	times := func(factor func(n int) float64) answer {
		return func(x, y []float64, w0, w1, delta float64) (float64, float64) {
			g0, g1 := huberGradient(x, y, w0, w1, delta)
			return factor(len(x)) * g0, factor(len(x)) * g1
		}
	}
	e.Right(huberGradient)
	e.Wrong("gradient for the squared error", pulls(func(e, _ float64) float64 { return e }))
	e.Wrong("also the small ones", pulls(func(e, delta float64) float64 { return math.Copysign(delta, e) }))
	e.Wrong("points downhill", times(func(int) float64 { return -1 }))
	e.Wrong("You return the sums", times(func(n int) float64 { return float64(n) }))
	e.Wrong("twice too large", times(func(int) float64 { return 2 }))
	e.Wrong("You clip the product", func(x, y []float64, w0, w1, delta float64) (g0, g1 float64) {
		for i := range x {
			e := w0 + w1*x[i] - y[i]
			g0 += max(-delta, min(delta, e)) / float64(len(x))
			g1 += max(-delta, min(delta, e*x[i])) / float64(len(x))
		}
		return g0, g1
	})
	e.Wrong("the loss itself", pulls(func(e, delta float64) float64 {
		if math.Abs(e) > delta {
			return delta * (math.Abs(e) - delta/2)
		}
		return e * e / 2
	}))
}

func TestPenalised(t *testing.T) {
	type entropy = func(theta, grad []float64) float64
	type answer = func(crossEntropy entropy, lambda float64, theta, grad []float64) float64
	e := checktest.New(t, check.Penalised)
	// with has other factors in the loss and in the gradient, and begins at j = from.
	with := func(inLoss, inGrad float64, fromLoss, fromGrad int) answer {
		return func(crossEntropy entropy, lambda float64, theta, grad []float64) float64 {
			sum := crossEntropy(theta, grad)
			for j, w := range theta {
				if j >= fromLoss {
					sum += inLoss * lambda * w * w
				}
				if j >= fromGrad {
					grad[j] += inGrad * lambda * w
				}
			}
			return sum
		}
	}
	e.Right(penalised)
	e.Right(with(0.5, 1, 1, 1))
	e.Wrong("missing from the loss", with(0, 1, 1, 1))
	e.Wrong("has the factor ½", with(1, 2, 1, 1))
	e.Wrong("the intercept in the loss", with(0.5, 1, 0, 0))
	e.Wrong("missing from the gradient", with(0.5, 0, 1, 1))
	e.Wrong("the ½ goes away", with(0.5, 0.5, 1, 1))
	e.Wrong("without a factor 2", with(0.5, 2, 1, 1))
	e.Wrong("the intercept in the gradient", with(0.5, 1, 1, 0))
	e.Wrong("away from 0", with(0.5, -1, 1, 1))
	e.Wrong("You overwrite", func(crossEntropy entropy, lambda float64, theta, grad []float64) float64 {
		sum := crossEntropy(theta, grad)
		for j := 1; j < len(theta); j++ {
			sum += lambda / 2 * theta[j] * theta[j]
			grad[j] = lambda * theta[j]
		}
		return sum
	})
	e.Wrong("the penalty alone", func(crossEntropy entropy, lambda float64, theta, grad []float64) float64 {
		return penalised(crossEntropy, lambda, theta, grad) - crossEntropy(theta, make([]float64, len(theta)))
	})
}

func TestCheapest(t *testing.T) {
	type answer = func(truth []int, p []float64, miss float64) float64
	e := checktest.New(t, check.Cheapest)
	e.Right(cheapest)
	e.Wrong("0.5 is the right threshold where", func([]int, []float64, float64) float64 { return 0.5 })
	e.Wrong("exchanged the two errors", func(truth []int, p []float64, miss float64) float64 { return cheapest(truth, p, 1/miss) })
	e.Wrong("fewest errors", func(truth []int, p []float64, miss float64) float64 { return cheapest(truth, p, 1) })
	var dearest answer = func(truth []int, p []float64, miss float64) float64 {
		other := make([]int, len(truth))
		for i, y := range truth {
			other[i] = 1 - y
		}
		return cheapest(other, p, 1/miss)
	}
	e.Wrong("costs most", dearest)
	e.Wrong("there is a cheaper threshold", func(truth []int, p []float64, miss float64) float64 {
		return cheapest(truth[:10], p[:10], miss)
	})
	e.Wrong("where the p are true probabilities", func(_ []int, _ []float64, miss float64) float64 { return 1 / (1 + miss) })
	e.Wrong("the wrong way round", func(_ []int, _ []float64, miss float64) float64 { return miss / (1 + miss) })
	e.Wrong(":= inside the loop", func([]int, []float64, float64) float64 { return 0 })
}

func TestAUC(t *testing.T) {
	e := checktest.New(t, check.AUC)
	// count gives a pair a value by its scores, and divides by what it is told.
	count := func(tie float64, divide func(pairs, samples float64) float64) func([]int, []float64) float64 {
		return func(truth []int, score []float64) float64 {
			sum, pairs := 0.0, 0.0
			for i := range truth {
				for j := range truth {
					if truth[i] == 1 && truth[j] == 0 {
						pairs++
						if score[i] > score[j] {
							sum++
						} else if score[i] == score[j] {
							sum += tie
						}
					}
				}
			}
			return sum / divide(pairs, float64(len(truth)))
		}
	}
	pairs := func(pairs, _ float64) float64 { return pairs }
	e.Right(auc)
	e.Right(count(0.5, pairs))
	e.Wrong("count for nothing", count(0, pairs))
	e.Wrong("count as right", count(1, pairs))
	e.Wrong("the number of pairs in the right order", count(0.5, func(_, _ float64) float64 { return 1 }))
	e.Wrong("all pairs of samples", count(0.5, func(_, samples float64) float64 { return samples * samples }))
	e.Wrong("in the wrong order", func(truth []int, score []float64) float64 { return 1 - auc(truth, score) })
	e.Wrong("with the threshold 0.5", func(truth []int, score []float64) (share float64) {
		for i, y := range truth {
			if (score[i] > 0.5) == (y == 1) {
				share += 1 / float64(len(truth))
			}
		}
		return share
	})
	e.Wrong("Gini", func(truth []int, score []float64) float64 { return 2*auc(truth, score) - 1 })
}

func TestBestPair(t *testing.T) {
	type score = func(a, b int) float64
	e := checktest.New(t, check.BestPair)
	// search looks at all pairs of which keep is true.
	search := func(better func(v, best float64) bool, start float64, keep func(a, b int) bool) func(int, score) (int, int) {
		return func(n int, auc score) (a, b int) {
			best := start
			for i := range n {
				for j := range n {
					if keep(i, j) {
						if v := auc(i, j); better(v, best) {
							best, a, b = v, i, j
						}
					}
				}
			}
			return a, b
		}
	}
	higher := func(v, best float64) bool { return v > best }
	lower := func(v, best float64) bool { return v < best }
	after := func(a, b int) bool { return a < b }
	e.Right(bestPair)
	e.Right(search(higher, -1, after))
	e.Wrong("with itself", search(higher, -1, func(a, b int) bool { return a <= b }))
	e.Wrong("lowest AUC", search(lower, 2, after))
	e.Wrong("only neighbours", search(higher, -1, func(a, b int) bool { return b == a+1 }))
	e.Wrong("the smaller number first", search(higher, -1, func(a, b int) bool { return a > b }))
	e.Wrong("2 times", search(higher, -1, func(a, b int) bool { return a != b }))
	e.Wrong("numbered from 0", func(n int, auc score) (int, int) { return 0, int(auc(1, n)) })
	e.Wrong(":= inside the loop", func(n int, auc score) (a, b int) { return a, b })
}

func TestRSquared(t *testing.T) {
	e := checktest.New(t, check.RSquared)
	e.Right(rSquared)
	squares := func(y, prediction []float64) (sum float64) {
		for i := range y {
			sum += (y[i] - prediction[i]) * (y[i] - prediction[i])
		}
		return sum
	}
	e.Wrong("the share of the scatter that is left", func(y, p []float64) float64 { return 1 - rSquared(y, p) })
	e.Wrong("the square of the correlation", func(y, p []float64) float64 { c := stat.Correlation(y, p, nil); return c * c })
	e.Wrong("That is the correlation", func(y, p []float64) float64 { return stat.Correlation(y, p, nil) })
	e.Wrong("that of a model that always says the mean", func(y, p []float64) float64 { return squares(y, p) / float64(len(y)) })
	e.Wrong("not by the number of samples", func(y, p []float64) float64 { return 1 - squares(y, p)/float64(len(y)) })
	e.Wrong("Leave out the root", func(y, p []float64) float64 { return 1 - math.Sqrt(1-rSquared(y, p)) })
	e.Wrong("on its head", func(y, p []float64) float64 { return 1 - 1/(1-rSquared(y, p)) })
}
