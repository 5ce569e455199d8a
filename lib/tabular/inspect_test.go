package tabular_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
)

// A column that has nothing to do with the target has no importance, whatever the metric's direction.
func TestImportance(t *testing.T) {
	table := customers(t)
	noise := make([]float64, table.Len())
	for i := range noise {
		noise[i] = math.Sin(float64(i * i))
	}
	if err := table.AddFloats("noise", noise); err != nil {
		t.Fatal(err)
	}
	for target, metrics := range map[string][]string{"churned": {"", "accuracy", "ROC AUC"}, "tier": {"", "F1"}, "spent": {"", "R2", "MAE"}} {
		m := fit(t, learner(target), table)
		for _, metric := range metrics {
			i, err := m.Importance(table, metric, 5, 1)
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{"age", "income", "city", "plan", "note", "noise"}; !slices.Equal(i.Features, want) {
				t.Fatalf("the features are %q, want %q", i.Features, want)
			}
			if i.Mean[5] > 0.3*slices.Max(i.Mean) || !(slices.Max(i.Mean) > 0) {
				t.Errorf("%s by %s: %v ± %v", target, i.Metric, i.Mean, i.Std)
			}
			again, err := m.Importance(table, metric, 5, 1)
			if err != nil || !reflect.DeepEqual(i, again) {
				t.Errorf("the same seed gives %v, %v", again, err)
			}
		}
	}
	m := fit(t, learner("churned"), table)
	for want, f := range map[string]func() error{
		`metric is "luck"`: func() error { _, err := m.Importance(table, "luck", 1, 1); return err },
		"no rows":          func() error { _, err := m.Importance(nil, "", 1, 1); return err },
		"0 repeats":        func() error { _, err := m.Importance(table, "", 0, 1); return err },
		"is NaN":           func() error { _, err := m.Importance(table, "R2", 1, 1); return err },
		`no column "chur`: func() error {
			_, err := m.Importance(read(t, "age,income,city,plan,note,noise\n1,2,Bern,plus,x,1\n2,2,Bern,plus,x,1\n"), "", 1, 1)
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

// The dependence is the mean of predictions for a table in which the column has one value.
func TestDependence(t *testing.T) {
	table := customers(t)
	m := fit(t, learner("churned"), table)
	d, err := m.Dependence(table, "city", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if d.Class != "yes" || len(d.Values) != 7 || d.Grid != nil {
		t.Errorf("%+v", d)
	}
	same, err := table.Replace("city", slices.Repeat([]string{"Bern"}, table.Len()))
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(same)
	if err != nil {
		t.Fatal(err)
	}
	want := mat.Sum(p.Probabilities.ColView(1)) / float64(table.Len())
	if at := slices.Index(d.Values, "Bern"); math.Abs(d.Mean[at]-want) > 1e-12 || d.Individual.At(3, at) != p.Probabilities.At(3, 1) {
		t.Errorf("in Bern %g, want %g", d.Mean[at], want)
	}
	no, err := m.Dependence(table, "city", "no", 0)
	if err != nil || math.Abs(no.Mean[0]+d.Mean[0]-1) > 1e-12 {
		t.Errorf("the probabilities of both classes are %g and %g, %v", no.Mean[0], d.Mean[0], err)
	}
	age, err := m.Dependence(table, "age", "", 5)
	if err != nil || len(age.Grid) != 5 || !slices.IsSorted(age.Mean) {
		t.Errorf("%+v, %v", age, err)
	}
	spent, err := fit(t, learner("spent"), table).Dependence(table, "income", "", 9)
	if err != nil || len(spent.Grid) != 9 || spent.Class != "" {
		t.Errorf("%+v, %v", spent, err)
	}
	// A linear model's dependence is a line.
	for k := 2; k < 9; k++ {
		slope := (spent.Mean[k] - spent.Mean[k-1]) / (spent.Grid[k] - spent.Grid[k-1])
		first := (spent.Mean[1] - spent.Mean[0]) / (spent.Grid[1] - spent.Grid[0])
		if math.Abs(slope-first) > 1e-9 {
			t.Errorf("the slope is %g at first and %g at %d", first, slope, k)
		}
	}
	for want, f := range map[string]func() error{
		`no number or category "note"`:  func() error { _, err := m.Dependence(table, "note", "", 5); return err },
		`no number or category "spent"`: func() error { _, err := m.Dependence(table, "spent", "", 5); return err },
		`the class is "maybe"`:          func() error { _, err := m.Dependence(table, "age", "maybe", 5); return err },
		"1 points":                      func() error { _, err := m.Dependence(table, "age", "", 1); return err },
		"no rows":                       func() error { _, err := m.Dependence(new(preprocess.Table), "age", "", 5); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

func ExampleModel_Importance() {
	table := flowers()
	m, err := tabular.Learner{Target: "flower"}.Fit(context.Background(), table)
	if err != nil {
		panic(err)
	}
	importance, err := m.Importance(table, "accuracy", 10, 1)
	if err != nil {
		panic(err)
	}
	for i, name := range importance.Features {
		fmt.Printf("%s %.1f\n", name, importance.Mean[i])
	}
	// Output:
	// size 0.4
	// colour 0.1
}

func ExampleModel_Dependence() {
	table := flowers()
	m, err := tabular.Learner{Target: "flower"}.Fit(context.Background(), table)
	if err != nil {
		panic(err)
	}
	d, err := m.Dependence(table, "colour", "rose", 0)
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Values)
	fmt.Printf("%.1f\n", d.Mean)
	// Output:
	// [pink red white]
	// [0.5 0.6 0.4]
}
