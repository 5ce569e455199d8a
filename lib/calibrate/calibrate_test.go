package calibrate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/calibrate"
)

type goldens struct {
	Sigmoids []struct {
		Name          string
		Score, Weight []float64
		Truth         []int
		A, B          float64
	}
	Isotonics []struct {
		Name                    string
		X, Y, Weight, Grid, Out []float64
	}
	Classifiers []struct {
		Kind             calibrate.Kind
		Scores, New, Out [][]float64
		Truth            []int
	}
}

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

func TestPlattGolden(t *testing.T) {
	for _, c := range golden.Load[goldens](t, "testdata/golden.json").Sigmoids {
		p, err := calibrate.FitPlatt(c.Score, c.Truth, c.Weight)
		if err != nil {
			t.Fatal(err)
		}
		golden.Close(t, c.Name+": A", p.A, c.A, 1e-9)
		golden.Close(t, c.Name+": B", p.B, c.B, 1e-9)
		for _, f := range c.Score {
			golden.Close(t, c.Name+": probability", p.At(f), 1/(1+math.Exp(c.A*f+c.B)), 1e-9)
		}
	}
}

func TestIsotonicGolden(t *testing.T) {
	for _, c := range golden.Load[goldens](t, "testdata/golden.json").Isotonics {
		p, err := calibrate.FitIsotonic(c.X, c.Y, c.Weight)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, len(c.Grid))
		for i, x := range c.Grid {
			got[i] = p.At(x)
		}
		golden.CloseSlice(t, c.Name, got, c.Out, 1e-12)
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

// scikit-learn's sigmoid has six digits.
func TestClassifierGolden(t *testing.T) {
	for _, c := range golden.Load[goldens](t, "testdata/golden.json").Classifiers {
		p, err := calibrate.Fit(c.Kind, dense(c.Scores), c.Truth, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Probabilities(dense(c.New))
		if err != nil {
			t.Fatal(err)
		}
		rel := 1e-12
		if c.Kind == calibrate.Sigmoid {
			rel = 2e-5
		}
		for i, want := range c.Out {
			golden.CloseSlice(t, fmt.Sprintf("%s, row %d", c.Kind, i), mat.Row(nil, i, got), want, rel)
		}
	}
}

// No other function that does not decrease has a smaller sum of squares: the sum over each block of
// residuals is 0, and no part of a block that ends it could be lowered alone.
func TestIsotonicIsOptimal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		n := 2 + r.IntN(40)
		x, y, w := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i], w[i] = float64(i), r.NormFloat64(), r.Float64()
		}
		p, err := calibrate.FitIsotonic(x, y, w)
		if err != nil {
			t.Fatal(err)
		}
		squares := func(f func(i int) float64) (sum float64) {
			for i := range y {
				sum += w[i] * (y[i] - f(i)) * (y[i] - f(i))
			}
			return sum
		}
		least := squares(func(i int) float64 { return p.At(x[i]) })
		for range 200 { // other functions that do not decrease, near this one
			from, by := r.IntN(n), 0.1*r.Float64()
			up := squares(func(i int) float64 {
				if i >= from {
					return p.At(x[i]) + by
				}
				return p.At(x[i])
			})
			down := squares(func(i int) float64 {
				if i <= from {
					return p.At(x[i]) - by
				}
				return p.At(x[i])
			})
			if up < least-1e-12 || down < least-1e-12 {
				t.Fatalf("the sum of squares %g falls to %g or %g", least, up, down)
			}
		}
	}
}

// A weight of 2 is the same as the row twice, a weight of 0 as no row.
func TestWeightsAreRows(t *testing.T) {
	score, truth := []float64{-1, 0, 0.5, 1, 2, -2}, []int{0, 1, 0, 1, 1, 0}
	weight := []float64{2, 1, 0, 1, 1, 1}
	longScore, longTruth := []float64{-1, -1, 0, 1, 2, -2}, []int{0, 0, 1, 1, 1, 0}
	a, err1 := calibrate.FitPlatt(score, truth, weight)
	b, err2 := calibrate.FitPlatt(longScore, longTruth, nil)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	golden.Close(t, "A", a.A, b.A, 1e-10)
	golden.Close(t, "B", a.B, b.B, 1e-10)
	float := func(labels []int) (y []float64) {
		for _, l := range labels {
			y = append(y, float64(l))
		}
		return y
	}
	c, err1 := calibrate.FitIsotonic(score, float(truth), weight)
	d, err2 := calibrate.FitIsotonic(longScore, float(longTruth), nil)
	if err1 != nil || err2 != nil || !slices.Equal(c.X, d.X) || !slices.Equal(c.Y, d.Y) {
		t.Errorf("%v and %v, %v, %v", c, d, err1, err2)
	}
}

