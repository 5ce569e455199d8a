package decimal_test

import (
	"math"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/decimal"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "-0": math.Copysign(0, -1), "12": 12, "+12": 12, "-1.5": -1.5, ".5": 0.5, "3.": 3, "1e3": 1000,
		"1E+3": 1000, "-2.5e-3": -0.0025, "007": 7, "1e-400": 0, "4.9e-324": math.SmallestNonzeroFloat64,
		"0.1": 0.1, strings.Repeat("1", 300): 1.1111111111111111e299,
		"inf": math.Inf(1), "-Inf": math.Inf(-1), "+INFINITY": math.Inf(1), "Infinity": math.Inf(1),
	} {
		if v, err := decimal.Parse(text); err != nil || math.Float64bits(v) != math.Float64bits(want) {
			t.Errorf("%q is %v, %v, want %v", text, v, err, want)
		}
	}
	for _, text := range []string{
		"1_000", "2023_01", "0x1p4", "0x10", "0b1", "0o7", "1p4", "nan", "NaN", "+nan", // Go's own syntax
		"", " ", " 1", "1 ", "+", "-", ".", "+.", "e5", ".e5", "1e", "1e+", "1e5.5", "1.2.3", "--1", "+-1", "1,5", "1f", "1i",
		"infinit", "in", "−1", "١٢", "１２", "1'000", "1\x00", "Inf1",
	} {
		if v, err := decimal.Parse(text); err == nil || !strings.Contains(err.Error(), "is not a number") {
			t.Errorf("%q is %v, %v, want an error", text, v, err)
		}
	}
	if v, err := decimal.Parse("-1e999"); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("1e999 is %v, %v", v, err)
	}
}
