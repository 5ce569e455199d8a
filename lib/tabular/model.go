package tabular

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/calibrate"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tune"
)

// A Model is what a [Learner] has learned: preparation, model and classes. Its
// predictions change nothing, so that several goroutines may use it at once.
type Model struct {
	Task    Task
	Target  string
	Classes []string // nil for Regression; of two, the second is the positive one

	features   []Feature
	unknown    Unknown
	weights    string // the column of sample weights, for scores
	prepare    *preprocess.TableTransformer
	method     Method
	predictor  model.Model
	calibrator *calibrate.Classifier
	about      About
}

// Features returns the columns of the training table besides target and weights, ignored
// ones too, as they were in the training rows.
func (m *Model) Features() []Feature { return slices.Clone(m.features) }

// FeatureNames returns the names of the columns that the preparation makes, which are
// the inputs of Predictor: "age", "missing_age", "plan_basic", "plan_infrequent".
func (m *Model) FeatureNames() ([]string, error) { return m.prepare.FeatureNames() }

// Predictor returns the model behind the preparation, such as a *model.Linear. It must
// not be changed.
func (m *Model) Predictor() model.Model { return m.predictor }

// Predictions are the predictions for the rows of a table.
type Predictions struct {
	Labels        []int      // for Classification, the index in Classes of the most probable class
	Classes       []string   // the classes of the model
	Probabilities *mat.Dense // of each row and class
	Values        []float64  // for Regression
}

// Names returns the predicted class of each row by name.
func (p *Predictions) Names() []string {
	names := make([]string, len(p.Labels))
	for i, label := range p.Labels {
		names[i] = p.Classes[label]
	}
	return names
}

// Predict returns the predictions for the rows of a table. It may have more columns
// than the training table, and in another order. It returns an error that names what is
// wrong: no rows, a missing column, text in a column of numbers, an infinity, an unknown
// category if the learner refuses them.
func (m *Model) Predict(table *preprocess.Table) (*Predictions, error) {
	if err := m.check(table); err != nil {
		return nil, err
	}
	return m.predict(table)
}

// predict is Predict, whatever the categories.
func (m *Model) predict(table *preprocess.Table) (*Predictions, error) {
	scores, err := m.scores(table)
	if err != nil {
		return nil, err
	}
	if m.Task == Regression {
		return &Predictions{Values: metric.Column(scores, 0)}, nil
	}
	p := &Predictions{Classes: slices.Clone(m.Classes)}
	if p.Probabilities, err = m.probabilities(scores); err != nil {
		return nil, err
	}
	p.Labels = metric.Labels(p.Probabilities)
	return p, nil
}

// scores returns the outputs of the model behind the preparation.
func (m *Model) scores(table *preprocess.Table) (*mat.Dense, error) {
	if table == nil || table.Len() == 0 {
		return nil, errors.New("tabular: the table has no rows")
	}
	if m.prepare == nil || m.predictor == nil {
		return nil, errors.New("tabular: the model has learned nothing: use Learner.Fit or LoadFile")
	}
	x, err := m.prepare.Transform(table)
	if err != nil {
		return nil, m.explain(table, err)
	}
	if err := m.checkDims(x); err != nil {
		return nil, err
	}
	var scores mat.Dense
	m.predictor.Predict(&scores, x)
	for i := range table.Len() {
		for _, v := range scores.RawRowView(i) {
			if !number.IsFinite(v) {
				return nil, fmt.Errorf("tabular: the prediction for row %d is %g: a number in it is too far from those of the training rows", i, v)
			}
		}
	}
	return &scores, nil
}

// checkDims returns an error if the model behind does not take what the preparation
// makes, or returns something else than the task asks for.
func (m *Model) checkDims(x mat.Matrix) error {
	_, columns := x.Dims()
	inputs, outputs := m.predictor.Dims()
	if want := (Prepared{Classes: len(m.Classes)}).Outputs(); inputs != columns || outputs != want {
		return fmt.Errorf("tabular: the model has %d inputs and %d outputs, want %d, one for each prepared column, and %d", inputs, outputs, columns, want)
	}
	return nil
}

