package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/tools/bench/side"
)

// A shape is that of the samples: rows and columns.
type shape struct{ rows, columns int }

// A problem is solved to the optimum at some shapes. Both sides stop at the same
// tolerance of the same measure: a gradient, or a duality gap as a fraction of yᵀy.
type problem struct {
	step      string // what both sides call it
	about     string
	lambda    float64 // of the penalty, as our side has it, in units of scale
	tolerance float64 // of the solver
	agreement float64 // of the results
	peer      string
	solvers   []string
	shapes    []shape
}

var (
	small   = shape{100, 10}
	tall    = shape{200_000, 60}
	million = shape{1_000_000, 20}
	square  = shape{1_000, 1_000}
	half    = shape{3_000, 1_500} // half as many columns as rows
	broad   = shape{10_000, 500}
	wide    = shape{822, 3_566}
)

// problems are what the solvers do, at shapes from a hundred rows to a million.
// Least squares of as many columns as rows has no answer with digits: there are
// twice as many rows there.
var problems = []problem{
	{
		"leastsquares", "least squares", 0, 0, 1e-9, "scikit-learn's or SciPy's",
		[]string{"LinearRegression", "gelsd", "gelsy"}, []shape{small, tall, million, half, broad},
	},
	{
		"ridge", "ridge regression", 1e-2, 1e-12, 1e-9, "scikit-learn's Ridge",
		[]string{"cholesky", "svd", "lsqr"}, []shape{small, tall, million, square, half, broad, wide},
	},
	{
		"lasso", "lasso, a tenth of the largest λ", 0.1, 1e-6, 1e-6, "scikit-learn's Lasso",
		[]string{"gram", "columns"}, []shape{small, tall, million, square, half, broad, wide},
	},
	{
		"elasticnet", "elastic net, a hundredth of the largest λ", 0.01, 1e-6, 1e-6, "scikit-learn's ElasticNet",
		[]string{"gram", "columns"}, []shape{small, tall, million, square, half, broad, wide},
	},
	{
		"logistic", "logistic regression", 1e-3, 1e-6, 1e-5, "scikit-learn's LogisticRegression",
		[]string{"lbfgs", "newton-cholesky"}, []shape{small, tall, million, square, half, {5_000, 300}, wide},
	},
	{
		"softmax", "softmax regression, 5 classes", 1e-3, 1e-6, 1e-5, "scikit-learn's LogisticRegression",
		[]string{"lbfgs", "newton-cholesky"}, []shape{small, tall, {5_000, 300}},
	},
	{
		"poisson", "Poisson regression", 1e-3, 1e-6, 1e-5, "scikit-learn's PoissonRegressor",
		[]string{"lbfgs", "newton-cholesky"}, []shape{small, tall, million, {5_000, 300}, square},
	},
}

// solvers go to the optimum of each problem at each of its shapes.
func solvers(in inputs) ([]contest, error) { return solved(in, problems) }

// largeSolvers are those that take up to minutes.
func largeSolvers(in inputs) ([]contest, error) {
	const most = 20_000
	var all []problem
	for _, p := range problems[:2] {
		p.solvers = []string{map[string]string{"leastsquares": "gelsy", "ridge": "cholesky"}[p.step]}
		p.shapes = []shape{{most, most / 4}}
		all = append(all, p)
	}
	return solved(in, all)
}

func solved(in inputs, problems []problem) ([]contest, error) {
	var all []contest
	for _, p := range problems {
		for _, s := range p.shapes {
			m, n := in.size("rows to solve", s.rows), in.size("columns to solve", s.columns)
			if p.step == "leastsquares" {
				m = max(m, 2*n)
			}
			a, err := in.solvable(p, m, n)
			if err != nil {
				return nil, err
			}
			all = append(all, contest{
				work:      fmt.Sprintf("%s, %s × %s", p.about, grouped(m), grouped(n)),
				precision: "float64", ours: "solve", args: a, tolerance: p.agreement,
				rivals: []rival{{name: p.peer, side: "python", work: "solve", solvers: p.candidates(m, n), bar: 1.5}},
			})
		}
	}
	return all, nil
}

// candidates are the peer's solvers without those that would need minutes at the
// shape, or gigabytes, and could not win.
func (p problem) candidates(m, n int) []string {
	if m*n*n < 1<<30 || p.step == "lasso" || p.step == "elasticnet" {
		return p.solvers
	}
	var some []string
	for _, s := range p.solvers {
		if s != "svd" && !(s == "newton-cholesky" && n > 1000) {
			some = append(some, s)
		}
	}
	return some
}

// solvable has the samples of a problem, and its settings.
func (in inputs) solvable(p problem, m, n int) (a side.Args, err error) {
	switch p.step {
	case "logistic":
		a, err = samples(in, m, n, "logistic")
	case "softmax":
		a, err = in.drawn("classes", m, n, func(r *rand.Rand, scores []float64) float64 {
			best, class := math.Inf(-1), 0
			for k, score := range scores {
				if score -= math.Log(r.ExpFloat64()); score > best {
					best, class = score, k
				}
			}
			return float64(class)
		})
	case "poisson":
		a, err = in.drawn("counts", m, n, func(r *rand.Rand, scores []float64) float64 {
			count, left := 0.0, math.Exp(scores[0]/2)
			for left -= r.ExpFloat64(); left > 0; left -= r.ExpFloat64() {
				count++
			}
			return count
		})
	default:
		a, err = samples(in, m, n, "linear")
	}
	a.Step, a.Intercept, a.Lambda, a.Tolerance = p.step, true, p.lambda, p.tolerance
	return a, err
}

// drawn are the samples of normal(m, n), and targets that each depend on five
// lines through the features.
func (in inputs) drawn(kind string, m, n int, target func(r *rand.Rand, scores []float64) float64) (a side.Args, err error) {
	const lines = 5
	if a.X, err = in.normal(m, n); err != nil {
		return a, err
	}
	a.Y, err = in.file(fmt.Sprintf("%s-%dx%d", kind, m, n), func(r *rand.Rand) format.Tensor {
		x, w := draw(r, m*n), draw(r, lines*n)
		y, scores := make([]float64, m), make([]float64, lines)
		for i := range y {
			for k := range scores {
				scores[k] = 0
				for j, v := range x[i*n : (i+1)*n] {
					scores[k] += v * w[k*n+j] / math.Sqrt(float64(n))
				}
			}
			y[i] = target(r, scores)
		}
		return format.Tensor{Shape: []int{m}, Data: y}
	})
	return a, err
}
