package metric

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/order"
)

// A Curve shows a binary classifier at every threshold: point i is the result if
// rows with a score ≥ Threshold[i] are predicted positive. Thresholds fall from +Inf
// (no row is positive) to the smallest score (all rows are), so curves start at the
// left.
type Curve struct {
	X, Y      []float64 // ROC: false and true positive rate; precision-recall: recall and precision
	Threshold []float64 // one for each point, decreasing
}

// Area is the area under the curve by the trapezoidal rule. X must be monotonic. For
// a ROC curve this is the AUC. For a precision-recall curve use [AveragePrecision],
// since straight lines between its points are too optimistic. It panics if X and Y
// differ in length; with fewer than two points it is NaN.
func (c Curve) Area() float64 {
	if len(c.X) != len(c.Y) {
		panic(fmt.Sprintf("metric: Curve has %d values of X but %d of Y", len(c.X), len(c.Y)))
	}
	last := len(c.X) - 1
	if last < 1 {
		return math.NaN()
	}
	var area accurate.Sum
	for i := range last {
		area.Add((c.X[i+1] - c.X[i]) * (c.Y[i] + c.Y[i+1]) / 2)
	}
	if c.X[last] < c.X[0] {
		return -area.Value()
	}
	return area.Value()
}

// DropIntermediate removes points that lie halfway between their neighbours. The
// drawing and the area do not change. It is scikit-learn's drop_intermediate=True,
// which looks at three consecutive points at a time and so keeps some redundant ones.
// To choose a threshold, keep all points.
func (c Curve) DropIntermediate() Curve {
	const tiny = 1e-12 // rates are multiples of 1/n, so that rounding is far below and a true corner far above
	n := len(c.X)
	var out Curve
	for i := range n {
		// The second point is the first threshold that is a score, and is kept as well as both ends.
		if i > 1 && i < n-1 {
			bendX := c.X[i-1] - 2*c.X[i] + c.X[i+1]
			bendY := c.Y[i-1] - 2*c.Y[i] + c.Y[i+1]
			if math.Abs(bendX) < tiny && math.Abs(bendY) < tiny {
				continue
			}
		}
		out.X = append(out.X, c.X[i])
		out.Y = append(out.Y, c.Y[i])
		out.Threshold = append(out.Threshold, c.Threshold[i])
	}
	return out
}

// ROCCurve is the receiver operating characteristic: for each threshold, X is the
// false positive rate FP/(FP+TN) and Y the true positive rate TP/(TP+FN). It starts
// at (0, 0) and ends at (1, 1); guessing gives the diagonal. Equal scores make one
// point. All thresholds are kept; see [Curve.DropIntermediate]. (The threshold of the
// first point is +Inf, as in scikit-learn since 1.3; in 1.2 it was the largest score
// plus 1.)
//
// It is an error if a label is not 0 or 1 (or −1 or 1), if only one class is present (scikit-learn's curve is then
// NaN), or if a score is not finite.
//
// Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006).
func ROCCurve(truth []int, score, weight []float64) (Curve, error) {
	tp, fp, threshold, err := sweep("ROCCurve", truth, score, weight)
	if err != nil {
		return Curve{}, err
	}
	positives, negatives := tp[len(tp)-1], fp[len(fp)-1]
	if positives == 0 || negatives == 0 {
		return Curve{}, fmt.Errorf("metric: ROCCurve: only one class is present (%v positive, %v negative), want both: use more rows, or split by class",
			positives, negatives)
	}
	c := Curve{X: fp, Y: tp, Threshold: threshold}
	for i := range c.X {
		c.X[i] /= negatives
		c.Y[i] /= positives
	}
	return c, nil
}

