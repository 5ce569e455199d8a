package check

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

var logCosh = Exercise{"LogCosh", []string{
	"The derivative of ln cosh(e) is tanh(e). What does taking the mean do to it?",
	"math.Cosh(1000) is +Inf. But cosh(e) = e^|e| · (1 + e^(−2|e|)) / 2, and of a product one adds the logarithms.",
	"ln cosh(e) = |e| + math.Log1p(math.Exp(-2*|e|)) − math.Ln2. Divide it, and the derivative, by the number of errors.",
}}

// LogCosh checks the mean of ln cosh of the errors and its gradient.
func LogCosh(f func(pred, target []float64) (value float64, grad []float64)) Answer {
	return examine(logCosh, func(t *trial) {
		r := random(91)
		cases(t, 93, [][]float64{normal(r, 4), normal(r, 1), {0, 1, -2}}, func(r *rand.Rand) []float64 {
			return normal(r, between(r, 1, 9))
		}, func(target []float64, r *rand.Rand) {
			pred := normal(r, len(target))
			if len(target) == 3 {
				pred = []float64{1000, 1, -900}
			}
			n := float64(len(pred))
			size, square := 0.0, 0.0
			want, slopes := 0.0, make([]float64, len(pred))
			for i, p := range pred {
				e := p - target[i]
				want += (math.Abs(e) + math.Log1p(math.Exp(-2*math.Abs(e))) - math.Ln2) / n
				slopes[i] = math.Tanh(e)
				size, square = size+math.Abs(e), square+e*e
			}
			t.give("pred", pred, "target", target)
			value, grad := f(pred, target)
			t.equal("the mean", value, want,
				mistake{size / n, "That is the mean of |e|, which ln cosh only approaches for large errors."},
				mistake{square / n / 2, "That is the mean of ½e², which ln cosh only resembles for small errors."},
				mistake{want * n, "That is the sum: divide it by the number of errors."},
				mistake{math.Inf(1), "cosh of a large error is beyond the largest float64. Rewrite ln cosh(e) with |e|, so that the exponential can only become small."})
			t.equal("the gradient", grad, combine(1/n, slopes, 0, slopes),
				mistake{slopes, "The mean divides by the number of errors, so its derivative does, too: the 1/m is missing. train.CheckGradient finds that."},
				mistake{combine(-1/n, slopes, 0, slopes), "The sign is wrong: e grows with the prediction."},
				mistake{[]float64(nil), "There is no gradient: make a slice as long as pred."})
		})
	})
}

var scaleBoth = Exercise{"ScaleBoth", []string{
	"All numbers that you compute come from the training data. The test data are only changed.",
	"The mean first, then the mean of the squares of what is left; its root is the standard deviation.",
	"Both slices: v ← (v − mean) / std, with the same mean and the same std. If std is 0, use 1.",
}}

// ScaleBoth checks standard scaling that is fitted on the training data only.
func ScaleBoth(f func(training, test []float64)) Answer {
	return examine(scaleBoth, func(t *trial) {
		r := random(92)
		cases(t, 0, [][]float64{{2, 4, 9, 5.5}, normal(r, 6), {3, 3, 3}, {7}}, func(r *rand.Rand) []float64 {
			return normal(r, between(r, 1, 8))
		}, func(training []float64, r *rand.Rand) {
			test := []float64{11, 3, 6.5}
			training0, test0 := slices.Clone(training), slices.Clone(test)
			t.give("training", training0, "test", test0)
			f(training, test)
			mean, std := moments(training0)
			own, ownStd := moments(test0)
			both, bothStd := moments(slices.Concat(training0, test0))
			const tiny = 1e-300 // all values are equal
			sample := std * math.Sqrt(float64(len(training0))/float64(max(1, len(training0)-1)))
			t.equal("training", training, scaled(training0, mean, std),
				mistake{training0, "The training data stay as they were: change the elements of the slice, training[i] = …"},
				mistake{scaled(training0, both, bothStd), "You computed mean and deviation from all data. Then training has seen the test, and the test is no test any more."},
				mistake{scaled(training0, mean, sample), "You divided the sum of squares by n − 1. Here it is n."},
				mistake{scaled(training0, mean, std*std), "You divided by the variance: take its root."},
				mistake{scaled(training0, 0, std), "You divide by the standard deviation, but the mean is still there: subtract it first."},
				mistake{scaled(training0, slices.Min(training0), max(slices.Max(training0)-slices.Min(training0), tiny)), "That scales to the range from 0 to 1. Here mean and standard deviation are asked for."},
				mistake{scaled(training0, mean, 1), "The mean is gone; now divide by the standard deviation."})
			t.equal("test", test, scaled(test0, mean, std),
				mistake{test0, "The test data stay as they were. The model would see them in other units than it learned."},
				mistake{scaled(test0, own, ownStd), "You scaled the test data by their own mean and deviation. What is large for training must be large for the test: use those of the training data."},
				mistake{scaled(test0, mean, 1), "Divide the test data by the standard deviation, too."})
		})
	})
}

