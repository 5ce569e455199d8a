package metric

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Accuracy is the share of rows whose predicted label is the true one, 0 to 1.
// NaN if there are no rows.
func Accuracy(truth, pred []int, weight []float64) float64 {
	checkLengths("Accuracy", len(truth), len(pred), weight)
	return mean(len(truth), weight, func(i int) float64 {
		if truth[i] == pred[i] {
			return 1
		}
		return 0
	})
}

// BalancedAccuracy is the mean of the recalls of the classes that occur in truth, 0
// to 1: each class counts equally, however rare. Guessing gives 1/K. NaN if there are
// no rows.
//
// Source: Brodersen, Ong, Stephan, Buhmann, The balanced accuracy and its posterior distribution (ICPR 2010).
func BalancedAccuracy(truth, pred []int, weight []float64) float64 {
	t := newTally(NewConfusion(truth, pred, weight))
	sum, classes := 0.0, 0
	for i, n := range t.fact {
		if n > 0 {
			sum += t.recall(i)
			classes++
		}
	}
	return sum / float64(classes)
}

// TopKAccuracy is the share of rows whose true label is among the k columns with the
// largest scores, 0 to 1. Score has a column for each class. Among equal scores the
// later columns come first, as in scikit-learn. If k is at least the number of
// columns, it is always 1.
//
// It panics if k < 1. A label that has no column, a NaN score, or no rows is an error.
func TopKAccuracy(truth []int, score *mat.Dense, k int, weight []float64) (float64, error) {
	rows, cols := score.Dims()
	checkLengths("TopKAccuracy", len(truth), rows, weight)
	if k < 1 {
		panic(fmt.Sprintf("metric: TopKAccuracy: k is %d, want at least 1", k))
	}
	err := checkRows("TopKAccuracy", rows, weight, func(i int) error {
		if slices.ContainsFunc(score.RawRowView(i), math.IsNaN) {
			return fmt.Errorf("row %d has a score that is NaN", i)
		}
		return checkColumn(i, truth[i], cols)
	})
	if err != nil {
		return math.NaN(), err
	}
	return mean(rows, weight, func(i int) float64 {
		if rank(score.RawRowView(i), truth[i]) < k {
			return 1
		}
		return 0
	}), nil
}

// rank counts the scores that come before the one of the given label.
func rank(score []float64, label int) int {
	before := 0
	for j, s := range score {
		if s > score[label] || s == score[label] && j > label {
			before++
		}
	}
	return before
}

// checkColumn says whether the label of row i is one of the columns.
func checkColumn(i, label, cols int) error {
	if label < 0 || label >= cols {
		return fmt.Errorf("row %d has label %d, but the predictions have columns for 0 to %d", i, label, cols-1)
	}
	return nil
}
