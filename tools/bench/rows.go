package main

import (
	"fmt"

	"github.com/descent-go/descent/tools/bench/side"
)

// A row is what ROWS= chooses: contests that belong together.
type row struct {
	name     string
	about    string
	contests func(inputs) ([]contest, error)
}

// rows are all there are, in the order of the table.
var rows = []row{
	{"gd", "gradient descent and Adam on all samples", fullBatch},
	{"sgd", "stochastic gradient descent, sample by sample", perSample},
	{"article", "the article's own example", article},
	{"logistic", "logistic regression to a tolerance", logistic},
	{"lbfgs", "the same by L-BFGS on both sides", lbfgs},
	{"lasso", "a path of the lasso", lasso},
	{"fista", "proximal steps towards the lasso", fista},
	{"text", "stochastic gradient descent on sparse rows", text},
	{"mlp", "a perceptron", perceptron},
	{"lenet", "a convolutional network", convolutional},
	{"lstm", "a recurrent network", recurrent},
	{"gpt", "a transformer", transformer},
	{"prepare", "scalers, encoders, imputers and TF-IDF", preparation},
	{"metrics", "metrics of a million rows", measures},
	{"csv", "files of numbers to matrices", readers},
	{"startup", "whole processes, to a first picture", startup},
	{"gemm", "matrix products", products},
	{"gopeers", "the same with other Go packages", goPeers},
	{"growth", "time and memory as the data grow", nil},
	{"cells", "cells in the kernel", nil},
}

// The data of the full-batch work: 160 MB, which no cache holds.
const fullRows, fullColumns = 200_000, 100

// fullBatch is the work whose cost is to read the data.
func fullBatch(in inputs) ([]contest, error) {
	var all []contest
	for _, loss := range []string{"linear", "logistic"} {
		a, err := samples(in, fullRows, fullColumns, loss)
		if err != nil {
			return nil, err
		}
		bar := map[string]float64{"linear": 5, "logistic": 1.7}[loss]
		a.Epochs = 50
		for _, optimizer := range []string{"gd", "adam"} {
			a.Optimizer, a.Rate = optimizer, map[string]float64{"gd": 0.5, "adam": 0.05}[optimizer]
			all = append(all, contest{
				work:      fmt.Sprintf("%s regression, %s, 200,000 × 100, 50 iterations", loss, full[optimizer]),
				precision: "float64", ours: "fit", args: a, tolerance: 1e-10,
				rivals: []rival{{name: "NumPy", side: "python", work: "fit", bar: bar}},
			})
		}
	}
	return all, nil
}

var full = map[string]string{"gd": "gradient descent", "adam": "Adam"}

// perSample is the work whose cost is to get from one sample to the next.
func perSample(in inputs) ([]contest, error) {
	const m, n = 100_000, 20
	const seed = 3
	order, err := in.order(m, seed)
	if err != nil {
		return nil, err
	}
	var all []contest
	for _, loss := range []string{"linear", "logistic"} {
		a, err := samples(in, m, n, loss)
		if err != nil {
			return nil, err
		}
		a.Optimizer, a.Rate, a.Epochs, a.Batch, a.Seed, a.Order = "gd", 0.01, 1, 1, seed, order
		rivals := []rival{{name: "scikit-learn's SGDClassifier", side: "python", work: "sgd", bar: 1.5}}
		if loss == "linear" {
			rivals = []rival{
				{name: "NumPy", side: "python", work: "fit", bar: 30},
				{name: "scikit-learn's SGDRegressor", side: "python", work: "sgd", bar: 1.5},
			}
		}
		all = append(all, contest{
			work:      fmt.Sprintf("%s regression, SGD sample by sample, 100,000 × 20, one epoch", loss),
			precision: "float64", ours: "fit", args: a, rivals: rivals, tolerance: 1e-7, serial: true,
		})
	}
	return all, nil
}

// article is the example that the article runs: 100 samples, two features and
// the column of ones.
func article(in inputs) ([]contest, error) {
	a, err := samples(in, 100, 2, "linear")
	if err != nil {
		return nil, err
	}
	a.Optimizer, a.Rate, a.Epochs, a.Intercept = "gd", 0.1, 100, true
	return []contest{{
		work:      "the article's example, 100 × 2, 100 iterations",
		precision: "float64", ours: "fit", args: a, tolerance: 1e-10, serial: true,
		rivals: []rival{{name: "NumPy", side: "python", work: "fit", bar: 20}},
	}}, nil
}

// startup runs programs that read the article's data, train and draw.
func startup(in inputs) ([]contest, error) {
	a, err := samples(in, 100, 2, "linear")
	if err != nil {
		return nil, err
	}
	a.Program, a.Python, a.Script = in.folder("bin", "startup"), in.python, "tools/bench/startup.py"
	a.Picture = in.folder("startup.png")
	return []contest{{
		work:      "a whole process: load the data, train the article's example, draw",
		precision: "float64", ours: "startup", args: a, tolerance: 1e-10, serial: true,
		rivals: []rival{{name: "Python with NumPy and matplotlib", side: "ours", work: "startup.py", bar: 3}},
	}}, nil
}

