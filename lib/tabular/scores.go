package tabular

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/tune"
)

// A Score is the value of a metric.
type Score struct {
	Name  string
	Value float64   // NaN if the metric is undefined for the rows
	Goal  tune.Goal // tune.Greatest if large values are good
}

// MarshalJSON writes null for NaN.
func (s Score) MarshalJSON() ([]byte, error) {
	v := struct {
		Name  string
		Value *float64
		Goal  tune.Goal
	}{s.Name, &s.Value, s.Goal}
	if math.IsNaN(s.Value) {
		v.Value = nil
	}
	return json.Marshal(v)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Score) UnmarshalJSON(data []byte) error {
	var v struct {
		Name  string
		Value *float64
		Goal  tune.Goal
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*s = Score{v.Name, math.NaN(), v.Goal}
	if v.Value != nil {
		s.Value = *v.Value
	}
	return nil
}

// Scores are the values of the metrics of a task, always in the same order:
//
//	Classification, two classes   accuracy, balanced accuracy, F1, ROC AUC, average precision, log loss, Brier score
//	Classification, k classes     accuracy, balanced accuracy, F1, ROC AUC, log loss
//	Regression                    R2, RMSE, MAE, median AE
//
// F1, ROC AUC, average precision and Brier score of two classes are those of the
// positive one; for k classes F1 is the mean over classes (macro), and ROC AUC the mean
// of one class against the rest. They are the functions of package metric.
type Scores []Score

// Value returns the value of the metric with the given name, NaN if there is none.
func (s Scores) Value(name string) float64 {
	for _, score := range s {
		if score.Name == name {
			return score.Value
		}
	}
	return math.NaN()
}

// String returns a line for each score.
func (s Scores) String() string {
	width := 0
	for _, score := range s {
		width = max(width, utf8.RuneCountInString(score.Name))
	}
	var b strings.Builder
	for _, score := range s {
		fmt.Fprintf(&b, "%-*s  %.4g\n", width, score.Name, score.Value)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// goals are the directions of the metrics.
var goals = map[string]tune.Goal{
	"accuracy": tune.Greatest, "balanced accuracy": tune.Greatest, "F1": tune.Greatest, "ROC AUC": tune.Greatest,
	"average precision": tune.Greatest, "log loss": tune.Least, "Brier score": tune.Least,
	"R2": tune.Greatest, "RMSE": tune.Least, "MAE": tune.Least, "median AE": tune.Least,
}

// add appends a score, NaN if it is undefined.
func (s *Scores) add(name string, value float64, err error) {
	if err != nil {
		value = math.NaN()
	}
	*s = append(*s, Score{name, value, goals[name]})
}

// scoresOf returns the scores of predictions.
func scoresOf(task Task, labels []int, values []float64, p *Predictions, weights []float64) (s Scores) {
	if task == Regression {
		s.add("R2", metric.R2(values, p.Values, weights), nil)
		s.add("RMSE", metric.RMSE(values, p.Values, weights), nil)
		s.add("MAE", metric.MAE(values, p.Values, weights), nil)
		s.add("median AE", metric.MedianAE(values, p.Values, weights), nil)
		return s
	}
	with := func(name string) func(float64, error) {
		return func(v float64, err error) { s.add(name, v, err) }
	}
	s.add("accuracy", metric.Accuracy(labels, p.Labels, weights), nil)
	s.add("balanced accuracy", metric.BalancedAccuracy(labels, p.Labels, weights), nil)
	if len(p.Classes) == 2 {
		positive := metric.Column(p.Probabilities, 1)
		s.add("F1", metric.F1(labels, p.Labels, metric.Binary, weights), nil)
		with("ROC AUC")(metric.ROCAUC(labels, positive, weights))
		with("average precision")(metric.AveragePrecision(labels, positive, weights))
		with("log loss")(metric.LogLoss(labels, p.Probabilities, weights))
		with("Brier score")(metric.Brier(labels, positive, weights))
		return s
	}
	s.add("F1", metric.F1(labels, p.Labels, metric.Macro, weights), nil)
	with("ROC AUC")(metric.ROCAUCOneVsRest(labels, p.Probabilities, metric.Macro, weights))
	with("log loss")(metric.LogLoss(labels, p.Probabilities, weights))
	return s
}
