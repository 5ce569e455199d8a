package plots_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
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

func searched() (*tune.Result, tune.Space) {
	space := tune.Space{"rate": tune.LogUniform{Low: 1e-4, High: 1}, "units": tune.IntUniform{Low: 1, High: 9}, "kind": tune.Choice{"adam", "sgd", "muon"}}
	r := &tune.Result{Goal: tune.Least, Status: train.Completed}
	for i := range 30 {
		rate := math.Pow(10, -4+float64(i*7%30)*4/29)
		t := tune.Trial{ID: i, Params: tune.Params{"rate": rate, "units": 1 + i%9, "kind": []any{"adam", "sgd", "muon"}[i%3]}, Status: train.Completed}
		t.Score = 0.1 + math.Pow(math.Log10(rate)+2, 2)/10 + float64(i%3)/20
		if i%10 == 9 {
			t.Status, t.Err, t.Score = train.Failed, errors.New("diverged"), math.NaN()
		}
		r.Trials = append(r.Trials, t)
	}
	return r, space
}

func TestInspectionCharts(t *testing.T) {
	r, space := searched()
	grid := &tune.Result{Goal: tune.Greatest}
	for i, v := range []float64{1e-3, 1e-1, 10} {
		for _, b := range []float64{1, 3} {
			grid.Trials = append(grid.Trials, tune.Trial{ID: 2*i + int(b)/3, Params: tune.Params{"lambda": v, "fast": i%2 == 0}, Budget: b, Score: 0.5 + 0.1*float64(i)*b/3, Status: train.Completed})
		}
	}
	folder := t.TempDir()
	for name, c := range map[string]*plots.Chart{
		"importance":       importances(),
		"no deviations":    plots.Importance("A", "x", []string{"a"}, []float64{1}, nil),
		"dependence":       dependence(),
		"no single rows":   plots.PartialDependence("A", "x", "y", []float64{1, 2}, []float64{3, 4}, nil),
		"search":           plots.Search("A search", "log loss", r, space),
		"search of a grid": plots.Search("A grid", "accuracy", grid, nil),
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
		"no completed trial":        plots.Search("A", "y", &tune.Result{}, nil),
		"with hyper-parameters":     plots.Search("A", "y", &tune.Result{Trials: []tune.Trial{{Status: train.Completed}}}, nil),
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
	r, space := searched()
	for _, f := range []func() *plots.Chart{importances, dependence, func() *plots.Chart { return plots.Search("A", "y", r, space) }} {
		a, err1 := f().PNG()
		b, err2 := f().PNG()
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("the same data give other bytes, %v, %v", err1, err2)
		}
	}
}
