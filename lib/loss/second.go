package loss

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
)

var (
	_ Smooth = MSE{}
	_ Smooth = Huber{}
	_ Smooth = LogCosh{}
	_ Smooth = Poisson{}
	_ Smooth = SquaredHinge{}
	_ Smooth = BinaryCrossEntropy{}
	_ Smooth = CrossEntropy{}
	_ Smooth = KLDivergence{}
)

// HessianProduct multiplies by ∂²ℓ/∂f² = 2.
func (MSE) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	bendEach(dst, pred, target, weight, v, func(_, _ float64) float64 { return 2 })
}

// HessianProduct multiplies by ∂²ℓ/∂f², 1 where |e| ≤ δ and 0 beyond.
func (h Huber) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	bendEach(dst, pred, target, weight, v, func(f, y float64) float64 {
		if math.Abs(f-y) <= h.Delta {
			return 1
		}
		return 0
	})
}

// HessianProduct multiplies by ∂²ℓ/∂f² = 1/cosh²(f − y).
func (LogCosh) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	bendEach(dst, pred, target, weight, v, func(f, y float64) float64 {
		c := math.Cosh(f - y)
		return 1 / (c * c)
	})
}

// Curvature returns +Inf: ∂²ℓ/∂f² = e^f has no bound.
func (Poisson) Curvature() float64 { return math.Inf(1) }

// HessianProduct multiplies by ∂²ℓ/∂f² = e^f.
func (Poisson) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	bendEach(dst, pred, target, weight, v, func(f, _ float64) float64 { return math.Exp(f) })
}

// HessianProduct multiplies by ∂²ℓ/∂f², 2 on the wrong side of the margin and 0 beyond.
func (SquaredHinge) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	bendEach(dst, pred, target, weight, v, func(f, y float64) float64 {
		if (2*y-1)*f < 1 {
			return 2
		}
		return 0
	})
}

// HessianProduct multiplies by ∂²ℓ/∂f² = (v·y + 1 − y)·p(1 − p), and by 0 without a label.
func (b BinaryCrossEntropy) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	check(dst, pred, target, weight)
	_, cols := pred.Dims()
	total := b.Total(target, weight) * float64(cols)
	if b.bendMany(dst, pred, target, weight, v, total) {
		return
	}
	bendRows(dst, pred, target, weight, v, total, func(d, f, target, v []float64) {
		for j, y := range target {
			if d[j] = 0; !b.AllowUnlabelled || y != unlabelled {
				d[j] = (b.weight(j)*y + 1 - y) * pq(math.Exp(-math.Abs(f[j]))) * v[j]
			}
		}
	})
}

// pq returns p(1 − p) for p = σ(f), given e^−|f|.
func pq(e float64) float64 { return e / ((1 + e) * (1 + e)) }

// bendMany is bendRows for the scores of a model with one output, many at a time, or
// declines.
func (b BinaryCrossEntropy) bendMany(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense, total float64) bool {
	d, f, y, move := raw(dst), pred.RawMatrix(), target.RawMatrix(), v.RawMatrix()
	if b.AllowUnlabelled || total == 0 || move.Rows != f.Rows || max(f.Cols, d.Stride, f.Stride, y.Stride, move.Stride) > 1 {
		return false
	}
	s := roomPool.Get().(*room)
	defer roomPool.Put(s)
	for lo := 0; lo < f.Rows; lo += len(s.l) {
		exp := s.l[:min(len(s.l), f.Rows-lo)]
		for k := range exp {
			exp[k] = -math.Abs(f.Data[lo+k])
		}
		blas.Exp(exp, exp)
		for k, e := range exp {
			i, w := lo+k, 1.0
			if weight != nil {
				w = weight[i]
			}
			if d.Data[i] = 0; w != 0 {
				d.Data[i] = (b.weight(0)*y.Data[i] + 1 - y.Data[i]) * pq(e) * move.Data[i] * (w / total)
			}
		}
	}
	return true
}

// HessianProduct multiplies by ∂²ℓ/∂f² = (Σ a)·(diag(p) − ppᵀ).
func (c CrossEntropy) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	checkClasses(dst, pred, target, weight)
	total := c.Total(target, weight)
	bendRows(dst, pred, target, weight, v, total, func(d, f, target, v []float64) {
		if c.Ignores(target) {
			clear(d)
			return
		}
		label := -1
		if len(target) == 1 {
			label = class(target[0], len(f))
		}
		mass := 0.0
		for j := range f {
			mass += c.share(j, label, target, len(f))
		}
		bendSoftmax(d, f, v, mass)
	})
}

// HessianProduct multiplies by ∂²ℓ/∂f² = (Σ t)·(diag(p) − ppᵀ).
func (KLDivergence) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	check(dst, pred, target, weight)
	rows, _ := pred.Dims()
	bendRows(dst, pred, target, weight, v, totalWeight(weight, rows), func(d, f, target, v []float64) {
		mass := 0.0
		for _, t := range target {
			mass += t
		}
		bendSoftmax(d, f, v, mass)
	})
}

// bendSoftmax sets d to mass·(diag(p) − ppᵀ)v.
func bendSoftmax(d, f, v []float64, mass float64) {
	softmax(d, f)
	mean := 0.0
	for j, p := range d {
		mean += p * v[j]
	}
	for j, p := range d {
		d[j] = mass * p * (v[j] - mean)
	}
}

// bendEach is HessianProduct of a loss that is the mean over rows and columns, given
// ∂²ℓ/∂f².
func bendEach(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense, second func(f, y float64) float64) {
	check(dst, pred, target, weight)
	rows, cols := pred.Dims()
	bendRows(dst, pred, target, weight, v, totalWeight(weight, rows)*float64(cols), func(d, f, target, v []float64) {
		for j := range d {
			d[j] = second(f[j], target[j]) * v[j]
		}
	})
}

// bendRows is HessianProduct, given the function that sets d to that of ℓ of a row. A row
// of weight 0 is not looked at.
func bendRows(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense, total float64, f func(d, pred, target, v []float64)) {
	r, c := pred.Dims()
	if vr, vc := v.Dims(); vr != r || vc != c {
		panic(fmt.Sprintf("loss: predictions are %d×%d, the direction %d×%d", r, c, vr, vc))
	}
	d, p, t, move := raw(dst), pred.RawMatrix(), target.RawMatrix(), v.RawMatrix()
	for i := range r {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		out := row(d, i)
		if w == 0 || total == 0 {
			clear(out)
			continue
		}
		f(out, row(p, i), row(t, i), row(move, i))
		for j := range out {
			out[j] *= w / total
		}
	}
}
