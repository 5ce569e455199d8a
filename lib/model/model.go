// Package model holds y = f(x; θ): models with their parameters in one flat
// vector.
//
// A model maps a matrix x of m samples (rows) and n features (columns) to
// predictions of m rows and k columns. Everything that training may change is
// the vector θ. The same numbers, seen by an optimizer as one []float64, are
// seen by the model as weights and biases: layers hold views into θ, never
// copies. That is why any optimizer fits any model, a saved model is one
// vector, and a gradient check is one loop.
//
// Classifiers return scores (logits), not probabilities: cross-entropy can
// then be computed without overflow. [Sigmoid] and [Softmax] turn scores into
// probabilities.
package model

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// A Model is y = f(x; θ). The rows of x are samples; x is a *mat.Dense, a
// *sparse.CSR or any other mat.Matrix.
//
// Training and evaluation are two methods and not a flag, so that they cannot
// be confused: Forward remembers what Backward needs and switches dropout and
// batch statistics on; Predict does neither.
type Model interface {
	// Dims returns the numbers of columns of x and of predictions.
	Dims() (inputs, outputs int)
	// Params returns θ. It aliases the model: writing to it changes the model.
	Params() []float64
	// Layout names the parts of θ, in the order in which they lie in it.
	Layout() []Param
	// Predict sets dst ← f(x; θ). An empty dst is resized; another must have
	// the right shape. Predict leaves the model as it is.
	Predict(dst *mat.Dense, x mat.Matrix)
	// Forward sets dst as Predict does, in training mode, and remembers x,
	// which must not change before Backward.
	Forward(dst *mat.Dense, x mat.Matrix)
	// Backward adds ∂L/∂θ to grad, given dPred = ∂L/∂f for the last Forward.
	Backward(grad []float64, dPred *mat.Dense)
}

// Param names a part of θ: for penalties, parameter groups, Summary and the
// names in a saved file.
type Param struct {
	Name   string
	Shape  []int
	Offset int
	Decay  bool // whether penalties apply: weights yes, intercepts and biases no
}

// Size returns the number of elements, the product of the shape.
func (p Param) Size() int {
	n := 1
	for _, s := range p.Shape {
		n *= s
	}
	return n
}

// In returns the part of a vector laid out like θ that belongs to p.
func (p Param) In(theta []float64) []float64 {
	return theta[p.Offset : p.Offset+p.Size()]
}

// shape resizes an empty dst to r×c and panics if another shape is there.
func shape(dst *mat.Dense, r, c int) {
	if dst.IsEmpty() {
		dst.ReuseAs(r, c)
		return
	}
	if dr, dc := dst.Dims(); dr != r || dc != c {
		panic(fmt.Sprintf("model: destination is %d×%d, want %d×%d", dr, dc, r, c))
	}
}

func checkColumns(x mat.Matrix, want int) (rows int) {
	rows, cols := x.Dims()
	if cols != want {
		panic(fmt.Sprintf("model: x has %d columns, want %d", cols, want))
	}
	return rows
}

func checkBackward(grad []float64, params int, dPred *mat.Dense, rows, outputs int) {
	if len(grad) != params {
		panic(fmt.Sprintf("model: gradient has length %d, want %d", len(grad), params))
	}
	if r, c := dPred.Dims(); r != rows || c != outputs {
		panic(fmt.Sprintf("model: ∂L/∂f is %d×%d, want %d×%d as in the last Forward", r, c, rows, outputs))
	}
}