// explain returns the error of Transform in terms of the table, where it can.
func (m *Model) explain(table *preprocess.Table, err error) error {
	for _, f := range m.features {
		if f.Kind != Ignored {
			if !slices.Contains(table.Names(), f.Name) {
				return fmt.Errorf("tabular: the table has no column %q: the model needs %q", f.Name, m.needs())
			}
			if _, wrong := describe(table, f.Name, f.Kind); wrong != nil {
				return wrong
			}
		}
	}
	return fmt.Errorf("tabular: preparing the rows: %w", err)
}

// needs returns the names of the columns that a table must have.
func (m *Model) needs() (names []string) {
	for _, f := range m.features {
		if f.Kind != Ignored {
			names = append(names, f.Name)
		}
	}
	return names
}

// check returns an error for categories that the model refuses.
func (m *Model) check(table *preprocess.Table) error {
	if m.unknown != UnknownRefused || table == nil {
		return nil
	}
	for _, f := range m.features {
		if f.Kind != Category || !slices.Contains(table.Names(), f.Name) {
			continue
		}
		cells, err := table.Categories(f.Name)
		if err != nil {
			return err
		}
		for i, row := range cells {
			switch _, known := slices.BinarySearch(f.Values, row[0]); {
			case row[0] == "" && f.Missing == 0:
				return fmt.Errorf("tabular: row %d has no %q, which no training row lacked: it is one of %q", i, f.Name, f.Values)
			case row[0] != "" && !known:
				return fmt.Errorf("tabular: row %d has %q as %q, which was in no training row: they had %q", i, row[0], f.Name, f.Values)
			}
		}
	}
	return nil
}

// probabilities returns the probabilities of all classes.
func (m *Model) probabilities(scores *mat.Dense) (*mat.Dense, error) {
	if m.calibrator != nil {
		return m.calibrator.Probabilities(scores)
	}
	rows, outputs := scores.Dims()
	if outputs > 1 {
		p := mat.DenseCopyOf(scores)
		for i := range rows {
			model.Softmax(p.RawRowView(i), p.RawRowView(i))
		}
		return p, nil
	}
	p := mat.NewDense(rows, 2, nil)
	for i := range rows {
		z := scores.At(i, 0)
		p.Set(i, 0, model.Sigmoid(-z))
		p.Set(i, 1, model.Sigmoid(z))
	}
	return p, nil
}

const calibrationFolds = 5

// calibrate fits the calibrator to scores of rows from models trained without them.
func (p *plan) calibrate(ctx context.Context, m *Model, table *preprocess.Table) error {
	plain := *p
	plain.Calibrate = ""
	labels, _, err := table.Labels(p.Target, p.classes...)
	if err != nil {
		return err
	}
	folds, err := preprocess.StratifiedKFold(labels, calibrationFolds, 0)
	if err != nil {
		return fmt.Errorf("tabular: Calibrate: %w", err)
	}
	parts, err := tune.EachFold(ctx, folds, func(ctx context.Context, fold preprocess.Fold) (*mat.Dense, error) {
		m, err := plain.fit(ctx, table.Rows(fold.Train))
		if err != nil {
			return nil, err
		}
		return m.scores(table.Rows(fold.Test))
	}, 1)
	if err != nil {
		return fmt.Errorf("tabular: Calibrate: %w", err)
	}
	_, outputs := m.predictor.Dims()
	scores := mat.NewDense(len(labels), outputs, nil)
	for f, part := range parts {
		for k, i := range folds[f].Test {
			scores.SetRow(i, part.RawRowView(k))
		}
	}
	weights, err := weightsOf(table, p.Weights)
	if err != nil {
		return err
	}
	m.calibrator, err = calibrate.Fit(p.Calibrate, scores, labels, weights)
	return err
}
