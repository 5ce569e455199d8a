package tune

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/descent-go/descent/lib/preprocess"
)

// Curve holds cross-validated scores along an axis: for each X the mean and the
// standard deviation over the folds, on training rows and on test rows. All
// slices have the same length.
type Curve struct {
	X                   []float64
	TrainMean, TrainStd []float64
	TestMean, TestStd   []float64
	Scores              []Scores // of the single folds, for each X
}

func newCurve(x []float64, scores []Scores) *Curve {
	c := &Curve{X: x, Scores: scores}
	for _, s := range scores {
		c.TrainMean = append(c.TrainMean, stat.Mean(s.Train, nil))
		c.TrainStd = append(c.TrainStd, stat.PopStdDev(s.Train, nil))
		c.TestMean = append(c.TestMean, s.Mean())
		c.TestStd = append(c.TestStd, s.Std())
	}
	return c
}

// String returns a table with a row for each X.
func (c *Curve) String() string {
	return table(func(w io.Writer) {
		fmt.Fprintln(w, "x\ttrain\t±\ttest\t±\t")
		for i, x := range c.X {
			fmt.Fprintf(w, "%.6g\t%.3f\t%.3f\t%.3f\t%.3f\t\n", x, c.TrainMean[i], c.TrainStd[i], c.TestMean[i], c.TestStd[i])
		}
	})
}

// ValidationCurve cross-validates f(v) for each value v of a hyper-parameter.
// If both scores are bad the model is too simple; if only the test score is
// bad it is too complex. It returns errors as CrossValidate does.
func ValidationCurve(ctx context.Context, folds []preprocess.Fold, values []float64, f func(value float64) FoldFunc, workers int) (*Curve, error) {
	if len(values) == 0 {
		return nil, errors.New("tune: ValidationCurve: there are no values")
	}
	points := make([][]preprocess.Fold, len(values))
	funcs := make([]FoldFunc, len(values))
	for p, v := range values {
		points[p], funcs[p] = folds, f(v)
	}
	scores, err := runFolds(ctx, points, funcs, workers)
	if err != nil {
		return nil, err
	}
	return newCurve(slices.Clone(values), scores), nil
}

// LearningCurve trains on the first n rows of each fold's training part, for
// each n in sizes, and tests on the whole test part. If the test score still
// improves at the last size, more rows would help; if it has reached the
// training score, only another model would.
//
// The training rows are shuffled once for each fold, so that a larger size
// includes the rows of the smaller ones. The same seed gives the same curve. It
// returns an error for sizes outside 1 … the number of training rows in the
// smallest fold, and otherwise as CrossValidate does.
func LearningCurve(ctx context.Context, folds []preprocess.Fold, sizes []int, f FoldFunc, seed uint64, workers int) (*Curve, error) {
	r := rand.New(rand.NewPCG(seed, 0))
	shuffled := slices.Clone(folds)
	for k := range shuffled {
		train := slices.Clone(folds[k].Train)
		r.Shuffle(len(train), func(i, j int) { train[i], train[j] = train[j], train[i] })
		shuffled[k].Train = train
	}
	return learningCurve(ctx, shuffled, sizes, f, workers)
}

// learningCurve is LearningCurve with the training rows in the order given.
func learningCurve(ctx context.Context, folds []preprocess.Fold, sizes []int, f FoldFunc, workers int) (*Curve, error) {
	if len(sizes) == 0 {
		return nil, errors.New("tune: LearningCurve: there are no sizes: see Sizes")
	}
	smallest := smallestTrain(folds)
	points := make([][]preprocess.Fold, len(sizes))
	x := make([]float64, len(sizes))
	for p, size := range sizes {
		if size < 1 || size > smallest {
			return nil, fmt.Errorf("tune: LearningCurve: size %d, want 1 to %d, the training rows of the smallest fold", size, smallest)
		}
		x[p] = float64(size)
		for _, fold := range folds {
			points[p] = append(points[p], preprocess.Fold{Train: fold.Train[:size:size], Test: fold.Test})
		}
	}
	scores, err := runFolds(ctx, points, slices.Repeat([]FoldFunc{f}, len(sizes)), workers)
	if err != nil {
		return nil, err
	}
	return newCurve(x, scores), nil
}

// Sizes returns shares of the training rows in the smallest fold, rounded down,
// at least 1, for LearningCurve.
func Sizes(folds []preprocess.Fold, shares ...float64) []int {
	smallest := float64(smallestTrain(folds))
	sizes := make([]int, len(shares))
	for i, share := range shares {
		sizes[i] = max(1, int(share*smallest))
	}
	return sizes
}

func smallestTrain(folds []preprocess.Fold) int {
	if len(folds) == 0 {
		return 0
	}
	return len(slices.MinFunc(folds, func(a, b preprocess.Fold) int { return len(a.Train) - len(b.Train) }).Train)
}
