package metric

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
)

// ROCCurves returns the [ROCCurve] of each class against all others: the probability
// of class k is the score. Prob has a row for each sample and a column for each of
// the classes 0 … K−1. [Curve.Area] is the AUC of a class.
//
// It is an error if a row of prob is not a distribution, if a label has no column, or
// if a class has no row or all rows.
//
// Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006), section 9.
func ROCCurves(truth []int, prob *mat.Dense, weight []float64) ([]Curve, error) {
	return rocCurves("ROCCurves", truth, prob, weight)
}

func rocCurves(fn string, truth []int, prob *mat.Dense, weight []float64) ([]Curve, error) {
	if err := checkManyClasses(fn, truth, prob, weight); err != nil {
		return nil, err
	}
	_, classes := prob.Dims()
	curves := make([]Curve, classes)
	for k := range curves {
		c, err := ROCCurve(OneVsRest(truth, k), Column(prob, k), weight)
		if err != nil {
			return nil, fmt.Errorf("metric: %s: class %d: %w", fn, k, err)
		}
		curves[k] = c
	}
	return curves, nil
}

// MicroROCCurve is the [ROCCurve] of all pairs of a row and a class together. A pair
// is positive if the class is that of the row, and its score is the probability of
// the class.
//
// It is an error if a row of prob is not a distribution, or if a label has no column.
func MicroROCCurve(truth []int, prob *mat.Dense, weight []float64) (Curve, error) {
	return microROCCurve("MicroROCCurve", truth, prob, weight)
}

func microROCCurve(fn string, truth []int, prob *mat.Dense, weight []float64) (Curve, error) {
	if err := checkManyClasses(fn, truth, prob, weight); err != nil {
		return Curve{}, err
	}
	rows, classes := prob.Dims()
	is := make([]int, 0, rows*classes)
	var score, weights []float64
	for i := range rows {
		for k := range classes {
			yes := 0
			if truth[i] == k {
				yes = 1
			}
			is, score, weights = append(is, yes), append(score, prob.At(i, k)), append(weights, weightAt(weight, i))
		}
	}
	return ROCCurve(is, score, weights)
}

// ROCAUCOneVsRest is the area under the ROC curves of several classes, each against
// all others, 0 to 1. The average is [Macro], the mean over the classes, [Weighted],
// the mean weighted by how often each is true, or [Micro], the area under
// [MicroROCCurve]. It is scikit-learn's roc_auc_score(multi_class="ovr"). It returns
// the errors of [ROCCurves], and panics on another average.
//
// Even with Macro it depends on the frequency of the classes, since the rest of each
// class is a mixture of the others.
//
// Source: Provost and Domingos, Well-trained PETs: Improving probability estimation trees (2000).
func ROCAUCOneVsRest(truth []int, prob *mat.Dense, average Average, weight []float64) (float64, error) {
	const fn = "ROCAUCOneVsRest"
	if average == Micro {
		c, err := microROCCurve(fn, truth, prob, weight)
		if err != nil {
			return math.NaN(), err
		}
		return c.Area(), nil
	}
	checkAverage(fn, average, "Macro, Weighted or Micro")
	curves, err := rocCurves(fn, truth, prob, weight)
	if err != nil {
		return math.NaN(), err
	}
	share := classWeights(truth, len(curves), weight)
	return averageOf(average, len(curves), func(k int) (area, weight float64) { return curves[k].Area(), share[k] }), nil
}

// ROCAUCOneVsOne is the mean area under ROC curves over all pairs of classes, 0 to 1.
// For a pair, only the rows of its two classes count, and the area is the mean of
// two: with the probability of one class as the score, and with that of the other.
// The average is [Macro], which does not depend on the frequency of classes, or
// [Weighted], in which each pair is weighted by its share of the rows. It is
// scikit-learn's roc_auc_score(multi_class="ovo"), which takes no weights. It returns
// the errors of [ROCCurves], and panics on another average.
//
// Source: Hand and Till, A Simple Generalisation of the Area Under the ROC Curve for Multiple Class Classification
// Problems, Machine Learning 45 (2001).
func ROCAUCOneVsOne(truth []int, prob *mat.Dense, average Average, weight []float64) (float64, error) {
	const fn = "ROCAUCOneVsOne"
	checkAverage(fn, average, "Macro or Weighted")
	if err := checkManyClasses(fn, truth, prob, weight); err != nil {
		return math.NaN(), err
	}
	_, classes := prob.Dims()
	share := classWeights(truth, classes, weight)
	var areas, weights []float64
	for a := range classes {
		for b := range a {
			var is [2][]int
			var score [2][]float64
			var pairWeight []float64
			for i, label := range truth {
				if w := weightAt(weight, i); w > 0 && (label == a || label == b) {
					pairWeight = append(pairWeight, w)
					for j, class := range [2]int{a, b} {
						is[j] = append(is[j], OneVsRest(truth[i:i+1], class)[0])
						score[j] = append(score[j], prob.At(i, class))
					}
				}
			}
			area := 0.0
			for j := range is {
				c, err := ROCCurve(is[j], score[j], pairWeight)
				if err != nil {
					return math.NaN(), fmt.Errorf("metric: %s: classes %d and %d: %w", fn, b, a, err)
				}
				area += c.Area() / 2
			}
			areas, weights = append(areas, area), append(weights, share[a]+share[b])
		}
	}
	return averageOf(average, len(areas), func(k int) (area, weight float64) { return areas[k], weights[k] }), nil
}

// averageOf is the mean of n areas, weighted or not.
func averageOf(average Average, n int, at func(k int) (area, weight float64)) float64 {
	var sum, total accurate.Sum
	for k := range n {
		area, weight := at(k)
		if average == Macro {
			weight = 1
		}
		sum.Add(area * weight)
		total.Add(weight)
	}
	return sum.Value() / total.Value()
}

// classWeights is the weight of the rows of each class.
func classWeights(truth []int, classes int, weight []float64) []float64 {
	sums := make([]accurate.Sum, classes)
	for i, label := range truth {
		if w := weightAt(weight, i); w > 0 {
			sums[label].Add(w)
		}
	}
	weights := make([]float64, classes)
	for k := range weights {
		weights[k] = sums[k].Value()
	}
	return weights
}

// checkManyClasses says whether prob has distributions over two classes or more, with columns for all labels.
func checkManyClasses(fn string, truth []int, prob *mat.Dense, weight []float64) error {
	rows, classes := prob.Dims()
	checkLengths(fn, len(truth), rows, weight)
	if classes == 1 {
		return fmt.Errorf("metric: %s: the probabilities have one column, want one for each class: use ROCAUC for two classes", fn)
	}
	return checkProbabilities(fn, truth, prob, weight, "model.Probabilities first")
}

func checkAverage(fn string, a Average, want string) {
	if a != Macro && a != Weighted {
		panic(fmt.Sprintf("metric: %s: the average is %v, want %s", fn, a, want))
	}
}
