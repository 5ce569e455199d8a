package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/ml/context"
)

// sample returns rows of three features, whose label depends on the first two.
func sample(n int) (x, y [][]float64) {
	r := rand.New(rand.NewPCG(1, 0))
	for range n {
		row := []float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
		label := 0.0
		if row[0]-2*row[1]+0.5*r.NormFloat64() > 0.3 {
			label = 1
		}
		x, y = append(x, row), append(y, []float64{label})
	}
	return x, y
}

// write makes a CSV file of rows and, beside them, labels if there are any.
func write(t *testing.T, path string, x, y [][]float64) {
	t.Helper()
	var b strings.Builder
	for i, row := range x {
		if y != nil {
			row = slices.Concat(row, y[i])
		}
		fmt.Fprintln(&b, strings.ReplaceAll(strings.Trim(fmt.Sprint(row), "[]"), " ", ","))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// column reads what writeColumn has written.
func column(t *testing.T, path string) []float64 {
	t.Helper()
	rows, err := readRows(path)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(rows...)
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// At the minimum of a convex objective its gradient, written out here, is zero.
func TestLogisticFindsTheMinimum(t *testing.T) {
	x, y := sample(200)
	data, theta := filepath.Join(t.TempDir(), "data.csv"), filepath.Join(t.TempDir(), "theta.csv")
	write(t, data, x, y)
	if err := run([]string{"logistic", "1000", data, theta}); err != nil {
		t.Fatal(err)
	}
	w := column(t, theta)
	if len(w) != 4 {
		t.Fatalf("have %d parameters, want 4", len(w))
	}
	grad := []float64{0, lambda * w[1], lambda * w[2], lambda * w[3]}
	for i, row := range x {
		z := w[0] + w[1]*row[0] + w[2]*row[1] + w[3]*row[2]
		d := (sigmoid(z) - y[i][0]) / float64(len(x))
		for j, v := range []float64{1, row[0], row[1], row[2]} {
			grad[j] += d * v
		}
	}
	for j, g := range grad {
		if math.Abs(g) > 1e-6 {
			t.Errorf("∂L/∂θ[%d] = %g at the end, want 0", j, g)
		}
	}
}

func TestNetworkIsLearnedSavedAndLoaded(t *testing.T) {
	x, y := sample(300)
	folder := t.TempDir()
	write(t, filepath.Join(folder, "train.csv"), x[:200], y[:200])
	write(t, filepath.Join(folder, "test.csv"), x[200:], nil)
	for _, command := range []string{"train", "train", "predict"} { // a second training starts anew
		if err := run([]string{command, folder}); err != nil {
			t.Fatal(command, ": ", err)
		}
	}
	loaded := column(t, filepath.Join(folder, "predictions.csv"))

	backend, err := simplego.New("")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.New()
	if err := fitNetwork(backend, ctx, x[:200], y[:200]); err != nil {
		t.Fatal(err)
	}
	fresh, err := probabilities(backend, ctx, x[200:])
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(loaded, fresh) {
		t.Error("the loaded network does not predict what the same training gives in memory")
	}
	right := 0
	for i, p := range loaded {
		if (p > 0.5) == (y[200+i][0] == 1) {
			right++
		}
	}
	if right < 85 {
		t.Errorf("%d of 100 new rows are right, want 85 or more", right)
	}
}

// Each epoch has every row once, in another order; the same seed gives the same orders.
func TestBatches(t *testing.T) {
	x, y := sample(10)
	orders := map[string]bool{}
	a, b := newBatches(x, y, 4, 7), newBatches(x, y, 4, 7)
	for range 3 {
		var seen []float64
		for _, size := range []int{4, 4, 2} {
			_, inputs, labels, err := a.Yield()
			if err != nil {
				t.Fatal(err)
			}
			_, same, _, _ := b.Yield()
			have := inputs[0].Value().([][]float64)
			if len(have) != size || labels[0].Shape().Dimensions[0] != size {
				t.Fatalf("a batch has %d rows and labels of shape %v, want %d", len(have), labels[0].Shape(), size)
			}
			if !inputs[0].Equal(same[0]) {
				t.Error("two datasets of the same seed differ")
			}
			for _, row := range have {
				seen = append(seen, row[0])
			}
		}
		if _, _, _, err := a.Yield(); err != io.EOF {
			t.Errorf("after the last batch: error %v, want io.EOF", err)
		}
		a.Reset()
		b.Reset()
		orders[fmt.Sprint(seen)] = true
		slices.Sort(seen)
		var all []float64
		for _, row := range x {
			all = append(all, row[0])
		}
		slices.Sort(all)
		if !slices.Equal(seen, all) {
			t.Errorf("an epoch has the rows %v, want %v", seen, all)
		}
	}
	if len(orders) != 3 {
		t.Errorf("three epochs have %d different orders", len(orders))
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("test.csv", "1,2\n")
	for _, test := range []struct {
		name, want string
		args       []string
	}{
		{"no command", "usage", nil},
		{"unknown command", `"fly"`, []string{"fly", "away"}},
		{"no steps", `"many"`, []string{"logistic", "many", "data", "theta"}},
		{"no file", "none.csv", []string{"logistic", "9", filepath.Join(folder, "none.csv"), "theta"}},
		{"empty file", "is empty", []string{"logistic", "9", file("empty.csv", ""), "theta"}},
		{"no number", "line 2", []string{"logistic", "9", file("word.csv", "1,0\nx,1\n"), "theta"}},
		{"no label", "one column", []string{"logistic", "9", file("narrow.csv", "1\n2\n"), "theta"}},
		{"no checkpoint", folder, []string{"predict", folder}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := run(test.args)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("have error %v, want one with %q", err, test.want)
			}
		})
	}
}
