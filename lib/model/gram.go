package model

import (
	"math"

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
	// AddGram adds G, over the rows of x, to the upper triangle of g, which has
	// a row for each row of Θ. weight is nil or holds a weight ≥ 0 for each row.
	AddGram(g blas64.Symmetric, x mat.RawMatrixer, weight []float64)
}

// AddGram implements [Quadratic]. With an intercept, x̃ is (1, x).
func (l *Linear) AddGram(g blas64.Symmetric, x mat.RawMatrixer, weight []float64) {
	raw := x.RawMatrix()
	ones := make([]float64, raw.Rows)
	fill(ones, 1)
	if weight != nil { // √w·x̃ takes the place of x̃
		scaled := blas64.General{Rows: raw.Rows, Cols: raw.Cols, Stride: raw.Cols, Data: make([]float64, raw.Rows*raw.Cols)}
		for i, w := range weight {
			ones[i] = math.Sqrt(w)
			axpy(scaled.Data[i*scaled.Stride:][:scaled.Cols], ones[i], raw.Data[i*raw.Stride:][:raw.Cols])
		}
		raw = scaled
	}
	square := g
	if l.intercept {
		square.N, square.Data = g.N-1, g.Data[g.Stride+1:]
		g.Data[0] += dot(ones, ones)
		blas.Gemv(blas.Trans, 1, raw, blas64.Vector{N: raw.Rows, Inc: 1, Data: ones}, 1,
			blas64.Vector{N: raw.Cols, Inc: 1, Data: g.Data[1:g.N]})
	}
	blas.Syrk(blas.Trans, 1, raw, 1, square)
}
