package metric

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
)

// epsilon is the gap between 1 and the next float64.
const epsilon = 0x1p-52

// LogLoss is the mean of −ln p(true label), ≥ 0, in nats: the cross-entropy of the
// predicted probabilities. A probability of 0 for the true label would cost an
// infinity, so probabilities are clipped to ε … 1−ε with ε = 2⁻⁵², and a row costs at
// most 36.
//
// Prob has a row for each sample and either one column, the probability of class 1,
// or a column for each class. It is an error if a row does not sum to 1 within 10⁻⁶,
// if a probability is not between 0 and 1, if a label has no column, or if there are no
// rows. Rows are not normalised, as in scikit-learn 1.9. For logits, [LogLossLogits] is more accurate.
//
// Source: Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.
func LogLoss(truth []int, prob *mat.Dense, weight []float64) (float64, error) {
	rows, cols := prob.Dims()
	checkLengths("LogLoss", len(truth), rows, weight)
	if err := checkProbabilities("LogLoss", truth, prob, weight, "LogLossLogits"); err != nil {
		return math.NaN(), err
	}
	return mean(rows, weight, func(i int) float64 {
		row := prob.RawRowView(i)
		if cols > 1 {
			return -math.Log(clip(row[truth[i]]))
		}
		p := clip(row[0])
		if truth[i] != 1 {
			p = 1 - p
		}
		return -math.Log(p)
	}), nil
}

// LogLossLogits is [LogLoss] of the probabilities that belong to the logits z:
// 1/(1+e⁻ᶻ) of class 1 with one column, softmax(z) with one for each class. It is
// computed from the logits, with no clipping and no loss of precision: ln(1+eᶻ) − y
// z, and ln Σ eᶻ − z of the true class.
//
// It is an error if a logit is not finite, if a label has no column, or if there are no rows.
func LogLossLogits(truth []int, logit *mat.Dense, weight []float64) (float64, error) {
	rows, cols := logit.Dims()
	checkLengths("LogLossLogits", len(truth), rows, weight)
	if err := checkClasses("LogLossLogits", truth, cols, weight); err != nil {
		return math.NaN(), err
	}
	err := checkRows("LogLossLogits", rows, weight, func(i int) error {
		for _, z := range logit.RawRowView(i) {
			if !number.IsFinite(z) {
				return fmt.Errorf("row %d has logit %v, want a finite number", i, z)
			}
		}
		return nil
	})
	if err != nil {
		return math.NaN(), err
	}
	return mean(rows, weight, func(i int) float64 {
		row := logit.RawRowView(i)
		if cols > 1 {
			return floats.LogSumExp(row) - row[truth[i]]
		}
		wrong := row[0] // the logit of the class that is not true
		if truth[i] == 1 {
			wrong = -wrong
		}
		return max(wrong, 0) + math.Log1p(math.Exp(-math.Abs(wrong)))
	}), nil
}

// Brier is the mean of (p − y)², 0 to 1, where p is the probability given to class 1
// and y is 1 if that is the true class, else 0. Always predicting 0.5 gives 0.25.
//
// It is an error if a label is not 0 or 1 (or −1 or 1), if a probability is not between 0 and 1, or if there are no
// rows.
//
// Source: Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950).
func Brier(truth []int, prob, weight []float64) (float64, error) {
	checkLengths("Brier", len(truth), len(prob), weight)
	if err := checkBinary("Brier", truth, weight); err != nil {
		return math.NaN(), err
	}
	err := checkRows("Brier", len(prob), weight, func(i int) error { return checkProbability(i, prob[i]) })
	if err != nil {
		return math.NaN(), err
	}
	return mean(len(truth), weight, func(i int) float64 {
		if truth[i] == 1 {
			return (1 - prob[i]) * (1 - prob[i])
		}
		return prob[i] * prob[i]
	}), nil
}

// checkClasses says whether the labels suit predictions with this number of columns: two classes for one column.
func checkClasses(fn string, truth []int, cols int, weight []float64) error {
	if cols == 1 {
		return checkBinary(fn, truth, weight)
	}
	return checkRows(fn, len(truth), weight, func(i int) error { return checkColumn(i, truth[i], cols) })
}

// checkProbabilities says whether the rows of prob are distributions over the labels, and what to use for logits.
func checkProbabilities(fn string, truth []int, prob *mat.Dense, weight []float64, instead string) error {
	rows, cols := prob.Dims()
	if err := checkClasses(fn, truth, cols, weight); err != nil {
		return err
	}
	return checkRows(fn, rows, weight, func(i int) error {
		sum := 0.0
		for _, p := range prob.RawRowView(i) {
			if err := checkProbability(i, p); err != nil {
				return fmt.Errorf("%w: for logits use %s", err, instead)
			}
			sum += p
		}
		if cols > 1 && math.Abs(sum-1) > 1e-6 {
			return fmt.Errorf("row %d of the probabilities sums to %v, want 1", i, sum)
		}
		return nil
	})
}

// clip keeps p away from 0 and 1.
func clip(p float64) float64 { return min(max(p, epsilon), 1-epsilon) }
