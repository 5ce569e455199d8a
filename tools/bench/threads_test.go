package main

import (
	"math"
	"strings"
	"testing"
)

func TestSecondThread(t *testing.T) {
	of := func(work, rivals string, threads int, mine float64) result {
		return result{contest: contest{work: work}, rival: rival{name: rivals}, threads: threads, mine: []float64{mine}}
	}
	got := secondThread([]result{
		of("a", "x", 1, 1), of("a", "y", 1, 1), of("a", "x", 2, 0.6), of("a", "y", 2, 0.6), of("b", "x", 1, 1), of("b", "x", 2, 1.03), of("c", "x", 1, 1),
	})
	if strings.Index(got, "| b |") > strings.Index(got, "| a |") || !strings.Contains(got, "| 1.03 | – |") ||
		!strings.Contains(got, "| 0.60 | ✓ | 0.00 | 0.30 | 0.21 |") || !strings.Contains(got, "in 1 of 2 rows, and on paper in 1.") {
		t.Errorf("got\n%s", got)
	}
}

func TestOnPaper(t *testing.T) {
	for _, c := range []struct {
		what         string
		one, several float64
		jobs         float64
		cores        int
		want         float64
	}{
		{"all of it in parallel", 1, 0.5, 1, 64, 1.0/64 + 62*hail},
		{"nothing in parallel", 1, 1, 0, 64, 1},
		{"slower on two", 1, 1.1, 5, 8, 1.1},
		{"jobs for four each", 1, 0.5, 50_000, 64, 0.25 + 50_000*2*hail}, // 20 µs, of which 5 µs are worth a helper
	} {
		if got := onPaper(c.one, c.several, 2, c.jobs, c.cores); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %g s, want %g", c.what, got, c.want)
		}
	}
}
