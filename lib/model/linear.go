package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// Linear is the affine map f(x; θ) = b + xW, with θ = (b, W): first the k
// intercepts, then the n×k weights row by row. For one output that is the
// order in which a textbook writes it, θ = (w₀, w₁, …, wₙ) and
// ŷ = w₀ + w₁x₁ + … + wₙxₙ.
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
	scores          []float64  // of the present rows of a Scan
}

var (
	_ Cloner    = (*Linear)(nil)
	_ Sharer    = (*Linear)(nil)
	_ Scanner   = (*Linear)(nil)
	_ Sweeper   = (*Linear)(nil)
	_ Quadratic = (*Linear)(nil)
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
// the intercepts to 0. A convex loss does not need it.
func (l *Linear) Init(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	scale := 1 / math.Sqrt(float64(l.inputs))
	clear(l.theta)
	w := l.weights(l.theta).Data
	for i := range w {
		w[i] = scale * r.NormFloat64()
	}
}

// Clone returns a model with equal parameters in memory of its own.
func (l *Linear) Clone() Model {
	c := *l
	c.theta, c.x, c.scores = slices.Clone(l.theta), nil, nil
	return &c
}

// Share returns a model on the same θ.
func (l *Linear) Share() Model {
	c := *l
	c.x, c.scores = nil, nil
	return &c
}

// Dims returns the numbers of features and outputs.
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

// Intercept returns b, aliasing θ; it is empty for a model without.
func (l *Linear) Intercept() []float64 { return l.biases(l.theta) }

// Weights returns W as an n×k matrix, aliasing θ.
func (l *Linear) Weights() *mat.Dense {
	return mat.NewDense(l.inputs, l.outputs, l.weights(l.theta).Data)
}

// Predict sets dst ← b + xW, of shape m×k.
func (l *Linear) Predict(dst *mat.Dense, x mat.Matrix) {
	rows := checkColumns(x, l.inputs)
	shape(dst, rows, l.outputs)
	d := dst.RawMatrix()
	for i := range rows {
		row := d.Data[i*d.Stride : i*d.Stride+d.Cols]
		if l.intercept {
			copy(row, l.theta)
		} else {
			clear(row)
		}
	}
	w := l.weights(l.theta)
	switch x := x.(type) {
	case mat.RawMatrixer:
		addProduct(d, x.RawMatrix(), w)
	case *sparse.CSR:
		for i := range rows {
			cols, values := x.Row(i)
			row := d.Data[i*d.Stride : i*d.Stride+d.Cols]
			if l.outputs == 1 {
				row[0] += sparse.Dot(cols, values, w.Data)
				continue
			}
			for p, j := range cols {
				axpy(row, values[p], w.Data[j*w.Stride:j*w.Stride+w.Cols])
			}
		}
	default:
		for i := range rows {
			row := d.Data[i*d.Stride : i*d.Stride+d.Cols]
			for j := range l.inputs {
				axpy(row, x.At(i, j), w.Data[j*w.Stride:j*w.Stride+w.Cols])
			}
		}
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
	rows, _ := l.x.Dims()
	checkBackward(grad, len(l.theta), dPred, rows, l.outputs)
	d := dPred.RawMatrix()
	if l.intercept {
		addRows(l.biases(grad), d)
	}
	g := l.weights(grad)
	switch x := l.x.(type) {
	case mat.RawMatrixer:
		mulAdd(g, blas.Trans, x.RawMatrix(), d)
	case *sparse.CSR:
		for i := range rows {
			cols, values := x.Row(i)
			di := d.Data[i*d.Stride : i*d.Stride+d.Cols]
			if l.outputs == 1 {
				sparse.Axpy(g.Data, di[0], cols, values)
				continue
			}
			for p, j := range cols {
				axpy(g.Data[j*g.Stride:j*g.Stride+g.Cols], values[p], di)
			}
		}
	default:
		for i := range rows {
			di := d.Data[i*d.Stride : i*d.Stride+d.Cols]
			for j := range l.inputs {
				axpy(g.Data[j*g.Stride:j*g.Stride+g.Cols], x.At(i, j), di)
			}
		}
	}
}

// biases and weights are the two parts of a vector laid out like θ.
func (l *Linear) biases(v []float64) []float64 {
	if !l.intercept {
		return nil
	}
	return v[:l.outputs]
}

func (l *Linear) weights(v []float64) blas64.General {
	if l.intercept {
		v = v[l.outputs:]
	}
	return blas64.General{Rows: l.inputs, Cols: l.outputs, Stride: l.outputs, Data: v}
}

// mulAdd computes c += op(a)·b. One column is a matrix times a vector, for
// which Gemv reads the rows of a once, in order.
func mulAdd(c blas64.General, op blas.Transpose, a, b blas64.General) {
	if b.Cols == 1 {
		blas.Gemv(op, 1, a,
			blas64.Vector{N: b.Rows, Inc: b.Stride, Data: b.Data}, 1,
			blas64.Vector{N: c.Rows, Inc: c.Stride, Data: c.Data})
		return
	}
	blas.Gemm(op, blas.NoTrans, 1, a, b, 1, c)
}

// longRow is the number of columns from which rows one by one are faster, where
// they come from memory, than the four at a time of Gemv.
const longRow = 16

// addProduct computes d += x·w.
func addProduct(d, x, w blas64.General) {
	if w.Cols == 1 && w.Rows >= longRow && d.Stride == 1 {
		blas.Dots(x, w.Data, d.Data)
		return
	}
	mulAdd(d, blas.NoTrans, x, w)
}

// addRows adds the rows of d to b.
func addRows(b []float64, d blas64.General) {
	if len(b) == 1 {
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