// ROCAUC is the area under the [ROCCurve], 0 to 1: the probability that a random
// positive row has a higher score than a random negative one; equal scores count
// half. Guessing gives 0.5. Only the order of the scores matters. It returns the
// errors of [ROCCurve].
//
// Source: Hanley and McNeil, The meaning and use of the area under a ROC curve, Radiology 143 (1982).
func ROCAUC(truth []int, score, weight []float64) (float64, error) {
	c, err := ROCCurve(truth, score, weight)
	if err != nil {
		return math.NaN(), err
	}
	return c.Area(), nil
}

// PrecisionRecallCurve has for each threshold the recall TP/(TP+FN) as X and the
// precision TP/(TP+FP) as Y. It starts at recall 0, where precision is 1 by
// convention, and ends at recall 1, where precision is the share of positives. It is
// scikit-learn's curve in reverse, with a threshold (+Inf) for the conventional point
// too.
//
// It is an error if a label is not 0 or 1 (or −1 or 1), if no row is positive (scikit-learn warns and takes every
// recall as 1), or if a score is not finite.
//
// Source: Davis and Goadrich, The relationship between precision-recall and ROC curves (ICML 2006).
func PrecisionRecallCurve(truth []int, score, weight []float64) (Curve, error) {
	tp, fp, threshold, err := sweep("PrecisionRecallCurve", truth, score, weight)
	if err != nil {
		return Curve{}, err
	}
	positives := tp[len(tp)-1]
	if positives == 0 {
		return Curve{}, fmt.Errorf("metric: PrecisionRecallCurve: no row is positive (label 1), so recall is undefined")
	}
	c := Curve{X: tp, Y: fp, Threshold: threshold}
	c.Y[0] = 1
	for i := 1; i < len(c.X); i++ {
		c.Y[i] = tp[i] / (tp[i] + fp[i])
		c.X[i] = tp[i] / positives
	}
	return c, nil
}

// AveragePrecision is Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds of the
// [PrecisionRecallCurve], 0 to 1: the area under it as steps, not interpolated.
// Guessing gives about the share of positives. It returns the errors of
// PrecisionRecallCurve.
func AveragePrecision(truth []int, score, weight []float64) (float64, error) {
	c, err := PrecisionRecallCurve(truth, score, weight)
	if err != nil {
		return math.NaN(), err
	}
	var sum accurate.Sum
	for i := 1; i < len(c.X); i++ {
		sum.Add((c.X[i] - c.X[i-1]) * c.Y[i])
	}
	return sum.Value(), nil
}

// sweep lowers the threshold from +Inf through the distinct scores and accumulates the weights of the true and false
// positives. Rows of weight 0 make no threshold.
func sweep(fn string, truth []int, score, weight []float64) (tp, fp, threshold []float64, err error) {
	checkLengths(fn, len(truth), len(score), weight)
	if err = checkBinary(fn, truth, weight); err != nil {
		return nil, nil, nil, err
	}
	kept := make([]int, 0, len(truth))
	err = checkRows(fn, len(truth), weight, func(i int) error {
		if !number.IsFinite(score[i]) {
			return fmt.Errorf("row %d has score %v, want a finite number", i, score[i])
		}
		kept = append(kept, i)
		return nil
	})
	if err != nil {
		return nil, nil, nil, err
	}
	order.Descending(kept, score) // by row among equals: sums then do not depend on how the sort works
	points := 1
	for k, i := range kept {
		if k == 0 || score[i] != score[kept[k-1]] {
			points++
		}
	}
	tp, fp, threshold = make([]float64, points), make([]float64, points), make([]float64, points)
	threshold[0] = math.Inf(1)
	last := 0
	var positives, negatives accurate.Sum
	for _, i := range kept {
		if score[i] != threshold[last] {
			last++
			threshold[last] = score[i]
		}
		if truth[i] == 1 {
			positives.Add(weightAt(weight, i))
		} else {
			negatives.Add(weightAt(weight, i))
		}
		tp[last], fp[last] = positives.Value(), negatives.Value()
	}
	return tp, fp, threshold, nil
}
