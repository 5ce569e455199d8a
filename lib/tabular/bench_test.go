package tabular_test

import (
	"testing"

	"github.com/descent-go/descent/lib/preprocess"
)

// long returns the golden table many times over.
func long(b *testing.B, times int) *preprocess.Table {
	table := customers(b)
	var rows []int
	for range times {
		for i := range table.Len() {
			rows = append(rows, i)
		}
	}
	return table.Rows(rows)
}

func BenchmarkFit(b *testing.B) {
	table := long(b, 20)
	for b.Loop() {
		fit(b, learner("churned"), table)
	}
}

func BenchmarkPredict(b *testing.B) {
	table := long(b, 20)
	m := fit(b, learner("churned"), table)
	for b.Loop() {
		if _, err := m.Predict(table); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPredictRow(b *testing.B) {
	m := fit(b, learner("churned"), customers(b))
	row := map[string]any{"age": 42, "income": 30.5, "city": "Bern", "plan": "basic", "note": "slow refund"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.PredictRow(row); err != nil {
			b.Fatal(err)
		}
	}
}
