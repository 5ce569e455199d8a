package ch07b

import "math"

// digits returns to how many decimal digits got agrees with want: the largest
// whole k with |got[i] − want[i]| ≤ 10⁻ᵏ · max(1, |want[i]|) for all i. It is 16 at
// the most.
func digits(got, want []float64) int {
	// BEGIN SOLUTION
	worst := 1e-16
	for i, w := range want {
		worst = max(worst, math.Abs(got[i]-w)/max(1, math.Abs(w)))
	}
	return int(math.Floor(-math.Log10(worst)))
	// END SOLUTION
}
