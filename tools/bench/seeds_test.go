package main

import (
	"strings"
	"testing"
)

func TestSizes(t *testing.T) {
	if got := (inputs{}).size("rows", 200_000); got != 200_000 {
		t.Errorf("without a seed there are %d rows", got)
	}
	different := map[int]bool{}
	for seed := range uint64(50) {
		in := inputs{seed: seed + 1}
		n := in.size("rows", 1000)
		if n < 500 || n > 2000 || n != in.size("rows", 1000) {
			t.Errorf("seed %d draws %d and then %d from 500 to 2000", seed+1, n, in.size("rows", 1000))
		}
		different[n] = true
	}
	if len(different) < 40 {
		t.Errorf("50 seeds draw %d sizes", len(different))
	}
	a, b := inputs{root: "x", seed: 1}, inputs{root: "x"}
	if a.source(1).Uint64() == b.source(1).Uint64() || a.path("y") == b.path("y") {
		t.Error("seeds share their numbers or their files")
	}
}

func TestSeeds(t *testing.T) {
	if got, err := seeds("1,2,3"); err != nil || len(got) != 3 || got[2] != 3 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"x", "1,1", "-1"} {
		if _, err := seeds(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
	for n, want := range map[int]string{7: "7", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %q", n, got)
		}
	}
}

func TestAgreement(t *testing.T) {
	of := func(place string, bar, peer float64) result {
		return result{contest: contest{work: "w"}, place: place, rival: rival{bar: bar}, threads: 1, mine: []float64{1}, peer: []float64{peer}}
	}
	got := agreement([][]result{
		{of("failed later", 2, 3), of("a", 2, 3), of("b", 2, 3), of("c", 0, 1)},
		{of("a", 2, 4), of("b", 2, 1), of("c", 0, 1)},
	}, []uint64{1, 2})
	for _, want := range []string{"3.00 ✓, 4.00 ✓ | the same |", "3.00 ✓, 1.00 – | differ |", "| 3.00 ✓ | the same |", "agree in 2 of 3 rows"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}
