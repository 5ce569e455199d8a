package plots_test

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/plots"
)

func importances() *plots.Chart {
	return plots.Importance("What the model uses", "fall of the accuracy", []string{"age", "a name that is long enough for two lines at least", "plan", "noise"},
		[]float64{0.05, 0.21, 0.11, -0.004}, []float64{0.01, 0.03, 0.002, 0.006})
}

func dependence() *plots.Chart {
	grid, rows := []float64{20, 30, 40, 50, 60}, mat.NewDense(120, 5, nil)
	mean := make([]float64, 5)
	for i := range 120 {
		for k, v := range grid {
			p := 1 / (1 + math.Exp(-(v-40)/10-math.Sin(float64(i))*2))
			rows.Set(i, k, p)
			mean[k] += p / 120
		}
	}
	return plots.PartialDependence("Age", "age (years)", "probability of yes", grid, mean, rows)
}

func searched() *plots.Chart {
	rate, kind := plots.Parameter{Name: "rate", Log: true}, plots.Parameter{Name: "kind", Names: []string{"adam", "sgd", "muon"}}
	var scores []float64
	for i := range 30 {
		v := math.Pow(10, -4+float64(i*7%30)*4/29)
		rate.Values, kind.Values = append(rate.Values, v), append(kind.Values, float64(i%3))
		scores = append(scores, 0.1+math.Pow(math.Log10(v)+2, 2)/10+float64(i%3)/20)
	}
	return plots.Search("A search", "log loss", scores, nil, 3, rate, kind)
}

func TestInspectionCharts(t *testing.T) {
	folder := t.TempDir()
	for name, c := range map[string]*plots.Chart{
		"importance":     importances(),
		"no deviations":  plots.Importance("A", "x", []string{"a"}, []float64{1}, nil),
		"dependence":     dependence(),
		"no single rows": plots.PartialDependence("A", "x", "y", []float64{1, 2}, []float64{3, 4}, nil),
		"search":         searched(),
		"budgets":        plots.Search("A", "accuracy", []float64{0.5, 0.6}, []float64{1, 3}, 1, plots.Parameter{Name: "a", Values: []float64{1, 2}}),
	} {
		for _, kind := range []string{".png", ".svg"} {
			if err := plots.Save(c, filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+kind)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The same data give the same bytes, and an error says what cannot be drawn.
func TestInspectionChartErrors(t *testing.T) {
	nan := math.NaN()
	for want, c := range map[string]*plots.Chart{
		`importance of "a" is NaN`:  plots.Importance("A", "x", []string{"a"}, []float64{nan}, nil),
		`deviation of "a" is -1`:    plots.Importance("A", "x", []string{"a"}, []float64{1}, []float64{-1}),
		"no data":                   plots.Importance("A", "x", nil, nil, nil),
		`"A" has no data`:           plots.PartialDependence("A", "x", "y", nil, nil, nil),
		"no finite value":           plots.PartialDependence("A", "x", "y", []float64{1}, []float64{nan}, nil),
		"no completed trial":        plots.Search("A", "y", nil, nil, 0, plots.Parameter{Name: "a"}),
		"with hyper-parameters":     plots.Search("A", "y", []float64{1}, nil, 0),
		`the weight of "a" is +Inf`: plots.Weights("A", "x", []string{"a"}, []float64{math.Inf(1)}, true),
	} {
		if err := c.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	for want, f := range map[string]func(){
		"2 names for 1 importances":   func() { plots.Importance("A", "x", []string{"a", "b"}, []float64{1}, nil) },
		"and 2 deviations":            func() { plots.Importance("A", "x", []string{"a"}, []float64{1}, []float64{1, 2}) },
		"1 values of the feature and": func() { plots.PartialDependence("A", "x", "y", []float64{1}, nil, nil) },
		"values of \"a\"":             func() { plots.Search("A", "y", []float64{1}, nil, 0, plots.Parameter{Name: "a"}) },
		"best of 1 trials is 1":       func() { plots.Search("A", "y", []float64{1}, nil, 1, plots.Parameter{Name: "a", Values: []float64{1}}) },
		"2 columns of single rows":    func() { plots.PartialDependence("A", "x", "y", []float64{1}, []float64{1}, mat.NewDense(1, 2, nil)) },
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
	for _, f := range []func() *plots.Chart{importances, dependence, searched} {
		a, err1 := f().PNG()
		b, err2 := f().PNG()
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("the same data give other bytes, %v, %v", err1, err2)
		}
	}
}
