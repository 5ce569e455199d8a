package ch06e

import (
	"math"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestAttend(t *testing.T) {
	e := checktest.New(t, check.Attend)
	e.Right(attend)
	// variant has other scores, and may leave out the division by the sum.
	variant := func(divide func(d float64) float64, normal bool) func(q []float64, keys, values [][]float64) []float64 {
		return func(q []float64, keys, values [][]float64) []float64 {
			out, sum := make([]float64, len(values[0])), 0.0
			most := math.Inf(-1)
			scores := make([]float64, len(keys))
			for j, k := range keys {
				for i := range q {
					scores[j] += q[i] * k[i]
				}
				scores[j] /= divide(float64(len(q)))
				most = max(most, scores[j])
			}
			if !normal {
				most = 0
			}
			for j, v := range values {
				w := math.Exp(scores[j] - most)
				sum += w
				for i := range v {
					out[i] += w * v[i]
				}
			}
			for i := range out {
				if normal {
					out[i] /= sum
				}
			}
			return out
		}
	}
	e.Wrong("not divided by √d", variant(func(float64) float64 { return 1 }, true))
	e.Wrong("not by d", variant(func(d float64) float64 { return d }, true))
	e.Wrong("you multiply", variant(func(d float64) float64 { return 1 / math.Sqrt(d) }, true))
	e.Wrong("do not sum to 1", variant(math.Sqrt, false))
	e.Wrong("infinite", func(q []float64, keys, values [][]float64) []float64 {
		out := variant(math.Sqrt, false)(q, keys, values)
		ones := make([][]float64, len(values))
		for j := range ones {
			ones[j] = []float64{1}
		}
		sum := variant(math.Sqrt, false)(q, keys, ones)[0]
		for i := range out {
			out[i] /= sum
		}
		return out
	})
}

func TestCausalWeights(t *testing.T) {
	e := checktest.New(t, check.CausalWeights)
	e.Right(causalWeights)
	variant := func(may func(i, j int) bool) func(scores [][]float64) [][]float64 {
		return func(scores [][]float64) [][]float64 {
			out := make([][]float64, len(scores))
			for i, row := range scores {
				out[i] = make([]float64, len(row))
				sum := 0.0
				for j := range row {
					if may(i, j) {
						out[i][j] = math.Exp(row[j])
						sum += out[i][j]
					}
				}
				for j := range row {
					if sum > 0 {
						out[i][j] /= sum
					}
				}
			}
			return out
		}
	}
	e.Wrong("may look at itself", variant(func(i, j int) bool { return j < i }))
	e.Wrong("the very one", variant(func(i, j int) bool { return j <= i+1 }))
	e.Wrong("show the future", variant(func(i, j int) bool { return j >= i }))
	e.Wrong("There is no mask", variant(func(i, j int) bool { return true }))
	e.Wrong("mask before the softmax", func(scores [][]float64) [][]float64 {
		out := variant(func(i, j int) bool { return true })(scores)
		for i := range out {
			clear(out[i][i+1:])
		}
		return out
	})
	e.Wrong("Masked scores are −∞", func(scores [][]float64) [][]float64 {
		zeroed := make([][]float64, len(scores))
		for i, row := range scores {
			zeroed[i] = append([]float64(nil), row...)
			clear(zeroed[i][i+1:])
		}
		return variant(func(i, j int) bool { return true })(zeroed)
	})
	e.Wrong("the wrong axis", func(scores [][]float64) [][]float64 {
		n := len(scores)
		out := make([][]float64, n)
		for i := range out {
			out[i] = make([]float64, n)
		}
		for j := range n {
			sum := 0.0
			for i := j; i < n; i++ {
				sum += math.Exp(scores[i][j])
			}
			for i := j; i < n; i++ {
				out[i][j] = math.Exp(scores[i][j]) / sum
			}
		}
		return out
	})
}

func TestNextTokens(t *testing.T) {
	e := checktest.New(t, check.NextTokens)
	e.Right(nextTokens)
	shifted := func(shift, fill int) func(text []int, length int) (x, y []int) {
		return func(text []int, length int) (x, y []int) {
			x, _ = nextTokens(text, length)
			for t := range length {
				label := fill
				if k := t + shift; k >= 0 && k < len(text) {
					label = text[k]
				}
				y = append(y, label)
			}
			return x, y
		}
	}
	e.Wrong("far too good", shifted(0, -1))
	e.Wrong("after the end", shifted(1, 0))
	e.Wrong("backwards", shifted(-1, -1))
	e.Wrong("after the next", shifted(2, -1))
	e.Wrong("goes on", func(text []int, length int) (x, y []int) {
		x, y = nextTokens(text, length)
		y[length-1] = -1
		return x, y
	})
	e.Wrong("Padding is −1", func(text []int, length int) (x, y []int) {
		x, y = nextTokens(text, length)
		for t := range x {
			x[t] = max(0, x[t])
		}
		return x, y
	})
}

func TestTemper(t *testing.T) {
	e := checktest.New(t, check.Temper)
	e.Right(temper)
	plain := func(scores []float64, temperature float64) []float64 {
		p, sum := make([]float64, len(scores)), 0.0
		for i, z := range scores {
			p[i] = math.Exp(z / temperature)
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
		}
		return p
	}
	e.Wrong("infinite", plain)
	e.Wrong("no effect", func(scores []float64, _ float64) []float64 { return temper(scores, 1) })
	e.Wrong("write wildly", func(scores []float64, temperature float64) []float64 { return temper(scores, 1/temperature) })
	e.Wrong("divide the probabilities", func(scores []float64, temperature float64) []float64 {
		p := temper(scores, 1)
		for i := range p {
			p[i] /= temperature
		}
		return p
	})
	e.Wrong("taken twice", func(scores []float64, temperature float64) []float64 { return temper(temper(scores, 1), temperature) })
}
