package tabular

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/calibrate"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/train"
)

// A Task is what a learner learns.
type Task string

// The tasks.
const (
	Classification Task = "classification" // the target is a class
	Regression     Task = "regression"     // the target is a number
)

// Unknown says what a model makes of a category that was not in its training rows.
type Unknown string

// What to make of an unknown category.
const (
	// UnknownAllowed treats it as the infrequent categories, or as none if there were
	// no infrequent ones. It is the default.
	UnknownAllowed Unknown = ""
	// UnknownRefused makes it an error that names the categories.
	UnknownRefused Unknown = "refused"
)

// A Learner says what to learn from a table, and how. It is not changed by learning,
// so that several goroutines may use it at once. Only Target must be set.
type Learner struct {
	Target string // the column to predict
	// Task is Classification or Regression. If empty, it is Regression for a column
	// of numbers with more than two different ones, and Classification for any other.
	Task Task
	// Positive is the class that counts as 1 of two; "" means the second one in
	// ascending order.
	Positive string
	// Weights is the column of the sample weights, numbers ≥ 0; "" means all 1. It is
	// not learned from. A row of weight 0 is as if it were not there.
	Weights string

	// Columns are the kinds of columns whose cells suggest another one, such as a
	// Category of numbers, or what is to be Ignored.
	Columns map[string]Kind
	// Infrequent is the number of rows below which a category is pooled with others as
	// infrequent; 0 means a hundredth of the rows, but 2 to 10; 1 pools none.
	Infrequent int
	Unknown    Unknown
	// Prepare returns a preparation that is not fitted yet, in place of the default. Its
	// columns are what the model learns from.
	Prepare func() *preprocess.TableTransformer

	Method Method // how to train; nil means NewLinear()
	// Calibrate corrects the probabilities of a classifier, by a calibrator fitted on
	// the scores of each row from a model that was trained without it, in 5 folds; ""
	// means not. Training takes six times as long.
	Calibrate calibrate.Kind

	About About // for the model's card
}

// Fit learns from all rows of the table. It returns an error that names the column and
// the row if the table does not fit the settings: a column that does not exist, a
// target that is missing in a row, a number that is infinite. The end of the context is
// an error too.
func (l Learner) Fit(ctx context.Context, table *preprocess.Table) (*Model, error) {
	p, err := l.plan(table)
	if err != nil {
		return nil, err
	}
	if table, err = p.used(table); err != nil {
		return nil, err
	}
	m, err := p.fit(ctx, table)
	if err != nil {
		return nil, err
	}
	e, err := m.Evaluate(table)
	if err != nil {
		return nil, err
	}
	m.Note("training rows", e.Scores)
	return m, nil
}

// A plan is a learner that has seen the names and kinds of the columns, and the
// classes: what is the same in every fold. It has not learned from values.
type plan struct {
	Learner
	features []Feature // ignored ones too
	classes  []string  // nil for regression
}

func (l Learner) plan(table *preprocess.Table) (*plan, error) {
	if table == nil || table.Len() == 0 {
		return nil, errors.New("tabular: the table has no rows")
	}
	if err := l.check(table); err != nil {
		return nil, err
	}
	table, err := l.used(table)
	if err != nil {
		return nil, err
	}
	if l.Method == nil {
		l.Method = NewLinear()
	}
	p := &plan{Learner: l}
	if p.Task == "" {
		p.Task = taskOf(table, l.Target)
	}
	if p.Task == Classification {
		classes, err := classesOf(table, l.Target, l.Positive)
		if err != nil {
			return nil, err
		}
		p.classes = classes
	} else if l.Positive != "" {
		return nil, fmt.Errorf("tabular: Positive is %q, but the target %q is a number: set Task to tabular.Classification, or leave Positive empty", l.Positive, l.Target)
	} else if l.Calibrate != "" {
		return nil, fmt.Errorf("tabular: Calibrate is %q, but the target %q is a number, not a class", l.Calibrate, l.Target)
	}
	return p, p.choose(table)
}

