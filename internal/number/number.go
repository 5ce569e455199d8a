// Package number asks of floating-point numbers what is right on every machine.
//
// Go may compute x*y + z with one rounding in place of two, and does so on arm64,
// ppc64le, riscv64 and s390x, and on amd64 with GOAMD64=v3; inlining makes such a
// sum of what two functions compute. So a difference like v − v need not be 0, and
// x*y − 1 need not be 0 where the product rounds to 1.
package number

import "math"

// IsFinite reports whether v is neither NaN nor infinite.
func IsFinite(v float64) bool {
	return math.Abs(v) <= math.MaxFloat64 // false for NaN
}

// Sign returns −1 or 1, and v where it is 0 or NaN, so that divergence is seen.
func Sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return v
}

// ArgMax is the index of the first largest value of a row, or −1 if a value is
// NaN.
func ArgMax(row []float64) int {
	best := 0
	for j, x := range row {
		if math.IsNaN(x) {
			return -1
		}
		if x > row[best] {
			best = j
		}
	}
	return best
}
