package check

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

var malignantFound = Exercise{"MalignantFound", []string{
	"Only the malignant tumours count. What the model says of the benign ones changes nothing.",
	"Two counters in one loop: malignant tumours, and those among them that the model calls malignant.",
	"malignant goes up if truth[i] == 0; found goes up if pred[i] == 0, too. Before you divide, think of malignant == 0.",
}}

// MalignantFound checks the recall of class 0.
func MalignantFound(f func(truth, pred []int) float64) Answer {
	return examine(malignantFound, func(t *trial) {
		type sample struct{ truth, pred []int }
		cases(t, 0, []sample{
			{[]int{0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1}, []int{0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0}},
			{[]int{0, 0, 1}, []int{0, 0, 0}},
			{[]int{0, 1}, []int{1, 1}},
			{[]int{1, 1, 1}, []int{1, 0, 1}},
			{nil, nil},
		}, func(r *rand.Rand) sample {
			n := between(r, 3, 20)
			return sample{ints(r, n, 0, 1), ints(r, n, 0, 1)}
		}, func(c sample, r *rand.Rand) {
			count := func(keep func(truth, pred int) bool) float64 {
				n := 0
				for i := range c.truth {
					if keep(c.truth[i], c.pred[i]) {
						n++
					}
				}
				return float64(n)
			}
			found := count(func(truth, pred int) bool { return truth == 0 && pred == 0 })
			malignant := count(func(truth, _ int) bool { return truth == 0 })
			called := count(func(_, pred int) bool { return pred == 0 })
			right := count(func(truth, pred int) bool { return truth == pred })
			want := 1.0
			if malignant > 0 {
				want = found / malignant
			}
			t.give("truth", c.truth, "pred", c.pred)
			t.equal("the share", f(c.truth, c.pred), want,
				mistake{math.NaN(), "There is no malignant tumour, and you divide by 0: nothing can be missed, so the share is 1."},
				mistake{1 - want, "That is the share that is missed, or 0 where there is nothing to miss: the share that is found is 1 less that."},
				mistake{found, "You return the number that is found: divide it by the malignant ones."},
				mistake{right / float64(len(c.truth)), "That is the accuracy: the share of all tumours that are classified rightly."},
				mistake{found / called, "You divide by the tumours that are called malignant. That is precision; she asks of those that are malignant."},
				mistake{found / float64(len(c.truth)), "You divide by all tumours: divide by the malignant ones."},
				mistake{(right - found) / (float64(len(c.truth)) - malignant), "That is the share of the benign tumours that are called benign. Class 0 is malignant."},
				mistake{math.Floor(want), "Integers are divided without a remainder: turn the counters into float64 first."})
		})
	})
}

var fillMissing = Exercise{"FillMissing", []string{
	"Two loops over each column: one to find the mean, one to fill the gaps.",
	"NaN is not equal to anything, not even to itself: math.IsNaN tells.",
	"sum and n grow only where x.At(i, j) is no NaN. The mean is sum / n, and 0 if n is 0.",
}}

// FillMissing checks mean imputation of each column, in place.
func FillMissing(f func(x *mat.Dense)) Answer {
	return examine(fillMissing, func(t *trial) {
		nan := math.NaN()
		r := random(12)
		cases(t, 0, []*mat.Dense{
			mat.NewDense(4, 2, []float64{1, nan, 4, 0.5, nan, 2, 7, nan}),
			mat.NewDense(5, 3, normal(r, 15)),
			mat.NewDense(3, 2, []float64{nan, 1, nan, nan, nan, 3}),
			mat.NewDense(1, 1, []float64{nan}),
		}, func(r *rand.Rand) *mat.Dense {
			rows, cols := between(r, 1, 6), between(r, 1, 4)
			x := mat.NewDense(rows, cols, normal(r, rows*cols))
			for i := range rows {
				for j := range cols {
					if r.IntN(3) == 0 {
						x.Set(i, j, nan)
					}
				}
			}
			return x
		}, func(x *mat.Dense, r *rand.Rand) {
			before := mat.DenseCopyOf(x)
			t.give("x", before)
			f(x)
			t.equal("x", x, filled(before, average),
				mistake{before, "x stays as it was: change it with x.Set. (A comparison v == math.NaN() is never true; math.IsNaN is.)"},
				mistake{filled(before, meanOfAll), "You divide by the number of rows: a missing value counts in neither the sum nor the number."},
				mistake{filled(before, middle), "You take the median. The mean is asked for here, and 0 for a column without any value."},
				mistake{filled(before, mostly), "A column without any value divides 0 by 0: its gaps become 0."},
				mistake{filled(before, func([]float64, int) float64 { return 0 }), "The gaps become 0, which may be far from anything that was measured: take the column's mean."},
				mistake{filledByAll(before), "You take the mean of the whole table: each column is another measurement, in another unit."})
		})
	})
}

// filled returns x with its gaps filled by fill, which is told what the column
// has, and of how many rows.
func filled(x *mat.Dense, fill func(present []float64, rows int) float64) *mat.Dense {
	out := mat.DenseCopyOf(x)
	rows, cols := x.Dims()
	for j := range cols {
		gap := fill(present(mat.Col(nil, j, x)), rows)
		for i := range rows {
			if math.IsNaN(x.At(i, j)) {
				out.Set(i, j, gap)
			}
		}
	}
	return out
}

// middle is the median, of nothing 0.
func middle(present []float64, _ int) float64 {
	s := slices.Sorted(slices.Values(present))
	if n := len(s); n > 0 {
		return (s[(n-1)/2] + s[n/2]) / 2
	}
	return 0
}

// mostly is the mean, of nothing NaN.
func mostly(present []float64, _ int) float64 { return meanOfAll(present, len(present)) }

