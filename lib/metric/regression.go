package metric

import (
	"math"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/order"
)

// MAE is the mean absolute error, mean |y − ŷ|, in the unit of the target. NaN if there are no rows.
func MAE(truth, pred, weight []float64) float64 {
	checkLengths("MAE", len(truth), len(pred), weight)
	return pairing{set: absolutes, truth: truth, pred: pred}.mean(weight)
}

// MSE is the mean squared error, mean (y − ŷ)², in the squared unit of the target. NaN if there are no rows.
func MSE(truth, pred, weight []float64) float64 {
	checkLengths("MSE", len(truth), len(pred), weight)
	m, unit := meanSquare(pairing{set: differences, truth: truth, pred: pred}, weight)
	return m * unit * unit
}

// meanSquare is the mean of squares in units of a power of two, squared. It is 1 unless the squares would leave the
// range of a float64, which a root or a quotient of them does not.
func meanSquare(p pairing, weight []float64) (m, unit float64) {
	p.unit = 1
	if m = p.mean(weight); m > 1e-280 && !math.IsInf(m, 1) || math.IsNaN(m) {
		return m, 1
	}
	top, plain := 0.0, p
	plain.unit = 0
	for i := range p.truth {
		if weightAt(weight, i) > 0 {
			top = max(top, math.Abs(plain.at(i)))
		}
	}
	if top == 0 || math.IsInf(top, 1) {
		return m, 1
	}
	_, exponent := math.Frexp(top)
	p.unit = math.Ldexp(1, exponent-1)
	return p.mean(weight), p.unit
}

// RMSE is the root of [MSE], in the unit of the target. NaN if there are no rows.
func RMSE(truth, pred, weight []float64) float64 {
	checkLengths("RMSE", len(truth), len(pred), weight)
	m, unit := meanSquare(pairing{set: differences, truth: truth, pred: pred}, weight)
	return math.Sqrt(m) * unit
}

// MAPE is the mean absolute percentage error, mean |y − ŷ| / max(|y|, ε) with ε =
// 2⁻⁵², as a fraction: 0.1 is 10 %. A true value of 0 makes it enormous; use another
// metric then. NaN if there are no rows.
func MAPE(truth, pred, weight []float64) float64 {
	checkLengths("MAPE", len(truth), len(pred), weight)
	return pairing{set: percentages, truth: truth, pred: pred}.mean(weight)
}

// MedianAE is the median absolute error, median |y − ŷ|, in the unit of the target:
// half of the rows have a smaller error. If the middle lies between two rows, it is
// their mean, with weights too. (With weights, scikit-learn 1.2 took the smaller of
// the two.) NaN if there are no rows or if a value is NaN.
func MedianAE(truth, pred, weight []float64) float64 {
	checkLengths("MedianAE", len(truth), len(pred), weight)
	errs, rows := make([]float64, len(truth)), make([]int, 0, len(truth))
	for i := range truth {
		if errs[i] = math.Abs(truth[i] - pred[i]); weightAt(weight, i) > 0 {
			if math.IsNaN(errs[i]) {
				return math.NaN()
			}
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return math.NaN()
	}
	if weight == nil {
		low, high := (len(errs)-1)/2, len(errs)/2
		order.Place(errs, low, high)
		if low == high {
			return errs[low]
		}
		return (errs[low] + errs[high]) / 2
	}
	var total, below accurate.Sum
	for _, i := range rows {
		total.Add(weight[i])
	}
	order.Ascending(rows, errs)
	half, k := total.Value()/2, 0
	below.Add(weight[rows[0]])
	for below.Value() < half && k < len(rows)-1 {
		k++
		below.Add(weight[rows[k]])
	}
	if below.Value() == half && k < len(rows)-1 {
		return (errs[rows[k]] + errs[rows[k+1]]) / 2
	}
	return errs[rows[k]]
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
	rows, first, constant := 0, 0.0, true
	for i := 0; i < len(truth) && (rows < 2 || constant); i++ {
		if weightAt(weight, i) > 0 {
			if rows == 0 {
				first = truth[i]
			}
			rows++
			constant = constant && truth[i] == first
		}
	}
	center := pairing{truth: truth, pred: pred}.mean(weight)
	residual, unit := meanSquare(pairing{set: differences, truth: truth, pred: pred}, weight)
	variance, other := meanSquare(pairing{set: deviations, truth: truth, pred: pred, center: center}, weight)
	switch {
	case rows < 2 || math.IsNaN(residual):
		return math.NaN()
	case residual == 0:
		return 1
	case constant: // variance may be a rounding error above 0
		return 0
	}
	return 1 - residual/variance*(unit/other)*(unit/other)
}