// check returns an error for settings that do not fit the table.
func (l Learner) check(table *preprocess.Table) error {
	names := table.Names()
	if l.Target == "" {
		return fmt.Errorf("tabular: Learner.Target is not set: name the column to predict, one of %q", names)
	}
	for what, name := range map[string]string{"Target": l.Target, "Weights": l.Weights} {
		if name != "" && !slices.Contains(names, name) {
			return fmt.Errorf("tabular: Learner.%s is %q, but the table has no such column: it has %q", what, name, names)
		}
	}
	for _, name := range sortedKeys(l.Columns) {
		switch kind := l.Columns[name]; {
		case !slices.Contains(names, name):
			return fmt.Errorf("tabular: Learner.Columns names %q, but the table has no such column: it has %q", name, names)
		case name == l.Target || name == l.Weights:
			return fmt.Errorf("tabular: Learner.Columns names %q, which is the target or the weight", name)
		case !slices.Contains([]Kind{Number, Category, Text, Ignored}, kind):
			return fmt.Errorf("tabular: Learner.Columns says that %q is of kind %q, want number, category, text or ignored", name, kind)
		}
	}
	switch {
	case l.Target == l.Weights:
		return fmt.Errorf("tabular: column %q is both Target and Weights", l.Target)
	case l.Task != "" && l.Task != Classification && l.Task != Regression:
		return fmt.Errorf("tabular: Task is %q, want %q or %q", l.Task, Classification, Regression)
	case l.Unknown != UnknownAllowed && l.Unknown != UnknownRefused:
		return fmt.Errorf("tabular: Unknown is %q, want %q or nothing", l.Unknown, UnknownRefused)
	case l.Infrequent < 0:
		return fmt.Errorf("tabular: Infrequent is %d, want 0 or more", l.Infrequent)
	case l.Prepare != nil && (l.Columns != nil || l.Infrequent != 0):
		return errors.New("tabular: Columns and Infrequent are settings of the default preparation: leave them out with Prepare")
	}
	if !slices.Contains([]calibrate.Kind{"", calibrate.Sigmoid, calibrate.Monotone}, l.Calibrate) {
		return fmt.Errorf("tabular: Calibrate is %q, want %q, %q or nothing", l.Calibrate, calibrate.Sigmoid, calibrate.Monotone)
	}
	return nil
}

// taskOf returns the task that the cells of the target suggest.
func taskOf(table *preprocess.Table, target string) Task {
	values, err := table.Float(target)
	if err != nil {
		return Classification
	}
	distinct := map[float64]bool{}
	for _, v := range values {
		if !math.IsNaN(v) {
			distinct[v] = true
		}
	}
	if len(distinct) > 2 {
		return Regression
	}
	return Classification
}

// classesOf returns the classes of the target, the positive one of two last.
func classesOf(table *preprocess.Table, target, positive string) ([]string, error) {
	_, classes, err := table.Labels(target)
	if err != nil {
		return nil, fmt.Errorf("tabular: the target: %w", err)
	}
	if len(classes) < 2 {
		return nil, fmt.Errorf("tabular: the target %q is %q in every row: there is nothing to learn", target, classes[0])
	}
	if positive == "" {
		return classes, nil
	}
	if len(classes) != 2 || !slices.Contains(classes, positive) {
		return nil, fmt.Errorf("tabular: Positive is %q, but the classes of %q are %q: it must be one of two", positive, target, classes)
	}
	if classes[0] == positive {
		slices.Reverse(classes)
	}
	return classes, nil
}

// choose sets the features.
func (p *plan) choose(table *preprocess.Table) error {
	if p.Prepare != nil {
		return p.chosen(table)
	}
	used := 0
	for _, name := range table.Names() {
		if name == p.Target || name == p.Weights {
			continue
		}
		kind, reason := p.Columns[name], "the settings say so"
		if kind == "" {
			var err error
			if kind, reason, err = kindOf(table, name); err != nil {
				return fmt.Errorf("tabular: %w", err)
			}
		}
		f := Feature{Name: name, Kind: kind}
		if kind == Ignored {
			f.Reason = reason
		} else {
			used++
		}
		p.features = append(p.features, f)
	}
	if used == 0 {
		return fmt.Errorf("tabular: there is no column to learn from besides the target %q: set Learner.Columns if one is ignored that should not be", p.Target)
	}
	return nil
}

