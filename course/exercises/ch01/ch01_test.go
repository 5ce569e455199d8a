package ch01

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestMalignantFound(t *testing.T) {
	e := checktest.New(t, check.MalignantFound)
	e.Right(malignantFound)
	share := func(part, whole func(truth, pred int) bool) func(truth, pred []int) float64 {
		return func(truth, pred []int) float64 {
			a, b := 0.0, 0.0
			for i := range truth {
				if whole(truth[i], pred[i]) {
					b++
					if part(truth[i], pred[i]) {
						a++
					}
				}
			}
			return a / b
		}
	}
	all := func(int, int) bool { return true }
	malignant := func(truth, _ int) bool { return truth == 0 }
	called := func(_, pred int) bool { return pred == 0 }
	e.Wrong("divide by 0", share(called, malignant))
	e.Wrong("accuracy", share(func(truth, pred int) bool { return truth == pred }, all))
	e.Wrong("precision", share(malignant, called))
	e.Wrong("all tumours", share(func(truth, pred int) bool { return truth == 0 && pred == 0 }, all))
	e.Wrong("benign", share(func(_, pred int) bool { return pred == 1 }, func(truth, _ int) bool { return truth == 1 }))
	e.Wrong("without a remainder", func(truth, pred []int) float64 { return math.Floor(malignantFound(truth, pred)) })
	e.Wrong("that is missed", func(truth, pred []int) float64 { return 1 - malignantFound(truth, pred) })
	e.Wrong("the number that is found", func(truth, pred []int) (n float64) {
		for i := range truth {
			if truth[i] == 0 && pred[i] == 0 {
				n++
			}
		}
		return n
	})
}

func TestFillMissing(t *testing.T) {
	e := checktest.New(t, check.FillMissing)
	e.Right(fillMissing)
	fill := func(with func(x *mat.Dense, j int) float64) func(x *mat.Dense) {
		return func(x *mat.Dense) {
			before := mat.DenseCopyOf(x)
			x.Apply(func(_, j int, v float64) float64 {
				if math.IsNaN(v) {
					return with(before, j)
				}
				return v
			}, x)
		}
	}
	sum := func(v []float64) (sum, n float64) {
		for _, x := range v {
			if !math.IsNaN(x) {
				sum, n = sum+x, n+1
			}
		}
		return sum, n
	}
	e.Wrong("x stays as it was", func(*mat.Dense) {})
	e.Wrong("in neither the sum nor the number", fill(func(x *mat.Dense, j int) float64 {
		s, _ := sum(mat.Col(nil, j, x))
		return s / float64(x.RawMatrix().Rows)
	}))
	e.Wrong("The gaps become 0", fill(func(*mat.Dense, int) float64 { return 0 }))
	e.Wrong("whole table", fill(func(x *mat.Dense, _ int) float64 {
		s, n := sum(x.RawMatrix().Data)
		return s / n
	}))
	e.Wrong("divides 0 by 0", fill(func(x *mat.Dense, j int) float64 {
		s, n := sum(mat.Col(nil, j, x))
		return s / n
	}))
	e.Wrong("You take the median", fill(func(x *mat.Dense, j int) float64 {
		v := slices.DeleteFunc(mat.Col(nil, j, x), math.IsNaN)
		slices.Sort(v)
		if len(v) == 0 {
			return 0
		}
		return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
	}))
}

func TestCostExponent(t *testing.T) {
	e := checktest.New(t, check.CostExponent)
	e.Right(costExponent)
	raw := func(v []float64) []float64 { return v }
	log := func(v []float64) []float64 {
		l := make([]float64, len(v))
		for i := range v {
			l[i] = math.Log(v[i])
		}
		return l
	}
	slope := func(f, g func([]float64) []float64) func(a, b []float64) float64 {
		return func(a, b []float64) float64 {
			_, k := stat.LinearRegression(f(a), g(b), nil, false)
			return k
		}
	}
	e.Wrong("take logarithms first", slope(raw, raw))
	e.Wrong("Sizes need", slope(raw, log))
	e.Wrong("Seconds need", slope(log, raw))
	e.Wrong("exchanged", func(a, b []float64) float64 { return slope(log, log)(b, a) })
	e.Wrong("intercept", func(a, b []float64) float64 {
		c, _ := stat.LinearRegression(log(a), log(b), nil, false)
		return c
	})
	e.Wrong("two of the points", func(a, b []float64) float64 {
		a, b = log(a), log(b)
		return (b[len(b)-1] - b[0]) / (a[len(a)-1] - a[0])
	})
	e.Wrong("through the origin", func(a, b []float64) float64 {
		a, b = log(a), log(b)
		ab, aa := 0.0, 0.0
		for i := range a {
			ab, aa = ab+a[i]*b[i], aa+a[i]*a[i]
		}
		return ab / aa
	})
	e.Wrong("two different logarithms", func(a, b []float64) float64 { return costExponent(a, b) / math.Ln10 })
}

func TestEnoughSamples(t *testing.T) {
	e := checktest.New(t, check.EnoughSamples)
	e.Right(enoughSamples)
	e.Wrong("twice", func(score func(int) float64, n, most int, gain float64) int {
		for 2*n <= most && score(2*n)-score(n) >= gain {
			n *= 2
		}
		return n
	})
	e.Wrong("there are only", func(score func(int) float64, n, _ int, gain float64) int {
		for now := score(n); ; n *= 2 {
			next := score(2 * n)
			if next-now < gain {
				return n
			}
			now = next
		}
	})
	e.Wrong("no longer paid", func(score func(int) float64, n, most int, gain float64) int {
		for now := score(n); 2*n <= most; {
			n *= 2
			next := score(n)
			if next-now < gain {
				break
			}
			now = next
		}
		return n
	})
	e.Wrong("still brings", func(score func(int) float64, n, most int, gain float64) int {
		return max(n, enoughSamples(score, n, most, gain)/2)
	})
	e.Wrong("never ask", func(func(int) float64, int, int, float64) int { return 1 })
	e.Wrong("grows at all", func(score func(int) float64, n, most int, _ float64) int { return enoughSamples(score, n, most, 0) })
	e.Wrong("You return 0. Do you write :=", func(score func(int) float64, n, most int, gain float64) (found int) {
		enoughSamples(score, n, most, gain)
		return found
	})
}
