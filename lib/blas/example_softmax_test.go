package blas_test

import (
	"fmt"

	"github.com/descent-go/descent/lib/blas"
)

// A softmax in three passes.
func ExampleExpScaled() {
	x := []float64{1000, 1001, 1000}
	sum := blas.ExpScaled(x, x, 1, -blas.Max(x))
	for i := range x {
		x[i] /= sum
	}
	fmt.Printf("%.3f\n", x)
	// Output: [0.212 0.576 0.212]
}
