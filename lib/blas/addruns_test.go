package blas

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Runs of all short lengths are added, and nothing between them is touched.
func TestAddRuns(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testAddRuns[float64](t)
		testAddRuns[float32](t)
	})
}

func testAddRuns[T float32 | float64](t *testing.T) {
	testAddRunsTo[T](t, 43)
	testAddRunsTo[T](t, 0)
}

func testAddRunsTo[T float32 | float64](t *testing.T, yStep int) {
	const xStep = 41
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 41 {
		for runs := range 4 {
			y, x := random[T](r, 2*yStep+41), random[T](r, 3*xStep)
			want := slices.Clone(y)
			for i := range runs {
				for j := range n {
					want[i*yStep+j] += x[i*xStep+j]
				}
			}
			AddRuns(y, yStep, x, xStep, runs, n)
			if !same(y, want) {
				t.Fatalf("%d runs of %d:\n%v, want\n%v", runs, n, y, want)
			}
		}
	}
}