func TestExtremes(t *testing.T) {
	for name, score := range map[string][]float64{
		"tiny": {-1e-300, 1e-300, 2e-300, -2e-300}, "huge": {-1e308, 1e308, 1.1e308, -1.1e308}, "equal": {3, 3, 3, 3}, "zero": {0, 0, 0, 0},
	} {
		for _, truth := range [][]int{{0, 1, 1, 0}, {1, 1, 1, 1}, {0, 0, 0, 0}} {
			p, err := calibrate.FitPlatt(score, truth, nil)
			if err != nil {
				if name != "tiny" {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			for _, s := range score {
				if v := p.At(s); !(v > 0 && v < 1) {
					t.Errorf("%s, %v: probability %g", name, truth, v)
				}
			}
			if name == "equal" {
				golden.Close(t, "equal scores", p.At(3), target(truth), 1e-9)
			}
		}
	}
	p, err := calibrate.FitIsotonic([]float64{-1e308, 1e308}, []float64{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if v := p.At(0); v != 0.5 {
		t.Errorf("in the middle of the range: %g", v)
	}
}

// target is the mean of Platt's targets.
func target(truth []int) float64 {
	n := [2]float64{}
	for _, l := range truth {
		n[l]++
	}
	return (n[1]*(n[1]+1)/(n[1]+2) + n[0]/(n[0]+2)) / (n[0] + n[1])
}

func TestErrors(t *testing.T) {
	one := mat.NewDense(2, 1, []float64{1, 2})
	second := func(_ any, err error) error { return err }
	c, err := calibrate.Fit(calibrate.Monotone, one, []int{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"3 labels":                 second(calibrate.Fit(calibrate.Sigmoid, one, []int{0, 1, 1}, nil)),
		"label 2, want 0 to 1":     second(calibrate.Fit(calibrate.Sigmoid, one, []int{0, 2}, nil)),
		`kind is "magic"`:          second(calibrate.Fit("magic", one, []int{0, 1}, nil)),
		"score of row 1 is NaN":    second(calibrate.FitPlatt([]float64{1, math.NaN()}, []int{0, 1}, nil)),
		"score of row 0 is +Inf":   second(calibrate.FitIsotonic([]float64{math.Inf(1)}, []float64{1}, nil)),
		"label 5, want 0 or 1":     second(calibrate.FitPlatt([]float64{1, 2}, []int{0, 5}, nil)),
		"and 1 weights":            second(calibrate.FitPlatt([]float64{1, 2}, []int{0, 1}, []float64{1})),
		"weight of row 0 is -1":    second(calibrate.FitPlatt([]float64{1, 2}, []int{0, 1}, []float64{-1, 1})),
		"all weights are 0":        second(calibrate.FitPlatt([]float64{1, 2}, []int{0, 1}, []float64{0, 0})),
		"calibrate: all weights":   second(calibrate.FitIsotonic([]float64{1, 2}, []float64{0, 1}, []float64{0, 0})),
		"0 scores, 0 values":       second(calibrate.FitIsotonic(nil, nil, nil)),
		"y is NaN in row 0":        second(calibrate.FitIsotonic([]float64{1}, []float64{math.NaN()}, nil)),
		"2 columns of scores":      second(c.Probabilities(mat.NewDense(1, 2, nil))),
		"row 0, column 0 is NaN":   second(c.Probabilities(mat.NewDense(1, 1, []float64{math.NaN()}))),
		"has no calibrators":       second(new(calibrate.Classifier).Probabilities(one)),
		"parameters NaN and 0":     (&calibrate.Classifier{Kind: calibrate.Sigmoid, Platt: []calibrate.Platt{{A: math.NaN()}}}).Validate(),
		`kind is "x"`:              (&calibrate.Classifier{Kind: "x", Platt: []calibrate.Platt{{}}}).Validate(),
		"0 x and 0 y":              calibrate.Isotonic{}.Validate(),
		"point 1 of Isotonic":      calibrate.Isotonic{X: []float64{0, 1}, Y: []float64{1, 0}}.Validate(),
		"point 1 of Isotonic, (0,": calibrate.Isotonic{X: []float64{0, 0}, Y: []float64{0, 0}}.Validate(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

// A classifier of three classes that is much too sure.
func ExampleFit() {
	scores := mat.NewDense(6, 3, []float64{9, 0, 0, 9, 0, 0, 0, 9, 0, 0, 9, 0, 0, 0, 9, 0, 0, 9})
	c, err := calibrate.Fit(calibrate.Sigmoid, scores, []int{0, 1, 1, 1, 2, 0}, nil)
	if err != nil {
		panic(err)
	}
	p, err := c.Probabilities(mat.NewDense(1, 3, []float64{0, 9, 0}))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f\n", p.RawRowView(0))
	// Output: [0.25 0.64 0.11]
}

// A classifier that is three times too sure.
func ExampleFitPlatt() {
	score, label := []float64{-9, -6, -3, -3, 3, 3, 6, 9}, []int{0, 0, 0, 1, 0, 1, 1, 1}
	p, err := calibrate.FitPlatt(score, label, nil)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f, not %.2f\n", p.At(3), 1/(1+math.Exp(-3)))
	// Output: 0.62, not 0.95
}

func ExampleFitIsotonic() {
	f, err := calibrate.FitIsotonic([]float64{1, 2, 3, 4}, []float64{0, 1, 0, 1}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(f.At(1), f.At(2), f.At(3), f.At(4), f.At(5))
	// Output: 0 0.5 0.5 1 1
}

func BenchmarkFit(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 10_000
	score, truth := mat.NewDense(n, 1, nil), make([]int, n)
	for i := range truth {
		z := r.NormFloat64()
		score.Set(i, 0, z)
		if r.Float64() < 1/(1+math.Exp(-2*z)) {
			truth[i] = 1
		}
	}
	for _, kind := range []calibrate.Kind{calibrate.Sigmoid, calibrate.Monotone} {
		b.Run(string(kind), func(b *testing.B) {
			for b.Loop() {
				if _, err := calibrate.Fit(kind, score, truth, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
