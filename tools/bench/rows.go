package main

import (
	"fmt"
	"strings"

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
	{"solvers", "each solver to the optimum, at shapes from small to large", solvers},
	{"fista", "proximal steps towards the lasso", fista},
	{"text", "stochastic gradient descent on sparse rows", text},
	{"mlp", "a perceptron", perceptron},
	{"lenet", "a convolutional network", convolutional},
	{"resnet", "a deep convolutional network", deep},
	{"lstm", "a recurrent network", recurrent},
	{"gpt", "a transformer", transformer},
	{"optim", "steps of the optimizers", optimizers},
	{"losses", "losses with their gradients", lossesOf},
	{"layers", "single layers forward and backward", layers},
	{"predict", "predictions from one row and from many", predictions},
	{"calibrate", "probabilities from scores", calibration},
	{"folds", "rows divided for cross-validation", splitters},
	{"prepare", "scalers, encoders, imputers and TF-IDF", preparation},
	{"metrics", "metrics of a million rows", measures},
	{"csv", "files of numbers to matrices", readers},
	{"largesolvers", "least squares and ridge regression, 20,000 × 5,000", largeSolvers},
	{"startup", "whole processes, to a first picture", startup},
	{"gemm", "matrix products", products},
	{"gopeers", "the same with other Go packages", goPeers},
	{"growth", "time and memory as the data grow", nil},
	{"cells", "cells in the kernel", nil},
}

// The data of the full-batch work: 160 MB, which no cache holds.
func (in inputs) full() (rows, columns int) {
	return in.size("full rows", 200_000), in.size("full columns", 100)
}

// fullBatch is the work whose cost is to read the data.
func fullBatch(in inputs) ([]contest, error) {
	m, n := in.full()
	var all []contest
	for _, loss := range []string{"linear", "logistic"} {
		a, err := samples(in, m, n, loss)
		if err != nil {
			return nil, err
		}
		bar := map[string]float64{"linear": 5, "logistic": 2}[loss]
		a.Epochs = 50
		for _, optimizer := range []string{"gd", "adam"} {
			a.Optimizer, a.Rate = optimizer, map[string]float64{"gd": 0.5, "adam": 0.05}[optimizer]
			all = append(all, contest{
				work:      fmt.Sprintf("%s regression, %s, %s × %d, 50 iterations", loss, full[optimizer], grouped(m), n),
				precision: "float64", ours: "fit", args: a, tolerance: 1e-10, bytes: 8 * float64(m) * float64(n) * float64(a.Epochs),
				rivals: []rival{{name: "NumPy", side: "python", work: "fit", bar: bar}},
			})
		}
	}
	return all, nil
}

var full = map[string]string{"gd": "gradient descent", "adam": "Adam"}

// perSample is the work whose cost is to get from one sample to the next.
func perSample(in inputs) ([]contest, error) {
	m, n := in.size("single rows", 100_000), in.size("single columns", 20)
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
		rivals := []rival{{name: "scikit-learn's SGDClassifier", side: "python", work: "sgd", bar: 2}}
		if loss == "linear" {
			rivals = []rival{
				{name: "NumPy", side: "python", work: "fit", bar: 30},
				{name: "scikit-learn's SGDRegressor", side: "python", work: "sgd", bar: 2},
			}
		}
		all = append(all, contest{
			work:      fmt.Sprintf("%s regression, SGD sample by sample, %s × %d, one epoch", loss, grouped(m), n),
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
	m, n := in.full()
	a, err := samples(in, m, n, "logistic")
	if err != nil {
		return nil, err
	}
	a.Intercept, a.Lambda, a.Tolerance = true, 1/float64(m), 1e-6
	return []contest{{
		work:      fmt.Sprintf("logistic regression to the optimum, %s × %d", grouped(m), n),
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
	c.work, c.ours = strings.Replace(c.work, "to the optimum", "by L-BFGS", 1), "lbfgs"
	c.rivals = []rival{{name: "scikit-learn's LogisticRegression", side: "python", work: "logistic", solvers: []string{"lbfgs"}}}
	return []contest{c}, nil
}

// fista takes the step of a bound of the curvature, 2(1+√(n/m))².
func fista(in inputs) ([]contest, error) {
	m, n := in.full()
	a, err := samples(in, m, n, "linear")
	if err != nil {
		return nil, err
	}
	a.Lambda, a.Rate, a.Epochs = 0.01, 0.4, 50
	return []contest{{
		work:      fmt.Sprintf("lasso by FISTA, %s × %d, 50 steps", grouped(m), n),
		precision: "float64", ours: "fista", args: a, tolerance: 1e-9,
		rivals: []rival{{name: "NumPy", side: "python", work: "fista"}},
	}}, nil
}

func lasso(in inputs) ([]contest, error) {
	m, n := in.size("rows of the path", 10_000), in.size("columns of the path", 500)
	a, err := samples(in, m, n, "linear")
	if err != nil {
		return nil, err
	}
	a.Tolerance = 1e-6
	return []contest{{
		work:      fmt.Sprintf("lasso path, %s × %d, 100 values of λ", grouped(m), n),
		precision: "float64", ours: "lasso", args: a, tolerance: 1e-6,
		rivals: []rival{{name: "scikit-learn's lasso_path", side: "python", work: "lasso", bar: 1.5}},
	}}, nil
}

// text has documents of words as frequent as Zipf's law says.
func text(in inputs) ([]contest, error) {
	const seed = 3
	m, words := in.size("texts", 20_000), in.size("words", 50_000)
	a, err := in.documents(m, words)
	if err != nil {
		return nil, err
	}
	if a.Order, err = in.order(m, seed); err != nil {
		return nil, err
	}
	a.Loss, a.Optimizer, a.Rate, a.Epochs, a.Batch, a.Seed = "logistic", "gd", 1, 1, 1, seed
	plain := contest{
		work:      fmt.Sprintf("TF-IDF text, logistic SGD, %s documents, %s words, one epoch", grouped(m), grouped(words)),
		precision: "float64", ours: "text", args: a, tolerance: 1e-7, serial: true,
		rivals: []rival{{name: "scikit-learn's SGDClassifier", side: "python", work: "text", bar: 2}},
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
func products(in inputs) ([]contest, error) {
	var shapes []side.Args
	for _, n := range []int{64, 128, 256, 512, 1024, 2048} {
		shapes = append(shapes, in.product(n, n, n))
	}
	for _, batch := range []int{32, 128} {
		for _, layer := range [][2]int{{784, 128}, {128, 10}} {
			forward := in.product(batch, layer[0], layer[1])
			rows, from, to := forward.M, forward.K, forward.N
			shapes = append(shapes, forward,
				side.Args{M: from, K: rows, N: to, TransA: true},
				side.Args{M: rows, K: to, N: from, TransB: true})
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

// product is the shape of A·B.
func (in inputs) product(m, k, n int) side.Args {
	if m == k && k == n {
		s := in.size("square", m)
		return side.Args{M: s, K: s, N: s}
	}
	return side.Args{M: in.size("batch", m), K: in.size("input", k), N: in.size("output", n)}
}

// product names a product by its shape.
func product(a side.Args) string {
	t := map[bool]string{true: "ᵀ"}
	return fmt.Sprintf("A%s·B%s, %d×%d×%d", t[a.TransA], t[a.TransB], a.M, a.K, a.N)
}
