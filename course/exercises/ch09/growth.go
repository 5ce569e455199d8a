package ch09

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// exponential is the model f(x) = a·exp(bx), with θ = (a, b).
type exponential struct {
	theta [2]float64
	x     mat.Matrix // of the last Forward
}

func (m *exponential) Dims() (inputs, outputs int) { return 1, 1 }
func (m *exponential) Params() []float64           { return m.theta[:] }
func (m *exponential) Layout() []model.Param {
	return []model.Param{{Name: "a, b", Shape: []int{2}, Decay: true}}
}

func (m *exponential) Forward(dst *mat.Dense, x mat.Matrix) {
	m.x = x
	m.Predict(dst, x)
}

// Predict sets dst, a matrix with a row for each row of x and one column, to f(x).
func (m *exponential) Predict(dst *mat.Dense, x mat.Matrix) {
	rows, _ := x.Dims()
	if dst.IsEmpty() {
		dst.ReuseAs(rows, 1)
	}
	// BEGIN SOLUTION
	for i := range rows {
		dst.Set(i, 0, m.theta[0]*math.Exp(m.theta[1]*x.At(i, 0)))
	}
	// END SOLUTION
}

// Backward adds ∂L/∂θ to grad: for each row of m.x, dPred times ∂f/∂θ.
func (m *exponential) Backward(grad []float64, dPred *mat.Dense) {
	// BEGIN SOLUTION
	rows, _ := m.x.Dims()
	for i := range rows {
		x, d := m.x.At(i, 0), dPred.At(i, 0)
		grow := math.Exp(m.theta[1] * x)
		grad[0] += d * grow
		grad[1] += d * m.theta[0] * x * grow
	}
	// END SOLUTION
}

// growth returns the model with the given parameters.
func growth(a, b float64) model.Model {
	return &exponential{theta: [2]float64{a, b}}
}
