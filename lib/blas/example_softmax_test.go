package blas_test

import (
	"fmt"
	"math"

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

// A block has the rows of a matrix class by class. Here each of eight rows has two equal scores.
func ExampleBlock() {
	const rows, classes = 8, 2
	loss := math.Ln2 // of the probability ½
	if blas.Blocks() {
		scores, gradient := make(blas.Block, blas.BlockLen(rows, classes)), make(blas.Block, blas.BlockLen(rows, classes))
		scores.ToClasses(make([]float64, rows*classes), classes, rows, classes)
		r := blas.SoftmaxRows{Loss: make([]float64, rows), Scale: make([]float64, rows), Top: make([]float64, rows), LogZ: make([]float64, rows)}
		own := make([]float64, rows) // all are of class 0
		gradient.SoftmaxClass(scores, own, classes, r)
		loss = r.Loss[0]
	}
	fmt.Printf("%.4f\n", loss)
	// Output: 0.6931
}
