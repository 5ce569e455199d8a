package loss

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
)

// BalancedWeights returns class weights with which all k classes count equally,
// however rare they are:
//
//	v_c = Σ wᵢ / (k · Σ_{i: yᵢ = c} wᵢ)
//
// The target is a column of class numbers, and weight is nil or holds a weight for
// each row. Targets of −1 are ignored. Use v as [CrossEntropy.ClassWeight], or
// multiply the sample weights by v_y, for any loss. The mean of the weights over the
// samples is 1. It is an error if a class has no sample.
//
// It is scikit-learn's compute_class_weight("balanced"), from King and Zeng, Logistic
// Regression in Rare Events Data, 2001.
func BalancedWeights(target *mat.Dense, classes int, weight []float64) ([]float64, error) {
	if err := checkNumbers(target, classes, true); err != nil {
		return nil, err
	}
	rows, _ := target.Dims()
	checkWeight(weight, rows)
	counts, total := count(target, 0, classes, weight)
	for c, n := range counts {
		if n == 0 {
			return nil, fmt.Errorf("loss: no row is of class %d, so that no weight can balance it: leave the class out, or take other rows", c)
		}
		counts[c] = total / (float64(classes) * n)
	}
	return counts, nil
}

// BalancedPositiveWeight returns for each column of a target of zeros and ones
//
//	v = Σ_{i: yᵢ = 0} wᵢ / Σ_{i: yᵢ = 1} wᵢ
//
// With v as [BinaryCrossEntropy.PositiveWeight] both classes count equally. Targets
// of −1 are ignored. It is an error if any other target is not 0 or 1, or if a class
// has no sample.
//
// The loss is then Σ wᵢ/(2 Σ_{yᵢ=0} wᵢ) times smaller than with [BalancedWeights] as
// sample weights, which is scikit-learn's class_weight="balanced". It matters if a
// penalty is added.
func BalancedPositiveWeight(target *mat.Dense, weight []float64) ([]float64, error) {
	rows, cols := target.Dims()
	checkWeight(weight, rows)
	err := checkEach(target, cols, func(y float64) error {
		if y != unlabelled {
			return zeroOrOne(y)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	v := make([]float64, cols)
	for j := range v {
		counts, _ := count(target, j, 2, weight)
		if counts[0] == 0 || counts[1] == 0 {
			return nil, fmt.Errorf("loss: column %d of the target has %g zeros and %g ones, so that no weight can balance them: take other rows", j, counts[0], counts[1])
		}
		v[j] = counts[0] / counts[1]
	}
	return v, nil
}

// count returns the weight of each class in column j, and of all.
func count(target *mat.Dense, j, classes int, weight []float64) (counts []float64, total float64) {
	sums := make([]accurate.Sum, classes)
	rows, _ := target.Dims()
	for i := range rows {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		if y := target.At(i, j); y != unlabelled && w != 0 {
			sums[class(y, classes)].Add(w)
		}
	}
	counts = make([]float64, classes)
	var all accurate.Sum
	for c := range sums {
		counts[c] = sums[c].Value()
		all.Add(counts[c])
	}
	return counts, all.Value()
}