// chosen sets the features to the columns of the caller's preparation.
func (p *plan) chosen(table *preprocess.Table) error {
	t := p.Prepare()
	if t == nil {
		return errors.New("tabular: Learner.Prepare returned nil")
	}
	if err := t.Validate(); err != nil {
		return fmt.Errorf("tabular: Learner.Prepare: %w", err)
	}
	for _, part := range t.Parts {
		for _, name := range part.Columns {
			switch {
			case name == p.Target || name == p.Weights:
				return fmt.Errorf("tabular: Learner.Prepare uses %q, which is the target or the weight", name)
			case !slices.Contains(table.Names(), name):
				return fmt.Errorf("tabular: Learner.Prepare uses %q, but the table has no such column: it has %q", name, table.Names())
			}
			f := Feature{Name: name, Kind: kindOfPart(part)}
			same := func(g Feature) bool { return g.Name == name }
			if i := slices.IndexFunc(p.features, same); i < 0 {
				p.features = append(p.features, f)
			} else if p.features[i].Kind == Number || f.Kind == Number {
				p.features[i].Kind = Number // a number is text as well, but not the other way round
			}
		}
	}
	return nil
}

func kindOfPart(part preprocess.TablePart) Kind {
	switch {
	case part.Strings != nil:
		return Category
	case part.Text != nil:
		return Text
	}
	return Number
}

// preparation returns the preparation, not fitted, for a number of rows.
func (p *plan) preparation(rows int) *preprocess.TableTransformer {
	if p.Prepare != nil {
		return p.Prepare()
	}
	var numbers, categories []string
	texts := false
	t := &preprocess.TableTransformer{}
	for _, f := range p.features {
		switch f.Kind {
		case Number:
			numbers = append(numbers, f.Name)
		case Category:
			categories = append(categories, f.Name)
		case Text:
			texts = true
		}
	}
	if numbers != nil {
		imputer := preprocess.NewImputer()
		imputer.AddIndicator, imputer.KeepEmpty = true, true
		t.Parts = append(t.Parts, preprocess.TablePart{Columns: numbers, Numbers: preprocess.NewPipeline(imputer, preprocess.NewStandardScaler())})
	}
	if categories != nil {
		e := preprocess.NewOneHotEncoder()
		e.IgnoreUnknown, e.MinFrequency = p.Unknown == UnknownAllowed, p.Infrequent
		if e.MinFrequency == 0 {
			e.MinFrequency = min(max(rows/100, 2), 10)
		}
		e.Dense = numbers != nil && !texts && len(categories) <= 20
		t.Parts = append(t.Parts, preprocess.TablePart{Columns: categories, Strings: e, Clean: true})
	}
	for _, f := range p.features {
		if f.Kind == Text {
			v := preprocess.NewTFIDFVectorizer()
			v.MaxFeatures = 1000
			t.Parts = append(t.Parts, preprocess.TablePart{Columns: []string{f.Name}, Text: v})
		}
	}
	return t
}

