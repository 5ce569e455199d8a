package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
	"github.com/descent-go/descent/plots"
)

const (
	shuffles   = 5  // of each column, for the importance
	topColumns = 3  // whose dependence is drawn
	points     = 20 // of a dependence
)

// Evaluation evaluates a model on a table with the target, and returns the report: the
// scores; for Classification the confusion matrix, and for two classes ROC, precision and
// recall, and calibration; for Regression the residuals; the importance of the columns
// and the dependence on the most important ones. Use rows that the model was not trained
// on. Errors are those of tabular.Model.Evaluate.
func Evaluation(title string, m *tabular.Model, table *preprocess.Table) (*Report, error) {
	e, err := m.Evaluate(table)
	if err != nil {
		return nil, err
	}
	r := New(title)
	about := m.About()
	if about.Description != "" {
		r.Text(about.Description)
	}
	r.Text(fmt.Sprintf("%d rows were predicted, by a model of %d training rows: %s.", table.Len(), about.Rows, about.Method))
	if about.Data != "" {
		r.Text("Data: " + about.Data)
	}
	scores(r, e, about)
	if m.Task == tabular.Regression {
		r.Heading("Residuals")
		r.Chart(plots.Residuals("Residuals", "", e.Values, e.Actual), "The residual of each row against its prediction.")
	} else {
		classification(r, m, e)
	}
	if table.Len() > 1 {
		if err := columns(r, m, table); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// scores adds a table of the scores, next to those that are noted.
func scores(r *Report, e *tabular.Evaluation, about tabular.About) {
	head := []string{"metric", "these rows"}
	for _, n := range about.Noted {
		head = append(head, n.On)
	}
	var rows [][]string
	for _, s := range e.Scores {
		row := []string{s.Name, fmt.Sprintf("%.4g", s.Value)}
		for _, n := range about.Noted {
			row = append(row, fmt.Sprintf("%.4g", n.Scores.Value(s.Name)))
		}
		rows = append(rows, row)
	}
	r.Heading("Scores").Table(head, rows)
}

func classification(r *Report, m *tabular.Model, e *tabular.Evaluation) {
	r.Heading("Mistakes")
	r.Chart(plots.ConfusionMatrix("Confusion matrix", e.Confusion()), "How often each class, a row, was predicted as each class, a column.")
	r.Preformatted(e.Confusion().Report())
	if len(m.Classes) > 2 || len(slices.Compact(slices.Sorted(slices.Values(e.Truth)))) < 2 {
		return
	}
	positive := m.Classes[1]
	s := plots.Scored{Name: positive, Truth: e.Truth, Score: metric.Column(e.Probabilities, 1)}
	r.Heading("Probabilities of " + positive)
	r.Chart(plots.Grid("", 2, plots.ROC("ROC", s), plots.PrecisionRecall("Precision and recall", s)),
		"The true positive rate against the false positive rate, and precision against recall, for every threshold of the probability.")
	r.Chart(plots.Calibration("Calibration", 10, s), "How often rows with about the same predicted probability were positive.")
}

// columns adds what the model uses, and how.
func columns(r *Report, m *tabular.Model, table *preprocess.Table) error {
	i, err := m.Importance(table, "", shuffles, 1)
	if err != nil {
		return err
	}
	r.Heading("Columns")
	r.Chart(plots.Importance("Importance of the columns", "how much worse the "+i.Metric+" is without the column", i.Features, i.Mean, i.Std),
		"How much worse the "+i.Metric+" becomes when a column is shuffled.")
	order := make([]int, len(i.Features))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(i.Mean[b], i.Mean[a]) })
	kinds := map[string]tabular.Kind{}
	for _, f := range m.Features() {
		kinds[f.Name] = f.Kind
	}
	drawn := 0
	for _, k := range order {
		name := i.Features[k]
		if drawn == topColumns || kinds[name] == tabular.Text {
			continue
		}
		drawn++
		d, err := m.Dependence(table, name, "", points)
		if err != nil {
			return err
		}
		if len(d.Mean) == 0 {
			continue
		}
		y := "mean prediction"
		if d.Class != "" {
			y = "mean probability of " + d.Class
		}
		if d.Values != nil {
			r.Chart(plots.Bars(name, name, y, d.Values, plots.Series{Y: d.Mean}), "The "+y+" if every row had the same "+name+".")
		} else {
			r.Chart(plots.PartialDependence(name, name, y, d.Grid, d.Mean, d.Individual), "The "+y+" if every row had the same "+name+", and that of single rows.")
		}
	}
	return nil
}
