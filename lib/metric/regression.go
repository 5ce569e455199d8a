package metric

import (
	"cmp"
	"math"
	"slices"

	"github.com/descent-go/descent/internal/accurate"
)

// MAE is the mean absolute error, mean |y − ŷ|, in the unit of the target. NaN if there are no rows.
func MAE(truth, pred, weight []float64) float64 {
	checkLengths("MAE", len(truth), len(pred), weight)
	return mean(len(truth), weight, func(i int) float64 { return math.Abs(truth[i] - pred[i]) })
}

// MSE is the mean squared error, mean (y − ŷ)², in the squared unit of the target. NaN if there are no rows.
func MSE(truth, pred, weight []float64) float64 {
	checkLengths("MSE", len(truth), len(pred), weight)
	m, unit := meanSquare(len(truth), weight, func(i int) float64 { return truth[i] - pred[i] })
	return m * unit * unit
}

// meanSquare is the mean of value(i)² in units of a power of two, squared. It is 1 unless the squares would leave the
// range of a float64, which a root or a quotient of them does not.
func meanSquare(n int, weight []float64, value func(i int) float64) (m, unit float64) {
	square := func(i int) float64 {
		v := value(i) / unit
		return v * v
	}
	unit = 1
	if m = mean(n, weight, square); m > 1e-280 && !math.IsInf(m, 1) || math.IsNaN(m) {
		return m, unit
	}
	top := 0.0
	for i := range n {
		if weightAt(weight, i) > 0 {
			top = max(top, math.Abs(value(i)))
		}
	}
	if top == 0 || math.IsInf(top, 1) {
		return m, unit
	}
	_, exponent := math.Frexp(top)
	unit = math.Ldexp(1, exponent-1)
	return mean(n, weight, square), unit
}

// RMSE is the root of [MSE], in the unit of the target. NaN if there are no rows.
func RMSE(truth, pred, weight []float64) float64 {
	checkLengths("RMSE", len(truth), len(pred), weight)
	m, unit := meanSquare(len(truth), weight, func(i int) float64 { return truth[i] - pred[i] })
	return math.Sqrt(m) * unit
}

// MAPE is the mean absolute percentage error, mean |y − ŷ| / max(|y|, ε) with ε =
// 2⁻⁵², as a fraction: 0.1 is 10 %. A true value of 0 makes it enormous; use another
// metric then. NaN if there are no rows.
func MAPE(truth, pred, weight []float64) float64 {
	checkLengths("MAPE", len(truth), len(pred), weight)
	return mean(len(truth), weight, func(i int) float64 {
		return math.Abs(truth[i]-pred[i]) / max(math.Abs(truth[i]), epsilon)
	})
}

// MedianAE is the median absolute error, median |y − ŷ|, in the unit of the target:
// half of the rows have a smaller error. If the middle lies between two rows, it is
// their mean, with weights too. (With weights, scikit-learn 1.2 took the smaller of
// the two.) NaN if there are no rows or if a value is NaN.
func MedianAE(truth, pred, weight []float64) float64 {
	checkLengths("MedianAE", len(truth), len(pred), weight)
	type row struct{ err, weight float64 }
	rows := make([]row, 0, len(truth))
	var total accurate.Sum
	for i := range truth {
		if w := weightAt(weight, i); w > 0 {
			rows = append(rows, row{math.Abs(truth[i] - pred[i]), w})
			total.Add(w)
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.err, b.err) })
	if len(rows) == 0 || math.IsNaN(rows[0].err) { // NaN sorts first
		return math.NaN()
	}
	half, i := total.Value()/2, 0
	var below accurate.Sum
	below.Add(rows[0].weight)
	for below.Value() < half && i < len(rows)-1 {
		i++
		below.Add(rows[i].weight)
	}
	if below.Value() == half && i < len(rows)-1 {
		return (rows[i].err + rows[i+1].err) / 2
	}
	return rows[i].err
}

// R2 is the coefficient of determination 1 − Σ(y − ŷ)² / Σ(y − ȳ)², at most 1: the
// share of the target's variance that the predictions explain. Always predicting the
// mean ȳ gives 0; worse predictions give less.
//
// If the target is constant the quotient is undefined: R2 is then 1 if every
// prediction is exact, otherwise 0. NaN with fewer than two rows, or if a value is
// NaN.
func R2(truth, pred, weight []float64) float64 {
	checkLengths("R2", len(truth), len(pred), weight)
	rows, lowest, highest := 0, math.Inf(1), math.Inf(-1)
	for i := range truth {
		if weightAt(weight, i) > 0 {
			rows++
			lowest, highest = min(lowest, truth[i]), max(highest, truth[i])
		}
	}
	center := mean(len(truth), weight, func(i int) float64 { return truth[i] })
	residual, unit := meanSquare(len(truth), weight, func(i int) float64 { return truth[i] - pred[i] })
	variance, other := meanSquare(len(truth), weight, func(i int) float64 { return truth[i] - center })
	switch {
	case rows < 2 || math.IsNaN(residual):
		return math.NaN()
	case residual == 0:
		return 1
	case lowest == highest: // variance may be a rounding error above 0
		return 0
	}
	return 1 - residual/variance*(unit/other)*(unit/other)
}
