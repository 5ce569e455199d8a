package tune_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

func built[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// timedData are n rows of 20 columns and a label.
func timedData(n int) train.Data {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	d := train.Data{X: mat.NewDense(n, 20, nil), Y: mat.NewDense(n, 1, nil)}
	d.X.(*mat.Dense).Apply(func(int, int, float64) float64 { return r.NormFloat64() }, d.X)
	for i := range n {
		d.Y.Set(i, 0, float64(i%2))
	}
	return d
}

// timedLearner scales, and takes a model that is trained already.
var timedLearner = tune.Learner{
	Transform: func() preprocess.Transformer { return preprocess.NewStandardScaler() },
	Train: func(context.Context, train.Data) (model.Model, error) {
		m := model.NewLogistic(20)
		m.Init(1)
		return m, nil
	},
	Score: tune.Classification(metric.Accuracy),
}

// folds makes a benchmark of what is done with five folds of n rows.
func folds(run func(d train.Data, folds []preprocess.Fold)) func(n int) func() {
	return func(n int) func() {
		d, f := timedData(n), built(preprocess.KFold(n, 5, 1))
		return func() { run(d, f) }
	}
}

// scores makes a benchmark of scoring n rows.
func scores(s tune.Scorer) func(n int) func() {
	return func(n int) func() {
		m, d := model.NewLogistic(20), timedData(n)
		return func() { built(s(m, d)) }
	}
}

var timedSpace = tune.Space{"rate": tune.LogUniform{Low: 1e-4, High: 1}, "depth": tune.IntUniform{Low: 1, High: 9}, "adam": tune.Choice{true, false}}

// timedResult has n finished trials.
func timedResult(n int) *tune.Result {
	r, out := rand.New(rand.NewPCG(uint64(n), 1)), &tune.Result{Goal: tune.Least}
	for i := range n {
		out.Trials = append(out.Trials, tune.Trial{ID: i, Params: timedSpace.Sample(r), Budget: 1, Score: r.Float64(), Status: train.Completed})
	}
	return out
}

func results(run func(r *tune.Result)) func(n int) func() {
	return func(n int) func() {
		r := timedResult(n)
		return func() { run(r) }
	}
}

// searches makes a benchmark of a search of n/10 trials that cost nothing.
func searches(search func(context.Context, tune.Method, tune.Objective, tune.Options) (*tune.Result, error)) func(n int) func() {
	return func(n int) func() {
		return func() {
			built(search(context.Background(), tune.Random{Space: timedSpace, Trials: n / 10, Seed: 1},
				func(_ context.Context, t tune.Trial) (float64, error) { return t.Float("rate"), nil }, tune.Options{Workers: 1}))
		}
	}
}

var benchmarks = timed.List{
	// n rows.
	"Learner.On": folds(func(d train.Data, f []preprocess.Fold) {
		_, test, err := timedLearner.On(d)(context.Background(), f[0])
		built(test, err)
	}),
	"CrossValidate": folds(func(d train.Data, f []preprocess.Fold) {
		built(tune.CrossValidate(context.Background(), f, timedLearner.On(d), 1))
	}),
	"EachFold": folds(func(d train.Data, f []preprocess.Fold) {
		built(tune.EachFold(context.Background(), f, func(_ context.Context, f preprocess.Fold) (train.Data, error) { return d.Take(f.Train), nil }, 1))
	}),
	"LearningCurve": folds(func(d train.Data, f []preprocess.Fold) {
		built(tune.LearningCurve(context.Background(), f, tune.Sizes(f, 0.5, 1), timedLearner.On(d), 1, 1))
	}),
	"ValidationCurve": folds(func(d train.Data, f []preprocess.Fold) {
		built(tune.ValidationCurve(context.Background(), f, []float64{1, 2}, func(float64) tune.FoldFunc { return timedLearner.On(d) }, 1))
	}),
	"Regression":     scores(tune.Regression(metric.RMSE)),
	"Classification": scores(tune.Classification(metric.Accuracy)),
	"Probability":    scores(tune.Probability(metric.LogLoss)),

	// n trials, or a tenth.
	"Minimize": searches(tune.Minimize),
	"Maximize": searches(tune.Maximize),
	"Random.Propose": func(n int) func() {
		return func() { built(tune.Random{Space: timedSpace, Trials: n, Seed: 1}.Propose(&tune.Result{})) }
	},
	"Grid.Propose": func(n int) func() {
		g := tune.Grid{"b": tune.Values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)}
		for i := range n / 10 {
			g["a"] = append(g["a"], float64(i))
		}
		return func() { built(g.Propose(&tune.Result{})) }
	},
	"SuccessiveHalving.Propose": results(func(r *tune.Result) {
		m := tune.NewSuccessiveHalving(tune.Random{Space: timedSpace, Trials: len(r.Trials), Seed: 1}, 1, 9)
		built(m.Propose(r))
	}),
	"TPE.Propose":   results(func(r *tune.Result) { built(tune.NewTPE(timedSpace, 2*len(r.Trials), 1).Propose(r)) }),
	"Result.Best":   results(func(r *tune.Result) { built(r.Best()) }),
	"Result.Sorted": results(func(r *tune.Result) { r.Sorted() }),
	"Result.Save":   results(func(r *tune.Result) { built(0, r.Save(io.Discard)) }),
	"Load": func(n int) func() {
		var b bytes.Buffer
		built(0, timedResult(n).Save(&b))
		return func() { built(tune.Load(bytes.NewReader(b.Bytes()))) }
	},
	"Values": func(n int) func() { v := make([]float64, n); return func() { tune.Values(v...) } },
}

func BenchmarkTune(b *testing.B) { benchmarks.Run(b) }

// TestAllOfTuneIsTimed: what grows with rows or trials has a benchmark at three sizes.
func TestAllOfTuneIsTimed(t *testing.T) {
	benchmarks.Check(t,
		"PrintProgress", ".Float", ".Int", ".Text", ".Bool", ".Quantile", ".Unit", "Space.Sample", "PanicError", // of a trial
		"Scores", "Sizes", // of the folds
		"NewSuccessiveHalving", "NewTPE",
	)
	benchmarks.Once()
}
