package tune_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

// trained is a learner by gradient descent on shuffled mini-batches.
func trained(epochs int) tune.Learner {
	return tune.Learner{
		Transform: scaler,
		Train: func(ctx context.Context, d train.Data) (model.Model, error) {
			_, columns := d.X.Dims()
			m := model.NewLinear(columns, 1)
			_, err := train.Fit(ctx, m, d.X, d.Y, train.Options{
				Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.1),
				Epochs: epochs, BatchSize: 32, Seed: 3, SampleWeights: d.SampleWeights,
			})
			return m, err
		},
		Score: tune.Regression(metric.RMSE),
	}
}

func TestCrossValidateWorkers(t *testing.T) {
	data, folds := diabetes(t)
	var want *tune.Scores
	for _, workers := range []int{1, 2, 5, 0} {
		s, err := tune.CrossValidate(t.Context(), folds, trained(3).On(data), workers)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = s
		}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("%d workers give %v, 1 gives %v", workers, s, want)
		}
	}
}

// What stands in the test rows of a fold changes no bit of what is learned.
func TestTestRowsNeverTrain(t *testing.T) {
	data, folds := diabetes(t)
	want, err := tune.CrossValidate(t.Context(), folds[:1], trained(2).On(data), 1)
	if err != nil {
		t.Fatal(err)
	}
	other := train.Data{X: mat.DenseCopyOf(data.X), Y: mat.DenseCopyOf(data.Y)}
	for _, i := range folds[0].Test {
		other.X.(*mat.Dense).Set(i, 0, 1e6)
		other.Y.Set(i, 0, -1e6)
	}
	got, err := tune.CrossValidate(t.Context(), folds[:1], trained(2).On(other), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got.Train[0] != want.Train[0] || got.Test[0] == want.Test[0] {
		t.Errorf("other test rows change the scores from %v to %v", want, got)
	}
}

// Sparse, dense and transposed features give the same; a weight of 0 is a row
// that is not there.
func TestLearnerData(t *testing.T) {
	data, folds := diabetes(t)
	learner := ridge(1)
	learner.Transform = nil
	scores := func(x mat.Matrix, weights []float64, folds []preprocess.Fold) *tune.Scores {
		t.Helper()
		s, err := tune.CrossValidate(t.Context(), folds, learner.On(train.Data{X: x, Y: data.Y, SampleWeights: weights}), 2)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := scores(data.X, nil, folds)
	for name, x := range map[string]mat.Matrix{
		"sparse": sparse.FromDense(data.X), "transposed": mat.DenseCopyOf(data.X.T()).T(),
	} {
		got := scores(x, nil, folds) // other sums, so the last bits may differ
		golden.CloseSlice(t, name+" train", got.Train, want.Train, 1e-12)
		golden.CloseSlice(t, name+" test", got.Test, want.Test, 1e-12)
	}

	learner.Train = func(_ context.Context, d train.Data) (model.Model, error) {
		_, columns := d.X.Dims()
		m := model.NewLinear(columns, 1)
		_, err := train.Fit(t.Context(), m, d.X, d.Y, train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(1e-6), Epochs: 5, SampleWeights: d.SampleWeights})
		return m, err
	}
	rows, _ := data.X.Dims()
	weights := slices.Repeat([]float64{1}, rows)
	fewer := []preprocess.Fold{folds[0]}
	for i, row := range folds[0].Train {
		if i%3 == 0 {
			weights[row] = 0
		}
	}
	fewer[0].Train = slices.DeleteFunc(slices.Clone(folds[0].Train), func(row int) bool { return weights[row] == 0 })
	without, zero := scores(data.X, nil, fewer), scores(data.X, weights, folds[:1])
	if d := math.Abs(without.Test[0] - zero.Test[0]); d > 1e-10 {
		t.Errorf("weights of 0 give %v, without those rows %v", zero, without)
	}
}

func TestCrossValidateErrors(t *testing.T) {
	data, folds := diabetes(t)
	nobody := errors.New("nobody is at home")
	failing := func(err error, panics any, score float64) tune.FoldFunc {
		return func(_ context.Context, fold preprocess.Fold) (float64, float64, error) {
			if fold.Test[0] != folds[2].Test[0] && fold.Test[0] != folds[4].Test[0] {
				return math.NaN(), 1, nil
			}
			if panics != nil {
				panic(panics)
			}
			return 1, score, err
		}
	}
	learner := func(change func(l *tune.Learner)) tune.FoldFunc {
		l := ridge(1)
		change(&l)
		return l.On(data)
	}
	bad := func(rows ...int) []preprocess.Fold { return []preprocess.Fold{{Train: rows, Test: []int{1}}} }
	classes := train.Data{X: mat.NewDense(2, 1, nil), Y: mat.NewDense(2, 1, []float64{0, 0.5})}
	wide := train.Data{X: mat.NewDense(2, 1, nil), Y: mat.NewDense(2, 2, nil)}
	untrained := func(s tune.Scorer) tune.Learner {
		return tune.Learner{Score: s, Train: func(context.Context, train.Data) (model.Model, error) { return model.NewLogistic(1), nil }}
	}
	for name, c := range map[string]struct {
		folds   []preprocess.Fold
		f       tune.FoldFunc
		workers int
		want    string
	}{
		"error":      {folds, failing(nobody, nil, 1), 1, "tune: fold 2: nobody is at home"},
		"panic":      {folds, failing(nil, "ouch", 1), 5, "tune: fold 2: panic: ouch"},
		"NaN":        {folds, failing(nil, nil, math.NaN()), 2, "tune: fold 2: the test score is NaN"},
		"no folds":   {nil, failing(nil, nil, 1), 2, "tune: there are no folds"},
		"workers":    {folds, failing(nil, nil, 1), -1, "tune: -1 workers"},
		"empty fold": {bad(), ridge(1).On(data), 1, "0 rows to train on and 1 to test on"},
		"range":      {bad(0, 442), ridge(1).On(data), 1, "row 442 is not among the 442 rows"},
		"no train":   {folds, learner(func(l *tune.Learner) { l.Train = nil }), 1, "must be set"},
		"no score":   {folds, learner(func(l *tune.Learner) { l.Score = nil }), 1, "must be set"},
		"transform": {folds, learner(func(l *tune.Learner) {
			l.Transform = func() preprocess.Transformer { return preprocess.NewPipeline() }
		}), 1, "no steps"},
		"training": {folds, learner(func(l *tune.Learner) {
			l.Train = func(context.Context, train.Data) (model.Model, error) { return nil, nobody }
		}), 1, "nobody is at home"},
		"labels":     {bad(0), untrained(tune.Classification(metric.Accuracy)).On(classes), 1, "y is 0.5"},
		"columns":    {bad(0), untrained(tune.Classification(metric.Accuracy)).On(wide), 1, "one column, y has 2"},
		"regression": {bad(0), untrained(tune.Regression(metric.R2)).On(wide), 1, "1 for 2 targets"},
	} {
		s, err := tune.CrossValidate(t.Context(), c.folds, c.f, c.workers)
		if s != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want an error with %q", name, s, err, c.want)
		}
	}

	_, err := tune.CrossValidate(t.Context(), folds, failing(nobody, nil, 1), 2)
	if !errors.Is(err, nobody) {
		t.Errorf("%v does not wrap the error of the function", err)
	}
	_, err = tune.CrossValidate(t.Context(), folds, failing(nil, nobody, 1), 2)
	var p *tune.PanicError
	if !errors.As(err, &p) || p.Value != nobody || !strings.Contains(string(p.Stack), "crossvalidate_test.go") {
		t.Errorf("%v does not say where the panic was", err)
	}
	_, err = tune.CrossValidate(t.Context(), folds, func(context.Context, preprocess.Fold) (float64, float64, error) {
		runtime.Goexit()
		return 0, 0, nil
	}, 2)
	if err == nil || !strings.Contains(err.Error(), "ended its goroutine") {
		t.Errorf("Goexit in a fold: %v", err)
	}
}

