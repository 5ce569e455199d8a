package loss

import (
	"fmt"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/blas"
)

// elementwise computes a loss that is the mean over rows and columns of
// ℓ(f, y), given the loss, which returns ℓ and ∂ℓ/∂f, and for many elements does so
// or declines.
func elementwise[L pointLoss](dPred, pred, target *mat.Dense, weight []float64, of L) float64 {
	check(dPred, pred, target, weight)
	rows, cols := pred.Dims()
	total := totalWeight(weight, rows) * float64(cols)
	d, p, t := raw(dPred), pred.RawMatrix(), target.RawMatrix()
	if weight == nil {
		d, p, t = asRow(d, p, t)
	}
	if sum, ok := oneRow(of, d, p, t, weight, total); ok {
		return sum / total
	}
	return eachRow(d, p, t, weight, total, of.Point)
}

// eachRow is elementwise without vectors, given the function that returns ℓ and ∂ℓ/∂f.
func eachRow(d, pred, target blas64.General, weight []float64, total float64, f func(f, y float64) (l, d float64)) float64 {
	return rowwise(d, pred, target, weight, total, func(_ int, d, pred, target []float64) float64 {
		if len(pred) == 1 {
			l, g := f(pred[0], target[0])
			if d != nil {
				d[0] = g
			}
			return l
		}
		var sum accurate.Sum
		for j, v := range pred {
			l, g := f(v, target[j])
			sum.Add(l)
			if d != nil {
				d[j] = g
			}
		}
		return sum.Value()
	})
}

// vectorized is a loss that computes ℓ and ∂ℓ/∂f of many elements at once, or declines.
type vectorized interface {
	points(l, d, f, y []float64) bool
}

// A pointLoss is the loss of an element.
type pointLoss interface {
	vectorized
	Point(f, y float64) (l, d float64)
}

// oneRow returns Σ ℓ and writes the gradient of the mean, if the matrices are one row
// without a weight, in one pass, or declines.
func oneRow[L vectorized](of L, d, pred, target blas64.General, weight []float64, total float64) (sum float64, ok bool) {
	if pred.Rows != 1 || weight != nil {
		return 0, false
	}
	return vectors(of, row(d, 0), row(pred, 0), row(target, 0), 1/total)
}

// vectors returns Σ ℓ and writes scale·∂ℓ/∂f into d unless d is nil, many elements
// at a time, or declines.
func vectors[L vectorized](of L, d, pred, target []float64, scale float64) (sum float64, ok bool) {
	const few = 32
	if !blas.HasKernels || len(pred) < few {
		return 0, false
	}
	if len(pred) >= shared {
		return sharedVectors(of, d, pred, target, scale)
	}
	all, ok := someVectors(of, d, pred, target, scale)
	return all.Value(), ok
}

// sharedVectors is vectors on several cores.
func sharedVectors(of vectorized, d, pred, target []float64, scale float64) (sum float64, ok bool) {
	var declined atomic.Bool
	all := inParts(len(pred), shared/4, func(lo, hi int) accurate.Sum {
		var into []float64
		if d != nil {
			into = d[lo:hi]
		}
		sum, ok := someVectors(of, into, pred[lo:hi], target[lo:hi], scale)
		if !ok {
			declined.Store(true)
		}
		return sum
	})
	return all.Value(), !declined.Load()
}

func someVectors[L vectorized](of L, d, pred, target []float64, scale float64) (all accurate.Sum, ok bool) {
	s := roomPool.Get().(*room)
	defer roomPool.Put(s)
	for len(pred) > 0 {
		n := min(len(pred), len(s.l))
		into := s.d[:n]
		if d != nil {
			into, d = d[:n], d[n:]
		}
		if !of.points(s.l[:n], into, pred[:n], target[:n]) {
			return all, false
		}
		if scale != 1 {
			blas.Implementation{}.Dscal(n, scale, into, 1)
		}
		high, low := blas.SumExactly(s.l[:n])
		all.AddSum(accurate.Sum{High: high, Low: low})
		pred, target = pred[n:], target[n:]
	}
	return all, true
}

// room is for the losses of some elements and their derivatives.
type room struct{ l, d [256]float64 }

