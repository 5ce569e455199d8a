package ch07b

import (
	"math"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestKerasAdam(t *testing.T) {
	e := checktest.New(t, check.KerasAdam)
	e.Right(kerasAdam)
	type answer = func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64)
	step := func(by func(m, v, c1, c2, epsilon float64) float64) answer {
		return func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
			c1, c2 := 1-math.Pow(beta1, float64(t)), 1-math.Pow(beta2, float64(t))
			for j, g := range grad {
				m[j] = beta1*m[j] + (1-beta1)*g
				v[j] = beta2*v[j] + (1-beta2)*g*g
				theta[j] -= alpha * by(m[j], v[j], c1, c2, epsilon)
			}
		}
	}
	e.Right(step(func(m, v, c1, c2, eps float64) float64 { return m / c1 / (math.Sqrt(v/c2) + eps/math.Sqrt(c2)) }))
	e.Wrong("That is PyTorch's", step(func(m, v, c1, c2, eps float64) float64 { return m / c1 / (math.Sqrt(v/c2) + eps) }))
	e.Wrong("inside the root", step(func(m, v, c1, c2, eps float64) float64 { return math.Sqrt(c2) / c1 * m / math.Sqrt(v+eps) }))
	e.Wrong("root of 1 − β₂ᵗ", step(func(m, v, c1, c2, eps float64) float64 { return c2 / c1 * m / (math.Sqrt(v) + eps) }))
	e.Wrong("upside down", step(func(m, v, c1, c2, eps float64) float64 { return c1 / math.Sqrt(c2) * m / (math.Sqrt(v) + eps) }))
	e.Wrong("no bias correction", step(func(m, v, c1, c2, eps float64) float64 { return m / (math.Sqrt(v) + eps) }))
	e.Wrong("uphill", step(func(m, v, c1, c2, eps float64) float64 { return -math.Sqrt(c2) / c1 * m / (math.Sqrt(v) + eps) }))
	e.Wrong("Don't store", func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
		kerasAdam(theta, m, v, grad, t, alpha, beta1, beta2, epsilon)
		for j := range m {
			m[j] /= 1 - math.Pow(beta1, float64(t))
		}
	})
	e.Wrong("changes grad", func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
		kerasAdam(theta, m, v, grad, t, alpha, beta1, beta2, epsilon)
		grad[0]++
	})
}

func TestEpochLoss(t *testing.T) {
	e := checktest.New(t, check.EpochLoss)
	e.Right(epochLoss)
	sum := func(losses []float64, sizes []int) (s float64, n int) {
		for i, l := range losses {
			s, n = s+l*float64(sizes[i]), n+sizes[i]
		}
		return s, n
	}
	e.Wrong("mean of the means", func(losses []float64, sizes []int) float64 {
		s := 0.0
		for _, l := range losses {
			s += l
		}
		return s / float64(len(losses))
	})
	e.Wrong("the sum", func(losses []float64, sizes []int) float64 { s, _ := sum(losses, sizes); return s })
	e.Wrong("number of samples", func(losses []float64, sizes []int) float64 {
		s, _ := sum(losses, sizes)
		return s / float64(len(losses))
	})
	e.Wrong("the last batch", func(losses []float64, sizes []int) float64 {
		k := len(losses) - 1
		s, n := sum(losses[:k], sizes[:k])
		return s / float64(n)
	})
	e.Wrong("That is the loss of the last batch", func(losses []float64, sizes []int) float64 { return losses[len(losses)-1] })
}

func TestStartStd(t *testing.T) {
	e := checktest.New(t, check.StartStd)
	e.Right(startStd)
	e.Wrong("the bound", func(tool string, in, out int) float64 { return startStd(tool, in, out) * math.Sqrt(3) })
	e.Wrong("the variance", func(tool string, in, out int) float64 { return math.Pow(startStd(tool, in, out), 2) })
	e.Wrong("as long as", func(tool string, in, out int) float64 { return 2 * startStd(tool, in, out) })
	e.Wrong("exchanged", func(tool string, in, out int) float64 {
		if tool == "keras" {
			return startStd("pytorch", in, out)
		}
		return startStd("keras", in, out)
	})
	e.Wrong("number of outputs", func(tool string, in, out int) float64 { return startStd(tool, out, out) })
}

func TestDigits(t *testing.T) {
	e := checktest.New(t, check.Digits)
	e.Right(digits)
	from := func(worst func(got, want []float64) float64, round func(float64) float64) func(got, want []float64) int {
		return func(got, want []float64) int { return int(round(-math.Log10(max(1e-16, worst(got, want))))) }
	}
	relative := func(got, want []float64) float64 {
		w := 0.0
		for i := range want {
			w = max(w, math.Abs(got[i]-want[i])/max(1, math.Abs(want[i])))
		}
		return w
	}
	absolute := func(got, want []float64) float64 {
		w := 0.0
		for i := range want {
			w = max(w, math.Abs(got[i]-want[i]))
		}
		return w
	}
	e.Wrong("Round down", from(relative, math.Ceil))
	e.Wrong("size of the numbers", from(absolute, math.Floor))
	e.Wrong("all pairs", from(func(got, want []float64) float64 { return relative(got[:1], want[:1]) }, math.Floor))
	e.Wrong("16 at the most", func(got, want []float64) int {
		if relative(got, want) == 0 {
			return 999
		}
		return digits(got, want)
	})
	e.Wrong("absolute value", from(func(got, want []float64) float64 {
		w := 0.0
		for i := range want {
			w = max(w, (got[i]-want[i])/max(1, math.Abs(want[i])))
		}
		return w
	}, math.Floor))
}