func TestLearnerPanics(t *testing.T) {
	defer func() {
		if r := recover(); r != "tune: x has 3 rows, y has 2, and there are 0 weights" {
			t.Errorf("panic is %v", r)
		}
	}()
	ridge(1).On(train.Data{X: mat.NewDense(3, 1, nil), Y: mat.NewDense(2, 1, nil)})
}

func TestCurveErrors(t *testing.T) {
	data, folds := diabetes(t)
	f := ridge(1).On(data)
	for name, err := range map[string]error{
		"no values": second(tune.ValidationCurve(t.Context(), folds, nil, nil, 1)),
		"workers":   second(tune.ValidationCurve(t.Context(), folds, []float64{1}, func(float64) tune.FoldFunc { return f }, -1)),
		"no sizes":  second(tune.LearningCurve(t.Context(), folds, nil, f, 1, 1)),
		"size 0":    second(tune.LearningCurve(t.Context(), folds, []int{0}, f, 1, 1)),
		"too large": second(tune.LearningCurve(t.Context(), folds, []int{354}, f, 1, 1)),
		"no folds":  second(tune.LearningCurve(t.Context(), nil, []int{1}, f, 1, 1)),
		"failure":   second(tune.LearningCurve(t.Context(), folds, []int{20}, ridge(-1).On(data), 1, 1)),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "tune: ") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A larger part of the training rows holds the smaller ones, the seed decides
// which, and the folds stay as they are.
func TestLearningCurveRows(t *testing.T) {
	_, folds := diabetes(t)
	before := slices.Clone(folds[0].Train)
	seen := func(seed uint64) [][]int {
		var rows [][]int
		c, err := tune.LearningCurve(t.Context(), folds[:2], []int{10, 200}, func(_ context.Context, f preprocess.Fold) (float64, float64, error) {
			rows = append(rows, f.Train)
			return 0, 0, nil
		}, seed, 1)
		if err != nil || !slices.Equal(c.X, []float64{10, 200}) {
			t.Fatal(c, err)
		}
		return rows // of fold 0 and 1 at size 10, then at size 200
	}
	a, b, c := seen(1), seen(1), seen(2)
	if !reflect.DeepEqual(a, b) || reflect.DeepEqual(a, c) {
		t.Error("the rows do not follow the seed")
	}
	if !slices.Equal(a[0], a[2][:10]) || !slices.Equal(a[1], a[3][:10]) || slices.IsSorted(a[2]) {
		t.Errorf("rows %v are not the beginning of %v, or not shuffled", a[0], a[2])
	}
	if !slices.Equal(folds[0].Train, before) {
		t.Error("the caller's folds were shuffled")
	}
}

func TestCrossValidateInterrupted(t *testing.T) {
	data, folds := diabetes(t)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	learner := trained(1 << 30) // longer than anyone waits
	learner.Transform = func() preprocess.Transformer {
		cancel(enough)
		return preprocess.NewStandardScaler()
	}
	_, err := tune.CrossValidate(ctx, folds, learner.On(data), 2)
	if !errors.Is(err, enough) || !strings.HasPrefix(err.Error(), "tune: interrupted after 0 of 5 folds") {
		t.Errorf("error is %v", err)
	}
	// The FoldFunc alone makes an error of an interrupted training, too.
	if _, _, err := learner.On(data)(ctx, folds[0]); !errors.Is(err, enough) {
		t.Errorf("error of the fold is %v", err)
	}
}

// A row of weight 0 reaches neither the transformer nor the training nor the
// score, whatever stands in it.
func TestRowsOfWeightZeroAreNotThere(t *testing.T) {
	x := mat.NewDense(8, 1, []float64{-2, -1, 1, 2, -3, 3, -1.5, 1.5})
	y := mat.NewDense(8, 1, []float64{0, 0, 1, 1, 0, 1, 1, 0})
	clean := train.Data{X: x, Y: y, SampleWeights: slices.Repeat([]float64{1}, 8)}
	bad := train.Data{
		X:             mat.NewDense(9, 1, append(slices.Clone(x.RawMatrix().Data), math.NaN())),
		Y:             mat.NewDense(9, 1, append(slices.Clone(y.RawMatrix().Data), -1)),
		SampleWeights: append(slices.Clone(clean.SampleWeights), 0),
	}
	l := tune.Learner{
		Transform: scaler,
		Train: func(ctx context.Context, d train.Data) (model.Model, error) {
			m := model.NewLogistic(1)
			_, err := train.Fit(ctx, m, d.X, d.Y, train.Options{
				Loss: loss.BinaryCrossEntropy{}, Schedule: optim.Constant(0.1), Epochs: 9, BatchSize: 2, SampleWeights: d.SampleWeights,
			})
			return m, err
		},
		Score: tune.Classification(metric.Accuracy),
	}
	for _, regression := range []bool{false, true} {
		if regression {
			l.Score = tune.Regression(metric.MAE)
		}
		want, wantTest, err := l.On(clean)(t.Context(), preprocess.Fold{Train: []int{0, 1, 2, 3, 4}, Test: []int{5, 6, 7}})
		if err != nil {
			t.Fatal(err)
		}
		for _, fold := range []preprocess.Fold{
			{Train: []int{0, 1, 8, 2, 3, 4}, Test: []int{5, 6, 7}},
			{Train: []int{0, 1, 2, 3, 4}, Test: []int{8, 5, 6, 7}},
		} {
			got, gotTest, err := l.On(bad)(t.Context(), fold)
			if err != nil || got != want || gotTest != wantTest {
				t.Errorf("%v: %v and %v, error %v, want %v and %v", fold, got, gotTest, err, want, wantTest)
			}
		}
	}
	var m model.Model = model.NewLogistic(1)
	if _, err := tune.Classification(metric.Accuracy)(m, bad); err != nil {
		t.Errorf("the label in a row of weight 0: %v", err)
	}
}

func TestEachFold(t *testing.T) {
	folds, err := preprocess.KFoldInOrder(10, 5)
	if err != nil {
		t.Fatal(err)
	}
	first := func(_ context.Context, fold preprocess.Fold) (string, error) {
		return string(rune('a' + fold.Test[0])), nil
	}
	for _, workers := range []int{1, 3, 0} {
		got, err := tune.EachFold(t.Context(), folds, first, workers)
		if want := []string{"a", "c", "e", "g", "i"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%d workers: %v, %v, want %v", workers, got, err, want)
		}
	}
	for want, f := range map[string]func(context.Context, preprocess.Fold) (int, error){
		"fold 1: no": func(_ context.Context, fold preprocess.Fold) (int, error) {
			if fold.Test[0] >= 2 {
				return 0, errors.New("no")
			}
			return 1, nil
		},
		"oops": func(context.Context, preprocess.Fold) (int, error) { panic("oops") },
	} {
		if got, err := tune.EachFold(t.Context(), folds, f, 1); got != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v, want an error with %q", got, err, want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tune.EachFold(ended, folds, first, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := tune.EachFold(t.Context(), nil, first, 1); err == nil {
		t.Error("no folds are no error")
	}
}
