// Package golden compares results with reference values that a script kept
// beside them (testdata/golden.py) computed with PyTorch, scikit-learn or NumPy.
package golden

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// Load reads a JSON file of reference values into a T.
func Load[T any](t testing.TB, path string) T {
	t.Helper()
	var v T
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("golden: %v", err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("golden: %s: %v", path, err)
	}
	return v
}

// Close fails the test unless |got − want| ≤ rel·|want|; where want is 0, got
// must be within rel of it. NaN is close to NaN, and an infinity to itself.
func Close(t testing.TB, name string, got, want, rel float64) {
	t.Helper()
	if !isClose(got, want, rel) {
		t.Errorf("%s = %.17g, want %.17g (relative difference %.3g, allowed %.3g)",
			name, got, want, math.Abs(got-want)/math.Abs(want), rel)
	}
}

// CloseSlice fails the test unless the vectors have equal length and
// ‖got − want‖∞ ≤ rel·‖want‖∞: the scale is the vector's largest element, since
// a component that cancels to nearly nothing carries no digits. A
// reference that is not finite has no scale, so it fails the test as well.
func CloseSlice(t testing.TB, name string, got, want []float64, rel float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has length %d, want %d", name, len(got), len(want))
		return
	}
	scale := 0.0
	for _, w := range want {
		scale = math.Max(scale, math.Abs(w))
	}
	if math.IsNaN(scale) || math.IsInf(scale, 1) {
		t.Errorf("the reference values of %s are not finite: %v", name, want)
		return
	}
	if scale == 0 {
		scale = 1
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= rel*scale) {
			t.Errorf("%s[%d] = %.17g, want %.17g (difference %.3g of the largest element, allowed %.3g)",
				name, i, got[i], w, math.Abs(got[i]-w)/scale, rel)
			return
		}
	}
}

func isClose(got, want, rel float64) bool {
	switch {
	case math.IsNaN(want):
		return math.IsNaN(got)
	case math.IsInf(want, 0):
		return got == want
	case want == 0:
		return math.Abs(got) <= rel
	}
	return math.Abs(got-want) <= rel*math.Abs(want)
}