var roomPool = sync.Pool{New: func() any { return new(room) }}

// rowwise returns Σᵢ wᵢℓᵢ/total, where f returns ℓ of row i and writes ∂ℓ/∂f
// into d unless d is nil. A row of weight 0 is not looked at.
func rowwise(dPred, pred, target blas64.General, weight []float64, total float64, f func(i int, d, pred, target []float64) float64) float64 {
	var sum accurate.Sum
	addRows(&sum, dPred, pred, target, weight, total, f)
	return mean(sum, total)
}

// mean is sum/total, or 0 if there is nothing.
func mean(sum accurate.Sum, total float64) float64 {
	if total == 0 {
		return 0
	}
	return sum.Value() / total
}

// addRows is rowwise without the division of the sum, to which it adds.
func addRows(sum *accurate.Sum, dPred, pred, target blas64.General, weight []float64, total float64, f func(i int, d, pred, target []float64) float64) {
	for i := range pred.Rows {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		d := row(dPred, i)
		if w == 0 || total == 0 {
			clear(d)
			continue
		}
		sum.Add(w * f(i, d, row(pred, i), row(target, i)))
		scale := w / total
		for j := range d {
			d[j] *= scale
		}
	}
}

// raw returns the elements of m, or nothing for nil.
func raw(m *mat.Dense) blas64.General {
	if m == nil {
		return blas64.General{}
	}
	return m.RawMatrix()
}

// row returns row i of m, or nil if m holds nothing.
func row(m blas64.General, i int) []float64 {
	if m.Data == nil {
		return nil
	}
	return m.Data[i*m.Stride : i*m.Stride+m.Cols]
}

// asRow returns the matrices as one long row each, if they lie in memory
// without gaps: where all rows weigh the same, that saves a call for each.
func asRow(d, p, t blas64.General) (_, _, _ blas64.General) {
	if p.Stride != p.Cols || t.Stride != t.Cols || d.Stride != d.Cols {
		return d, p, t
	}
	n := p.Rows * p.Cols
	for _, m := range []*blas64.General{&d, &p, &t} {
		if m.Data != nil {
			m.Rows, m.Cols, m.Stride = 1, n, n
		}
	}
	return d, p, t
}

// check resizes dPred and panics if the shapes do not fit.
func check(dPred, pred, target *mat.Dense, weight []float64) {
	r, c := pred.Dims()
	if tr, tc := target.Dims(); tr != r || tc != c {
		panic(fmt.Sprintf("loss: predictions are %d×%d, targets %d×%d", r, c, tr, tc))
	}
	checkGradient(dPred, r, c)
	checkWeight(weight, r)
}

// checkClasses is check for targets that may hold the number of a class in one
// column, and reports whether they do.
func checkClasses(dPred, pred, target *mat.Dense, weight []float64) (numbers bool) {
	r, c := pred.Dims()
	tr, tc := target.Dims()
	if tr != r || tc != 1 {
		check(dPred, pred, target, weight)
		return false
	}
	checkGradient(dPred, r, c)
	checkWeight(weight, r)
	return true
}

// class returns the number of a class as an index.
func class(y float64, classes int) int {
	c := int(y)
	if float64(c) != y || c < 0 || c >= classes {
		panic(fmt.Sprintf("loss: the target is class %g, the predictions have %d columns", y, classes))
	}
	return c
}

func checkGradient(dPred *mat.Dense, r, c int) {
	if dPred == nil {
		return
	}
	if dPred.IsEmpty() {
		dPred.ReuseAs(r, c)
		return
	}
	if dr, dc := dPred.Dims(); dr != r || dc != c {
		panic(fmt.Sprintf("loss: gradient is %d×%d, predictions are %d×%d", dr, dc, r, c))
	}
}

func checkWeight(weight []float64, rows int) {
	if weight != nil && len(weight) != rows {
		panic(fmt.Sprintf("loss: %d sample weights for %d rows", len(weight), rows))
	}
}

func totalWeight(weight []float64, rows int) float64 {
	if weight == nil {
		return float64(rows)
	}
	var total accurate.Sum
	total.AddAll(weight)
	return total.Value()
}
