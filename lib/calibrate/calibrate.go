// Package calibrate turns the scores of a classifier into probabilities that agree with
// frequencies: of all rows with a probability of 0.7, seven in ten belong to the class.
//
// Networks and boosted models are often too sure, models with strong penalties not sure
// enough. metric.NewCalibration and plots.Calibration show it. A calibrator is a
// function of one score, fitted on rows that the classifier was not trained on:
//
//	calibrator, err := calibrate.Fit(calibrate.Sigmoid, scores, labels, nil)
//	p, err := calibrator.Probabilities(newScores)
//
// [Platt] is a sigmoid with two parameters; it suits few rows. [Isotonic] is any function
// that increases; it needs about a thousand rows. Neither changes which of two rows has
// the larger score, so that the ROC curve remains, except for ties.
package calibrate

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/metric"
)

// A Kind names a calibrator.
type Kind string

// The kinds of calibrators.
const (
	Sigmoid  Kind = "sigmoid"  // Platt
	Monotone Kind = "isotonic" // Isotonic
)

// A Classifier calibrates the scores of a classifier, class by class. With one column of
// scores it has one calibrator, for class 1. With a column for each class it has one
// calibrator for each, of that class against the rest, and divides the probabilities of a
// row by their sum: if that is 0, all are equal. It is scikit-learn's
// CalibratedClassifierCV with ensemble=False.
//
// Source: Zadrozny and Elkan, Transforming Classifier Scores into Accurate Multiclass
// Probability Estimates, KDD 2002.
type Classifier struct {
	Kind     Kind
	Platt    []Platt    `json:",omitempty"` // of each column of scores, if Kind is Sigmoid
	Isotonic []Isotonic `json:",omitempty"` // likewise, if Kind is Monotone
}

// Fit fits a calibrator to scores of rows that the classifier was not trained on, with
// their labels and weights; nil weights are all 1. Scores are logits, or any numbers
// that grow with the probability: one column for two classes, or one for each class.
func Fit(kind Kind, scores *mat.Dense, truth []int, weight []float64) (*Classifier, error) {
	c := &Classifier{Kind: kind}
	rows, columns := scores.Dims()
	if rows != len(truth) {
		return nil, fmt.Errorf("calibrate: %d rows of scores and %d labels", rows, len(truth))
	}
	for i, label := range truth {
		if label < 0 || label >= max(columns, 2) {
			return nil, fmt.Errorf("calibrate: row %d has label %d, want 0 to %d", i, label, max(columns, 2)-1)
		}
	}
	for k := range columns {
		class := k
		if columns == 1 {
			class = 1
		}
		binary, score := metric.OneVsRest(truth, class), metric.Column(scores, k)
		switch kind {
		case Sigmoid:
			p, err := FitPlatt(score, binary, weight)
			if err != nil {
				return nil, err
			}
			c.Platt = append(c.Platt, *p)
		case Monotone:
			y := make([]float64, rows)
			for i, label := range binary {
				y[i] = float64(label)
			}
			p, err := FitIsotonic(score, y, weight)
			if err != nil {
				return nil, err
			}
			c.Isotonic = append(c.Isotonic, *p)
		default:
			return nil, unknown(kind)
		}
	}
	return c, nil
}

func unknown(kind Kind) error {
	return fmt.Errorf("calibrate: the kind is %q, want %q or %q", kind, Sigmoid, Monotone)
}

// Probabilities returns the probabilities of the classes for each row of scores: in as
// many columns as there are classes, two for one column of scores. It returns an error
// if the number of columns is not that of Fit or a score is NaN.
func (c *Classifier) Probabilities(scores *mat.Dense) (*mat.Dense, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	rows, columns := scores.Dims()
	if columns != c.columns() {
		return nil, fmt.Errorf("calibrate: %d columns of scores, Fit had %d", columns, c.columns())
	}
	out := mat.NewDense(rows, max(columns, 2), nil)
	for i := range rows {
		p, sum := out.RawRowView(i), 0.0
		for k := range columns {
			v := scores.At(i, k)
			if math.IsNaN(v) {
				return nil, fmt.Errorf("calibrate: the score of row %d, column %d is NaN", i, k)
			}
			p[k] = c.at(k, v)
			sum += p[k]
		}
		switch {
		case columns == 1:
			p[0], p[1] = 1-p[0], p[0]
		case sum == 0:
			for k := range p {
				p[k] = 1 / float64(columns)
			}
		default:
			for k := range p {
				p[k] /= sum
			}
		}
	}
	return out, nil
}

func (c *Classifier) columns() int { return len(c.Platt) + len(c.Isotonic) }

func (c *Classifier) at(k int, score float64) float64 {
	if c.Kind == Sigmoid {
		return c.Platt[k].At(score)
	}
	return min(max(c.Isotonic[k].At(score), 0), 1)
}

// Validate returns an error for a classifier that Fit cannot have made.
func (c *Classifier) Validate() error {
	if c.columns() == 0 || c.Kind == Sigmoid && c.Isotonic != nil || c.Kind == Monotone && c.Platt != nil {
		return errors.New("calibrate: the classifier has no calibrators of its kind: use Fit")
	}
	if c.Kind != Sigmoid && c.Kind != Monotone {
		return unknown(c.Kind)
	}
	for _, p := range c.Platt {
		if !number.IsFinite(p.A) || !number.IsFinite(p.B) {
			return fmt.Errorf("calibrate: the sigmoid has the parameters %g and %g, want finite ones", p.A, p.B)
		}
	}
	for _, p := range c.Isotonic {
		if err := p.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// check returns an error for scores and weights that cannot be used.
func check(score []float64, n int, weight []float64) error {
	if len(score) == 0 || len(score) != n || weight != nil && len(weight) != n {
		return fmt.Errorf("calibrate: %d scores, %d values and %d weights: want as many of each, and at least one", len(score), n, len(weight))
	}
	for i, v := range score {
		if !number.IsFinite(v) {
			return fmt.Errorf("calibrate: the score of row %d is %g, want a finite number", i, v)
		}
	}
	for i, v := range weight {
		if !(v >= 0) || math.IsInf(v, 1) {
			return fmt.Errorf("calibrate: the weight of row %d is %g, want a finite number ≥ 0", i, v)
		}
	}
	return nil
}

func weightAt(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}
