package tabular

import (
	"fmt"

	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/preprocess"
)

// An Evaluation compares predictions with the truth.
type Evaluation struct {
	Scores
	*Predictions
	Truth   []int     // for Classification, the label of each row
	Actual  []float64 // for Regression, the value of each row
	Weights []float64 // of the rows; nil if there are none
}

// Evaluate predicts the rows of a table that has the target, and compares. Rows with a
// class that was in no training row are an error.
func (m *Model) Evaluate(table *preprocess.Table) (*Evaluation, error) {
	if err := m.check(table); err != nil {
		return nil, err
	}
	return m.evaluate(table)
}

// evaluate is Evaluate, whatever the categories.
func (m *Model) evaluate(table *preprocess.Table) (*Evaluation, error) {
	p, err := m.predict(table)
	if err != nil {
		return nil, err
	}
	e := &Evaluation{Predictions: p}
	y, err := targets(table, m.Target, m.Classes)
	if err != nil {
		return nil, err
	}
	if e.Weights, err = weightsOf(table, m.weights); err != nil {
		return nil, err
	}
	if m.Task == Regression {
		e.Actual = y
	} else {
		for _, v := range y {
			e.Truth = append(e.Truth, int(v))
		}
	}
	e.Scores = scoresOf(m.Task, e.Truth, e.Actual, p, e.Weights)
	return e, nil
}

// Confusion returns the confusion matrix by the names of the classes, nil for
// Regression.
func (e *Evaluation) Confusion() *metric.Confusion {
	if e.Truth == nil {
		return nil
	}
	classes := make([]int, len(e.Classes))
	for k := range classes {
		classes[k] = k
	}
	c := metric.NewConfusion(e.Truth, e.Labels, e.Weights, classes...)
	c.Names = e.Classes
	return c
}

// String returns the scores and, for Classification, the confusion matrix.
func (e *Evaluation) String() string {
	if c := e.Confusion(); c != nil {
		return fmt.Sprintf("%v\n\n%v", e.Scores, c)
	}
	return e.Scores.String()
}
