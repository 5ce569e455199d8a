package blas_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/descent-go/descent/lib/blas"
)

// Runs of all short lengths arrive, and nothing between them is touched.
func TestCopyRuns(t *testing.T) {
	t.Run("float64", testCopyRuns[float64])
	t.Run("float32", testCopyRuns[float32])
}

func testCopyRuns[T float32 | float64](t *testing.T) {
	const dstStep, srcStep = 43, 41
	for n := range 41 {
		for runs := range 4 {
			dst, src := make([]T, 3*dstStep), make([]T, 3*srcStep)
			for i := range dst {
				dst[i] = T(-i - 1)
			}
			for i := range src {
				src[i] = T(i + 1)
			}
			want := slices.Clone(dst)
			for i := range runs {
				copy(want[i*dstStep:][:n], src[i*srcStep:])
			}
			blas.CopyRuns(dst, dstStep, src, srcStep, runs, n)
			if !slices.Equal(dst, want) {
				t.Errorf("%d runs of %d:\n%v, want\n%v", runs, n, dst, want)
			}
		}
	}
}

func TestCopyRunsPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"destination too short": func() { blas.CopyRuns(make([]float32, 14), 5, make([]float32, 20), 5, 3, 5) },
		"source too short":      func() { blas.CopyRuns(make([]float32, 20), 5, make([]float32, 14), 5, 3, 5) },
		"too many to add":       func() { blas.AddRuns(make([]float32, 14), 5, make([]float32, 20), 5, 3, 5) },
		"negative step":         func() { blas.CopyRuns(make([]float32, 20), -5, make([]float32, 20), 5, 3, 5) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func ExampleCopyRuns() {
	image := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9} // of 3×3 pixels
	square := make([]float64, 4)
	blas.CopyRuns(square, 2, image[4:], 3, 2, 2)
	fmt.Println(square)
	// Output: [5 6 8 9]
}