// moments returns mean and standard deviation, or 1 for a deviation of 0.
func moments(v []float64) (mean, std float64) {
	n := float64(len(v))
	for _, x := range v {
		mean += x / n
	}
	for _, x := range v {
		std += (x - mean) * (x - mean) / n
	}
	if std == 0 {
		return mean, 1
	}
	return mean, math.Sqrt(std)
}

func scaled(v []float64, mean, std float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = (x - mean) / std
	}
	return out
}

var growth = Exercise{"Growth", []string{
	"Predict needs one line in a loop over the rows: dst.Set(i, 0, …).",
	"∂f/∂a = exp(bx), and ∂f/∂b = a·x·exp(bx).",
	"Backward: grad[0] += d·exp(bx) and grad[1] += d·a·x·exp(bx), with d = dPred.At(i, 0) and x = m.x.At(i, 0).",
}}

// Growth checks the model f(x) = a·exp(bx) with θ = (a, b).
func Growth(f func(a, b float64) model.Model) Answer {
	return examine(growth, func(t *trial) {
		type sample struct {
			a, b float64
			x    []float64
		}
		cases(t, 0, []sample{{1.5, 0.4, []float64{0.5, -1, 2}}, {-2, 0.1, []float64{3}}, {0, 0.7, []float64{1, 2}}}, func(r *rand.Rand) sample {
			return sample{uniform(r, -2, 2), uniform(r, -1, 1), normal(r, between(r, 1, 5))}
		}, func(c sample, r *rand.Rand) {
			rows := len(c.x)
			grow, slope, d := make([]float64, rows), make([]float64, rows), make([]float64, rows)
			for i, x := range c.x {
				grow[i], slope[i], d[i] = math.Exp(c.b*x), x*math.Exp(c.b*x), float64(i)-0.75
			}
			linear := make([]float64, rows)
			for i, x := range c.x {
				linear[i] = c.a * c.b * math.Exp(x)
			}
			t.give("a", c.a, "b", c.b, "x", c.x, "dPred", d)
			m := f(c.a, c.b)
			x := mat.NewDense(rows, 1, c.x)
			var pred mat.Dense
			m.Forward(&pred, x)
			t.equal("the prediction", mat.Col(nil, 0, &pred), combine(c.a, grow, 0, grow),
				mistake{grow, "The factor a is missing."},
				mistake{linear, "b multiplies x outside of the exponential: it is exp(b·x)."},
				mistake{combine(-1, combine(c.a, grow, 0, grow), 0, grow), "The sign is wrong: f(x) = a·exp(bx)."},
				mistake{make([]float64, rows), "The predictions are all 0: set them with dst.Set(i, 0, …)."})

			grad := []float64{10, 20} // of another batch, say
			before := slices.Clone(grad)
			m.Backward(grad, mat.NewDense(rows, 1, d))
			da, db := dot(d, grow), c.a*dot(d, slope)
			says := func(a, b float64, says string) mistake { return mistake{[]float64{10 + a, 20 + b}, says} }
			t.equal("the gradient, which was [10 20] before,", grad, []float64{10 + da, 20 + db},
				mistake{before, "Backward adds nothing to grad."},
				mistake{[]float64{da, db}, "Backward must add to grad, not overwrite it: += and not =."},
				says(da, c.a*dot(d, grow), "∂f/∂b lacks the factor x: the derivative of exp(bx) with respect to b is x·exp(bx)."),
				says(da, dot(d, slope), "∂f/∂b lacks the factor a."),
				says(c.a*da, db, "∂f/∂a has a factor a too many: f is linear in a."))
		})
	})
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
