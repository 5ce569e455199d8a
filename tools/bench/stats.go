package main

import (
	"fmt"
	"math"
	"slices"
)

// quantile returns the q-quantile of v, interpolated between neighbours.
func quantile(v []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(v))
	if len(s) == 0 {
		return math.NaN()
	}
	at := q * float64(len(s)-1)
	i := int(at)
	j := min(i+1, len(s)-1)
	return s[i] + (at-float64(i))*(s[j]-s[i])
}

func median(v []float64) float64 { return quantile(v, 0.5) }

// quotients returns a[i]/b[i].
func quotients(a, b []float64) []float64 {
	q := make([]float64, len(a))
	for i := range q {
		q[i] = a[i] / b[i]
	}
	return q
}

// differ returns an error if a is not b: the largest difference must not exceed
// tolerance times the largest element of b. NaN differs from everything.
func differ(a, b []float64, tolerance float64) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d numbers against %d", len(a), len(b))
	}
	scale := 0.0
	for _, v := range b {
		scale = max(scale, math.Abs(v))
	}
	for i := range a {
		if d := math.Abs(a[i] - b[i]); !(d <= tolerance*scale) {
			return fmt.Errorf("number %d is %g against %g: they differ by more than %g of the largest", i, a[i], b[i], tolerance)
		}
	}
	return nil
}

// line returns the slope and the intercept of the least-squares line through
// (x, y), and the share R² of the variance of y that it explains.
func line(x, y []float64) (slope, intercept, r2 float64) {
	n := float64(len(x))
	var mx, my float64
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	var sxx, sxy, syy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		sxx, sxy, syy = sxx+dx*dx, sxy+dx*dy, syy+dy*dy
	}
	slope = sxy / sxx
	return slope, my - slope*mx, sxy * sxy / (sxx * syy)
}
