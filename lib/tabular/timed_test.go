package tabular_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
	"github.com/descent-go/descent/lib/tune"
)

func built[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// timedTable has n rows of two numbers, two categories, a target that depends on them
// and one more number, as strings of which a tenth of the ages are missing.
func timedTable(n int) *preprocess.Table {
	r, b := rand.New(rand.NewPCG(uint64(n), 1)), new(strings.Builder)
	b.WriteString("age,income,city,plan,churned,spent\n")
	for i := range n {
		age, city := fmt.Sprintf("%.1f", 20+50*r.Float64()), r.IntN(12)
		if i%10 == 7 {
			age = ""
		}
		churned := "no"
		if float64(city)+6*r.NormFloat64() > 6 {
			churned = "yes"
		}
		fmt.Fprintf(b, "%s,%.2f,town%d,%s,%s,%.3f\n", age, 30*r.ExpFloat64(), city, []string{"basic", "pro"}[r.IntN(2)], churned, float64(city)+r.NormFloat64())
	}
	return built(preprocess.ReadCSV(strings.NewReader(b.String())))
}

func timedLearner(m tabular.Method) tabular.Learner {
	return tabular.Learner{Target: "churned", Method: m, Columns: map[string]tabular.Kind{"spent": tabular.Ignored}}
}

var ctx = context.Background()

// fits makes a benchmark of learning from n rows, where the target is a class or a number.
func fits(target string, m tabular.Method) func(n int) func() {
	return func(n int) func() {
		table := timedTable(n)
		l := tabular.Learner{Target: target, Method: m, Columns: map[string]tabular.Kind{"churned": tabular.Ignored, "spent": tabular.Ignored}}
		delete(l.Columns, target)
		return func() { built(l.Fit(ctx, table)) }
	}
}

// models makes a benchmark of what a model does with n rows.
func models(run func(m *tabular.Model, table *preprocess.Table)) func(n int) func() {
	return func(n int) func() {
		table := timedTable(n)
		m := built(timedLearner(tabular.NewLinear()).Fit(ctx, table))
		return func() { run(m, table) }
	}
}

// large is a model of n weights, about.
func large(n int) *tabular.Model {
	method := tabular.NewNetwork(max(2, n/16))
	method.Epochs = 1
	return built(timedLearner(method).Fit(ctx, timedTable(100)))
}

func shortNetwork() tabular.Network {
	n := tabular.NewNetwork(8)
	n.Epochs = 2
	return n
}

var benchmarks = timed.List{
	// n rows.
	"Learner.Fit": fits("churned", tabular.NewLinear()),
	"Linear.Fit":  fits("spent", tabular.NewLinear()),
	"Path.Fit":    fits("spent", path()),
	"Network.Fit": fits("churned", shortNetwork()), // two epochs
	"Learner.Folds": func(n int) func() {
		l, table := timedLearner(tabular.NewLinear()), timedTable(n)
		return func() { built(l.Folds(table, 5, 1)) }
	},
	"Learner.Split": func(n int) func() {
		l, table := timedLearner(tabular.NewLinear()), timedTable(n)
		return func() { _, _, err := l.Split(table, 0.2, 1); built(0, err) }
	},
	"Learner.CrossValidate": func(n int) func() {
		l, table := timedLearner(tabular.NewLinear()), timedTable(n)
		folds := built(l.Folds(table, 3, 1))
		return func() { built(l.CrossValidate(ctx, table, folds, 1)) }
	},
	"Search": func(n int) func() { // two trials of two folds
		table := timedTable(n)
		folds := built(timedLearner(tabular.NewLinear()).Folds(table, 2, 1))
		return func() {
			built(tabular.Search(ctx, table, tune.Grid{"lambda": tune.Values(0.01, 0.1)}, func(t tune.Trial) tabular.Learner {
				return timedLearner(tabular.Linear{Lambda: t.Float("lambda")})
			}, tabular.SearchOptions{Folds: folds}))
		}
	},
	"Model.Predict":    models(func(m *tabular.Model, table *preprocess.Table) { built(m.Predict(table)) }),
	"Model.Evaluate":   models(func(m *tabular.Model, table *preprocess.Table) { built(m.Evaluate(table)) }),
	"Model.Importance": models(func(m *tabular.Model, table *preprocess.Table) { built(m.Importance(table, "", 1, 1)) }),
	"Model.Dependence": models(func(m *tabular.Model, table *preprocess.Table) { built(m.Dependence(table, "income", "yes", 5)) }),
	"Predictions.Names": func(n int) func() {
		table := timedTable(n)
		p := built(built(timedLearner(tabular.NewLinear()).Fit(ctx, table)).Predict(table))
		return func() { p.Names() }
	},
	"Evaluation.Confusion": func(n int) func() {
		table := timedTable(n)
		e := built(built(timedLearner(tabular.NewLinear()).Fit(ctx, table)).Evaluate(table))
		return func() { e.Confusion() }
	},
	"Model.PredictRow": models(func(m *tabular.Model, table *preprocess.Table) { // a tenth of n rows, one by one
		for i := range table.Len() / 10 {
			built(m.PredictRow(map[string]any{"age": 20 + i%50, "income": 30.5, "city": "town3", "plan": "basic"}))
		}
	}),
	"Model.PredictJSON": models(func(m *tabular.Model, table *preprocess.Table) { // a tenth of n rows, one by one
		for range table.Len() / 10 {
			built(m.PredictJSON(strings.NewReader(`{"age": 42, "income": 30.5, "city": "town3", "plan": "basic"}`)))
		}
	}),

	// n weights, about.
	"Model.Save": func(n int) func() { m := large(n); return func() { built(0, m.Save(io.Discard)) } },
	"Load": func(n int) func() {
		var b bytes.Buffer
		built(0, large(n).Save(&b))
		return func() { built(tabular.Load(bytes.NewReader(b.Bytes()))) }
	},
	"Network.New": func(n int) func() {
		method := tabular.NewNetwork(n)
		return func() { built(method.New(10, 1)) }
	},
}

func BenchmarkTabular(b *testing.B) { benchmarks.Run(b) }

// TestAllOfTabularIsTimed: what grows with rows or weights has a benchmark at three
// sizes.
func TestAllOfTabularIsTimed(t *testing.T) {
	benchmarks.Check(t,
		"Card", "CrossValidation", "Scores", "Evaluation.Value", "Model.About", "Model.Card", "Model.Features", "Model.Note",
		"Model.Predictor", ".Size", "Prepared.Outputs", "NewNetwork", "Linear.New", "Path.New", // of columns and folds
		"Evaluation.Names",           // of Predictions
		"Model.SaveFile", "LoadFile", // Save and Load
	)
	benchmarks.Once()
}
