package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/tools/bench/side"
)

// transformers are what prepare fits.
var transformers = map[string]func() preprocess.Transformer{
	"standard":   func() preprocess.Transformer { return preprocess.NewStandardScaler() },
	"minmax":     func() preprocess.Transformer { return preprocess.NewMinMaxScaler() },
	"robust":     func() preprocess.Transformer { return preprocess.NewRobustScaler() },
	"normalizer": func() preprocess.Transformer { return preprocess.NewNormalizer() },
	"polynomial": func() preprocess.Transformer { return preprocess.NewPolynomialFeatures(2) },
	"mean":       func() preprocess.Transformer { return preprocess.NewImputer() },
	"median":     func() preprocess.Transformer { return &preprocess.Imputer{Strategy: preprocess.ImputeMedian} },
	"onehot":     func() preprocess.Transformer { return preprocess.NewOneHotEncoder() },
	"ordinal":    func() preprocess.Transformer { return preprocess.NewOrdinalEncoder() },
}

// prepare turns data into a matrix, and checks sums over its elements.
func prepare(a side.Args) (side.Task, error) {
	var run func() (mat.Matrix, error)
	switch {
	case a.Step == "csv":
		run = func() (mat.Matrix, error) {
			f, err := os.Open(a.Text)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			table, err := preprocess.ReadCSV(f)
			if err != nil {
				return nil, err
			}
			return table.Matrix()
		}
	case a.Step == "tfidf":
		text, err := os.ReadFile(a.Text)
		if err != nil {
			return side.Task{}, err
		}
		docs := strings.Split(string(bytes.TrimSuffix(text, []byte("\n"))), "\n")
		run = func() (mat.Matrix, error) {
			v := preprocess.NewTFIDFVectorizer()
			if err := v.Fit(docs); err != nil {
				return nil, err
			}
			return v.Transform(docs)
		}
	case transformers[a.Step] != nil:
		x, err := side.Matrix(a.X)
		if err != nil {
			return side.Task{}, err
		}
		run = func() (mat.Matrix, error) { return preprocess.FitTransform(transformers[a.Step](), x) }
	default:
		return side.Task{}, fmt.Errorf("there is no step %q", a.Step)
	}
	must := func() mat.Matrix {
		x, err := run()
		if err != nil {
			panic(err)
		}
		return x
	}
	return side.Task{Run: func() { must() }, Check: func() []float64 { return summary(must()) }}, nil
}

// summary is the sum of the elements that are stored, and one in which each counts
// by its place.
func summary(x mat.Matrix) []float64 {
	var values []float64
	switch x := x.(type) {
	case *sparse.CSR:
		values = x.Values
	case *mat.Dense:
		values = x.RawMatrix().Data
	}
	sums := []float64{float64(len(values)), 0, 0}
	for k, v := range values {
		sums[1] += v * v
		sums[2] += v * v * float64(k%13+1)
	}
	return sums
}

// measure computes a metric of the features as scores of the labels.
func measure(a side.Args) (side.Task, error) {
	x, y, err := side.Data(a)
	if err != nil {
		return side.Task{}, err
	}
	score, truth := x.RawMatrix().Data, y.RawMatrix().Data
	labels, guesses := make([]int, len(truth)), metric.Threshold(score, 0)
	for i, v := range truth {
		labels[i] = int(v)
	}
	var run func() (float64, error)
	plain := func(f func() float64) func() (float64, error) { return func() (float64, error) { return f(), nil } }
	switch a.Step {
	case "rocauc":
		run = func() (float64, error) { return metric.ROCAUC(labels, score, nil) }
	case "precision":
		run = func() (float64, error) { return metric.AveragePrecision(labels, score, nil) }
	case "accuracy":
		run = plain(func() float64 { return metric.Accuracy(labels, guesses, nil) })
	case "f1":
		run = plain(func() float64 { return metric.F1(labels, guesses, metric.Macro, nil) })
	case "mse":
		run = plain(func() float64 { return metric.MSE(truth, score, nil) })
	case "mae":
		run = plain(func() float64 { return metric.MAE(truth, score, nil) })
	case "medianae":
		run = plain(func() float64 { return metric.MedianAE(truth, score, nil) })
	case "r2":
		run = plain(func() float64 { return metric.R2(truth, score, nil) })
	default:
		return side.Task{}, fmt.Errorf("there is no metric %q", a.Step)
	}
	must := func() float64 {
		v, err := run()
		if err != nil {
			panic(err)
		}
		return v
	}
	return side.Task{Run: func() { must() }, Check: func() []float64 { return []float64{must()} }}, nil
}
