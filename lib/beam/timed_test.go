package beam

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
)

// timedEngine is the engine of the benchmarks, whose files are in the folder of a test.
var (
	timedEngine *Engine
	timedTest   testing.TB
)

// jobs makes a benchmark of what an engine with two workers does with n rows of 4 columns
// in four files: for few rows that is what a job costs.
func jobs(run func(e *Engine, d Data) error) func(n int) func() {
	return func(n int) func() {
		d := Data{Files: write(timedTest, timedTest.TempDir(), sample(Logistic, n, 3, 1, 1), 4, "npy")}
		return func() {
			if err := run(timedEngine, d); err != nil {
				panic(err)
			}
		}
	}
}

func fails[T any](_ T, err error) error { return err }

// fitted is jobs with a model.
func fitted(run func(e *Engine, f *Fit, d Data) error) func(n int) func() {
	return jobs(func(e *Engine, d Data) error {
		return run(e, &Fit{Model: model.NewLogistic(3), Family: Logistic}, d)
	})
}

var benchmarks = timed.List{
	"Engine.Fit": jobs(func(e *Engine, d Data) error {
		return fails(e.Fit(timedTest.Context(), d, FitOptions{Family: Logistic, Lambda: 1e-3}))
	}),
	"Engine.Evaluate": fitted(func(e *Engine, f *Fit, d Data) error { return fails(e.Evaluate(timedTest.Context(), f, d)) }),
	"Engine.Predict": fitted(func(e *Engine, f *Fit, d Data) error {
		return fails(e.Predict(timedTest.Context(), f, d, timedTest.TempDir()))
	}),
	"Engine.Moments":   jobs(func(e *Engine, d Data) error { return fails(e.Moments(timedTest.Context(), d)) }),
	"Engine.Quantiles": jobs(func(e *Engine, d Data) error { return fails(e.Quantiles(timedTest.Context(), d, 0.01)) }),
	"Engine.Levels":    texts(func(e *Engine, d Data) error { return fails(e.Levels(timedTest.Context(), d, 100)) }),
	"Engine.Vocabulary": texts(func(e *Engine, d Data) error {
		return e.Vocabulary(timedTest.Context(), d, "text", preprocess.NewCountVectorizer())
	}),
}

// texts makes a benchmark of what is done with n rows of text.
func texts(run func(e *Engine, d Data) error) func(n int) func() {
	return func(n int) func() {
		name, b := filepath.Join(timedTest.TempDir(), "words.csv"), bytes.NewBufferString("city,text,y\n")
		for i := range n {
			fmt.Fprintf(b, "town%d,word%d and word%d,%d\n", i%7, i*7919%50, i%5, i%2)
		}
		if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
			panic(err)
		}
		return func() {
			if err := run(timedEngine, Data{Files: []string{name}, Target: "y", Features: []string{"city"}}); err != nil {
				panic(err)
			}
		}
	}
}

func BenchmarkBeam(b *testing.B) {
	timedEngine, timedTest = start(b, Settings{Workers: 2}), b
	benchmarks.Run(b)
}

// TestAllOfBeamIsTimed: every pass over the rows has a benchmark at three sizes.
func TestAllOfBeamIsTimed(t *testing.T) {
	timedEngine, timedTest = start(t, Settings{Workers: 2}), t
	benchmarks.Check(t,
		"Data.Prepared", "Start", "Engine.Close", "Engine.Pool", "WorkerMain", "NewPool", "Pool", // of an engine
		"Moments", "Levels", "Quantiles", // of columns and their values
	)
	benchmarks.Once()
}
