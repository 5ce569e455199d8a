package solve

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/model"
)

// A problem is made of rows of normal numbers and labels drawn with the logistic
// probability of their scores.
type problem struct {
	name  string
	zero  bool // the scores have no intercept
	opt   NewtonOptions
	start func(j int) float64 // of the parameters
	// These change row i, its score, and its label.
	row   func(r *rand.Rand, i int, row []float64)
	score func(i int, z float64) float64
	label func(i int, z, y float64) float64
}

// data returns so many rows that Hessians are spared.
func (p problem) data(t *testing.T) (x, y *mat.Dense) {
	const rows, cols = 38000, 60
	if rows*cols*cols < large {
		t.Fatal("the data are not large")
	}
	r := rand.New(rand.NewPCG(5, 6))
	x, y = mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil)
	for i := range rows {
		row, z := x.RawRowView(i), 0.3
		for j := range row {
			row[j] = r.NormFloat64()
			z += 0.3 * math.Sin(float64(j)) * row[j]
		}
		if p.row != nil {
			p.row(r, i, row)
		}
		if p.score != nil {
			z = p.score(i, z)
		}
		label := 0.0
		if r.Float64() < model.Sigmoid(z) {
			label = 1
		}
		if p.label != nil {
			label = p.label(i, z, label)
		}
		y.Set(i, 0, label)
	}
	return x, y
}

// weighted returns weights that are 1 for one row of so many, and 0 for others.
func weighted(one int) []float64 {
	r := rand.New(rand.NewPCG(7, 8))
	w := make([]float64, 38000)
	for i := range w {
		if r.IntN(one) == 0 {
			w[i] = 1
		}
	}
	return w
}

// Where Hessians are spared, the optimum is plain Newton's, however badly a sample
// speaks for all rows.
func TestHardLogistic(t *testing.T) {
	raced.SkipValues(t)
	sampled := func(i int) bool { return i%8 == 0 }
	separate := func(_ int, z, _ float64) float64 { return math.Round(model.Sigmoid(z)) }
	for _, p := range []problem{
		{name: "normal"},
		{name: "no intercept", zero: true},
		{name: "small penalty", opt: NewtonOptions{Lambda: 1e-8}},
		{name: "large penalty", opt: NewtonOptions{Lambda: 10}},
		{name: "near the optimum", start: func(j int) float64 { return 0.3 * math.Sin(float64(j-1)) }},
		{name: "far from the optimum", start: func(j int) float64 { return 3 * math.Cos(float64(j)) }},
		{name: "steep", score: func(_ int, z float64) float64 { return 10 * z }},
		{name: "noise", score: func(int, float64) float64 { return 0 }},
		{name: "one in a hundred", score: func(_ int, z float64) float64 { return z - 6 }},
		{name: "probabilities", label: func(_ int, z, _ float64) float64 { return model.Sigmoid(z + math.Sin(5*z)) }},
		{name: "weight on one in twenty", opt: NewtonOptions{SampleWeights: weighted(20)}},
		{name: "weight on one in a hundred", opt: NewtonOptions{SampleWeights: weighted(100)}},
		{name: "separable, penalised", label: separate, opt: NewtonOptions{Lambda: 1e-6}},
		{name: "correlated", row: func(r *rand.Rand, _ int, row []float64) {
			common := r.NormFloat64()
			for j := range row {
				row[j] = common + 0.01*row[j]
			}
		}},
		{name: "units", row: func(_ *rand.Rand, _ int, row []float64) {
			for j := range row {
				row[j] *= math.Pow(10, float64(j%9-4))
			}
		}},
		{name: "far from 0", row: func(_ *rand.Rand, _ int, row []float64) {
			for j := range row {
				row[j] += 100
			}
		}},
		{name: "long tails", row: func(r *rand.Rand, _ int, row []float64) {
			for j := range row {
				row[j] /= math.Abs(r.NormFloat64()) + 0.001
			}
		}},
		{name: "a column that is 0 in the sample", row: func(_ *rand.Rand, i int, row []float64) {
			if sampled(i) {
				row[7] = 0
			}
		}},
		{name: "the sample is larger", row: func(_ *rand.Rand, i int, row []float64) {
			for j := range row {
				if sampled(i) {
					row[j] *= 10
				}
			}
		}},
		{name: "the sample is smaller", row: func(_ *rand.Rand, i int, row []float64) {
			for j := range row {
				if sampled(i) {
					row[j] /= 10
				}
			}
		}},
		{name: "the sample is separable", label: func(i int, z, y float64) float64 {
			if sampled(i) {
				return separate(i, z, y)
			}
			return y
		}},
		{name: "the sample is of one class", label: func(i int, _, y float64) float64 {
			if sampled(i) {
				return 1
			}
			return y
		}},
		{name: "the sample is opposite", score: func(i int, z float64) float64 {
			if sampled(i) {
				return -10 * z
			}
			return z
		}},
	} {
		t.Run(p.name, func(t *testing.T) {
			if testing.Short() && p.name != "the sample is opposite" {
				t.Skip("38,000 rows twice to the optimum")
			}
			x, y := p.data(t)
			p.opt.Tolerance = 1e-12
			plain, spared := model.NewLogistic(60), model.NewLogistic(60)
			if p.zero {
				plain, spared = model.NewLinearNoIntercept(60, 1), model.NewLinearNoIntercept(60, 1)
			}
			if p.start != nil {
				for j := range plain.Params() {
					plain.Params()[j] = p.start(j)
				}
				copy(spared.Params(), plain.Params())
			}
			if err := p.opt.check(); err != nil {
				t.Fatal(err)
			}
			n := newNewton(plain, x, y, p.opt, 1, nil)
			want, err := n.run(p.opt, n.evaluate(n.theta, true))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Logistic(spared, x, y, p.opt)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := slices.Min(got.Objective), slices.Min(want.Objective); math.Abs(a-b) > 1e-14 {
				t.Errorf("the objective is %v, plain Newton's %v", a, b)
			}
			var a, b, d mat.Dense
			spared.Predict(&a, x)
			plain.Predict(&b, x)
			d.Sub(&a, &b)
			if mat.Norm(&d, math.Inf(1)) > 1e-8*mat.Norm(&b, math.Inf(1)) {
				t.Errorf("scores differ by up to %g", mat.Norm(&d, math.Inf(1)))
			}
		})
	}
}

// What has no minimum is an error on large data, too.
func TestLargeLogisticErrors(t *testing.T) {
	raced.SkipValues(t)
	for _, test := range []struct {
		problem
		want string
	}{
		{problem{name: "separable", label: func(_ int, z, _ float64) float64 { return math.Round(model.Sigmoid(z)) }}, "a plane separates"},
		{problem{name: "one class", label: func(int, float64, float64) float64 { return 1 }}, "all targets are 1"},
		{problem{name: "dependent", row: func(_ *rand.Rand, _ int, row []float64) { row[5] = row[6] - 2*row[7] }}, "linearly dependent"},
		{problem{name: "a column of zeros", row: func(_ *rand.Rand, _ int, row []float64) { row[5] = 0 }}, "linearly dependent"},
		{problem{name: "few iterations", opt: NewtonOptions{MaxIterations: 2}}, "not converged in 2 iterations"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && test.name != "one class" {
				t.Skip("38,000 rows until the iterations give up")
			}
			x, y := test.data(t)
			_, err := Logistic(model.NewLogistic(60), x, y, test.opt)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
