package ch03

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
	"github.com/descent-go/descent/lib/optim"
)

func TestMomentumStep(t *testing.T) {
	e := checktest.New(t, check.MomentumStep)
	e.Right(momentumStep)
	e.Wrong("theta moves with the old velocity", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			theta[j] -= alpha * b[j]
			b[j] = mu*b[j] + g
		}
	})
	e.Wrong("only a share 1 − mu", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			b[j] = mu*b[j] + (1-mu)*g
			theta[j] -= alpha * b[j]
		}
	})
	e.Wrong("b stays as it was", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			theta[j] -= alpha * (mu*b[j] + g)
		}
	})
	e.Wrong("b forgets", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			b[j] = g
			theta[j] -= alpha * b[j]
		}
	})
	e.Wrong("uphill", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			b[j] = mu*b[j] + g
			theta[j] += alpha * b[j]
		}
	})
	e.Wrong("against the gradient alone", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			b[j] = mu*b[j] + g
			theta[j] -= alpha * g
		}
	})
	e.Wrong("changes grad", func(theta, b, grad []float64, alpha, mu float64) {
		for j := range grad {
			grad[j] += mu * b[j]
			theta[j] -= alpha * grad[j]
		}
	})
	e.Wrong("You gather steps", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			b[j] = mu*b[j] - alpha*g
			theta[j] += b[j]
		}
	})
	e.Wrong("alpha is in b already", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			b[j] = mu*b[j] + alpha*g
			theta[j] -= b[j]
		}
	})
	e.Wrong("Nesterov", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			b[j] = mu*b[j] + g
			theta[j] -= alpha * (g + mu*b[j])
		}
	})
	e.Wrong("with their sign", func(theta, b, grad []float64, alpha, mu float64) {
		for j, g := range grad {
			b[j] = mu*b[j] - g
			theta[j] += alpha * b[j]
		}
	})
}

func TestRMSProp(t *testing.T) {
	e := checktest.New(t, check.RMSProp)
	e.Right(rmsProp)
	settings := func(beta1, beta2 float64) func() *optim.Adam {
		return func() *optim.Adam { return &optim.Adam{Beta1: beta1, Beta2: beta2, Epsilon: 1e-8} }
	}
	e.Wrong("is still 0.9", optim.NewAdam)
	e.Wrong("ignores the gradient", settings(1, 0.999))
	e.Wrong("the other one", settings(0.9, 0))
	e.Wrong("Leave β₂", settings(0, 0))
	e.Wrong("returns nil", func() *optim.Adam { return nil })
	e.Wrong("still some memory", settings(0.5, 0.999))
	e.Wrong("a share, from 0 to 1", settings(-1, 0.999))
}

func TestStableRate(t *testing.T) {
	e := checktest.New(t, check.StableRate)
	e.Right(stableRate)
	bisect := func(width float64, swap bool) func(func(float64) bool) float64 {
		return func(converges func(float64) bool) float64 {
			lo, hi := 0.1, 3.0
			for hi-lo > width {
				if mid := (lo + hi) / 2; converges(mid) != swap {
					lo = mid
				} else {
					hi = mid
				}
			}
			return lo
		}
	}
	e.Wrong("the wrong half", bisect(1e-4, true))
	e.Wrong("stop too early", bisect(0.1, false))
	e.Wrong("never ask", func(func(float64) bool) float64 { return 0.64 })
	e.Wrong("a dozen questions", func(converges func(float64) bool) float64 {
		alpha := 0.1
		for converges(alpha) {
			alpha += 0.001
		}
		return alpha
	})
	e.Wrong("begin with these two", func(converges func(float64) bool) float64 {
		converges(0)
		return stableRate(converges)
	})
	e.Wrong(":= inside the loop", func(converges func(float64) bool) (lo float64) {
		stableRate(converges)
		return lo
	})
}

// adamVariant is Adam with one thing done differently.
func adamVariant(correct1, correct2 bool, ratio func(g, m, v, epsilon float64) float64) func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
	return func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
		for j, g := range grad {
			m[j] = beta1*m[j] + (1-beta1)*g
			v[j] = beta2*v[j] + (1-beta2)*g*g
			mHat, vHat := m[j], v[j]
			if correct1 {
				mHat /= 1 - math.Pow(beta1, float64(t))
			}
			if correct2 {
				vHat /= 1 - math.Pow(beta2, float64(t))
			}
			theta[j] -= alpha * ratio(g, mHat, vHat, epsilon)
		}
	}
}

