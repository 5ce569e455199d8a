package metric

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
)

// Labels turns predictions, one row for each sample, into labels. With several
// columns, the scores or probabilities of the classes 0 … K−1, the label is the
// column of the largest (the first, if several are equal). With one column, the
// probability of class 1, the label is 1 above 0.5; for logits use [Threshold] at 0.
// A row with NaN gets the label −1.
func Labels(pred *mat.Dense) []int {
	rows, cols := pred.Dims()
	if cols == 1 {
		return Threshold(Column(pred, 0), 0.5)
	}
	labels := make([]int, rows)
	for i := range labels {
		labels[i] = number.ArgMax(pred.RawRowView(i))
	}
	return labels
}

// Threshold returns the label 1 for scores above t, 0 for the others, and −1 for
// NaN.
func Threshold(score []float64, t float64) []int {
	labels := make([]int, len(score))
	for i, s := range score {
		switch {
		case s > t:
			labels[i] = 1
		case math.IsNaN(s):
			labels[i] = -1
		}
	}
	return labels
}

// Column returns a copy of column j of m: the scores of class j, or the only output
// of a model.
func Column(m *mat.Dense, j int) []float64 {
	return mat.Col(nil, j, m)
}

// OneVsRest returns 1 for the labels equal to class and 0 for all others: one class
// against the rest, for [ROCCurve] and other binary metrics.
func OneVsRest(truth []int, class int) []int {
	labels := make([]int, len(truth))
	for i, label := range truth {
		if label == class {
			labels[i] = 1
		}
	}
	return labels
}
