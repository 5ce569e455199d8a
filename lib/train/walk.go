package train

import (
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// A visitor is told the prediction f for the k-th of some rows and, if it asked
// for norms, ‖weights‖². It says how to move,
//
//	weights ← keep·weights,   θ ← θ + add·∂f/∂θ
//
// or returns false to end and to leave θ as it is.
type visitor = func(k int, f, norm2 float64) (keep, add float64, ok bool)

// walk visits the given rows of x in turn and moves the parameters of m, which has
// one output. For f = b + x·w a step of plain gradient descent on one sample needs
// no gradient vector: it moves θ along the sample itself, a dot product and an
// addition. θ is up to date only when walk has returned. The intercept does not
// shrink. x is dense or sparse.
func walk(m model.Affine, x rows.Matrix, order []int, norms bool, visit visitor) {
	intercept, w := m.Affine(m.Params())
	if s := x.Sparse(); s != nil {
		walkSparse(s, order, intercept, w.Data[:w.Rows], norms, visit)
		return
	}
	d, _ := x.Dense()
	walkDense(d, order, intercept, w.Data[:w.Rows], norms, visit)
}

// ahead is how many rows before its turn a row is asked for. The rows of a sweep
// lie scattered in memory, and each would have to be waited for.
const ahead = 4

func walkDense(x blas64.General, order []int, intercept, w []float64, norms bool, visit visitor) {
	n, bias := len(w), sum(intercept)
	var b blas.Implementation
	for k, i := range order {
		if k+ahead < len(order) {
			blas.Prefetch(x.Data[order[k+ahead]*x.Stride:][:n])
		}
		row, norm2 := x.Data[i*x.Stride:][:n], 0.0
		if norms {
			norm2 = b.Ddot(n, w, 1, w, 1)
		}
		keep, add, ok := visit(k, b.Ddot(n, w, 1, row, 1)+bias, norm2)
		if !ok {
			return
		}
		if keep != 1 {
			b.Dscal(n, keep, w, 1)
		}
		b.Daxpy(n, add, row, 1, w, 1)
		if len(intercept) > 0 {
			bias += add
			intercept[0] = bias
		}
	}
}

// sum returns the intercept, or 0 if there is none.
func sum(intercept []float64) (bias float64) {
	for _, v := range intercept {
		bias += v
	}
	return bias
}

// smallScale is the factor below which a scaled vector is multiplied out,
// before its elements grow too large.
const smallScale = 1e-6

// walkSparse costs time proportional to the non-zeros, also while the weights
// shrink: they are kept as a factor times a vector, and ‖weights‖² is brought up to
// date by what a step changes (Bottou, Stochastic Gradient Descent Tricks, 2012,
// section 5.1).
func walkSparse(x *sparse.CSR, order []int, intercept, v []float64, norms bool, visit visitor) {
	var b blas.Implementation
	w, bias := scaled{scale: 1, v: v}, sum(intercept)
	defer w.settle()
	norm2 := 0.0
	if norms {
		norm2 = b.Ddot(len(v), v, 1, v, 1)
	}
	for k, i := range order {
		if j := k + 2*ahead; j < len(order) { // a row's place must be known before the row can be asked for
			blas.PrefetchL2(x.Ptr[order[j]:][:2])
		}
		if j := k + ahead; j < len(order) {
			cols, values := x.Row(order[j])
			blas.PrefetchL2(cols)
			blas.PrefetchL2(values)
		}
		cols, values := x.Row(i)
		product := w.scale * sparse.Dot(cols, values, w.v)
		keep, add, ok := visit(k, product+bias, norm2)
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
		if len(intercept) > 0 {
			bias += add
			intercept[0] = bias
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
