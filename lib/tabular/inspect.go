package tabular

import (
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/inspect"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tune"
)

// Importance is the permutation importance of the columns of a table.
type Importance struct {
	Metric   string
	Features []string
	// Mean is how much worse the metric becomes on average when the column is shuffled,
	// above 0 if worse, whatever its direction; Std its standard deviation.
	Mean, Std []float64
}

// Importance shuffles each column that the model uses, the given number of times, and
// measures how much worse a metric becomes: see [Scores] for their names; "" means log
// loss or RMSE. Use rows that the model was not trained on. The same seed gives the same
// result. See package inspect for what it means, and what not.
func (m *Model) Importance(table *preprocess.Table, metric string, repeats int, seed uint64) (*Importance, error) {
	if metric == "" {
		metric = defaultMetric(m.Task)
	}
	goal, known := goals[metric]
	if !known {
		return nil, fmt.Errorf("tabular: the metric is %q, want one of %q", metric, sortedKeys(goals))
	}
	if err := m.check(table); err != nil {
		return nil, err
	}
	if table == nil || table.Len() == 0 {
		return nil, errors.New("tabular: the table has no rows")
	}
	out := &Importance{Metric: metric, Features: m.needs()}
	score := func(table *preprocess.Table) (float64, error) {
		e, err := m.evaluate(table)
		if err != nil {
			return 0, err
		}
		if goal == tune.Least {
			return -e.Value(metric), nil
		}
		return e.Value(metric), nil
	}
	i, err := inspect.Permute(table.Len(), len(out.Features), repeats, seed, func(column int, order []int) (float64, error) {
		if column < 0 {
			return score(table)
		}
		name := out.Features[column]
		cells, err := table.Strings(name)
		if err != nil {
			return 0, err
		}
		changed, err := table.Replace(name, preprocess.Take(cells, order))
		if err != nil {
			return 0, err
		}
		return score(changed)
	})
	if err != nil {
		return nil, fmt.Errorf("tabular: the importance by %s: %w", metric, err)
	}
	out.Mean, out.Std = i.Mean(), i.Std()
	return out, nil
}

// defaultMetric is what a search minimizes unless it is told otherwise.
func defaultMetric(t Task) string {
	if t == Regression {
		return "RMSE"
	}
	return "log loss"
}

// Dependence is how the predictions depend on one column of a table.
type Dependence struct {
	Feature string
	Class   string // whose probability it is; "" for values
	// Grid has the values of a Number, Values those of a Category.
	Grid   []float64
	Values []string
	Mean   []float64 // the mean prediction with each value in all rows
	// Individual has the prediction of each row for each value.
	Individual *mat.Dense
}

// Dependence sets a column to one value after another in all rows, and averages the
// predictions: probabilities of a class, "" for the last of the model's Classes, or
// values. A Number has at most the given number of values, from the 5th to the 95th
// percentile of the table's; a Category those of the training rows. Text is an error.
func (m *Model) Dependence(table *preprocess.Table, feature, class string, points int) (*Dependence, error) {
	i := slices.IndexFunc(m.features, func(f Feature) bool { return f.Name == feature && (f.Kind == Number || f.Kind == Category) })
	if i < 0 {
		return nil, fmt.Errorf("tabular: the model has no number or category %q: it has %q", feature, m.needs())
	}
	label := len(m.Classes) - 1
	if class != "" {
		if label = slices.Index(m.Classes, class); label < 0 {
			return nil, fmt.Errorf("tabular: the class is %q, want one of %q", class, m.Classes)
		}
	}
	if err := m.check(table); err != nil {
		return nil, err
	}
	if table == nil || table.Len() == 0 {
		return nil, errors.New("tabular: the table has no rows")
	}
	d := &Dependence{Feature: feature}
	if m.Task == Classification {
		d.Class = m.Classes[label]
	}
	cells, err := d.cells(table, m.features[i], points)
	if err != nil {
		return nil, err
	}
	p, err := inspect.Depend(table.Len(), len(cells), func(k int) ([]float64, error) {
		changed, err := table.Replace(feature, slices.Repeat([]string{cells[k]}, table.Len()))
		if err != nil {
			return nil, err
		}
		p, err := m.predict(changed)
		if err != nil || m.Task == Regression {
			return p.valuesOrNil(), err
		}
		return metric.Column(p.Probabilities, label), nil
	})
	if err != nil {
		return nil, err
	}
	d.Mean, d.Individual = p.Mean, p.Individual
	return d, nil
}

func (p *Predictions) valuesOrNil() []float64 {
	if p == nil {
		return nil
	}
	return p.Values
}

// cells sets the values of the feature, and returns them as cells of a table.
func (d *Dependence) cells(table *preprocess.Table, f Feature, points int) ([]string, error) {
	if f.Kind == Category {
		d.Values = slices.Clone(f.Values)
		return d.Values, nil
	}
	values, err := table.Float(f.Name)
	if err != nil {
		return nil, fmt.Errorf("tabular: %w", err)
	}
	if points < 2 {
		return nil, fmt.Errorf("tabular: %d points, want at least 2", points)
	}
	d.Grid = inspect.Quantiles(values, points)
	grid := &preprocess.Table{}
	if err := grid.AddFloats(f.Name, d.Grid); err != nil {
		return nil, err
	}
	return grid.Strings(f.Name)
}
