package ch08c

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestLoraStart(t *testing.T) {
	e := checktest.New(t, check.LoraStart)
	e.Right(loraStart)
	filled := func(m [][]float64, value func() float64) [][]float64 {
		for i := range m {
			for j := range m[i] {
				m[i][j] = value()
			}
		}
		return m
	}
	e.Wrong("random from the first step", func(n, units, rank int, draw func() float64) (a, b [][]float64) {
		a, b = loraStart(n, units, rank, draw)
		return a, filled(b, draw)
	})
	e.Wrong("never learn", func(n, units, rank int, draw func() float64) (a, b [][]float64) {
		a, b = loraStart(n, units, rank, draw)
		return filled(a, func() float64 { return 0 }), b
	})
	e.Wrong("the variance 1", func(n, units, rank int, draw func() float64) (a, b [][]float64) {
		a, b = loraStart(n, units, rank, draw)
		for i := range a {
			for k := range a[i] {
				a[i][k] *= math.Sqrt(float64(n))
			}
		}
		return a, b
	})
	e.Wrong("standard deviation", func(n, units, rank int, draw func() float64) (a, b [][]float64) {
		a, b = loraStart(n, units, rank, draw)
		for i := range a {
			for k := range a[i] {
				a[i][k] /= math.Sqrt(float64(n))
			}
		}
		return a, b
	})
}

func TestMergeLora(t *testing.T) {
	e := checktest.New(t, check.MergeLora)
	e.Right(mergeLora)
	with := func(scale func(alpha, rank float64) float64) func(w, a, b [][]float64, alpha float64) [][]float64 {
		return func(w, a, b [][]float64, alpha float64) [][]float64 {
			r := float64(len(b))
			return mergeLora(w, a, b, r*scale(alpha, r))
		}
	}
	e.Wrong("without the scale", with(func(float64, float64) float64 { return 1 }))
	e.Wrong("not divided by the rank", with(func(alpha, _ float64) float64 { return alpha }))
	e.Wrong("upside down", with(func(alpha, rank float64) float64 { return rank / alpha }))
	e.Wrong("taken off", with(func(alpha, rank float64) float64 { return -alpha / rank }))
	e.Wrong("W is missing", func(w, a, b [][]float64, alpha float64) [][]float64 {
		zero := make([][]float64, len(w))
		for i := range zero {
			zero[i] = make([]float64, len(w[i]))
		}
		return mergeLora(zero, a, b, alpha)
	})
	e.Wrong("has changed w", func(w, a, b [][]float64, alpha float64) [][]float64 {
		for i, row := range mergeLora(w, a, b, alpha) {
			copy(w[i], row)
		}
		return w
	})
}

func TestCountLora(t *testing.T) {
	e := checktest.New(t, check.CountLora)
	e.Right(countLora)
	e.Wrong("frozen", func(layers [][2]int, rank int) (trained, all int) {
		_, all = countLora(layers, rank)
		return all, all
	})
	e.Wrong("two thin matrices", func(layers [][2]int, rank int) (trained, all int) {
		for _, l := range layers {
			trained += rank * l[0] * l[1]
		}
		_, all = countLora(layers, rank)
		return trained, all
	})
	e.Wrong("only one of the two", func(layers [][2]int, rank int) (trained, all int) {
		for _, l := range layers {
			trained += rank * l[0]
		}
		_, all = countLora(layers, rank)
		return trained, all
	})
	e.Wrong("biases are missing", func(layers [][2]int, rank int) (trained, all int) {
		trained, all = countLora(layers, rank)
		for _, l := range layers {
			all -= l[1]
		}
		return trained, all
	})
	e.Wrong("belong to the whole", func(layers [][2]int, rank int) (trained, all int) {
		trained, all = countLora(layers, rank)
		return trained, all - trained
	})
}

func TestWarmRate(t *testing.T) {
	e := checktest.New(t, check.WarmRate)
	e.Right(warmRate)
	e.Wrong("too late", func(step, warm, total int, peak float64) float64 {
		return warmRate(step, total, total+1, peak)
	})
	e.Wrong("first step is lost", func(step, warm, total int, peak float64) float64 {
		if step < warm {
			return peak * float64(step) / float64(warm)
		}
		return warmRate(step, warm, total, peak)
	})
	e.Wrong("There is no warm-up", func(step, warm, total int, peak float64) float64 {
		return warmRate(step, 0, total, peak)
	})
	e.Wrong("fall begins at step 0", func(step, warm, total int, peak float64) float64 {
		if step < warm {
			return warmRate(step, warm, total, peak)
		}
		return warmRate(step, 0, total, peak)
	})
	e.Wrong("does not fall", func(step, warm, total int, peak float64) float64 {
		return warmRate(min(step, warm), warm, total, peak)
	})
	e.Wrong("along a line", func(step, warm, total int, peak float64) float64 {
		if step < warm {
			return warmRate(step, warm, total, peak)
		}
		return peak * float64(total-step) / float64(total-warm)
	})
}

func TestAtBestRate(t *testing.T) {
	e := checktest.New(t, check.AtBestRate)
	e.Right(atBestRate)
	mean := func(x []float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum += v / float64(len(x))
		}
		return sum
	}
	each := func(f func(rates [][]float64) float64) func(losses [][][]float64) []float64 {
		return func(losses [][][]float64) []float64 {
			out := make([]float64, len(losses))
			for o := range losses {
				out[o] = f(losses[o])
			}
			return out
		}
	}
	e.Wrong("one rate for all", func(losses [][][]float64) []float64 {
		best, at := math.Inf(1), 0
		for k := range losses[0] {
			if m := mean(losses[0][k]); m < best {
				best, at = m, k
			}
		}
		return each(func(rates [][]float64) float64 { return mean(rates[at]) })(losses)
	})
	e.Wrong("luckiest seed", each(func(rates [][]float64) float64 {
		return slices.Min(slices.Concat(rates...))
	}))
	e.Wrong("over all rates", each(func(rates [][]float64) float64 {
		return mean(slices.Concat(rates...))
	}))
	e.Wrong("first rate", each(func(rates [][]float64) float64 { return mean(rates[0]) }))
	e.Wrong("largest", each(func(rates [][]float64) float64 {
		worst := math.Inf(-1)
		for _, seeds := range rates {
			worst = max(worst, mean(seeds))
		}
		return worst
	}))
}
