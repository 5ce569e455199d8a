package main

import (
	"math"
	"testing"
)

func TestQuantile(t *testing.T) {
	v := []float64{4, 1, 3, 2}
	for _, c := range []struct{ q, want float64 }{{0, 1}, {0.25, 1.75}, {0.5, 2.5}, {0.75, 3.25}, {1, 4}} {
		if got := quantile(v, c.q); got != c.want {
			t.Errorf("quantile %g is %g, want %g", c.q, got, c.want)
		}
	}
	if v[0] != 4 {
		t.Error("quantile sorts its argument")
	}
	if got := quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("the median of nothing is %g", got)
	}
}

func TestRatioPairsRounds(t *testing.T) {
	// The machine slows down for both sides by turns: each round's ratio is 2.
	r := result{mine: []float64{1, 10, 3}, peer: []float64{2, 20, 6}}
	if middle, low, high := r.ratio(); middle != 2 || low != 2 || high != 2 {
		t.Errorf("got %g, %g, %g, want 2", middle, low, high)
	}
}

func TestDiffer(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		a, b []float64
		same bool
	}{
		"equal":                   {[]float64{1, 2}, []float64{1, 2}, true},
		"within the tolerance":    {[]float64{1.0009, 100}, []float64{1, 100}, true},
		"measured by the largest": {[]float64{0, 100}, []float64{0.05, 100}, true},
		"beyond":                  {[]float64{1, 101}, []float64{1, 100}, false},
		"another length":          {[]float64{1}, []float64{1, 2}, false},
		"NaN":                     {[]float64{nan}, []float64{nan}, false},
		"NaN among numbers":       {[]float64{nan, 1}, []float64{1, 1}, false},
	} {
		if err := differ(c.a, c.b, 1e-3); (err == nil) != c.same {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLine(t *testing.T) {
	slope, intercept, r2 := line([]float64{1, 2, 3}, []float64{5, 7, 9})
	if slope != 2 || intercept != 3 || r2 != 1 {
		t.Errorf("got %g·x + %g, R² = %g; want 2x + 3 and 1", slope, intercept, r2)
	}
	if _, _, r2 := line([]float64{1, 2, 3, 4}, []float64{1, -1, -1, 1}); r2 != 0 {
		t.Errorf("R² of what is no line is %g", r2)
	}
}

func TestContenders(t *testing.T) {
	entrants := []*entrant{
		{rival: -1, seconds: []float64{9}},
		{rival: 0, variant: "slow", seconds: []float64{5}},
		{rival: 0, variant: "fast", seconds: []float64{2}},
		{rival: 0, variant: "near", seconds: []float64{3}},
		{rival: 0, variant: "old", before: true, seconds: []float64{50}},
		{rival: 1, variant: "only", seconds: []float64{50}},
	}
	if got := fastest(entrants, 0, false).variant; got != "fast" {
		t.Errorf("the fastest is %q", got)
	}
	if got := fastest(entrants, 0, true).variant; got != "old" {
		t.Errorf("the fastest of a distribution is %q", got)
	}
	var kept []string
	for _, e := range contenders(entrants) {
		kept = append(kept, e.variant)
	}
	if len(kept) != 5 || kept[1] != "fast" || kept[2] != "near" {
		t.Errorf("kept %q: the slow variant, and no other, had to go", kept)
	}
}