func TestAdamStep(t *testing.T) {
	e := checktest.New(t, check.AdamStep)
	e.Right(adamStep)
	usual := func(_, m, v, epsilon float64) float64 { return m / (math.Sqrt(v) + epsilon) }
	e.Right(adamVariant(true, true, usual))
	e.Wrong("uses m and v before correcting", adamVariant(false, false, usual))
	e.Wrong("uses v before correcting its bias: divide by 1 − β₂ᵗ", adamVariant(true, false, usual))
	e.Wrong("uses m before correcting its bias: divide by 1 − β₁ᵗ", adamVariant(false, true, usual))
	e.Wrong("ε stands inside the root", adamVariant(true, true, func(_, m, v, epsilon float64) float64 { return m / math.Sqrt(v+epsilon) }))
	e.Wrong("The root is missing", adamVariant(true, true, func(_, m, v, epsilon float64) float64 { return m / (v + epsilon) }))
	e.Wrong("along the gradient", adamVariant(true, true, func(g, _, v, epsilon float64) float64 { return g / (math.Sqrt(v) + epsilon) }))
	e.Wrong("uphill", adamVariant(true, true, func(_, m, v, epsilon float64) float64 { return -m / (math.Sqrt(v) + epsilon) }))
	e.Wrong("ε is missing", adamVariant(true, true, func(_, m, v, epsilon float64) float64 { return m / math.Sqrt(v) }))
	e.Wrong("store the corrected moment in m", func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
		for j, g := range grad {
			m[j] = (beta1*m[j] + (1-beta1)*g) / (1 - math.Pow(beta1, float64(t)))
		}
	})
	e.Wrong("g*g, not g", func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
		for j, g := range grad {
			m[j] = beta1*m[j] + (1-beta1)*g
			v[j] = beta2*v[j] + (1-beta2)*g
		}
	})
	e.Wrong("exchanged beta1", func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
		for j, g := range grad {
			m[j] = (1-beta1)*m[j] + beta1*g
		}
	})
	at := func(k int) func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
		return func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64) {
			adamStep(theta, m, v, grad, t+k, alpha, beta1, beta2, epsilon)
		}
	}
	e.Wrong("You correct with t + 1", at(1))
	e.Wrong("You correct with t − 1", at(-1))
	e.Wrong("as in the first step", func(theta, m, v, grad []float64, _ int, alpha, beta1, beta2, epsilon float64) {
		adamStep(theta, m, v, grad, 1, alpha, beta1, beta2, epsilon)
	})
}

func TestEpochsTo(t *testing.T) {
	type answer = func(target float64, o optim.Optimizer, alpha float64, batch int, x, y *mat.Dense) int
	e := checktest.New(t, check.EpochsTo)
	e.Right(epochsTo)
	or := func(none int) answer {
		return func(target float64, o optim.Optimizer, alpha float64, batch int, x, y *mat.Dense) int {
			if n := epochsTo(target, o, alpha, batch, x, y); n > 0 {
				return n
			}
			return none
		}
	}
	plus := func(k int) answer {
		return func(target float64, o optim.Optimizer, alpha float64, batch int, x, y *mat.Dense) int {
			return epochsTo(target, o, alpha, batch, x, y) + k
		}
	}
	e.Wrong("0 by agreement", or(100))
	e.Wrong("one short", plus(-1))
	e.Wrong("one too many", plus(1))
	e.Wrong("return inside the loop", func(float64, optim.Optimizer, float64, int, *mat.Dense, *mat.Dense) int { return 100 })
	e.Wrong("and you say 0", func(float64, optim.Optimizer, float64, int, *mat.Dense, *mat.Dense) int { return 0 })
	e.Wrong("You count steps", func(target float64, o optim.Optimizer, alpha float64, batch int, x, y *mat.Dense) int {
		n := epochsTo(target, o, alpha, batch, x, y)
		if batch == 0 {
			return n
		}
		return n * ((60 + batch - 1) / batch)
	})
}

func TestBatches(t *testing.T) {
	e := checktest.New(t, check.Batches)
	e.Right(batches)
	e.Wrong("left out", func(order []int, size int) (out [][]int) {
		for from := 0; from+size <= len(order); from += size {
			out = append(out, order[from:from+size])
		}
		return out
	})
	e.Wrong("slice bounds out of range", func(order []int, size int) (out [][]int) {
		for from := 0; from < len(order); from += size {
			out = append(out, order[from:from+size:len(order)])
		}
		return out
	})
	e.Wrong("is empty", func(order []int, size int) [][]int { return append(batches(order, size), nil) })
	e.Wrong("Each comes once", func(order []int, size int) (out [][]int) {
		for from := range order {
			out = append(out, order[from:min(from+size, len(order))])
		}
		return out
	})
	e.Wrong("not the numbers", func(order []int, size int) [][]int { return batches(slices.Sorted(slices.Values(order)), size) })
	e.Wrong("every k-th", func(order []int, size int) [][]int {
		out := make([][]int, (len(order)+size-1)/size)
		for i, v := range order {
			out[i%len(out)] = append(out[i%len(out)], v)
		}
		return out
	})
	e.Wrong("one batch of all", func(order []int, _ int) [][]int { return [][]int{order} })
}
