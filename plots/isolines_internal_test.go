package plots

import (
	"math"
	"testing"
)

// The isolines of x² + y² are circles, each in one piece, and those of x are
// lines from edge to edge.
func TestIsolines(t *testing.T) {
	round := newField(func(x, y float64) float64 { return x*x + y*y }, -1, 1, -1, 1)
	curves := round.curves(0.25)
	if len(curves) != 1 || curves[0][0] != curves[0][len(curves[0])-1] {
		t.Fatalf("a circle is %d curves", len(curves))
	}
	for _, e := range curves[0] {
		if x, y := round.crossing(e, 0.25); math.Abs(math.Hypot(x, y)-0.5) > 1e-3 {
			t.Fatalf("the circle of radius ½ goes through (%g, %g)", x, y)
		}
	}
	if corners := round.curves(1.2); len(corners) != 4 {
		t.Errorf("a circle that leaves the square is %d curves, want 4", len(corners))
	}
	straight := newField(func(x, _ float64) float64 { return x }, 0, 1, 0, 1)
	if lines := straight.curves(0.3); len(lines) != 1 || len(lines[0]) != fieldRows {
		t.Errorf("a line is %d curves", len(lines))
	}
	saddle := newField(func(x, y float64) float64 { return x * y }, -1, 1.01, -1, 1.01)
	if branches := saddle.curves(1e-3); len(branches) != 2 {
		t.Errorf("a hyperbola is %d curves", len(branches))
	}
	if nothing := newField(func(x, y float64) float64 { return math.NaN() }, 0, 1, 0, 1).curves(0); len(nothing) != 0 {
		t.Errorf("NaN has %d curves", len(nothing))
	}
}
