package tune

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"gonum.org/v1/gonum/stat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/preprocess"
)

// A FoldFunc trains on fold.Train and returns the scores on those rows and on
// fold.Test. If the training score is not needed, it may be NaN. A FoldFunc is
// called from several goroutines at once, so each call must make a new model,
// optimizer and transformers. [Learner.On] returns a FoldFunc.
type FoldFunc func(ctx context.Context, fold preprocess.Fold) (train, test float64, err error)

// Scores holds the scores of the folds, in order.
type Scores struct {
	Train, Test []float64
}

// Mean returns the mean s̄ of the test scores.
func (s *Scores) Mean() float64 { return stat.Mean(s.Test, nil) }

// Std returns the standard deviation √(Σ(s−s̄)²/k) of the test scores, as
// NumPy's std. It says how much the score varies between folds. It is not the
// error of the mean: folds share training rows, so their scores are not
// independent, and no estimator of that error is unbiased.
//
// Source: Bengio and Grandvalet, No Unbiased Estimator of the Variance of K-Fold
// Cross-Validation, JMLR 5, 2004.
func (s *Scores) Std() float64 { return stat.PopStdDev(s.Test, nil) }

// String returns the mean and the standard deviation: "0.479 ± 0.094 in 5
// folds".
func (s *Scores) String() string {
	return fmt.Sprintf("%.3f ± %.3f in %d folds", s.Mean(), s.Std(), len(s.Test))
}

// CrossValidate calls f for each fold, on the given number of workers, and
// returns the scores. 0 workers means one for each core. The result does not
// depend on the number of workers.
//
// It returns an error if f returns an error, panics, or returns a test score
// that is not finite; if several folds fail, the error of the first. It also
// returns an error if ctx ends before all folds are done, since a mean over
// some of them would be another quantity.
func CrossValidate(ctx context.Context, folds []preprocess.Fold, f FoldFunc, workers int) (*Scores, error) {
	all, err := runFolds(ctx, [][]preprocess.Fold{folds}, []FoldFunc{f}, workers)
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// EachFold calls f for each fold, on the given number of workers, and returns what it
// returned, in order: for results that are more than two scores. Workers and errors
// are those of [CrossValidate].
func EachFold[T any](ctx context.Context, folds []preprocess.Fold, f func(ctx context.Context, fold preprocess.Fold) (T, error), workers int) ([]T, error) {
	return eachFold(ctx, len(folds), 1, workers, func(ctx context.Context, i int) (T, error) {
		return protect(func() (T, error) { return f(ctx, folds[i]) })
	})
}

// runFolds calls f[p] for all folds[p] and returns the scores of each p.
func runFolds(ctx context.Context, folds [][]preprocess.Fold, f []FoldFunc, workers int) ([]Scores, error) {
	k := len(folds[0])
	all, err := eachFold(ctx, k, len(folds), workers, func(ctx context.Context, i int) ([2]float64, error) {
		return f[i/k].protected(ctx, folds[i/k][i%k])
	})
	if err != nil {
		return nil, err
	}
	scores := make([]Scores, len(folds))
	for i, s := range all {
		p := &scores[i/k]
		p.Train, p.Test = append(p.Train, s[0]), append(p.Test, s[1])
	}
	return scores, nil
}

// eachFold calls f for k folds, as many times as told, and returns the results in
// order.
func eachFold[T any](ctx context.Context, k, times, workers int, f func(ctx context.Context, i int) (T, error)) ([]T, error) {
	if workers < 0 {
		return nil, fmt.Errorf("tune: %d workers, want a positive number, or 0 for one for each core", workers)
	}
	if k == 0 {
		return nil, errors.New("tune: there are no folds")
	}
	n := k * times
	all, errs := make([]T, n), make([]error, n)
	var failed atomic.Int64 // the first call that has failed: those after it need not begin
	failed.Store(int64(n))
	call := func(ctx context.Context, i int) (v T) {
		if int64(i) > failed.Load() {
			return v
		}
		v, errs[i] = f(ctx, i)
		if errs[i] != nil {
			lower(&failed, int64(i))
		}
		return v
	}
	done := 0
	for i, v := range parallel(ctx, n, workerCount(workers), call) {
		all[i] = v
		done++
	}
	if done < n {
		return nil, fmt.Errorf("tune: interrupted after %d of %d folds: %w", done, n, context.Cause(ctx))
	}
	if i := int(failed.Load()); i < n {
		return nil, fmt.Errorf("tune: fold %d: %w", i%k, errs[i])
	}
	return all, nil
}

func lower(a *atomic.Int64, v int64) {
	for old := a.Load(); v < old && !a.CompareAndSwap(old, v); old = a.Load() {
	}
}

// protected returns f's scores, and an error for what can be wrong with them.
func (f FoldFunc) protected(ctx context.Context, fold preprocess.Fold) ([2]float64, error) {
	s, err := protect(func() (s [2]float64, err error) {
		s[0], s[1], err = f(ctx, fold)
		return s, err
	})
	if err == nil && !number.IsFinite(s[1]) {
		err = fmt.Errorf("the test score is %g", s[1])
	}
	return s, err
}
