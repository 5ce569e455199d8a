package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
)

// Linear is the affine map f(x; θ) = b + xW, with θ = (b, W): first the k
// intercepts, then the n×k weights row by row. For one output this is the
// textbook order, θ = (w₀, w₁, …, wₙ) and ŷ = w₀ + w₁x₁ + … + wₙxₙ.
//
// With squared error it is linear regression. With cross-entropy it is
// logistic regression (k = 1) or softmax regression (k classes), and f is the
// score, or logit, of each class; with the hinge loss it is a linear support
// vector machine.
type Linear struct {
	inputs, outputs int
	intercept       bool
	theta           []float64
	x               mat.Matrix // of the last Forward
}

var (
	_ Affine      = (*Linear)(nil)
	_ SecondOrder = (*Linear)(nil)
	_ Sharer      = (*Linear)(nil)
)

// NewLinear returns the model with n inputs and k outputs, and θ = 0, the
// usual start for a convex loss.
func NewLinear(inputs, outputs int) *Linear {
	return newLinear(inputs, outputs, true)
}

// NewLinearNoIntercept returns the model f(x; θ) = xW, which passes through
// the origin.
func NewLinearNoIntercept(inputs, outputs int) *Linear {
	return newLinear(inputs, outputs, false)
}

// NewLogistic returns logistic regression: a linear model with one output,
// which is the logit log p/(1−p) of the probability of class 1. Train it with
// loss.BinaryCrossEntropy; [Probabilities] gives p.
func NewLogistic(inputs int) *Linear { return NewLinear(inputs, 1) }

// NewSoftmax returns softmax (multinomial logistic) regression: a linear model
// with one score for each class. Train it with loss.CrossEntropy;
// [Probabilities] gives the probabilities.
func NewSoftmax(inputs, classes int) *Linear { return NewLinear(inputs, classes) }

func newLinear(inputs, outputs int, intercept bool) *Linear {
	if inputs < 1 || outputs < 1 {
		panic(fmt.Sprintf("model: a linear model needs at least one input and one output, got %d and %d", inputs, outputs))
	}
	size := inputs * outputs
	if intercept {
		size += outputs
	}
	return &Linear{inputs: inputs, outputs: outputs, intercept: intercept, theta: make([]float64, size)}
}

// Init draws the weights from N(0, 1/n) (LeCun) with the given seed and sets
// the intercepts to 0. With a convex loss it is not needed.
func (l *Linear) Init(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	scale := 1 / math.Sqrt(float64(l.inputs))
	clear(l.theta)
	_, weights := l.Affine(l.theta)
	w := weights.Data
	for i := range w {
		w[i] = scale * r.NormFloat64()
	}
}

// Clone returns a deep copy of the model.
func (l *Linear) Clone() Model {
	c := *l
	c.theta, c.x = slices.Clone(l.theta), nil
	return &c
}

// Share returns a model that uses the same θ.
func (l *Linear) Share() Model {
	c := *l
	c.x = nil
	return &c
}

func (l *Linear) Dims() (inputs, outputs int) { return l.inputs, l.outputs }

// Params returns θ = (b, W), aliasing the model.
func (l *Linear) Params() []float64 { return l.theta }

// HasIntercept reports whether θ begins with intercepts.
func (l *Linear) HasIntercept() bool { return l.intercept }

// Layout returns "intercept" of shape (k), where there is one, and "weights"
// of shape (n, k). Penalties leave the intercept alone.
func (l *Linear) Layout() []Param {
	if !l.intercept {
		return []Param{{Name: "weights", Shape: []int{l.inputs, l.outputs}, Decay: true}}
	}
	return []Param{
		{Name: "intercept", Shape: []int{l.outputs}},
		{Name: "weights", Shape: []int{l.inputs, l.outputs}, Offset: l.outputs, Decay: true},
	}
}

// Affine returns the views of b and W in a vector laid out like θ.
func (l *Linear) Affine(v []float64) (intercept []float64, weights blas64.General) {
	if l.intercept {
		intercept, v = v[:l.outputs], v[l.outputs:]
	}
	return intercept, blas64.General{Rows: l.inputs, Cols: l.outputs, Stride: l.outputs, Data: v}
}

// Intercept returns b, aliasing θ; it is empty if the model has no intercept.
func (l *Linear) Intercept() []float64 {
	b, _ := l.Affine(l.theta)
	return b
}

// Weights returns W as an n×k matrix, aliasing θ.
func (l *Linear) Weights() *mat.Dense {
	_, w := l.Affine(l.theta)
	return mat.NewDense(w.Rows, w.Cols, w.Data)
}

// Predict sets dst ← b + xW, of shape m×k.
func (l *Linear) Predict(dst *mat.Dense, x mat.Matrix) {
	m := checkColumns(x, l.inputs)
	shape(dst, m, l.outputs)
	f := dst.RawMatrix()
	b, w := l.Affine(l.theta)
	start(f, b)
	rows.Of(x).AddProduct(f, w)
}

// start sets each row of f to b, or to 0 if there is none.
func start(f blas64.General, b []float64) {
	if f.Stride == 1 {
		first := 0.0
		if len(b) > 0 {
			first = b[0]
		}
		for i := range f.Data[:f.Rows] {
			f.Data[i] = first
		}
		return
	}
	for i := range f.Rows {
		row := f.Data[i*f.Stride:][:f.Cols]
		clear(row)
		copy(row, b)
	}
}

// Forward is Predict, and remembers x for Backward.
func (l *Linear) Forward(dst *mat.Dense, x mat.Matrix) {
	l.Predict(dst, x)
	l.x = x
}

// Backward adds ∂L/∂b = Σᵢ ∂L/∂fᵢ and ∂L/∂W = xᵀ ∂L/∂f to grad.
func (l *Linear) Backward(grad []float64, dPred *mat.Dense) {
	if l.x == nil {
		panic("model: Backward before Forward")
	}
	m, _ := l.x.Dims()
	checkBackward(grad, len(l.theta), dPred, m, l.outputs)
	d := dPred.RawMatrix()
	b, w := l.Affine(grad)
	addRows(b, d)
	rows.Of(l.x).AddTransposed(w, d)
}

// Tangent sets dst ← b + xW with the b and W of v, for the x of the last Forward.
func (l *Linear) Tangent(dst *mat.Dense, v []float64) {
	if l.x == nil {
		panic("model: Tangent before Forward")
	}
	(&Linear{inputs: l.inputs, outputs: l.outputs, intercept: l.intercept, theta: v}).Predict(dst, l.x)
}

// BackwardTangent is Backward, since f is linear in θ.
func (l *Linear) BackwardTangent(hv []float64, dPredTangent *mat.Dense) { l.Backward(hv, dPredTangent) }

// addRows adds the rows of d to b, if there is one.
func addRows(b []float64, d blas64.General) {
	switch len(b) {
	case 0:
		return
	case 1:
		sum := 0.0
		for i := range d.Rows {
			sum += d.Data[i*d.Stride]
		}
		b[0] += sum
		return
	}
	for i := range d.Rows {
		axpy(b, 1, d.Data[i*d.Stride:i*d.Stride+d.Cols])
	}
}

// axpy computes y += a·x for short rows.
func axpy(y []float64, a float64, x []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}
