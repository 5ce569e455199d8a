package metric

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/accurate"
)

// checkLengths panics unless truth, predictions and weights have the same length and the weights are usable.
func checkLengths(fn string, truth, pred int, weight []float64) {
	if truth != pred {
		panic(fmt.Sprintf("metric: %s: %d true values but %d predictions", fn, truth, pred))
	}
	if weight == nil {
		return
	}
	if len(weight) != truth {
		panic(fmt.Sprintf("metric: %s: %d true values but %d weights", fn, truth, len(weight)))
	}
	for i, w := range weight {
		if !(w >= 0) || math.IsInf(w, 1) {
			panic(fmt.Sprintf("metric: %s: weight[%d] is %v, want a finite number ≥ 0", fn, i, w))
		}
	}
}

// weightAt is the weight of row i: 1 if there are no weights.
func weightAt(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}

// mean is Σ wᵢ value(i) / Σ wᵢ over rows of positive weight: NaN if there is none.
func mean(n int, weight []float64, value func(i int) float64) float64 {
	var sum, total accurate.Sum
	for i := range n {
		if w := weightAt(weight, i); w > 0 {
			sum.Add(w * value(i))
			total.Add(w)
		}
	}
	if math.IsInf(sum.Value(), 0) || math.IsInf(total.Value(), 0) {
		return meanOfLarge(n, weight, value)
	}
	return sum.Value() / total.Value()
}

// meanOfLarge is mean where sums leave the range of a float64: values and weights are made smaller first.
func meanOfLarge(n int, weight []float64, value func(i int) float64) float64 {
	const smaller = 0x1p-80
	var sum, total accurate.Sum
	for i := range n {
		if w := weightAt(weight, i); w > 0 {
			total.Add(w * smaller)
		}
	}
	for i := range n {
		if w := weightAt(weight, i); w > 0 {
			sum.Add(w * smaller / total.Value() * (value(i) / 2))
		}
	}
	return sum.Value() * 2
}

// checkRows returns the first error of check over the rows of positive weight, or an error if there is no such row.
func checkRows(fn string, n int, weight []float64, check func(i int) error) error {
	empty := true
	for i := range n {
		if weightAt(weight, i) == 0 {
			continue
		}
		empty = false
		if err := check(i); err != nil {
			return fmt.Errorf("metric: %s: %w", fn, err)
		}
	}
	if empty {
		return fmt.Errorf("metric: %s: there are no rows of positive weight", fn)
	}
	return nil
}

// checkBinary says whether truth holds only 0 and 1, or only −1 and 1, in the rows of positive weight.
func checkBinary(fn string, truth []int, weight []float64) error {
	negative := 1 // not yet seen
	return checkRows(fn, len(truth), weight, func(i int) error {
		switch label := truth[i]; {
		case label == 1:
		case label != 0 && label != -1:
			return fmt.Errorf("row %d has label %d, want two classes, 0 and 1 (or −1 and 1): OneVsRest makes two of many", i, label)
		case negative == 1:
			negative = label
		case label != negative:
			return fmt.Errorf("row %d has label %d but an earlier row has %d, want 0 and 1, or −1 and 1", i, label, negative)
		}
		return nil
	})
}

// checkProbability says whether p is a probability.
func checkProbability(i int, p float64) error {
	if !(p >= 0 && p <= 1) {
		return fmt.Errorf("row %d has probability %v, want 0 to 1", i, p)
	}
	return nil
}
