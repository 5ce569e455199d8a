package model

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
)

// A Quadratic is a Model that is linear in θ, with a column of Params for each
// output: f = x̃Θ, where Θ is θ as a matrix of as many columns as there are
// outputs. Squared error is then quadratic in θ, and its second derivative the
// same everywhere: that of Σᵢ wᵢ‖fᵢ − yᵢ‖² is 2G for each column of Θ, with
//
//	G = Σᵢ wᵢ x̃ᵢᵀx̃ᵢ
type Quadratic interface {
	Model
	// AddGram adds G, over the rows of x, to g, a square matrix with a row for
	// each row of Θ. weight is nil or holds a weight for each row.
	AddGram(g blas64.General, x mat.RawMatrixer, weight []float64)
}

// AddGram implements [Quadratic]. With an intercept, x̃ is (1, x).
func (l *Linear) AddGram(g blas64.General, x mat.RawMatrixer, weight []float64) {
	raw := x.RawMatrix()
	ones, left := weight, raw
	if weight == nil {
		ones = make([]float64, raw.Rows)
		fill(ones, 1)
	} else {
		left = blas64.General{Rows: raw.Rows, Cols: raw.Cols, Stride: raw.Cols, Data: make([]float64, raw.Rows*raw.Cols)}
		for i, w := range weight {
			axpy(left.Data[i*left.Stride:][:left.Cols], w, raw.Data[i*raw.Stride:][:raw.Cols])
		}
	}
	square := g
	if l.intercept {
		square.Rows, square.Cols, square.Data = g.Rows-1, g.Cols-1, g.Data[g.Stride+1:]
		sums := g.Data[1:g.Cols] // Σ w x, in the first row and column
		blas.Gemv(blas.Trans, 1, raw, blas64.Vector{N: raw.Rows, Inc: 1, Data: ones}, 1, blas64.Vector{N: raw.Cols, Inc: 1, Data: sums})
		for j, v := range sums {
			g.Data[(j+1)*g.Stride] = v
		}
		g.Data[0] += total(ones)
	}
	blas.Gemm(blas.Trans, blas.NoTrans, 1, left, raw, 1, square)
}
