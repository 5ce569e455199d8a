package ch02

import (
	"math"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

// over returns a function of the errors, summed and finished.
func over(term func(e float64) float64, finish func(sum, m float64) float64) func(y, prediction []float64) float64 {
	return func(y, prediction []float64) float64 {
		sum := 0.0
		for i := range y {
			sum += term(y[i] - prediction[i])
		}
		return finish(sum, float64(len(y)))
	}
}

func TestMeanAbsoluteError(t *testing.T) {
	e := checktest.New(t, check.MeanAbsoluteError)
	mean := func(sum, m float64) float64 { return sum / m }
	square := func(e float64) float64 { return e * e }
	self := func(e float64) float64 { return e }
	e.Right(meanAbsoluteError)
	e.Wrong("You return the sum", over(math.Abs, func(sum, _ float64) float64 { return sum }))
	e.Wrong("That is the mean squared error", over(square, mean))
	e.Wrong("the root of the mean", over(square, func(sum, m float64) float64 { return math.Sqrt(sum / m) }))
	e.Wrong("opposite sign cancel", over(self, mean))
	e.Wrong("of the sum", over(self, func(sum, m float64) float64 { return math.Abs(sum) / m }))
	e.Wrong("n − 1", over(math.Abs, func(sum, m float64) float64 { return sum / (m - 1) }))
	e.Wrong("factor ½", over(math.Abs, func(sum, m float64) float64 { return sum / m / 2 }))
}

func TestCrossEntropy(t *testing.T) {
	e := checktest.New(t, check.CrossEntropy)
	e.Right(crossEntropy)
	e.Right(func(z, y float64) float64 { // the two classes, each in its own way
		if z < 0 {
			return math.Log1p(math.Exp(z)) - y*z
		}
		return math.Log1p(math.Exp(-z)) + (1-y)*z
	})
	e.Wrong("rounded to 0 or 1", func(z, y float64) float64 {
		p := 1 / (1 + math.Exp(-z))
		return -(y*math.Log(p) + (1-y)*math.Log(1-p))
	})
	e.Wrong("a large z overflows", func(z, y float64) float64 { return math.Log1p(math.Exp(z)) - y*z })
	e.Wrong("a very negative z", func(z, y float64) float64 { return math.Log1p(math.Exp(-z)) + (1-y)*z })
	e.Wrong("exchanged the classes", func(z, y float64) float64 { return crossEntropy(z, 1-y) })
	e.Wrong("does not depend on y", func(z, y float64) float64 { return crossEntropy(z, 0) })
	e.Wrong("The sign is wrong", func(z, y float64) float64 { return -crossEntropy(z, y) })
	sigma := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	of := func(p, q, y float64) float64 { return -(y*math.Log(p) + (1-y)*math.Log(q)) }
	e.Wrong("keep p away from 0 and 1", func(z, y float64) float64 {
		p := max(1e-12, min(1-1e-12, sigma(z)))
		return of(p, 1-p, y)
	})
	e.Wrong("by a small number, and", func(z, y float64) float64 { return of(sigma(z)+1e-15, 1-sigma(z)+1e-15, y) })
	e.Wrong("which needs no such number", func(z, y float64) float64 { return of(max(sigma(z), 1e-7), max(1-sigma(z), 1e-7), y) })
	e.Wrong("to base 2", func(z, y float64) float64 { return crossEntropy(z, y) / math.Ln2 })
	e.Wrong("to base 10", func(z, y float64) float64 { return crossEntropy(z, y) / math.Ln10 })
	e.Wrong("the part of class 1", func(z, y float64) float64 { return -y * math.Log(sigma(z)) })
	e.Wrong("squared error", func(z, y float64) float64 { return (sigma(z) - y) * (sigma(z) - y) })
	e.Wrong("the derivative", func(z, y float64) float64 { return sigma(z) - y })
}

func TestSoftThreshold(t *testing.T) {
	e := checktest.New(t, check.SoftThreshold)
	each := func(change func(w, pull float64) float64) func([]float64, float64) {
		return func(theta []float64, pull float64) {
			for j, w := range theta {
				theta[j] = change(w, pull)
			}
		}
	}
	e.Right(softThreshold)
	e.Right(each(func(w, pull float64) float64 { return max(w-pull, 0) + min(w+pull, 0) }))
	e.Wrong("jump over 0", each(func(w, pull float64) float64 { return w - math.Copysign(pull, w) }))
	e.Wrong("Negative weights vanish", each(func(w, pull float64) float64 { return max(w-pull, 0) }))
	e.Wrong("pull everything down", each(func(w, pull float64) float64 { return w - pull }))
	e.Wrong("as L2 does", each(func(w, pull float64) float64 { return w * (1 - pull) }))
	e.Wrong("the others are pulled, too", each(func(w, pull float64) float64 {
		if math.Abs(w) <= pull {
			return 0
		}
		return w
	}))
	e.Wrong("stays as it was", func([]float64, float64) {})
	e.Wrong("signs are lost", each(func(w, pull float64) float64 { return max(math.Abs(w)-pull, 0) }))
	e.Wrong("You cut the weights off", each(func(w, pull float64) float64 { return max(-pull, min(pull, w)) }))
	e.Wrong("away from 0", each(func(w, pull float64) float64 { return w + math.Copysign(pull, w) }))
}

func TestEarlyStop(t *testing.T) {
	e := checktest.New(t, check.EarlyStop)
	e.Right(earlyStop)
	e.Wrong("count from 0", func(losses []float64, patience int) (int, int) {
		stop, best := earlyStop(losses, patience)
		return stop - 1, best - 1
	})
	e.Wrong("one epoch too long", func(losses []float64, patience int) (int, int) { return earlyStop(losses, patience+1) })
	e.Wrong("one epoch too early", func(losses []float64, patience int) (int, int) { return earlyStop(losses, patience-1) })
	e.Wrong("with the epoch before", func(losses []float64, patience int) (stop, best int) {
		lowest, rising := math.Inf(1), 0
		for i, loss := range losses {
			stop = i + 1
			if loss < lowest {
				lowest, best = loss, stop
			}
			rising++
			if i == 0 || loss < losses[i-1] {
				rising = 0
			}
			if rising >= patience {
				break
			}
		}
		return stop, best
	})
	e.Wrong("not the last one", func(losses []float64, patience int) (int, int) {
		stop, _ := earlyStop(losses, patience)
		return stop, stop
	})
	e.Wrong("You never stop", func(losses []float64, patience int) (int, int) {
		return earlyStop(losses, len(losses)+1)
	})
	e.Wrong("compare with < and not <=", func(losses []float64, patience int) (stop, best int) {
		lowest := math.Inf(1)
		for i, loss := range losses {
			stop = i + 1
			if loss <= lowest {
				lowest, best = loss, stop
			}
			if stop-best >= patience {
				break
			}
		}
		return stop, best
	})
	e.Wrong(":= inside the loop", func(losses []float64, patience int) (stop, best int) {
		lowest := math.Inf(1)
		for i, loss := range losses {
			stop = i + 1
			if loss < lowest {
				lowest, best := loss, stop
				_, _ = lowest, best
			}
			if stop-best >= patience {
				break
			}
		}
		return stop, best
	})
	e.Wrong("exchanged the two", func(losses []float64, patience int) (int, int) {
		stop, best := earlyStop(losses, patience)
		return best, stop
	})
	e.Wrong("best is an index", func(losses []float64, patience int) (int, int) {
		stop, best := earlyStop(losses, patience)
		return stop, best - 1
	})
}

func TestBestDegree(t *testing.T) {
	e := checktest.New(t, check.BestDegree)
	type errors = func(int) (float64, float64)
	e.Right(bestDegree)
	e.Wrong("by the training error", func(errors errors, most int) int {
		return bestDegree(func(degree int) (float64, float64) {
			training, validation := errors(degree)
			return validation, training
		}, most)
	})
	e.Wrong("at the first rise", func(errors errors, most int) int {
		_, before := errors(1)
		for degree := 2; degree <= most; degree++ {
			_, now := errors(degree)
			if now > before {
				return degree - 1
			}
			before = now
		}
		return most
	})
	e.Wrong("one short", func(errors errors, most int) int { return bestDegree(errors, most) - 1 })
	e.Wrong("You ask for degree 0", func(errors errors, most int) int {
		errors(0)
		return bestDegree(errors, most)
	})
	e.Wrong("the highest error", func(errors errors, most int) int {
		return bestDegree(func(degree int) (float64, float64) {
			training, validation := errors(degree)
			return training, -validation
		}, most)
	})
	e.Wrong("Of equals you take the last", func(errors errors, most int) (best int) {
		lowest := math.Inf(1)
		for degree := 1; degree <= most; degree++ {
			if _, validation := errors(degree); validation <= lowest {
				best, lowest = degree, validation
			}
		}
		return best
	})
	e.Wrong(":= inside the loop", func(errors errors, most int) (best int) {
		for degree := 1; degree <= most; degree++ {
			lowest := math.Inf(1)
			if _, validation := errors(degree); validation < lowest {
				lowest, best := validation, degree
				_, _ = lowest, best
			}
		}
		return best
	})
}

func TestDescend(t *testing.T) {
	type slope = func(theta float64) float64
	e := checktest.New(t, check.Descend)
	e.Right(descend)
	each := func(next func(f slope, start, theta, alpha float64) float64, more int) func(slope, float64, float64, int) float64 {
		return func(f slope, theta, alpha float64, steps int) float64 {
			start := theta
			for range max(steps+more, 0) {
				theta = next(f, start, theta, alpha)
			}
			return theta
		}
	}
	step := func(f slope, _, theta, alpha float64) float64 { return theta - alpha*f(theta) }
	e.Wrong("uphill", each(func(f slope, _, theta, alpha float64) float64 { return theta + alpha*f(theta) }, 0))
	e.Wrong("the slope at the start", each(func(f slope, start, theta, alpha float64) float64 { return theta - alpha*f(start) }, 0))
	e.Wrong("The learning rate is missing", each(func(f slope, _, theta, _ float64) float64 { return theta - f(theta) }, 0))
	e.Wrong("the same length", each(func(f slope, _, theta, alpha float64) float64 { return theta - math.Copysign(alpha, f(theta)) }, 0))
	e.Wrong("one step too many", each(step, 1))
	e.Wrong("one step too few", each(step, -1))
	e.Wrong("stays where it began", each(func(_ slope, _, theta, _ float64) float64 { return theta }, 0))
	e.Wrong("once for each is enough", func(f slope, theta, alpha float64, steps int) float64 {
		for range 1000 {
			f(theta)
		}
		return descend(f, theta, alpha, steps)
	})
}

func TestNumericalSlope(t *testing.T) {
	e := checktest.New(t, check.NumericalSlope)
	type function = func(float64) float64
	e.Right(numericalSlope)
	e.Wrong("to the right only", func(f function, x, h float64) float64 { return (f(x+h) - f(x)) / h })
	e.Wrong("to the left only", func(f function, x, h float64) float64 { return (f(x) - f(x-h)) / h })
	e.Wrong("2h apart", func(f function, x, h float64) float64 { return (f(x+h) - f(x-h)) / h })
	e.Wrong("half the difference", func(f function, x, h float64) float64 { return (f(x+h) - f(x-h)) / 2 })
	e.Wrong("the difference of f", func(f function, x, h float64) float64 { return f(x+h) - f(x-h) })
	e.Wrong("multiplies by h", func(f function, x, h float64) float64 { return (f(x+h) - f(x-h)) / 2 * h })
	e.Wrong("sign is wrong", func(f function, x, h float64) float64 { return (f(x-h) - f(x+h)) / (2 * h) })
}