// fit learns from the rows of a table. Rows of weight 0 are as if they were not there.
func (p *plan) fit(ctx context.Context, table *preprocess.Table) (*Model, error) {
	table, err := p.used(table)
	if err != nil {
		return nil, err
	}
	m := &Model{about: p.About.clone(), Task: p.Task, Target: p.Target, Classes: slices.Clone(p.classes), unknown: p.Unknown, weights: p.Weights}
	m.about.fill(table, p.Method)
	for _, f := range p.features {
		if f.Kind != Ignored {
			g, err := describe(table, f.Name, f.Kind)
			if err != nil {
				return nil, err
			}
			f = g
		}
		m.features = append(m.features, f)
	}
	d, err := p.data(table)
	if err != nil {
		return nil, err
	}
	m.prepare = p.preparation(table.Len())
	if d.X, err = m.prepare.FitTransform(table); err != nil {
		return nil, fmt.Errorf("tabular: preparing the training rows: %w", err)
	}
	m.method = p.Method
	if m.predictor, err = p.Method.Fit(ctx, *d); err != nil {
		return nil, fmt.Errorf("tabular: training: %w", err)
	}
	if ctx.Err() != nil { // train.Fit makes no error of it
		return nil, context.Cause(ctx)
	}
	if err := m.checkDims(d.X); err != nil {
		return nil, err
	}
	if p.Calibrate != "" {
		if err := p.calibrate(ctx, m, table); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// used returns the rows of positive weight.
func (l Learner) used(table *preprocess.Table) (*preprocess.Table, error) {
	w, err := weightsOf(table, l.Weights)
	if err != nil || !slices.Contains(w, 0) {
		return table, err
	}
	var rows []int
	for i, v := range w {
		if v > 0 {
			rows = append(rows, i)
		}
	}
	return table.Rows(rows), nil
}

// data returns the targets and weights of a table.
func (p *plan) data(table *preprocess.Table) (*Prepared, error) {
	d := &Prepared{Task: p.Task, Classes: len(p.classes)}
	y, err := targets(table, p.Target, p.classes)
	if err != nil {
		return nil, err
	}
	d.Y = mat.NewDense(len(y), 1, y)
	d.SampleWeights, err = weightsOf(table, p.Weights)
	return d, err
}

// targets returns the numbers of the classes, or the values.
func targets(table *preprocess.Table, target string, classes []string) ([]float64, error) {
	if classes != nil {
		labels, _, err := table.Labels(target, classes...)
		if err != nil {
			return nil, fmt.Errorf("tabular: the target: %w", err)
		}
		y := make([]float64, len(labels))
		for i, label := range labels {
			y[i] = float64(label)
		}
		return y, nil
	}
	y, err := table.Float(target)
	if err != nil {
		return nil, fmt.Errorf("tabular: the target: %w", err)
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("tabular: the target %q is missing or infinite in row %d: remove the row", target, i)
		}
	}
	return y, nil
}

// weightsOf returns the sample weights, or nil.
func weightsOf(table *preprocess.Table, name string) ([]float64, error) {
	if name == "" {
		return nil, nil
	}
	w, err := table.Float(name)
	if err != nil {
		return nil, fmt.Errorf("tabular: the weights: %w", err)
	}
	sum := 0.0
	for i, v := range w {
		if !(v >= 0) || math.IsInf(v, 1) {
			return nil, fmt.Errorf("tabular: the weight %q is %g in row %d, want a finite number ≥ 0", name, v, i)
		}
		sum += v
	}
	if sum == 0 {
		return nil, fmt.Errorf("tabular: the weights %q are 0 in every row", name)
	}
	return w, nil
}

// Prepared are prepared rows, for a [Method]: the features in X, and in the one column
// of Y the values or the numbers of the classes, 0, 1, …
type Prepared struct {
	train.Data
	Task    Task
	Classes int // 0 for Regression
}

// Outputs returns the number of outputs of a model: 1 for Regression and for two
// classes, otherwise one for each class.
func (d Prepared) Outputs() int {
	if d.Classes > 2 {
		return d.Classes
	}
	return 1
}

// Folds returns k folds of the rows of a table: stratified by class for
// Classification, otherwise shuffled. Other folds are in package preprocess.
func (l Learner) Folds(table *preprocess.Table, k int, seed uint64) ([]preprocess.Fold, error) {
	p, err := l.plan(table)
	if err != nil {
		return nil, err
	}
	if p.Task == Regression {
		return preprocess.KFold(table.Len(), k, seed)
	}
	labels, _, err := table.Labels(p.Target, p.classes...)
	if err != nil {
		return nil, err
	}
	return preprocess.StratifiedKFold(labels, k, seed)
}

// Split divides a table into training and test rows: the given share of the rows is
// for the test, stratified by class for Classification.
func (l Learner) Split(table *preprocess.Table, test float64, seed uint64) (training, unseen *preprocess.Table, err error) {
	p, err := l.plan(table)
	if err != nil {
		return nil, nil, err
	}
	var s preprocess.Split
	if share := (preprocess.Fractions{Test: test}); p.Task == Regression {
		s, err = preprocess.SplitRandom(table.Len(), share, seed)
	} else {
		var labels []int
		if labels, _, err = table.Labels(p.Target, p.classes...); err == nil {
			s, err = preprocess.SplitStratified(labels, share, seed)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return table.Rows(s.Train), table.Rows(s.Test), nil
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
