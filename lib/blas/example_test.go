package blas_test

import (
	"fmt"
	"math"

	gonum "gonum.org/v1/gonum/blas"
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

func ExampleSyrk() {
	a := blas64.General{Rows: 2, Cols: 3, Stride: 3, Data: []float64{1, 2, 3, 4, 5, 6}}
	c := blas64.Symmetric{N: 2, Stride: 2, Data: make([]float64, 4), Uplo: gonum.Upper}
	blas.Syrk(blas.NoTrans, 1, a, 0, c) // A·Aᵀ above the diagonal
	fmt.Println(c.Data)
	// Output: [14 32 0 77]
}

func ExampleGemv() {
	a := blas64.General{Rows: 2, Cols: 3, Stride: 3, Data: []float64{1, 2, 3, 4, 5, 6}}
	x := blas64.Vector{N: 3, Inc: 1, Data: []float64{1, 0, -1}}
	y := blas64.Vector{N: 2, Inc: 1, Data: []float64{10, 20}}
	blas.Gemv(blas.NoTrans, 1, a, x, 1, y) // y += A·x
	fmt.Println(y.Data)
	// Output: [8 18]
}

// The loss of a logistic regression for labels of 1, and the probabilities.
func ExampleSoftplus() {
	scores := []float64{-2, 0, 5}
	p, loss := make([]float64, 3), make([]float64, 3)
	blas.Sigmoid(p, scores)
	for i, f := range scores {
		loss[i] = -f
	}
	blas.Softplus(loss, loss)
	fmt.Printf("%.4f\n%.4f\n", p, loss)
	// Output:
	// [0.1192 0.5000 0.9933]
	// [2.1269 0.6931 0.0067]
}

func ExampleBiasReLU() {
	y := []float32{1, -2, 3, 4} // two rows
	blas.BiasReLU(y, []float32{-2, 2.5})
	fmt.Println(y)
	// Output: [0 0.5 1 6.5]
}

func ExampleAdam() {
	theta, m, v := []float64{1, 1}, make([]float64, 2), make([]float64, 2)
	grad := []float64{5, -0.2}
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-8
	rate, root := 0.1/(1-beta1), 1/math.Sqrt(1-beta2) // at the first step
	if !blas.Adam(theta, grad, m, v, beta1, beta2, rate, root, epsilon, 1) {
		for i, g := range grad { // no kernel for this machine
			m[i] = beta1*m[i] + (1-beta1)*g
			v[i] = beta2*v[i] + (1-beta2)*g*g
			theta[i] -= rate * m[i] / (root*math.Sqrt(v[i]) + epsilon)
		}
	}
	fmt.Printf("%.4f\n", theta)
	// Output: [0.9000 1.1000]
}

func ExampleStatistic() {
	x := []float64{1, 10, 2, math.NaN(), 3, 30} // three rows of two columns
	var sum, count blas.Statistic
	low, high := blas.Statistic{1: math.Inf(1)}, blas.Statistic{}
	blas.Ranges(x, 2, 2, &low, &high, &sum, &count)
	fmt.Println(sum[:2], count[:2], high[:2])
	// Output: [6 40] [3 2] [3 30]
}
