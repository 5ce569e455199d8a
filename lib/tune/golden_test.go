package tune_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

type reference struct {
	Ridge struct {
		Alpha       float64
		Train, Test []float64
		Mean, Std   float64
	}
	Validation struct {
		Alphas              []float64
		Train, Test         [][]float64
		TrainMean, TrainStd []float64
		TestMean, TestStd   []float64
	}
	Learning struct {
		Alpha       float64
		Shares      []float64
		Sizes       []int
		Train, Test [][]float64
	}
	Logistic struct {
		C                 float64
		Accuracy, LogLoss []float64
	}
	Grid []map[string]json.RawMessage
}

func load(t *testing.T) reference {
	return golden.Load[reference](t, "testdata/golden.json")
}

func scaler() preprocess.Transformer { return preprocess.NewStandardScaler() }

// ridge is scikit-learn's make_pipeline(StandardScaler(), Ridge(alpha)).
func ridge(alpha float64) tune.Learner {
	return tune.Learner{
		Transform: scaler,
		Train: func(_ context.Context, d train.Data) (model.Model, error) {
			rows, columns := d.X.Dims()
			m := model.NewLinear(columns, 1)
			return m, solve.Ridge(m, d.X, d.Y, d.SampleWeights, 2*alpha/float64(rows))
		},
		Score: tune.Regression(metric.R2),
	}
}

func diabetes(t *testing.T) (train.Data, []preprocess.Fold) {
	t.Helper()
	d := datasets.Diabetes()
	rows, _ := d.X.Dims()
	folds, err := preprocess.KFoldInOrder(rows, 5)
	if err != nil {
		t.Fatal(err)
	}
	return train.Data{X: d.X, Y: d.Y}, folds
}

func TestCrossValidateRidge(t *testing.T) {
	want := load(t).Ridge
	data, folds := diabetes(t)
	s, err := tune.CrossValidate(t.Context(), folds, ridge(want.Alpha).On(data), 2)
	if err != nil {
		t.Fatal(err)
	}
	golden.CloseSlice(t, "train scores", s.Train, want.Train, 1e-11)
	golden.CloseSlice(t, "test scores", s.Test, want.Test, 1e-11)
	golden.Close(t, "mean", s.Mean(), want.Mean, 1e-11)
	golden.Close(t, "standard deviation", s.Std(), want.Std, 1e-10)
}

func TestCrossValidateLogistic(t *testing.T) {
	want := load(t).Logistic
	d := datasets.BreastCancer()
	data := train.Data{X: d.X, Y: d.Y}
	folds, err := preprocess.StratifiedKFoldInOrder(metric.Column(d.Y, 0), 4)
	if err != nil {
		t.Fatal(err)
	}
	logistic := tune.Learner{
		Transform: scaler,
		Train: func(_ context.Context, d train.Data) (model.Model, error) {
			rows, columns := d.X.Dims()
			m := model.NewLogistic(columns)
			_, err := solve.Logistic(m, d.X, d.Y, solve.NewtonOptions{Lambda: 1 / (want.C * float64(rows))})
			return m, err
		},
	}
	for name, c := range map[string]struct {
		score tune.Scorer
		want  []float64
	}{
		"accuracy": {tune.Classification(metric.Accuracy), want.Accuracy},
		"log loss": {tune.Probability(metric.LogLoss), want.LogLoss},
	} {
		logistic.Score = c.score
		s, err := tune.CrossValidate(t.Context(), folds, logistic.On(data), 0)
		if err != nil {
			t.Fatal(err)
		}
		golden.CloseSlice(t, name, s.Test, c.want, 1e-8) // as exact as newton-cg is
	}
}

func TestValidationCurve(t *testing.T) {
	want := load(t).Validation
	data, folds := diabetes(t)
	c, err := tune.ValidationCurve(t.Context(), folds, want.Alphas, func(alpha float64) tune.FoldFunc {
		return ridge(alpha).On(data)
	}, 3)
	if err != nil {
		t.Fatal(err)
	}
	golden.CloseSlice(t, "x", c.X, want.Alphas, 0)
	golden.CloseSlice(t, "train mean", c.TrainMean, want.TrainMean, 1e-11)
	golden.CloseSlice(t, "train std", c.TrainStd, want.TrainStd, 1e-10)
	golden.CloseSlice(t, "test mean", c.TestMean, want.TestMean, 1e-11)
	golden.CloseSlice(t, "test std", c.TestStd, want.TestStd, 1e-10)
	closeScores(t, c.Scores, want.Train, want.Test)
}

func TestLearningCurve(t *testing.T) {
	want := load(t).Learning
	data, folds := diabetes(t)
	sizes := tune.Sizes(folds, want.Shares...)
	if !reflect.DeepEqual(sizes, want.Sizes) {
		t.Fatalf("sizes are %v, want %v", sizes, want.Sizes)
	}
	c, err := tune.LearningCurveInOrder(t.Context(), folds, sizes, ridge(want.Alpha).On(data), 2)
	if err != nil {
		t.Fatal(err)
	}
	for p, size := range want.Sizes {
		if c.X[p] != float64(size) {
			t.Errorf("x[%d] = %g, want %d", p, c.X[p], size)
		}
	}
	closeScores(t, c.Scores, want.Train, want.Test)
}

func closeScores(t *testing.T, got []tune.Scores, train, test [][]float64) {
	t.Helper()
	if len(got) != len(train) {
		t.Fatalf("%d points, want %d", len(got), len(train))
	}
	for p := range got {
		golden.CloseSlice(t, fmt.Sprintf("train scores at %d", p), got[p].Train, train[p], 1e-10)
		golden.CloseSlice(t, fmt.Sprintf("test scores at %d", p), got[p].Test, test[p], 1e-10)
	}
}

// The points of a grid come in the order of scikit-learn's ParameterGrid.
func TestGridOrder(t *testing.T) {
	want := load(t).Grid
	grid := tune.Grid{"rate": {0.1, 0.01}, "depth": {3, 1, 2}, "Kind": {"b", "a"}, "on": {true}}
	trials, err := grid.Propose(&tune.Result{})
	if err != nil || len(trials) != len(want) {
		t.Fatalf("%d points, %v, want %d", len(trials), err, len(want))
	}
	for i, p := range want {
		for name, v := range p {
			if got, err := json.Marshal(trials[i].Params[name]); err != nil || string(got) != string(v) {
				t.Errorf("point %d has %s = %s, %v, want %s", i, name, got, err, v)
			}
		}
	}
}
