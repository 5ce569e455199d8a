package inspect_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/inspect"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
)

type goldens struct {
	X                                  [][]float64
	Target, Ridge, Logistic, Mean, Std []float64
	Repeats                            int
	Orders                             [][]int
	Dependence                         []struct {
		Model      string
		Column     int
		Grid, Mean []float64
		Individual [][]float64
	}
}

func (g goldens) x() *mat.Dense {
	x := mat.NewDense(len(g.X), len(g.X[0]), nil)
	for i, row := range g.X {
		x.SetRow(i, row)
	}
	return x
}

func linear(theta []float64) *model.Linear {
	m := model.NewLinear(len(theta)-1, 1)
	copy(m.Params(), theta)
	return m
}

func TestPermutationGolden(t *testing.T) {
	g := golden.Load[goldens](t, "testdata/golden.json")
	x, m := g.x(), linear(g.Ridge)
	changed := mat.DenseCopyOf(x)
	rows, columns := x.Dims()
	got, err := inspect.PermuteIn(rows, columns, g.Repeats, func(j int, order []int) (float64, error) {
		changed.Copy(x)
		for i, from := range order {
			changed.Set(i, j, x.At(from, j))
		}
		return r2(m, changed, g.Target), nil
	}, func(j, k int) []int { return g.Orders[j*g.Repeats+k] })
	if err != nil {
		t.Fatal(err)
	}
	golden.CloseSlice(t, "mean", got.Mean(), g.Mean, 1e-12)
	golden.CloseSlice(t, "std", got.Std(), g.Std, 1e-12)
}

func r2(m model.Model, x mat.Matrix, target []float64) float64 {
	var p mat.Dense
	m.Predict(&p, x)
	return metric.R2(target, metric.Column(&p, 0), nil)
}

func TestPartialDependenceGolden(t *testing.T) {
	g := golden.Load[goldens](t, "testdata/golden.json")
	x := g.x()
	before := mat.DenseCopyOf(x)
	for _, c := range g.Dependence {
		name := fmt.Sprintf("%s, column %d", c.Model, c.Column)
		grid := inspect.Quantiles(mat.Col(nil, c.Column, x), 8)
		golden.CloseSlice(t, name+": grid", grid, c.Grid, 1e-12)
		predict := func(x *mat.Dense) ([]float64, error) {
			if c.Model == "logistic" {
				return metric.Column(model.Probabilities(linear(g.Logistic), x), 0), nil
			}
			var p mat.Dense
			linear(g.Ridge).Predict(&p, x)
			return metric.Column(&p, 0), nil
		}
		d, err := inspect.PartialDependence(x, c.Column, c.Grid, predict)
		if err != nil {
			t.Fatal(err)
		}
		golden.CloseSlice(t, name, d.Mean, c.Mean, 1e-12)
		for i, row := range c.Individual {
			golden.CloseSlice(t, fmt.Sprintf("%s, row %d", name, i), d.Individual.RawRowView(i), row, 1e-12)
		}
		if !slices.Equal(d.Grid, c.Grid) {
			t.Errorf("%s: the grid is %v", name, d.Grid)
		}
	}
	if !mat.Equal(x, before) {
		t.Error("the rows have changed")
	}
}

// The same seed gives the same importance; a feature that the model does not use has none at all.
func TestPermutation(t *testing.T) {
	g := golden.Load[goldens](t, "testdata/golden.json")
	x := g.x()
	before := mat.DenseCopyOf(x)
	theta := slices.Clone(g.Ridge)
	theta[3] = 0
	score := func(x *mat.Dense) (float64, error) { return r2(linear(theta), x, g.Target), nil }
	a, err := inspect.Permutation(x, 5, 1, score)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := inspect.Permutation(x, 5, 1, score)
	c, _ := inspect.Permutation(x, 5, 2, score)
	if !reflect.DeepEqual(a, b) || reflect.DeepEqual(a, c) || !mat.Equal(x, before) {
		t.Error("the importance does not depend on the seed alone, or the rows have changed")
	}
	mean, std := a.Mean(), a.Std()
	if math.Abs(mean[2]) > 1e-12 || std[2] > 1e-12 || !(mean[0] > mean[1] && mean[1] > mean[3] && mean[3] > 0) {
		t.Errorf("the importance is %v ± %v", mean, std)
	}
}