func filledByAll(x *mat.Dense) *mat.Dense {
	all := average(present(x.RawMatrix().Data), 0)
	return filled(x, func([]float64, int) float64 { return all })
}

func present(v []float64) []float64 { return slices.DeleteFunc(slices.Clone(v), math.IsNaN) }

func average(present []float64, _ int) float64 { return meanOfAll(present, max(1, len(present))) }

func meanOfAll(present []float64, rows int) float64 {
	sum := 0.0
	for _, v := range present {
		sum += v
	}
	return sum / float64(rows)
}

var costExponent = Exercise{"CostExponent", []string{
	"Take logarithms on both sides of seconds = c · sizeᵏ. What kind of curve is that?",
	"ln seconds = ln c + k · ln size is a straight line, and k its slope.",
	"stat.LinearRegression(a, b, nil, false) returns intercept and slope of b against a, in this order.",
}}

// CostExponent checks the exponent of a power law, by least squares on the
// logarithms.
func CostExponent(f func(size, seconds []float64) float64) Answer {
	return examine(costExponent, func(t *trial) {
		cases(t, 13, []float64{1.5, 1, 2, 0}, func(r *rand.Rand) float64 {
			return uniform(r, 0, 3)
		}, func(k float64, r *rand.Rand) {
			size := []float64{1, 2, 4, 8, 16, 50}
			seconds := make([]float64, len(size))
			for i, s := range size {
				seconds[i] = 0.3 * math.Pow(s, k) * math.Exp(0.1*twoDigits(r.NormFloat64()))
			}
			size0, seconds0 := slices.Clone(size), slices.Clone(seconds)
			a, b := logs(size), logs(seconds)
			intercept, slope := stat.LinearRegression(a, b, nil, false)
			line := func(a, b []float64) float64 {
				_, slope := stat.LinearRegression(a, b, nil, false)
				return slope
			}
			last, origin := len(a)-1, dot(a, b)/dot(a, a)
			t.give("size", size, "seconds", seconds)
			got := f(size, seconds)
			t.unchanged("size", size, size0)
			t.unchanged("seconds", seconds, seconds0)
			t.equal("k", got, slope,
				mistake{origin, "Your line goes through the origin, as if c were 1: fit slope and intercept."},
				mistake{slope / math.Ln10, "You take two different logarithms, ln and that to base 10. Any will do, but the same for both."},
				mistake{slope * math.Ln10, "You take two different logarithms, ln and that to base 10. Any will do, but the same for both."},
				mistake{intercept, "That is the intercept, ln c. The exponent is the slope."},
				mistake{line(size, seconds), "That is the slope of the line through the numbers themselves: take logarithms first."},
				mistake{line(size, b), "Sizes need their logarithm, too."},
				mistake{line(a, seconds), "Seconds need their logarithm, too."},
				mistake{line(b, a), "You have exchanged the two: seconds depend on size, so size comes first."},
				mistake{(b[last] - b[0]) / (a[last] - a[0]), "You use two of the points only. The line that fits best looks at all."})
		})
	})
}

func logs(v []float64) []float64 {
	l := make([]float64, len(v))
	for i, x := range v {
		l[i] = math.Log(x)
	}
	return l
}

var enoughSamples = Exercise{"EnoughSamples", []string{
	"Keep two things from turn to turn: the number n, and what n samples score.",
	"In each turn ask for score(2*n). If it is at least gain higher, n doubles, and its score is the new one.",
	"The loop goes on while 2*n <= most, and ends early when the gain is too small. Return n after it.",
}}

// EnoughSamples checks a search for the number of samples beyond which
// doubling it gains less than the given gain.
func EnoughSamples(f func(score func(n int) float64, start, most int, gain float64) int) Answer {
	return examine(enoughSamples, func(t *trial) {
		type sample struct {
			start, most int
			gain        float64
			want        int
		}
		cases(t, 0, []sample{
			{20, 5000, 0.07, 80},
			{20, 70, 0.07, 40},
			{20, 80, 0.001, 80},
			{10, 10, 0.5, 10},
			{64, 1 << 20, 0.5, 64},
		}, func(r *rand.Rand) sample {
			start := between(r, 5, 50)
			c := sample{start: start, most: start * between(r, 1, 200), gain: 0.003 + 0.3*r.Float64()}
			for c.want = start; 2*c.want <= c.most && 10/float64(c.want)-5/float64(c.want) >= c.gain; c.want *= 2 {
			}
			return c
		}, func(c sample, r *rand.Rand) {
			asked, largest := map[int]int{}, c.start
			for 2*largest <= c.most {
				largest *= 2
			}
			t.give("start", c.start, "most", c.most, "gain", c.gain)
			n := f(func(n int) float64 {
				if asked[n]++; asked[n] > 1 {
					t.fail("You ask for %d samples twice, and each time is a training: keep the score.", n)
				}
				if n > c.most {
					t.fail("You ask for %d samples, and there are only %d.", n, c.most)
				}
				return 1 - 10/float64(n)
			}, c.start, c.most, c.gain)
			switch {
			case len(asked) == 0 && c.want != c.start:
				t.fail("You never ask: call score with a number of samples.")
			case n == 2*c.want && n <= c.most:
				t.fail("You return %d, whose last doubling no longer paid. The number before it is enough.", n)
			case n > c.want && n == largest:
				t.fail("You go on to %d as long as the score grows at all. Doubling has to bring at least gain.", n)
			case n == 0:
				t.fail("You return 0. Do you write := inside the loop? It makes a new variable, which ends with the block; = changes the one outside.")
			case 2*n == c.want:
				t.fail("You stop at %d. From there, doubling still brings at least gain.", n)
			}
			t.equal("the number", n, c.want)
		})
	})
}
