package ch09

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
	"github.com/descent-go/descent/lib/model"
)

func TestLogCosh(t *testing.T) {
	e := checktest.New(t, check.LogCosh)
	e.Right(logCosh)
	variant := func(value, grad float64) func(pred, target []float64) (float64, []float64) {
		return func(pred, target []float64) (float64, []float64) {
			v, g := logCosh(pred, target)
			for i := range g {
				g[i] *= math.Pow(float64(len(g)), grad)
			}
			return v * math.Pow(float64(len(g)), value), g
		}
	}
	e.Wrong("the 1/m is missing", variant(0, 1))
	e.Wrong("That is the sum", variant(1, 0))
	e.Wrong("beyond the largest float64", func(pred, target []float64) (float64, []float64) {
		_, g := logCosh(pred, target)
		value := 0.0
		for i := range pred {
			value += math.Log(math.Cosh(pred[i]-target[i])) / float64(len(pred))
		}
		return value, g
	})
	e.Wrong("e grows with the prediction", func(pred, target []float64) (float64, []float64) { return logCosh(target, pred) })
	e.Wrong("There is no gradient", func(pred, target []float64) (float64, []float64) {
		v, _ := logCosh(pred, target)
		return v, nil
	})
	e.Wrong("the mean of |e|", func(pred, target []float64) (float64, []float64) {
		_, g := logCosh(pred, target)
		value := 0.0
		for i := range pred {
			value += math.Abs(pred[i]-target[i]) / float64(len(pred))
		}
		return value, g
	})
	e.Wrong("the mean of ½e²", func(pred, target []float64) (float64, []float64) {
		_, g := logCosh(pred, target)
		value := 0.0
		for i := range pred {
			value += (pred[i] - target[i]) * (pred[i] - target[i]) / 2 / float64(len(pred))
		}
		return value, g
	})
}

func TestScaleBoth(t *testing.T) {
	e := checktest.New(t, check.ScaleBoth)
	e.Right(scaleBoth)
	// by scales both slices by what fit returns for each of them.
	by := func(fit func(training, test, own []float64) (mean, std float64)) func(training, test []float64) {
		return func(training, test []float64) {
			a, b := slices.Clone(training), slices.Clone(test)
			for _, data := range [][]float64{training, test} {
				mean, std := fit(a, b, slices.Clone(data))
				for i := range data {
					data[i] = (data[i] - mean) / std
				}
			}
		}
	}
	moments := func(v []float64, lost float64) (mean, std float64) {
		for _, x := range v {
			mean += x / float64(len(v))
		}
		for _, x := range v {
			std += (x - mean) * (x - mean) / (float64(len(v)) - lost)
		}
		return mean, math.Sqrt(std)
	}
	e.Wrong("by their own mean", by(func(_, _, own []float64) (float64, float64) { return moments(own, 0) }))
	e.Wrong("from all data", by(func(a, b, _ []float64) (float64, float64) { return moments(slices.Concat(a, b), 0) }))
	e.Wrong("n − 1", by(func(a, _, _ []float64) (float64, float64) { return moments(a, 1) }))
	e.Wrong("the variance", by(func(a, _, _ []float64) (float64, float64) {
		mean, std := moments(a, 0)
		return mean, std * std
	}))
	e.Wrong("The mean is gone", by(func(a, _, _ []float64) (float64, float64) {
		mean, _ := moments(a, 0)
		return mean, 1
	}))
	e.Wrong("NaN", by(func(a, _, _ []float64) (float64, float64) { return moments(a, 0) }))
	e.Wrong("The training data stay", func(_, _ []float64) {})
	e.Wrong("The test data stay", func(training, _ []float64) { scaleBoth(training, nil) })
	e.Wrong("the mean is still there", by(func(a, _, _ []float64) (float64, float64) {
		_, std := moments(a, 0)
		return 0, std
	}))
	e.Wrong("the range from 0 to 1", by(func(a, _, _ []float64) (float64, float64) {
		return slices.Min(a), slices.Max(a) - slices.Min(a)
	}))
}

// variant is the model with another Predict or Backward.
type variant struct {
	*exponential
	predict  func(a, b, x float64) float64
	backward func(grad []float64, a, b, x, d float64)
}

func (v variant) Forward(dst *mat.Dense, x mat.Matrix) {
	v.exponential.Forward(dst, x)
	if v.predict != nil {
		dst.Apply(func(i, _ int, _ float64) float64 { return v.predict(v.theta[0], v.theta[1], x.At(i, 0)) }, dst)
	}
}

func (v variant) Backward(grad []float64, dPred *mat.Dense) {
	for i := range dPred.RawMatrix().Rows {
		v.backward(grad, v.theta[0], v.theta[1], v.x.At(i, 0), dPred.At(i, 0))
	}
}

func TestGrowth(t *testing.T) {
	e := checktest.New(t, check.Growth)
	e.Right(growth)
	with := func(v variant) func(a, b float64) model.Model {
		return func(a, b float64) model.Model {
			v.exponential = &exponential{theta: [2]float64{a, b}}
			return v
		}
	}
	back := func(f func(grad []float64, a, b, x, d float64)) func(a, b float64) model.Model {
		return with(variant{backward: f})
	}
	e.Wrong("The factor a is missing", with(variant{predict: func(_, b, x float64) float64 { return math.Exp(b * x) }}))
	e.Wrong("all 0", with(variant{predict: func(_, _, _ float64) float64 { return 0 }}))
	e.Wrong("adds nothing", back(func([]float64, float64, float64, float64, float64) {}))
	e.Wrong("lacks the factor x", back(func(grad []float64, a, b, x, d float64) {
		grad[0] += d * math.Exp(b*x)
		grad[1] += d * a * math.Exp(b*x)
	}))
	e.Wrong("lacks the factor a", back(func(grad []float64, _, b, x, d float64) {
		grad[0] += d * math.Exp(b*x)
		grad[1] += d * x * math.Exp(b*x)
	}))
	e.Wrong("linear in a", back(func(grad []float64, a, b, x, d float64) {
		grad[0] += d * a * math.Exp(b*x)
		grad[1] += d * a * x * math.Exp(b*x)
	}))
	first := true
	e.Wrong("+= and not =", back(func(grad []float64, a, b, x, d float64) {
		if first {
			clear(grad)
			first = false
		}
		grad[0] += d * math.Exp(b*x)
		grad[1] += d * a * x * math.Exp(b*x)
	}))
	e.Wrong("outside of the exponential", with(variant{predict: func(a, b, x float64) float64 { return a * b * math.Exp(x) }}))
	e.Wrong("sign is wrong", with(variant{predict: func(a, b, x float64) float64 { return -a * math.Exp(b*x) }}))
}
