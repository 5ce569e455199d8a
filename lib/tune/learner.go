package tune

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/train"
)

// A Learner trains and scores a model on given rows. It is used by several
// goroutines at once, so its functions must make new transformers, models and
// optimizers on each call.
type Learner struct {
	// Transform returns an unfitted transformer of the features, which is
	// fitted on training rows only. nil means none.
	Transform func() preprocess.Transformer
	// Train makes a model and trains it on d, whose features are transformed.
	// It should use d.SampleWeights.
	Train func(ctx context.Context, d train.Data) (model.Model, error)
	// Score scores the model, on training rows and on test rows.
	Score Scorer
}

func (l Learner) Validate() error {
	if l.Train == nil || l.Score == nil {
		return errors.New("tune: Learner: Train and Score must be set")
	}
	return nil
}

// On returns the FoldFunc that takes the rows of each fold from d. Neither the
// transformer nor the training sees the test rows. On panics if d.X and d.Y have
// different numbers of rows.
func (l Learner) On(d train.Data) FoldFunc {
	xRows, _ := d.X.Dims()
	if yRows, _ := d.Y.Dims(); xRows != yRows || d.SampleWeights != nil && len(d.SampleWeights) != xRows {
		panic(fmt.Sprintf("tune: x has %d rows, y has %d, and there are %d weights", xRows, yRows, len(d.SampleWeights)))
	}
	if rows.Of(d.X).Sparse() == nil {
		d.X = preprocess.Dense(d.X)
	}
	return func(ctx context.Context, fold preprocess.Fold) (trainScore, testScore float64, err error) {
		trainScore, testScore = math.NaN(), math.NaN()
		if err := errors.Join(l.Validate(), checkFold(fold, xRows)); err != nil {
			return trainScore, testScore, err
		}
		learn, test := d.Take(fold.Train).Used(), d.Take(fold.Test).Used()
		if err := l.transform(&learn, &test); err != nil {
			return trainScore, testScore, err
		}
		m, err := l.Train(ctx, learn)
		if err == nil && ctx.Err() != nil { // train.Fit makes no error of it
			err = context.Cause(ctx)
		}
		if err != nil {
			return trainScore, testScore, err
		}
		trainScore, err = l.Score(m, learn)
		if err != nil {
			return trainScore, testScore, err
		}
		testScore, err = l.Score(m, test)
		return trainScore, testScore, err
	}
}

// transform fits on learn, and transforms both.
func (l Learner) transform(learn, test *train.Data) (err error) {
	if l.Transform == nil {
		return nil
	}
	t := l.Transform()
	if learn.X, err = preprocess.FitTransform(t, learn.X); err != nil {
		return err
	}
	test.X, err = t.Transform(test.X)
	return err
}

func checkFold(fold preprocess.Fold, rows int) error {
	if len(fold.Train) == 0 || len(fold.Test) == 0 {
		return fmt.Errorf("%d rows to train on and %d to test on: there must be some of both", len(fold.Train), len(fold.Test))
	}
	for _, part := range [][]int{fold.Train, fold.Test} {
		for _, i := range part {
			if i < 0 || i >= rows {
				return fmt.Errorf("row %d is not among the %d rows of the data: make the folds for these data", i, rows)
			}
		}
	}
	return nil
}

// A Scorer scores a trained model on rows with their targets and weights. If
// large scores are good, use Maximize, otherwise Minimize.
type Scorer func(m model.Model, d train.Data) (float64, error)

// Regression returns the Scorer for a metric of values, such as metric.R2 or
// metric.RMSE, for models with one output.
func Regression(f func(truth, pred, weight []float64) float64) Scorer {
	return func(m model.Model, d train.Data) (float64, error) {
		d = d.Used()
		var pred mat.Dense
		m.Predict(&pred, d.X)
		var tokens objective.Tokens
		d.Y, d.SampleWeights = tokens.Of(&pred, d.Y, d.SampleWeights)
		_, outputs := pred.Dims()
		if _, targets := d.Y.Dims(); outputs != 1 || targets != 1 {
			return math.NaN(), fmt.Errorf("tune: Regression scores one output, here are %d for %d targets: write a Scorer", outputs, targets)
		}
		return f(metric.Column(d.Y, 0), metric.Column(&pred, 0), d.SampleWeights), nil
	}
}

// Classification returns the Scorer for a metric of labels, such as
// metric.Accuracy. The model returns one logit, or one score for each class,
// and the only column of d.Y holds the labels 0, 1, … For a model of sequences d.Y
// has a column for each token, and tokens with the label −1 do not count.
func Classification(f func(truth, pred []int, weight []float64) float64) Scorer {
	return Probability(func(truth []int, p *mat.Dense, weight []float64) (float64, error) {
		return f(truth, metric.Labels(p), weight), nil
	})
}

// Probability returns the Scorer for a metric of probabilities, such as
// metric.LogLoss, for the same models as Classification.
func Probability(f func(truth []int, p *mat.Dense, weight []float64) (float64, error)) Scorer {
	return func(m model.Model, d train.Data) (float64, error) {
		d = d.Used()
		p := model.Probabilities(m, d.X)
		p, d = labelledTokens(p, d)
		rows, columns := d.Y.Dims()
		if columns != 1 {
			return math.NaN(), fmt.Errorf("tune: the labels must stand in one column, y has %d", columns)
		}
		labels := make([]int, rows)
		for i := range labels {
			v := d.Y.At(i, 0)
			if labels[i] = int(v); float64(labels[i]) != v || v < 0 {
				return math.NaN(), fmt.Errorf("tune: y is %g in row %d of the part, want a label 0, 1, …", v, i)
			}
		}
		return f(labels, p, d.SampleWeights)
	}
}

// labelledTokens returns p and d with a row for each token that has a label, if the
// model predicted a row for each token; otherwise as they are.
func labelledTokens(p *mat.Dense, d train.Data) (*mat.Dense, train.Data) {
	var tokens objective.Tokens
	y, weights := tokens.Of(p, d.Y, d.SampleWeights)
	if y == d.Y {
		return p, d
	}
	flat := train.Data{X: p, Y: y, SampleWeights: weights}.Labelled(loss.NewTokenCrossEntropy())
	return flat.X.(*mat.Dense), flat
}