// logistic goes to where both sides have the same parameters, by any method.
func logistic(in inputs) ([]contest, error) {
	const m = 200_000
	a, err := samples(in, m, 100, "logistic")
	if err != nil {
		return nil, err
	}
	a.Intercept, a.Lambda, a.Tolerance = true, 1./m, 1e-6
	return []contest{{
		work:      "logistic regression to the optimum, 200,000 × 100",
		precision: "float64", ours: "logistic", args: a, tolerance: 1e-4,
		rivals: []rival{{
			name: "scikit-learn's LogisticRegression", side: "python", work: "logistic", bar: 2,
			solvers: []string{"lbfgs", "newton-cholesky"},
		}},
	}}, nil
}

// lbfgs is the same with L-BFGS on both sides.
func lbfgs(in inputs) ([]contest, error) {
	all, err := logistic(in)
	if err != nil {
		return nil, err
	}
	c := all[0]
	c.work, c.ours = "logistic regression by L-BFGS, 200,000 × 100", "lbfgs"
	c.rivals = []rival{{name: "scikit-learn's LogisticRegression", side: "python", work: "logistic", solvers: []string{"lbfgs"}}}
	return []contest{c}, nil
}

// fista takes the step of a bound of the curvature, 2(1+√(n/m))².
func fista(in inputs) ([]contest, error) {
	a, err := samples(in, fullRows, fullColumns, "linear")
	if err != nil {
		return nil, err
	}
	a.Lambda, a.Rate, a.Epochs = 0.01, 0.4, 50
	return []contest{{
		work:      "lasso by FISTA, 200,000 × 100, 50 steps",
		precision: "float64", ours: "fista", args: a, tolerance: 1e-9,
		rivals: []rival{{name: "NumPy", side: "python", work: "fista"}},
	}}, nil
}

func lasso(in inputs) ([]contest, error) {
	a, err := samples(in, 10_000, 500, "linear")
	if err != nil {
		return nil, err
	}
	a.Tolerance = 1e-6
	return []contest{{
		work:      "lasso path, 10,000 × 500, 100 values of λ",
		precision: "float64", ours: "lasso", args: a, tolerance: 1e-6,
		rivals: []rival{{name: "scikit-learn's lasso_path", side: "python", work: "lasso", bar: 1.5}},
	}}, nil
}

// text has documents of words as frequent as Zipf's law says.
func text(in inputs) ([]contest, error) {
	const m, words, seed = 20_000, 50_000, 3
	a, err := in.documents(m, words)
	if err != nil {
		return nil, err
	}
	if a.Order, err = in.order(m, seed); err != nil {
		return nil, err
	}
	a.Loss, a.Optimizer, a.Rate, a.Epochs, a.Batch, a.Seed = "logistic", "gd", 1, 1, 1, seed
	plain := contest{
		work:      "TF-IDF text, logistic SGD, 20,000 documents, 50,000 words, one epoch",
		precision: "float64", ours: "text", args: a, tolerance: 1e-7, serial: true,
		rivals: []rival{{name: "scikit-learn's SGDClassifier", side: "python", work: "text", bar: 1.5}},
	}
	penalised := plain
	penalised.work += ", L2"
	penalised.args.Lambda = 1e-4
	return []contest{plain, penalised}, nil
}

// samples returns the files of m samples with n features.
func samples(in inputs, m, n int, loss string) (a side.Args, err error) {
	if a.X, err = in.normal(m, n); err != nil {
		return a, err
	}
	a.Y, err = in.targets(m, n, loss == "logistic")
	a.Loss = loss
	return a, err
}

// products are square ones and those of a step of training a dense layer of
// 784×128 and one of 128×10: forward, weights' gradient and input's gradient.
func products(inputs) ([]contest, error) {
	var shapes []side.Args
	for _, n := range []int{64, 128, 256, 512, 1024, 2048} {
		shapes = append(shapes, side.Args{M: n, K: n, N: n})
	}
	for _, batch := range []int{32, 128} {
		for _, layer := range [][2]int{{784, 128}, {128, 10}} {
			in, out := layer[0], layer[1]
			shapes = append(shapes,
				side.Args{M: batch, K: in, N: out},
				side.Args{M: in, K: batch, N: out, TransA: true},
				side.Args{M: batch, K: out, N: in, TransB: true})
		}
	}
	var all []contest
	for _, precision := range []string{"float64", "float32"} {
		for _, a := range shapes {
			a.Precision = precision
			all = append(all, contest{
				work: product(a), precision: precision, ours: "gemm", args: a,
				rivals: []rival{{name: "OpenBLAS", side: "python", work: "gemm", bar: 1}},
			})
		}
	}
	return all, nil
}

// product names a product by its shape.
func product(a side.Args) string {
	t := map[bool]string{true: "ᵀ"}
	return fmt.Sprintf("A%s·B%s, %d×%d×%d", t[a.TransA], t[a.TransB], a.M, a.K, a.N)
}
