package loss

import (
	"math"
	"slices"
	"testing"
)

// Many elements at a time are what Point says of each, also at the ends of the range
// and with the derivatives in the place of the predictions.
func TestPoissonPoints(t *testing.T) {
	f := []float64{0, 1, -1, 0.3, 20, -745, -800, 708.9, 709.5, 709.78, 710, math.Inf(1), math.Inf(-1), math.NaN(), 5, -3, 2}
	y := []float64{0, 1, 2, 0.5, 1e6, 3, 0, 1, 2, 3, 4, 1, 0, 1, 148, 0, 7}
	l, d := make([]float64, len(f)), slices.Clone(f)
	Points(Poisson{}, l, d, d, y)
	same := func(a, b, scale float64) bool {
		return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 4*0x1p-52*scale
	}
	for j, v := range f {
		wantL, wantD := (Poisson{}).Point(v, y[j])
		scale := math.Exp(v) + math.Abs(y[j]*v) + y[j]
		if !same(l[j], wantL, scale) || !same(d[j], wantD, scale) {
			t.Errorf("f = %g, y = %g: %v and %v, Point has %v and %v", v, y[j], l[j], d[j], wantL, wantD)
		}
	}
}
