package blas_test

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
)

// After Use, every product in gonum runs on these kernels.
func ExampleImplementation() {
	defer blas64.Use(blas64.Implementation())
	blas64.Use(blas.Implementation{})

	var c mat.Dense
	c.Mul(mat.NewDense(2, 2, []float64{1, 2, 3, 4}), mat.NewDense(2, 1, []float64{1, 10}))
	fmt.Println(mat.Formatted(&c))
	// Output:
	// ⎡21⎤
	// ⎣43⎦
}

func ExampleGemm() {
	a := blas64.General{Rows: 2, Cols: 3, Stride: 3, Data: []float64{1, 2, 3, 4, 5, 6}}
	c := blas64.General{Rows: 2, Cols: 2, Stride: 2, Data: make([]float64, 4)}
	blas.Gemm(blas.NoTrans, blas.Trans, 1, a, a, 0, c) // A·Aᵀ
	fmt.Println(c.Data)
	// Output: [14 32 32 77]
}

func ExampleGemv() {
	a := blas64.General{Rows: 2, Cols: 3, Stride: 3, Data: []float64{1, 2, 3, 4, 5, 6}}
	x := blas64.Vector{N: 3, Inc: 1, Data: []float64{1, 0, -1}}
	y := blas64.Vector{N: 2, Inc: 1, Data: []float64{10, 20}}
	blas.Gemv(blas.NoTrans, 1, a, x, 1, y) // y += A·x
	fmt.Println(y.Data)
	// Output: [8 18]
}
