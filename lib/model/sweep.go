package model

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// A Sweeper is a Model with one output that is linear in θ. For such a model a
// step of plain gradient descent on one sample needs no gradient vector: it
// moves θ along the sample itself. One dot product and one addition, both in
// time proportional to the sample's non-zeros, are all there is to do.
type Sweeper interface {
	Model
	// Sweep takes the given rows of x in turn. It tells visit the prediction f
	// for the k-th of them and, if norms is set, ‖weights‖², else 0. Then it
	// shrinks the weights and moves θ along the row,
	//
	//	weights ← keep·weights,   θ ← θ + add·∂f/∂θ
	//
	// or ends and leaves θ as it is, if visit returns false. Params are up to
	// date only when Sweep has returned. x is a *sparse.CSR or a
	// mat.RawMatrixer, such as *mat.Dense.
	Sweep(x mat.Matrix, rows []int, norms bool, visit func(k int, f, norm2 float64) (keep, add float64, ok bool))
}

// Sweep implements [Sweeper]. The intercept does not shrink. Sparse rows cost
// time proportional to their non-zeros, also while the weights shrink: they are
// kept as a factor times a vector, and ‖weights‖² is brought up to date by what
// a step changes (Bottou, Stochastic Gradient Descent Tricks, 2012, section 5.1).
func (l *Linear) Sweep(x mat.Matrix, rows []int, norms bool, visit func(k int, f, norm2 float64) (keep, add float64, ok bool)) {
	checkColumns(x, l.inputs)
	if l.outputs != 1 {
		panic(fmt.Sprintf("model: a sweep needs a model with 1 output, this one has %d", l.outputs))
	}
	bias := new(float64) // of a model without
	if l.intercept {
		bias = &l.theta[0]
	}
	switch x := x.(type) {
	case *sparse.CSR:
		l.sweepSparse(x, rows, norms, visit, bias)
	case mat.RawMatrixer:
		l.sweepDense(x.RawMatrix(), rows, norms, visit, bias)
	default:
		panic(fmt.Sprintf("model: a sweep needs a dense or a sparse matrix, not a %T", x))
	}
}

// visitor is what Sweep calls.
type visitor = func(k int, f, norm2 float64) (keep, add float64, ok bool)

// ahead is how many rows before its turn a row is asked for. The rows of a sweep
// lie scattered in memory, and each would have to be waited for.
const ahead = 4

func (l *Linear) sweepDense(x blas64.General, rows []int, norms bool, visit visitor, bias *float64) {
	n, w := l.inputs, l.weights(l.theta).Data
	var b blas.Implementation
	for k, i := range rows {
		if k+ahead < len(rows) {
			blas.Prefetch(x.Data[rows[k+ahead]*x.Stride:][:n])
		}
		row, norm2 := x.Data[i*x.Stride:][:n], 0.0
		if norms {
			norm2 = b.Ddot(n, w, 1, w, 1)
		}
		keep, add, ok := visit(k, b.Ddot(n, w, 1, row, 1)+*bias, norm2)
		if !ok {
			return
		}
		if keep != 1 {
			b.Dscal(n, keep, w, 1)
		}
		b.Daxpy(n, add, row, 1, w, 1)
		if l.intercept {
			*bias += add
		}
	}
}

// smallScale is the factor below which a scaled vector is multiplied out,
// before its elements grow too large.
const smallScale = 1e-6

func (l *Linear) sweepSparse(x *sparse.CSR, rows []int, norms bool, visit visitor, bias *float64) {
	var b blas.Implementation
	w := scaled{scale: 1, v: l.weights(l.theta).Data}
	defer w.settle()
	norm2 := 0.0
	if norms {
		norm2 = b.Ddot(l.inputs, w.v, 1, w.v, 1)
	}
	for k, i := range rows {
		if j := k + 2*ahead; j < len(rows) { // a row's place must be known before the row can be asked for
			blas.PrefetchL2(x.Ptr[rows[j]:][:2])
		}
		if j := k + ahead; j < len(rows) {
			cols, values := x.Row(rows[j])
			blas.PrefetchL2(cols)
			blas.PrefetchL2(values)
		}
		cols, values := x.Row(i)
		product := w.scale * sparse.Dot(cols, values, w.v)
		keep, add, ok := visit(k, product+*bias, norm2)
		if !ok {
			return
		}
		if norms { // ‖keep·w + add·x‖²
			norm2 = max(0, keep*keep*norm2+add*(2*keep*product+add*b.Ddot(len(values), values, 1, values, 1)))
		}
		if keep != 1 {
			w.shrink(keep)
		}
		if add != 0 {
			sparse.Axpy(w.v, add/w.scale, cols, values)
		}
		if l.intercept {
			*bias += add
		}
	}
}

// scaled is the vector scale·v, which shrinks in constant time.
type scaled struct {
	scale float64
	v     []float64
}

func (s *scaled) shrink(keep float64) {
	s.scale *= keep
	if !(s.scale > smallScale || s.scale < -smallScale) {
		s.settle()
	}
}

// settle multiplies out.
func (s *scaled) settle() {
	if s.scale == 1 {
		return
	}
	for j := range s.v {
		s.v[j] *= s.scale
	}
	s.scale = 1
}
