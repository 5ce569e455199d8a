package ch08

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestSerialShare(t *testing.T) {
	e := checktest.New(t, check.SerialShare)
	e.Right(serialShare)
	e.Wrong("can be shared", func(s float64, w int) float64 { return 1 - serialShare(s, w) })
	e.Wrong("the time that is left", func(s float64, _ int) float64 { return 1 / s })
	e.Wrong("how well the workers are used", func(s float64, w int) float64 { return s / float64(w) })
	e.Wrong("in the place of s", func(s float64, w int) float64 { return 1 / (s + (1-s)/float64(w)) })
	e.Wrong("Nearly: that is", func(s float64, w int) float64 { return float64(w)/s - 1 })
	e.Wrong("w − 1, not w", func(s float64, w int) float64 { return 1/s - 1/float64(w) })
	e.Wrong("divide by the speed-up", func(s float64, w int) float64 { return (float64(w) - s) / (float64(w) - 1) })
	e.Wrong("in percent", func(s float64, w int) float64 { return 100 * serialShare(s, w) })
}

func TestKahan(t *testing.T) {
	e := checktest.New(t, check.Kahan)
	e.Right(kahan)
	e.Right(func(x []float64, round func(float64) float64) float64 { // what is owed in place of what came too much
		sum, owed := 0.0, 0.0
		for _, v := range x {
			y := round(v + owed)
			t := round(sum + y)
			owed = round(y - round(t-sum))
			sum = t
		}
		return sum
	})
	e.Wrong("That is the plain sum", func(x []float64, round func(float64) float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum = round(sum + v)
		}
		return sum
	})
	e.Wrong("Nothing is rounded", func(x []float64, _ func(float64) float64) float64 {
		return kahan(x, func(v float64) float64 { return v })
	})
	e.Wrong("lost twice", func(x []float64, round func(float64) float64) float64 {
		sum, lost := 0.0, 0.0
		for _, v := range x {
			y := round(v + lost)
			t := round(sum + y)
			lost = round(round(t-sum) - y)
			sum = t
		}
		return sum
	})
	e.Wrong("before you compute lost", func(x []float64, round func(float64) float64) float64 {
		sum, lost := 0.0, 0.0
		for _, v := range x {
			y := round(v - lost)
			t := round(sum + y)
			sum = t
			lost = round(round(t-sum) - y)
		}
		return sum
	})
	e.Wrong("The sum stays 0", func([]float64, func(float64) float64) float64 { return 0 })
	e.Wrong("changes x", func(x []float64, round func(float64) float64) float64 {
		defer clear(x)
		return kahan(x, round)
	})
	e.Wrong("after every addition and subtraction", func(x []float64, round func(float64) float64) float64 {
		return round(kahan(x, func(v float64) float64 { return v }))
	})
}

func TestLottery(t *testing.T) {
	e := checktest.New(t, check.Lottery)
	e.Right(lottery)
	e.Right(func(x, step, u float64) float64 { return step * math.Floor(x/step+u) })
	e.Wrong("That is no lottery", func(x, step, _ float64) float64 { return step * math.Round(x/step) })
	e.Wrong("the other way round", func(x, step, u float64) float64 {
		below := math.Floor(x / step)
		if u > x/step-below {
			below++
		}
		return step * below
	})
	e.Wrong("one half of all u", func(x, step, u float64) float64 {
		return step * math.Floor(x/step+math.Round(u))
	})
	e.Wrong("math.Floor goes down", func(x, step, u float64) float64 {
		below := math.Trunc(x / step)
		if u < math.Abs(x/step-below) {
			below++
		}
		return step * below
	})
	e.Wrong("Multiply it by step", func(x, step, u float64) float64 { return lottery(x, step, u) / step })
	e.Wrong("It goes up for 0.16 of all u", func(x, step, u float64) float64 { return step * math.Floor(x/step+u*u) })
	e.Wrong("The neighbours of", func(x, step, u float64) float64 { return x + u*step })
	e.Wrong("cut off with int", func(x, step, u float64) float64 {
		below := math.Trunc(x / step)
		if u < x/step-below {
			below++
		}
		return step * below
	})
	e.Wrong("it goes up. That is no lottery", func(x, step, _ float64) float64 { return step * math.Ceil(x/step) })
}

