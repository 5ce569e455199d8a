package datasets_test

import (
	"io"
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/internal/timed"
)

// loads makes a benchmark of a data set that has the size it has.
func loads[T any](load func() T) func(n int) func() {
	return func(int) func() { return func() { load() } }
}

// of makes a benchmark of what is done with n rows.
func of(run func(d *datasets.Dataset)) func(n int) func() {
	return func(n int) func() {
		d := datasets.Blobs(n, 5, 10, 1, 1)
		return func() { run(d) }
	}
}

var weights = []float64{1, -2, 3, 0.5}

var benchmarks = timed.List{
	"Iris": loads(datasets.Iris), "Wine": loads(datasets.Wine), "BreastCancer": loads(datasets.BreastCancer),
	"Diabetes": loads(datasets.Diabetes), "Digits": loads(datasets.Digits), "DebianPackages": loads(datasets.DebianPackages),
	"Plane":      func(n int) func() { return func() { datasets.Plane(n, weights, 1, 1, 1) } },
	"Polynomial": func(n int) func() { return func() { datasets.Polynomial(n, weights, 1, 1) } },
	"Sine":       func(n int) func() { return func() { datasets.Sine(n, 1, 1) } },
	"Correlated": func(n int) func() { return func() { datasets.Correlated(n, weights, 0.5, 1, 1) } },
	"Blobs":      func(n int) func() { return func() { datasets.Blobs(n, 5, 10, 1, 1) } },
	"Moons":      func(n int) func() { return func() { datasets.Moons(n, 0.1, 1) } },
	"Circles":    func(n int) func() { return func() { datasets.Circles(n, 0.1, 0.5, 1) } },

	"Dataset.Labels":      of(func(d *datasets.Dataset) { d.Labels() }),
	"Dataset.Clone":       of(func(d *datasets.Dataset) { d.Clone() }),
	"Dataset.Column":      of(func(d *datasets.Dataset) { d.Column(d.Features[0]) }),
	"Dataset.Select":      of(func(d *datasets.Dataset) { d.Select(d.Features[:2]...) }),
	"Dataset.Subset":      of(func(d *datasets.Dataset) { m, _ := d.Dims(); d.Subset(rand.New(rand.NewPCG(1, 2)).Perm(m)) }),
	"Dataset.Split":       of(func(d *datasets.Dataset) { d.Split(0.2, 1) }),
	"Dataset.ClassCounts": of(func(d *datasets.Dataset) { d.ClassCounts() }),
	"Dataset.WriteCSV":    of(func(d *datasets.Dataset) { d.WriteCSV(io.Discard) }),
	"Dataset.Summary":     of(func(d *datasets.Dataset) { d.Summary() }),
}

func BenchmarkDatasets(b *testing.B) { benchmarks.Run(b) }

// TestEveryDatasetIsTimed: what is exported and takes time has a benchmark.
func TestEveryDatasetIsTimed(t *testing.T) {
	benchmarks.Check(t, "Article", "ArticleNumPy", "Corpus", "Dataset.Dims", "Dataset.Head", "Dataset.Table") // small
	benchmarks.Once()
}
