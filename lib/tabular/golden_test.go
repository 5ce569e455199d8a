package tabular_test

import (
	"fmt"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
)

// customers reads the table of the golden script. Every label is a column, so that those
// that are not the target must be ignored.
func customers(t testing.TB) *preprocess.Table {
	t.Helper()
	f, err := os.Open("testdata/customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := preprocess.ReadCSV(f)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// learner learns one of the golden table's targets from the five columns of the script.
func learner(target string) tabular.Learner {
	l := tabular.Learner{Target: target, Method: tabular.Linear{Lambda: 0.01}, Infrequent: 8, Columns: map[string]tabular.Kind{}}
	for _, name := range []string{"churned", "tier", "spent", "weight"} {
		if name != target {
			l.Columns[name] = tabular.Ignored
		}
	}
	return l
}

type reference struct {
	Probabilities [][]float64
	Values        []float64
	Scores        map[string]float64
	Folds         []preprocess.Fold
	FoldScores    []map[string]float64
}

// Preparation, model, scores and cross-validation are those of scikit-learn's pipelines. scikit-learn's solver for
// logistic regression ends before the last digits.
func TestScikitLearnPipelines(t *testing.T) {
	g := golden.Load[struct{ Churned, Tier, Spent, Weighted reference }](t, "testdata/golden.json")
	table := customers(t)
	for _, c := range []struct {
		target string
		want   reference
		rel    float64
	}{{"churned", g.Churned, 1e-6}, {"tier", g.Tier, 1e-6}, {"spent", g.Spent, 1e-10}} {
		l := learner(c.target)
		m, err := l.Fit(t.Context(), table)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range m.Features() {
			if f.Name == "customer" && (f.Kind != tabular.Ignored || f.Reason == "") {
				t.Errorf("customer is of kind %s: %s", f.Kind, f.Reason)
			}
		}
		e, err := m.Evaluate(table)
		if err != nil {
			t.Fatal(err)
		}
		checkPredictions(t, c.target, e.Predictions, c.want, c.rel)
		checkScores(t, c.target, e.Scores, c.want.Scores, c.rel)
		cv, err := l.CrossValidate(t.Context(), table, c.want.Folds, 0)
		if err != nil {
			t.Fatal(err)
		}
		for f, s := range cv.Test {
			checkScores(t, fmt.Sprintf("%s, fold %d", c.target, f), s, c.want.FoldScores[f], c.rel)
		}
	}

	l := learner("churned")
	l.Weights = "weight"
	delete(l.Columns, "weight")
	m, err := l.Fit(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(table)
	if err != nil {
		t.Fatal(err)
	}
	checkPredictions(t, "weighted", p, g.Weighted, 1e-6)
}

func checkPredictions(t *testing.T, name string, got *tabular.Predictions, want reference, rel float64) {
	t.Helper()
	if want.Values != nil {
		golden.CloseSlice(t, name, got.Values, want.Values, rel)
	}
	for i, row := range want.Probabilities {
		golden.CloseSlice(t, fmt.Sprintf("%s, row %d", name, i), mat.Row(nil, i, got.Probabilities), row, rel)
	}
}

func checkScores(t *testing.T, name string, got tabular.Scores, want map[string]float64, rel float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d scores, want %d", name, len(got), len(want))
	}
	for metric, v := range want {
		golden.Close(t, name+": "+metric, got.Value(metric), v, rel)
	}
}