func TestPerUnit(t *testing.T) {
	e := checktest.New(t, check.PerUnit)
	e.Right(perUnit)
	e.Wrong("stays as it was", func([]float64, int, int) {})
	e.Wrong("one scale for all of w", func(w []float64, _, b int) { perUnit(w, 1, b) })
	e.Wrong("each row a scale", func(w []float64, units, b int) {
		for row := range slices.Chunk(w, units) {
			perUnit(row, 1, b)
		}
	})
	// by rounds the columns with a scale of the caller's.
	by := func(scale func(largest float64, b int) float64) func([]float64, int, int) {
		return func(w []float64, units, b int) {
			for j := range units {
				largest := 0.0
				for i := j; i < len(w); i += units {
					largest = max(largest, math.Abs(w[i]))
				}
				s := scale(largest, b)
				for i := j; i < len(w); i += units {
					w[i] = s * math.Round(w[i]/s)
				}
			}
		}
	}
	e.Wrong("You divide by 2ᵇ⁻¹.", by(func(largest float64, b int) float64 { return largest / math.Pow(2, float64(b-1)) }))
	e.Wrong("twice as many steps", by(func(largest float64, b int) float64 { return largest / (math.Pow(2, float64(b)) - 1) }))
	e.Wrong("0/0 is no number", by(func(largest float64, b int) float64 { return largest / (math.Pow(2, float64(b-1)) - 1) }))
	e.Wrong("Multiply them by the scale", func(w []float64, units, b int) {
		levels := math.Pow(2, float64(b-1)) - 1
		for j := range units {
			largest := 0.0
			for i := j; i < len(w); i += units {
				largest = max(largest, math.Abs(w[i]))
			}
			for i := j; i < len(w) && largest > 0; i += units {
				w[i] = math.Round(w[i] / (largest / levels))
			}
		}
	})
	e.Wrong("one more than yours", by(func(largest float64, b int) float64 { return largest / (math.Pow(2, float64(b-1)) - 2) }))
}

func TestLocalSGD(t *testing.T) {
	type workers = []func(grad, theta []float64)
	e := checktest.New(t, check.LocalSGD)
	e.Right(localSGD)
	e.Wrong("where the one before it has stopped", func(theta []float64, w workers, alpha float64, k, exchanges int) []float64 {
		mean := slices.Clone(theta)
		for range exchanges {
			own, sum := mean, make([]float64, len(mean))
			for i := range w {
				own = localSGD(own, w[i:i+1], alpha, k, 1)
				for j, v := range own {
					sum[j] += v / float64(len(w))
				}
			}
			mean = sum
		}
		return mean
	})
	e.Wrong("after every step", func(theta []float64, w workers, alpha float64, k, exchanges int) []float64 {
		return localSGD(theta, w, alpha, 1, k*exchanges)
	})
	e.Wrong("a single step", func(theta []float64, w workers, alpha float64, _, exchanges int) []float64 {
		return localSGD(theta, w, alpha, 1, exchanges)
	})
	e.Wrong("after the first exchange", func(theta []float64, w workers, alpha float64, k, _ int) []float64 {
		return localSGD(theta, w, alpha, k, 1)
	})
	e.Wrong("divide by their number", func(theta []float64, w workers, alpha float64, k, exchanges int) []float64 {
		for range exchanges {
			theta = localSGD(theta, w, alpha, k, 1)
			for j := range theta {
				theta[j] *= float64(len(w))
			}
		}
		return theta
	})
	e.Wrong("uphill", func(theta []float64, w workers, alpha float64, k, exchanges int) []float64 {
		return localSGD(theta, w, -alpha, k, exchanges)
	})
	e.Wrong("You ask for 0 gradients", func(theta []float64, _ workers, _ float64, _, _ int) []float64 { return slices.Clone(theta) })
	e.Wrong("changes theta", func(theta []float64, w workers, alpha float64, k, exchanges int) []float64 {
		copy(theta, localSGD(theta, w, alpha, k, exchanges))
		return theta
	})
}

func TestParameters(t *testing.T) {
	e := checktest.New(t, check.Parameters)
	e.Right(parameters)
	// of adds up f of neighbouring layers.
	of := func(f func(in, out int) int) func([]int) int {
		return func(sizes []int) (n int) {
			for i := 1; i < len(sizes); i++ {
				n += f(sizes[i-1], sizes[i])
			}
			return n
		}
	}
	e.Wrong("The intercepts are missing", of(func(in, out int) int { return in * out }))
	e.Wrong("not to each input", of(func(in, out int) int { return in * (out + 1) }))
	e.Wrong("not each layer one", of(func(in, out int) int { return in*out + 1 }))
	e.Wrong("Those are the intercepts", of(func(_, out int) int { return out }))
	e.Wrong("The inputs have no", func(sizes []int) int { return parameters(sizes) + sizes[0] })
	e.Wrong("You multiply all", func(sizes []int) int {
		n := 1
		for _, s := range sizes {
			n *= s
		}
		return n
	})
	e.Wrong("add up all of them", func(sizes []int) int { return parameters(sizes[:min(2, len(sizes))]) })
}
