package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/tools/bench/side"
)

// aim is how many times faster than scikit-learn and pandas each transformer,
// metric and reader shall be.
const aim = 1.5

// preparation is what is done with data before training: each transformer is
// fitted and transforms the rows that it was fitted with.
func preparation(in inputs) ([]contest, error) {
	m, n, short, few := in.size("rows to prepare", 120_000), in.size("columns to prepare", 30), in.size("short", 30_000), in.size("few", 20)
	normal, err := in.normal(m, n)
	if err != nil {
		return nil, err
	}
	narrow, err := in.normal(short, few)
	if err != nil {
		return nil, err
	}
	missing, err := in.file(fmt.Sprintf("missing-%dx%d", m, n), func(r *rand.Rand) format.Tensor {
		x := draw(r, m*n)
		for i := range x {
			if r.IntN(10) == 0 {
				x[i] = math.NaN()
			}
		}
		return format.Tensor{Shape: []int{m, n}, Data: x}
	})
	if err != nil {
		return nil, err
	}
	codes, err := in.file(fmt.Sprintf("codes-%dx6", m), func(r *rand.Rand) format.Tensor {
		x := make([]float64, 6*m)
		for i := range x {
			x[i] = math.Floor(30 * r.Float64() * r.Float64())
		}
		return format.Tensor{Shape: []int{m, 6}, Data: x}
	})
	if err != nil {
		return nil, err
	}
	wide, coded := fmt.Sprintf("%s × %d", grouped(m), n), grouped(m)+" × 6"
	var all []contest
	for _, w := range []struct{ step, about, x string }{
		{"standard", "standard scaler, " + wide, normal},
		{"minmax", "min-max scaler, " + wide, normal},
		{"robust", "robust scaler, " + wide, normal},
		{"normalizer", "rows of length 1, " + wide, normal},
		{"polynomial", fmt.Sprintf("polynomial features of degree 2, %s × %d", grouped(short), few), narrow},
		{"mean", "imputation of means, " + wide, missing},
		{"median", "imputation of medians, " + wide, missing},
		{"onehot", "one-hot encoding, " + coded, codes},
		{"ordinal", "ordinal encoding, " + coded, codes},
	} {
		all = append(all, contest{
			work: w.about, precision: "float64", ours: "prepare", args: side.Args{X: w.x, Step: w.step}, tolerance: 1e-10,
			rivals: []rival{{name: "scikit-learn", side: "python", work: "prepare", bar: aim}},
		})
	}
	documents := in.size("documents", 20_000)
	docs, err := in.words(documents)
	if err != nil {
		return nil, err
	}
	return append(all, contest{
		work: "TF-IDF of " + grouped(documents) + " documents", precision: "float64", ours: "prepare", args: side.Args{Text: docs, Step: "tfidf"}, tolerance: 1e-10,
		rivals: []rival{{name: "scikit-learn", side: "python", work: "prepare", bar: aim}},
	}), nil
}

// measures are metrics of a million rows.
func measures(in inputs) ([]contest, error) {
	m := in.size("rows of metrics", 1_000_000)
	a, err := samples(in, m, 1, "logistic")
	if err != nil {
		return nil, err
	}
	var all []contest
	for _, w := range []struct{ step, about string }{
		{"rocauc", "area under the ROC curve"}, {"precision", "average precision"}, {"accuracy", "accuracy"}, {"f1", "macro F1"},
		{"mse", "mean squared error"}, {"mae", "mean absolute error"}, {"medianae", "median absolute error"}, {"r2", "R²"},
	} {
		args := a
		args.Step = w.step
		all = append(all, contest{
			work: w.about + ", " + grouped(m) + " rows", precision: "float64", ours: "measure", args: args, tolerance: 1e-10,
			rivals: []rival{{name: "scikit-learn", side: "python", work: "measure", bar: aim}},
		})
	}
	return all, nil
}

// readers turn files into matrices.
func readers(in inputs) ([]contest, error) {
	m, n := in.size("rows of CSV", 100_000), in.size("columns of CSV", 20)
	var all []contest
	for _, w := range []struct {
		name, about string
		cell        func(r *rand.Rand) string
	}{
		{"digits", "all digits", func(r *rand.Rand) string { return strconv.FormatFloat(r.NormFloat64(), 'g', -1, 64) }},
		{"short", "two decimals", func(r *rand.Rand) string { return strconv.FormatFloat(r.NormFloat64(), 'f', 2, 64) }},
		{"bits", "0 and 1", func(r *rand.Rand) string { return strconv.Itoa(r.IntN(2)) }},
	} {
		path, err := in.textFile(fmt.Sprintf("%s-%dx%d.csv", w.name, m, n), func(r *rand.Rand) []byte {
			var b bytes.Buffer
			for i := range m + 1 {
				cells := make([]string, n)
				for j := range cells {
					if cells[j] = w.cell(r); i == 0 {
						cells[j] = fmt.Sprintf("column%d", j)
					}
				}
				b.WriteString(strings.Join(cells, ",") + "\n")
			}
			return b.Bytes()
		})
		if err != nil {
			return nil, err
		}
		all = append(all, contest{
			work: fmt.Sprintf("CSV of %s to a matrix, %s × %d", w.about, grouped(m), n), precision: "float64",
			ours: "prepare", args: side.Args{Text: path, Step: "csv"}, tolerance: 1e-12,
			rivals: in.present([]rival{
				{name: "pandas", side: "python", work: "prepare", solvers: []string{"c"}, needs: "pandas", bar: aim},
				{name: "pandas, pyarrow", side: "python", work: "prepare", solvers: []string{"pyarrow"}, needs: "pyarrow", bar: aim},
				{name: "Polars", side: "python", work: "polars", needs: "polars", bar: 1},
			}),
		})
	}
	return all, nil
}

// words are documents, one a line, of a hundred words that are as frequent as
// Zipf's law says.
func (in inputs) words(m int) (string, error) {
	return in.textFile(fmt.Sprintf("words-%d.txt", m), func(r *rand.Rand) []byte {
		const vocabulary, length = 30_000, 100
		words := make([]string, vocabulary)
		for k := range words {
			for range 3 + r.IntN(7) {
				words[k] += string(rune('a' + r.IntN(26)))
			}
		}
		z := rand.NewZipf(r, 1.1, 3, vocabulary-1)
		var b bytes.Buffer
		for range m {
			for k := range length {
				w := words[z.Uint64()]
				if k%9 == 0 {
					w = strings.ToUpper(w[:1]) + w[1:] + ","
				}
				b.WriteString(w + " ")
			}
			b.WriteString("\n")
		}
		return b.Bytes()
	})
}

// textFile returns the path of the file that fill writes, as file does.
func (in inputs) textFile(name string, fill func(r *rand.Rand) []byte) (string, error) {
	path := in.path(name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	text := fill(in.source(26))
	err := format.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("the data cannot be written: %w", err)
	}
	return path, nil
}
