package tabular_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/calibrate"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

func read(t testing.TB, text string) *preprocess.Table {
	t.Helper()
	table, err := preprocess.ReadCSV(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func fit(t testing.TB, l tabular.Learner, table *preprocess.Table) *tabular.Model {
	t.Helper()
	m, err := l.Fit(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func network() tabular.Network {
	n := tabular.NewNetwork(8, 4)
	n.Epochs, n.Dropout = 20, 0.1
	return n
}

func path() tabular.Path {
	p := tabular.NewPath()
	p.N, p.Folds = 10, 3
	return p
}

// methods are all methods of the package, by name.
var methods = map[string]func() tabular.Method{
	"linear":  func() tabular.Method { return tabular.NewLinear() },
	"lasso":   func() tabular.Method { return tabular.Linear{Lambda: 0.02, L1Ratio: 0.5} },
	"path":    func() tabular.Method { return path() },
	"network": func() tabular.Method { return network() },
}

// Every method learns every task better than chance, and its model comes back from a file with the same bits.
func TestMethods(t *testing.T) {
	table := customers(t)
	for name, method := range methods {
		for target, least := range map[string]float64{"churned": 0.7, "tier": 0.5, "spent": 0.2} {
			t.Run(name+"/"+target, func(t *testing.T) {
				if testing.Short() && target != "tier" {
					t.Skip("a training of the same method for another kind of target")
				}
				l := learner(target)
				l.Method = method()
				training, unseen, err := l.Split(table, 0.25, 1)
				if err != nil {
					t.Fatal(err)
				}
				m := fit(t, l, training)
				e, err := m.Evaluate(unseen)
				if err != nil {
					t.Fatal(err)
				}
				if got := e.Scores[0].Value; !(got > least) {
					t.Errorf("%s is %.3f on unseen rows, want above %g", e.Scores[0].Name, got, least)
				}
				again := fit(t, l, training)
				if !slices.Equal(m.Predictor().Params(), again.Predictor().Params()) {
					t.Error("the same rows and settings give other parameters")
				}
				var file bytes.Buffer
				if err := m.Save(&file); err != nil {
					t.Fatal(err)
				}
				first := bytes.Clone(file.Bytes())
				loaded, err := tabular.Load(&file)
				if err != nil {
					t.Fatal(err)
				}
				got, err := loaded.Predict(unseen)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, e.Predictions) {
					t.Error("the loaded model predicts other bits")
				}
				if err := loaded.Save(&file); err != nil || !bytes.Equal(file.Bytes(), first) {
					t.Errorf("saved again, the file differs, or %v", err)
				}
				if loaded.Card().HTML() != m.Card().HTML() {
					t.Error("the loaded model has another card")
				}
			})
		}
	}
}

// A row by names is the row of a table, whatever types it has.
func TestPredictRow(t *testing.T) {
	table := customers(t)
	for _, target := range []string{"churned", "tier", "spent"} {
		m := fit(t, learner(target), table)
		p, err := m.Predict(table)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := table.Text()
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows[:50] {
			named := map[string]any{}
			for j, name := range table.Names() {
				named[name] = row[j]
			}
			got, err := m.PredictRow(named)
			if err != nil {
				t.Fatal(err)
			}
			if target == "spent" {
				if got.Value != p.Values[i] {
					t.Fatalf("row %d is %v, in the table %v", i, got.Value, p.Values[i])
				}
				continue
			}
			if got.Class != p.Names()[i] || got.Probability != p.Probabilities.At(i, p.Labels[i]) || len(got.Probabilities) != len(m.Classes) {
				t.Fatalf("row %d is %v, in the table %v", i, got, p.Names()[i])
			}
		}
	}
	m := fit(t, learner("churned"), table)
	type named string
	row := func(age any) map[string]any {
		return map[string]any{"age": age, "income": 30, "city": "Bern", "plan": "basic", "note": "slow"}
	}
	want, err := m.PredictRow(row(42))
	if err != nil {
		t.Fatal(err)
	}
	for _, age := range []any{int8(42), uint16(42), 42.0, float32(42), json.Number("42"), " 42 ", "4.2e1", named("42")} {
		got, err := m.PredictRow(row(age))
		if err != nil || got.Probability != want.Probability {
			t.Errorf("age %v of type %T: %v, %v, want %v", age, age, got, err, want)
		}
	}
	absent, err := m.PredictRow(row(nil))
	if err != nil || absent.Probability == want.Probability {
		t.Errorf("without an age: %v, %v", absent, err)
	}
	for _, age := range []any{"", "NA", " null "} {
		if got, err := m.PredictRow(row(age)); err != nil || got.Probability != absent.Probability {
			t.Errorf("age %q: %v, %v, want that of a missing value, %v", age, got, err, absent)
		}
	}
}

// A row in JSON is the row by names.
func TestPredictJSON(t *testing.T) {
	m := fit(t, learner("churned"), customers(t))
	got, err := m.PredictJSON(strings.NewReader(`{"age":42,"income":30.5,"city":"Bern","plan":null,"note":"slow"} and more`))
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.PredictRow(map[string]any{"age": 42, "income": 30.5, "city": "Bern", "plan": nil, "note": "slow"})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v, %v", got, want, err)
	}
	for want, text := range map[string]string{
		"not a JSON object: EOF":        "",
		"cannot unmarshal array":        "[1]",
		"the row has no":                "null",
		`"1e999", want a finite number`: `{"age":1e999,"income":30.5,"city":"Bern","plan":"basic","note":"slow"}`,
		`"note" is 5, want a text`:      `{"age":1,"income":30.5,"city":"Bern","plan":"basic","note":5}`,
	} {
		if _, err := m.PredictJSON(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

func TestPredictRowErrors(t *testing.T) {
	table := customers(t)
	l := learner("churned")
	l.Unknown = tabular.UnknownRefused
	m := fit(t, l, table)
	good := map[string]any{"age": 42, "income": 30.5, "city": "Bern", "plan": "basic", "note": "slow refund"}
	if _, err := m.PredictRow(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		column string
		value  any
		want   string
	}{
		{"age", math.NaN(), `"age" is NaN, want a finite number, or nil`},
		{"age", math.Inf(1), `"age" is +Inf`},
		{"age", "inf", `"age" is "inf", want a finite number`},
		{"age", "old", `"age" is "old", want a number`},
		{"age", true, `"age" is true, want a number`},
		{"age", []int{1}, `"age" is a []int, want a number`},
		{"age", "1_000", `"age" is "1_000", want a number`},
		{"age", 1e308, ""},
		{"city", "Paris", `row 0 has "Paris" as "city", which was in no training row: they had ["Basel" "Bern"`},
		{"city", nil, `row 0 has no "city", which no training row lacked`},
		{"plan", nil, ""}, // some training rows had none
		{"city", "\xff", "not valid UTF-8"},
		{"city", struct{}{}, `"city" is a struct {}`},
		{"note", 3.5, `"note" is 3.5, want a text`},
		{"note", nil, ""},
	} {
		row := map[string]any{}
		for k, v := range good {
			row[k] = v
		}
		row[c.column] = c.value
		_, err := m.PredictRow(row)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s = %v: %v, want %q", c.column, c.value, err, c.want)
		}
		delete(row, c.column)
		if _, err := m.PredictRow(row); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("the row has no %q", c.column)) {
			t.Errorf("without %s: %v", c.column, err)
		}
	}
	for _, row := range []map[string]any{nil, {}} {
		if _, err := m.PredictRow(row); err == nil {
			t.Error("an empty row is no error")
		}
	}
	if _, err := new(tabular.Model).PredictRow(good); err == nil {
		t.Error("a model that has learned nothing predicts")
	}
}

// An unknown category is one of the infrequent ones, unless there are none.
func TestUnknownIsInfrequent(t *testing.T) {
	table := customers(t)
	m := fit(t, learner("churned"), table)
	row := func(city string) float64 {
		p, err := m.PredictRow(map[string]any{"age": 42, "income": 30.5, "city": city, "plan": "basic", "note": ""})
		if err != nil {
			t.Fatal(err)
		}
		return p.Probabilities["yes"]
	}
	if row("Paris") != row("Zug") || row("Paris") == row("Bern") {
		t.Errorf("Paris %g, Zug %g, Bern %g: want the first two equal", row("Paris"), row("Zug"), row("Bern"))
	}
	names, err := m.FeatureNames()
	if err != nil || !slices.Contains(names, "city_infrequent") || !slices.Contains(names, "missing_age") || !slices.Contains(names, "note:refund") {
		t.Errorf("the names are %q, %v", names, err)
	}
}

func TestPredictErrors(t *testing.T) {
	table := customers(t)
	m := fit(t, learner("churned"), table)
	for want, text := range map[string]string{
		`has no column "plan"`:          "age,income,city,note\n1,2,Bern,x\n",
		`line 3, column "age"`:          "age,income,city,plan,note\n1,2,Bern,plus,x\nold,2,Bern,plus,x\n",
		`column "income" is +Inf in ro`: "age,income,city,plan,note\n1,inf,Bern,plus,x\n",
		"no rows":                       "age,income,city,plan,note\n",
	} {
		if _, err := m.Predict(read(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	if _, err := m.Predict(nil); err == nil {
		t.Error("nil is no error")
	}
	for want, text := range map[string]string{
		`no column "churned"`: "age,income,city,plan,note\n1,2,Bern,plus,x\n",
		"none of the classes": "age,income,city,plan,note,churned\n1,2,Bern,plus,x,perhaps\n",
		"the label is missin": "age,income,city,plan,note,churned\n1,2,Bern,plus,x,\n",
	} {
		if _, err := m.Evaluate(read(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

func TestLearnerErrors(t *testing.T) {
	const text = "a,b,name,y,w,n\n1,x,q,yes,1,2.5\n2,y,r,no,2,3\n3,x,s,yes,0,1\n4,y,t,no,1,0\n"
	for want, l := range map[string]tabular.Learner{
		"Target is not set":                    {},
		`Target is "z", but the table has no`:  {Target: "z"},
		`Weights is "z"`:                       {Target: "y", Weights: "z"},
		`both Target and Weights`:              {Target: "y", Weights: "y"},
		`Columns names "z"`:                    {Target: "y", Columns: map[string]tabular.Kind{"z": tabular.Number}},
		`Columns names "y", which is the targ`: {Target: "y", Columns: map[string]tabular.Kind{"y": tabular.Number}},
		`of kind "float"`:                      {Target: "y", Columns: map[string]tabular.Kind{"a": "float"}},
		`column "b" is of kind number`:         {Target: "y", Columns: map[string]tabular.Kind{"b": tabular.Number}},
		`Task is "guess"`:                      {Target: "y", Task: "guess"},
		`Positive is "maybe", but the classes`: {Target: "y", Positive: "maybe"},
		`Positive is "1", but the target "n"`:  {Target: "n", Positive: "1"},
		`Unknown is "perhaps"`:                 {Target: "y", Unknown: "perhaps"},
		`Infrequent is -1`:                     {Target: "y", Infrequent: -1},
		`Calibrate is "magic"`:                 {Target: "y", Calibrate: "magic"},
		`Calibrate is "sigmoid", but the targ`: {Target: "n", Calibrate: calibrate.Sigmoid},
		"no column to learn from":              {Target: "y", Columns: map[string]tabular.Kind{"a": "ignored", "b": "ignored", "name": "ignored", "w": "ignored", "n": "ignored"}},
		"the weights: preprocess: line 2":      {Target: "y", Weights: "b"},
		"the target: preprocess: line 2":       {Target: "y", Task: tabular.Regression},
		"Prepare returned nil":                 {Target: "y", Prepare: func() *preprocess.TableTransformer { return nil }},
		"Prepare: preprocess: TableTransforme": {Target: "y", Prepare: func() *preprocess.TableTransformer { return &preprocess.TableTransformer{} }},
		`Prepare uses "y"`:                     {Target: "y", Prepare: columns("y")},
		`Prepare uses "z"`:                     {Target: "y", Prepare: columns("z")},
		"settings of the default preparation":  {Target: "y", Prepare: columns("a"), Infrequent: 3},
		"tabular.NewPath has":                  {Target: "y", Method: tabular.Path{}},
		"tabular.NewNetwork sets":              {Target: "y", Method: tabular.Network{}},
		"hidden layers of [0] units":           {Target: "y", Method: tabular.NewNetwork(0)},
		"ElasticNet":                           {Target: "y", Method: tabular.Linear{Lambda: -1}},
		"training: no":                         {Target: "y", Method: broken{}},
	} {
		table := read(t, text)
		m, err := l.Fit(t.Context(), table)
		if m != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	for want, text := range map[string]string{
		"is missing or infinite in row 1": "a,y\n1,2\n2,\n3,4\n5,6\n",
		`"yes" in every row`:              "a,y\n1,yes\n2,yes\n",
		"the label is missing":            "a,y\n1,yes\n2,\n3,no\n",
		"no rows":                         "a,y\n",
		`"a" is +Inf in row 1`:            "a,y\n1,yes\ninf,no\n",
	} {
		if _, err := (tabular.Learner{Target: "y"}).Fit(t.Context(), read(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	for want, text := range map[string]string{
		"0 in every row": "a,y,w\n1,yes,0\n2,no,0\n",
		"is -1 in row 1": "a,y,w\n1,yes,0\n2,no,-1\n",
	} {
		if _, err := (tabular.Learner{Target: "y", Weights: "w"}).Fit(t.Context(), read(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

func columns(names ...string) func() *preprocess.TableTransformer {
	return func() *preprocess.TableTransformer {
		return &preprocess.TableTransformer{Parts: []preprocess.TablePart{{Columns: names}}}
	}
}

// broken is a method that fails.
type broken struct{}

func (broken) Fit(context.Context, tabular.Prepared) (model.Model, error) {
	return nil, errors.New("no")
}
func (broken) New(inputs, outputs int) (model.Model, error) { return nil, errors.New("no") }
func (broken) Size(inputs, outputs int) int                 { return 0 }

// The kind of a column follows from its cells.
func TestKinds(t *testing.T) {
	text := "n,missing,few,id,words,empty,y\n"
	for i := range 60 {
		text += fmt.Sprintf("%d,%s,%s,id%d,one two %d four five,,%s\n", i, []string{"1", "NA", ""}[i%3], []string{"a", "b", "2"}[i%3], i, i, []string{"no", "yes"}[i%2])
	}
	want := map[string]tabular.Kind{"n": tabular.Number, "missing": tabular.Number, "few": tabular.Category, "id": tabular.Ignored, "words": tabular.Text, "empty": tabular.Ignored}
	m := fit(t, tabular.Learner{Target: "y"}, read(t, text))
	for _, f := range m.Features() {
		if f.Kind != want[f.Name] || (f.Kind == tabular.Ignored) != (f.Reason != "") {
			t.Errorf("%s is of kind %s (%s), want %s", f.Name, f.Kind, f.Reason, want[f.Name])
		}
		if f.Name == "missing" && f.Missing != 40 {
			t.Errorf("%d values are missing, want 40", f.Missing)
		}
	}
	if m.Task != tabular.Classification || !slices.Equal(m.Classes, []string{"no", "yes"}) {
		t.Errorf("%s of %q", m.Task, m.Classes)
	}
	m = fit(t, tabular.Learner{Target: "y", Positive: "no"}, read(t, text))
	if !slices.Equal(m.Classes, []string{"yes", "no"}) {
		t.Errorf("with no as positive the classes are %q", m.Classes)
	}
	if m := fit(t, tabular.Learner{Target: "n"}, read(t, text)); m.Task != tabular.Regression || m.Classes != nil {
		t.Errorf("numbers: %s of %q", m.Task, m.Classes)
	}
}

// A row of weight 0 is as if it were not there, whatever is in it.
func TestWeightZero(t *testing.T) {
	const text = "a,b,y,w\n1,x,no,1\n2,y,yes,1\n3,x,no,2\n5,y,yes,1\n2,x,yes,1\n6,,no,0.5\n4,y,no,1\n7,x,yes,1\n"
	l := tabular.Learner{Target: "y", Weights: "w"}
	clean, dirty := read(t, text), read(t, text+"inf,z,,0\n")
	want, got := fit(t, l, clean), fit(t, l, dirty)
	if !slices.Equal(got.Predictor().Params(), want.Predictor().Params()) || got.Card().Markdown() != want.Card().Markdown() {
		t.Errorf("the parameters are %v, want %v", got.Predictor().Params(), want.Predictor().Params())
	}
	folds, err := l.Folds(clean, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.CrossValidate(t.Context(), clean, folds, 1)
	if err != nil {
		t.Fatal(err)
	}
	for f := range folds {
		folds[f].Test = append(folds[f].Test, 8)
	}
	b, err := l.CrossValidate(t.Context(), dirty, folds, 1)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("the scores are %v, want %v, %v", b, a, err)
	}
}

// The preparation may be the caller's, as long as it can be saved.
func TestPrepare(t *testing.T) {
	table := customers(t)
	l := tabular.Learner{Target: "churned", Prepare: func() *preprocess.TableTransformer {
		return &preprocess.TableTransformer{Parts: []preprocess.TablePart{
			{Columns: []string{"income"}, Numbers: preprocess.NewMinMaxScaler()},
			{Columns: []string{"city"}, Strings: preprocess.NewOneHotEncoder()},
			{Columns: []string{"note"}, Text: preprocess.NewCountVectorizer()},
		}}
	}}
	m := fit(t, l, table)
	var kinds []string
	for _, f := range m.Features() {
		kinds = append(kinds, f.Name+" "+string(f.Kind))
	}
	if want := []string{"income number", "city category", "note text"}; !slices.Equal(kinds, want) {
		t.Errorf("features %q, want %q", kinds, want)
	}
	if _, err := m.PredictRow(map[string]any{"income": 30, "city": "Paris", "note": ""}); err == nil || !strings.Contains(err.Error(), "Paris") {
		t.Errorf("the encoder refuses Paris: %v", err)
	}
	if p, err := m.PredictRow(map[string]any{"income": 30, "city": "Bern", "note": ""}); err != nil || p.Class == "" {
		t.Errorf("%v, %v", p, err)
	}
}

func TestInterrupted(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	table := customers(t)
	for name, method := range methods {
		l := learner("churned")
		l.Method = method()
		if m, err := l.Fit(ended, table); m != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, %v, want that the context ended", name, m, err)
		}
	}
	l := learner("churned")
	folds, err := l.Folds(table, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.CrossValidate(ended, table, folds, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cross-validation: %v", err)
	}
}

// Folds are learned alone: what a fold's test rows hold changes nothing in its training scores, and the number of
// workers changes nothing at all.
func TestCrossValidate(t *testing.T) {
	table := customers(t)
	l := learner("churned")
	folds, err := l.Folds(table, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.CrossValidate(t.Context(), table, folds, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{2, 0} {
		again, err := l.CrossValidate(t.Context(), table, folds, workers)
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%d workers: %v, %v", workers, again, err)
		}
	}
	incomes, err := table.Strings("income")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range folds[0].Test {
		incomes[i] = "1000000"
	}
	changed, err := table.Replace("income", incomes)
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.CrossValidate(t.Context(), changed, folds, 1)
	if err != nil || !reflect.DeepEqual(other.Train[0], c.Train[0]) || reflect.DeepEqual(other.Test[0], c.Test[0]) {
		t.Errorf("test rows are seen in training, or not at all: %v, %v", other, err)
	}
	mean, std, accuracy := c.Mean(), c.Std(), c.Of("accuracy")
	if v := mean.Value("accuracy"); math.Abs(v-accuracy.Mean()) > 1e-15 || math.Abs(std.Value("accuracy")-accuracy.Std()) > 1e-15 || len(accuracy.Train) != 4 {
		t.Errorf("mean %g ± %g, want %v", v, std.Value("accuracy"), accuracy)
	}
	if text := c.String(); !strings.Contains(text, "log loss") || !strings.Contains(text, "in 4 folds") {
		t.Errorf("it prints as\n%s", text)
	}
	for _, bad := range [][]preprocess.Fold{{{Train: []int{0, 1}}}, {{Train: []int{0, 1}, Test: []int{1000}}}, nil} {
		if _, err := l.CrossValidate(t.Context(), table, bad, 1); err == nil {
			t.Errorf("the folds %v are no error", bad)
		}
	}
}

func TestSearch(t *testing.T) {
	table := customers(t)
	grid := tune.Grid{"lambda": tune.Values(1e-3, 0.03, 10.0)}
	with := func(target string) func(tune.Trial) tabular.Learner {
		return func(t tune.Trial) tabular.Learner {
			l := learner(target)
			l.Method = tabular.Linear{Lambda: t.Float("lambda")}
			return l
		}
	}
	result, err := tabular.Search(t.Context(), table, grid, with("churned"), tabular.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	best, err := result.Best()
	if err != nil || best.Float("lambda") != 0.03 || result.Goal != tune.Least {
		t.Errorf("the best is %v, %v", best, err)
	}
	l := with("churned")(best)
	folds, err := l.Folds(table, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.CrossValidate(t.Context(), table, folds, 0)
	if err != nil || c.Mean().Value("log loss") != best.Score {
		t.Errorf("the trial has %g, the learner %v, %v", best.Score, c, err)
	}
	result, err = tabular.Search(t.Context(), table, grid, with("spent"), tabular.SearchOptions{Metric: "R2", Folds: folds})
	if err != nil || result.Goal != tune.Greatest {
		t.Errorf("%v, %v", result, err)
	}
	if best, err := result.Best(); err != nil || best.Float("lambda") == 10 {
		t.Errorf("the best is %v, %v", best, err)
	}
	if _, err := tabular.Search(t.Context(), table, grid, with("spent"), tabular.SearchOptions{Metric: "luck"}); err == nil || !strings.Contains(err.Error(), `"luck"`) {
		t.Errorf("%v", err)
	}
	if _, err := tabular.Search(t.Context(), table, grid, nil, tabular.SearchOptions{}); err == nil {
		t.Error("no learner is no error")
	}
	result, err = tabular.Search(t.Context(), table, grid, with("nothing"), tabular.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := result.Best(); err == nil || !strings.Contains(err.Error(), `"nothing"`) {
		t.Errorf("a search that fails in every trial: %v", err)
	}
}

// A calibrator is fitted on scores of rows that its models did not see; it keeps the order, and goes into the file.
func TestCalibrate(t *testing.T) {
	table := customers(t)
	for _, target := range []string{"churned", "tier"} {
		for _, kind := range []calibrate.Kind{calibrate.Sigmoid, calibrate.Monotone} {
			l := learner(target)
			l.Method = tabular.Linear{Lambda: 1e-5} // much too sure
			training, unseen, err := l.Split(table, 0.4, 1)
			if err != nil {
				t.Fatal(err)
			}
			loss := func(l tabular.Learner) (*tabular.Model, float64) {
				m := fit(t, l, training)
				e, err := m.Evaluate(unseen)
				if err != nil {
					t.Fatal(err)
				}
				for i := range e.Labels {
					if sum := mat.Sum(e.Probabilities.RowView(i)); math.Abs(sum-1) > 1e-12 {
						t.Fatalf("the probabilities of row %d have the sum %g", i, sum)
					}
				}
				return m, e.Value("log loss")
			}
			_, sure := loss(l)
			l.Calibrate = kind
			m, calibrated := loss(l)
			if kind == calibrate.Sigmoid && !(calibrated < sure) {
				t.Errorf("%s, %s: log loss %g, without %g", target, kind, calibrated, sure)
			}
			var file bytes.Buffer
			if err := m.Save(&file); err != nil {
				t.Fatal(err)
			}
			loaded, err := tabular.Load(&file)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := m.Predict(unseen)
			if got, err := loaded.Predict(unseen); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s: the loaded model predicts other bits, %v", target, kind, err)
			}
			if !strings.Contains(m.Card().Markdown(), "| calibration | "+string(kind)+" |") {
				t.Error("the card does not say how it is calibrated")
			}
		}
	}
}

// A path with L1 leaves useless features out, and with one standard error more of them.
func TestPathSelects(t *testing.T) {
	raced.SkipValues(t)
	table := customers(t)
	noise := make([]float64, table.Len())
	for k := range 10 {
		for i := range noise {
			noise[i] = math.Sin(float64(100*k+1) * float64(i*i+1))
		}
		if err := table.AddFloats(fmt.Sprintf("noise%d", k), noise); err != nil {
			t.Fatal(err)
		}
	}
	for _, target := range []string{"churned", "spent"} {
		var zeros []int
		for _, wide := range []bool{false, true} {
			l := learner(target)
			p := tabular.NewPath()
			p.OneStandardError, p.N = wide, 20
			l.Method = p
			m := fit(t, l, table)
			n := 0
			for _, w := range m.Predictor().Params() {
				if w == 0 {
					n++
				}
			}
			zeros = append(zeros, n)
		}
		if zeros[0] < 3 || zeros[1] < zeros[0] {
			t.Errorf("%s: %d weights are 0", target, zeros)
		}
	}
}

// The options of training can be changed, and its history seen.
func TestConfigure(t *testing.T) {
	table := customers(t)
	epochs := 0
	n := network()
	n.Configure = func(o *train.Options) {
		o.OnEpoch = append(o.OnEpoch, func(s *train.State) error { epochs = s.Epoch; return nil })
	}
	l := learner("churned")
	l.Method = n
	fit(t, l, table)
	if epochs == 0 {
		t.Error("the callback was not called")
	}
}

// A method of another package can be saved, and loaded where it is known.
type majority struct{ Scale float64 }

func (majority) Fit(_ context.Context, d tabular.Prepared) (model.Model, error) {
	_, n := d.X.Dims()
	m := model.NewLinear(n, d.Outputs())
	m.Intercept()[0] = 1
	return m, nil
}
func (majority) New(inputs, outputs int) (model.Model, error) {
	return model.NewLinear(inputs, outputs), nil
}
func (majority) Size(inputs, outputs int) int { return (inputs + 1) * outputs }

func TestOtherMethod(t *testing.T) {
	l := learner("churned")
	l.Method = majority{Scale: 3}
	m := fit(t, l, customers(t))
	file := filepath.Join(t.TempDir(), "m")
	if err := m.SaveFile(file); err != nil {
		t.Fatal(err)
	}
	if _, err := tabular.LoadFile(file); err == nil || !strings.Contains(err.Error(), `"majority" is not one of this package: pass it`) {
		t.Errorf("%v", err)
	}
	if _, err := tabular.LoadFile(file, majority{}); err != nil {
		t.Error(err)
	}
	if _, err := tabular.LoadFile(file + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Several goroutines may predict with one model.
func TestConcurrentPredictions(t *testing.T) {
	table := customers(t)
	l := learner("churned")
	l.Method = network()
	m := fit(t, l, table)
	row := map[string]any{"age": 42, "income": 30.5, "city": "Bern", "plan": "basic", "note": "slow refund"}
	want, err := m.PredictRow(row)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if got, err := m.PredictRow(row); err != nil || got.Probability != want.Probability {
					t.Errorf("%v, %v, want %v", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestPredictionJSON(t *testing.T) {
	for want, p := range map[string]tabular.Prediction{
		`{"value":0}`: {},
		`{"class":"yes","probability":0.75,"probabilities":{"no":0.25,"yes":0.75}}`: {Class: "yes", Probability: 0.75, Probabilities: map[string]float64{"yes": 0.75, "no": 0.25}},
	} {
		if got, err := json.Marshal(p); err != nil || string(got) != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
	s := tabular.Scores{{"R2", math.NaN(), tune.Greatest}, {"MAE", 2, tune.Least}}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back tabular.Scores
	if err := json.Unmarshal(text, &back); err != nil || !math.IsNaN(back[0].Value) || back[1] != s[1] || back[0].Goal != tune.Greatest {
		t.Errorf("%s becomes %v, %v", text, back, err)
	}
	if !math.IsNaN(s.Value("RMSE")) {
		t.Error("a score that is not there is a number")
	}
}

func TestCard(t *testing.T) {
	table := customers(t)
	l := learner("churned")
	l.About = tabular.About{
		Title: "Churn <b>of</b> customers", Description: "Who leaves | within\na year.", Data: "customers.csv, CC0",
		Date: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Uses: []string{"calls by people"}, Limits: []string{"no *companies*"},
	}
	m := fit(t, l, table)
	if !strings.Contains(m.Card().Markdown(), "No scores on unseen rows were noted") {
		t.Error("the card does not say that there are no scores on unseen rows")
	}
	m.Note("unseen rows", tabular.Scores{{"accuracy", 0.5, tune.Greatest}})
	m.Note("unseen rows", tabular.Scores{{"accuracy", 0.875, tune.Greatest}, {"log loss", math.NaN(), tune.Least}})
	md, page := m.Card().Markdown(), m.Card().HTML()
	for _, want := range []string{
		"# Churn \\<b\\>of\\</b\\> customers\n", "Who leaves \\| within a year.", "| date | 2026-03-01 |", "| data | customers.csv, CC0 |", "| training rows | 240 |",
		"| method | Linear Lambda=0.01 L1Ratio=0 |", "| go | go", "| metric | training rows | unseen rows |", "| 0.875 |", " – |", "## Uses\n\n- calls by people\n",
		"- no \\*companies\\*\n", "| age | number | 18 to 89 |", "| city | category | 7: “Basel”, “Bern”,", "| customer | ignored | 240 of 240 values are different",
		"one of “no”, “yes”, from 5 columns.",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("the card in Markdown has no %q:\n%s", want, md)
		}
	}
	for _, want := range []string{"<h1>Churn &lt;b&gt;of&lt;/b&gt; customers</h1>", "<td>2026-03-01</td>", "<td>0.875</td>", "<li>no *companies*</li>", "<th>unseen rows</th>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the card in HTML has no %q", want)
		}
	}
	if strings.Contains(page, "<b>") || strings.Contains(page, "http") || strings.Contains(page, "<script") {
		t.Error("the page has markup of the title, or needs something else")
	}
	for _, tag := range []string{"table", "tr", "td", "th", "ul", "li", "h1", "h2", "p", "body", "html", "head", "style", "title"} {
		if open, closed := strings.Count(page, "<"+tag+">")+strings.Count(page, "<"+tag+" "), strings.Count(page, "</"+tag+">"); open != closed || open == 0 {
			t.Errorf("%d <%s> and %d </%s>", open, tag, closed, tag)
		}
	}
	if a := m.About(); a.Rows != 240 || len(a.Noted) != 2 || a.Versions["go"] == "" {
		t.Errorf("%+v", a)
	}
	plain := fit(t, learner("spent"), table).Card().Markdown()
	if !strings.Contains(plain, "# Model of spent\n") || strings.Contains(plain, "date") || !strings.Contains(plain, "predicts the number “spent”") {
		t.Errorf("%s", plain)
	}
}

// Looking at a category allocates for its values, and not for its rows.
func TestAllocationsAreForValues(t *testing.T) {
	l := timedLearner(tabular.NewLinear())
	for name, run := range map[string]func(table *preprocess.Table){
		"Folds": func(table *preprocess.Table) { built(l.Folds(table, 3, 1)) },
		"Fit":   func(table *preprocess.Table) { built(l.Fit(ctx, table)) },
	} {
		allocations := func(rows int) float64 {
			table := timedTable(rows)
			return testing.AllocsPerRun(3, func() { run(table) })
		}
		if few, many := allocations(1000), allocations(8000); many > few+1000 {
			t.Errorf("%s: %g allocations for 1000 rows, %g for 8000", name, few, many)
		}
	}
}