func TestQuantiles(t *testing.T) {
	for _, c := range []struct {
		values []float64
		n      int
		want   []float64
	}{
		{nil, 5, nil},
		{[]float64{3, 1, math.NaN(), 1}, 5, []float64{1, 3}},
		{append(make([]float64, 100), 1, 2), 3, []float64{0, 1, 2}},
		{[]float64{1, 2, 3}, 1, []float64{1, 2, 3}},
	} {
		if got := inspect.Quantiles(c.values, c.n); !slices.Equal(got, c.want) {
			t.Errorf("Quantiles(%v, %d) = %v, want %v", c.values, c.n, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	x := mat.NewDense(3, 2, nil)
	no := errors.New("no luck")
	second := func(_ any, err error) error { return err }
	for want, err := range map[string]error{
		"x is nil":                  second(inspect.Permutation(nil, 1, 1, nil)),
		"inspect: x is nil":         second(inspect.PartialDependence(nil, 0, nil, nil)),
		"and 0 repeats":             second(inspect.Permutation(x, 0, 1, nil)),
		"no luck":                   second(inspect.Permutation(x, 1, 1, func(*mat.Dense) (float64, error) { return 0, no })),
		"as they are is NaN":        second(inspect.Permutation(x, 1, 1, func(*mat.Dense) (float64, error) { return math.NaN(), nil })),
		"column 1 shuffled: no":     second(inspect.Permute(2, 2, 1, 1, func(j int, _ []int) (float64, error) { return 0, map[bool]error{true: no}[j == 1] })),
		"3 rows and 0 values":       second(inspect.PartialDependence(x, 0, nil, nil)),
		"inspect: 0 rows, 1 column": second(inspect.Permute(0, 1, 1, 1, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	if _, err := inspect.PartialDependence(x, 0, []float64{1}, func(*mat.Dense) ([]float64, error) { return nil, no }); !errors.Is(err, no) {
		t.Errorf("%v", err)
	}
	for want, f := range map[string]func(){
		"column 2 of a 3×2": func() { inspect.PartialDependence(x, 2, []float64{1}, nil) },
		"1 predictions for 3 rows": func() {
			inspect.PartialDependence(x, 0, []float64{1}, func(*mat.Dense) ([]float64, error) { return []float64{1}, nil })
		},
	} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), want) {
					t.Errorf("%v, want a panic with %q", r, want)
				}
			}()
			f()
		}()
	}
}

// A model that uses the first feature twice as much as the second.
func ExamplePermutation() {
	x := mat.NewDense(6, 2, []float64{1, 5, 2, 3, 3, 1, 4, 6, 5, 4, 6, 2})
	y := []float64{7, 7, 7, 14, 14, 14}
	m := linear([]float64{0, 2, 1})
	importance, err := inspect.Permutation(x, 20, 1, func(x *mat.Dense) (float64, error) { return r2(m, x, y), nil })
	if err != nil {
		panic(err)
	}
	mean := importance.Mean()
	fmt.Println(mean[0] > 2*mean[1])
	// Output: true
}

func ExamplePartialDependence() {
	x := mat.NewDense(3, 2, []float64{1, 5, 2, 3, 3, 1})
	m := linear([]float64{0, 2, 1})
	d, err := inspect.PartialDependence(x, 0, []float64{0, 1, 2}, func(x *mat.Dense) ([]float64, error) {
		var p mat.Dense
		m.Predict(&p, x)
		return metric.Column(&p, 0), nil
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Mean)
	// Output: [3 5 7]
}
