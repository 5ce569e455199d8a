package ch06d

import (
	"math"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestLastStates(t *testing.T) {
	e := checktest.New(t, check.LastStates)
	e.Right(lastStates)
	e.Wrong("kept from one text to the next", func(texts [][]int, step func(float64, int) float64) []float64 {
		h, states := 0.0, make([]float64, len(texts))
		for i, text := range texts {
			for _, word := range text {
				if word >= 0 {
					h = step(h, word)
				}
			}
			states[i] = h
		}
		return states
	})
	e.Wrong("Padding has changed the state", func(texts [][]int, step func(float64, int) float64) []float64 {
		states := make([]float64, len(texts))
		for i, text := range texts {
			for _, word := range text {
				states[i] = step(states[i], word)
			}
		}
		return states
	})
	e.Wrong("stops at the first padding", func(texts [][]int, step func(float64, int) float64) []float64 {
		states := make([]float64, len(texts))
		for i, text := range texts {
			for _, word := range text {
				if word < 0 {
					break
				}
				states[i] = step(states[i], word)
			}
		}
		return states
	})
	e.Wrong("only the last word", func(texts [][]int, step func(float64, int) float64) []float64 {
		states := make([]float64, len(texts))
		for i, text := range texts {
			for _, word := range text {
				if word >= 0 {
					states[i] = step(0, word)
				}
			}
		}
		return states
	})
	e.Wrong("backwards", func(texts [][]int, step func(float64, int) float64) []float64 {
		states := make([]float64, len(texts))
		for i, text := range texts {
			for t := len(text) - 1; t >= 0; t-- {
				if text[t] >= 0 {
					states[i] = step(states[i], text[t])
				}
			}
		}
		return states
	})
}

func TestTokenLoss(t *testing.T) {
	e := checktest.New(t, check.TokenLoss)
	e.Right(tokenLoss)
	mean := func(losses [][]float64, counts func(i, t int) bool) (sum, count float64) {
		for i, row := range losses {
			for t, l := range row {
				if counts(i, t) {
					sum += l
					count++
				}
			}
		}
		return sum, count
	}
	e.Wrong("padding counts", func(losses [][]float64, targets [][]int) float64 {
		sum, count := mean(losses, func(int, int) bool { return true })
		return sum / max(1, count)
	})
	e.Wrong("divide by all places", func(losses [][]float64, targets [][]int) float64 {
		sum, _ := mean(losses, func(i, t int) bool { return targets[i][t] >= 0 })
		_, all := mean(losses, func(int, int) bool { return true })
		return sum / max(1, all)
	})
	e.Wrong("the sum", func(losses [][]float64, targets [][]int) float64 {
		sum, _ := mean(losses, func(i, t int) bool { return targets[i][t] >= 0 })
		return sum
	})
	e.Wrong("short texts", func(losses [][]float64, targets [][]int) float64 {
		total, texts := 0.0, 0.0
		for i := range losses {
			if sum, count := mean(losses[i:i+1], func(_, t int) bool { return targets[i][t] >= 0 }); count > 0 {
				total += sum / count
				texts++
			}
		}
		return total / max(1, texts)
	})
	e.Wrong("Word 0", func(losses [][]float64, targets [][]int) float64 {
		sum, count := mean(losses, func(i, t int) bool { return targets[i][t] > 0 })
		return sum / max(1, count)
	})
	e.Wrong("NaN", func(losses [][]float64, targets [][]int) float64 {
		sum, count := mean(losses, func(i, t int) bool { return targets[i][t] >= 0 })
		return sum / count
	})
}

func TestThroughTime(t *testing.T) {
	e := checktest.New(t, check.ThroughTime)
	e.Right(throughTime)
	with := func(factor func(h []float64, u float64, t int) float64) func([]float64, float64) []float64 {
		return func(h []float64, u float64) []float64 {
			d := make([]float64, len(h))
			d[len(h)-1] = 1
			for t := len(h) - 2; t >= 0; t-- {
				d[t] = d[t+1] * factor(h, u, t)
			}
			return d
		}
	}
	e.Wrong("slope of tanh is missing", with(func(_ []float64, u float64, _ int) float64 { return u }))
	e.Wrong("u is missing", with(func(h []float64, _ float64, t int) float64 { return 1 - h[t+1]*h[t+1] }))
	e.Wrong("wrong state", with(func(h []float64, u float64, t int) float64 { return u * (1 - h[t]*h[t]) }))
	e.Wrong("is the tanh already", with(func(h []float64, u float64, t int) float64 {
		return u * (1 - math.Tanh(h[t+1])*math.Tanh(h[t+1]))
	}))
	e.Wrong("only one step", func(h []float64, u float64) []float64 {
		d := make([]float64, len(h))
		d[len(h)-1] = 1
		for t := range len(h) - 1 {
			d[t] = u * (1 - h[t+1]*h[t+1])
		}
		return d
	})
}

func TestLSTMCell(t *testing.T) {
	e := checktest.New(t, check.LSTMCell)
	e.Right(lstmCell)
	with := func(cell func(before, in, forget, candidate float64) float64, state func(before, cell, out float64) float64) func(before, in, forget, candidate, out []float64) ([]float64, []float64) {
		return func(before, in, forget, candidate, out []float64) ([]float64, []float64) {
			c, s := make([]float64, len(before)), make([]float64, len(before))
			for j, b := range before {
				c[j] = cell(b, in[j], forget[j], candidate[j])
				s[j] = state(b, c[j], out[j])
			}
			return c, s
		}
	}
	cell := func(before, in, forget, candidate float64) float64 { return forget*before + in*candidate }
	state := func(_, cell, out float64) float64 { return out * math.Tanh(cell) }
	e.Wrong("forget gate is missing", with(func(b, i, _, g float64) float64 { return b + i*g }, state))
	e.Wrong("input gate is missing", with(func(b, _, f, g float64) float64 { return f*b + g }, state))
	e.Wrong("exchanged", with(func(b, i, f, g float64) float64 { return i*b + f*g }, state))
	e.Wrong("1 − f", with(func(b, _, f, g float64) float64 { return f*b + (1-f)*g }, state))
	e.Wrong("once more", with(func(b, i, f, g float64) float64 { return f*b + i*math.Tanh(g) }, state))
	e.Wrong("tanh is missing", with(cell, func(_, c, o float64) float64 { return o * c }))
	e.Wrong("cell before", with(cell, func(b, _, o float64) float64 { return o * math.Tanh(b) }))
	e.Wrong("whole product", with(cell, func(_, c, o float64) float64 { return math.Tanh(o * c) }))
}
