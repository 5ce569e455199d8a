package solve

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/blas"
)

// A dual is a regression with a penalty and fewer samples than columns. There the
// weights are w = Xᵀα with one αᵢ for each sample,
//
//	μα = V(b − β − Xw),   Σα = 0
//
// where the second equation belongs to the intercept β. With α = √V·s that is
//
//	S·s + √v·β = √V·b,   √vᵀs = 0,   S = √V·XXᵀ·√V + μI
//
// of which U is the factor.
//
// Source: Saunders, Gammerman and Vovk, Ridge Regression Learning Algorithm in
// Dual Variables, ICML 1998.
type dual struct {
	p     *regression
	x     blas64.General
	u     blas64.Symmetric
	roots []float64 // √v
	ones  []float64 // S⁻¹√v
	lost  float64   // a bound for the relative error of a solution

	alpha     []accurate.Sum
	beta      accurate.Sum
	high, low []float64 // w, in twice the precision
	zero      bool      // w is 0
}

// solveDual is solve by the dual. It keeps α, β and w in twice the precision, since
// what is left of the first equation shows all digits only then.
func (p *regression) solveDual() (theta [][]float64, ok bool) {
	d, ok := newDual(p)
	if !ok {
		return nil, false
	}
	for k := range p.y.Cols {
		solution, ok := d.solve(k)
		if !ok {
			return nil, false
		}
		theta = append(theta, solution)
	}
	return theta, true
}

func newDual(p *regression) (d *dual, ok bool) {
	count, inputs := p.x.Dims()
	d = &dual{
		p: p, roots: make([]float64, count), alpha: make([]accurate.Sum, count),
		high: make([]float64, inputs), low: make([]float64, inputs),
	}
	if d.x, ok = p.x.Dense(); !ok {
		d.x = general(count, inputs)
		for i := range count {
			p.x.Copy(d.x.Data[i*inputs:][:inputs], i)
		}
	}
	d.u = mat.NewSymDense(count, nil).RawSymmetric()
	blas.Syrk(blas.NoTrans, 1, d.x, 0, d.u)
	for i := range d.roots {
		if !(d.u.Data[i*d.u.Stride+i] < 0x1p500) {
			return nil, false
		}
		d.roots[i] = math.Sqrt(weight(p.weights, i))
	}
	trace := 0.0
	for i, root := range d.roots {
		row := d.u.Data[i*d.u.Stride:][:count]
		for j := i; j < count; j++ {
			row[j] *= root * d.roots[j]
		}
		row[i] += p.mu
		trace += row[i]
	}
	if !inRange(p.mu) || !inRange(trace) || !cholesky(d.u) {
		return nil, false
	}
	d.ones = append(d.ones, d.roots...)
	solveCholesky(d.u, d.ones)
	d.lost = math.Sqrt(float64(count)) * epsilon * trace * inverseNorm(d.u)
	return d, d.lost < wellEnough
}

// solve returns θ for output k. It begins with α = 0, and corrects that by what is
// left of the equations until w has all digits.
func (d *dual) solve(k int) (theta []float64, ok bool) {
	first := d.p.first
	theta = make([]float64, d.p.params)
	clear(d.alpha)
	clear(d.high)
	clear(d.low)
	d.beta, d.zero = accurate.Sum{}, true
	before := math.Inf(1)
	for range maxRefinements {
		d.correct(d.remainder(k))
		d.weights()
		var size progress
		if first == 1 {
			size.add(&theta[0], d.beta.Value(), d.lost)
		}
		for j, high := range d.high {
			size.add(&theta[first+j], high+d.low[j], d.lost)
		}
		if size.done() {
			return theta, true
		}
		if !(size.largest < before/2) && !math.IsInf(before, 1) {
			return theta, size.rounding
		}
		before = size.largest
	}
	return theta, true
}

// remainder returns V(b − β − Xw) − μα.
func (d *dual) remainder(k int) []float64 {
	p, left := d.p, make([]float64, len(d.alpha))
	for i, alpha := range d.alpha {
		row := d.x.Data[i*d.x.Stride:][:d.x.Cols]
		var r accurate.Sum // bᵢ − β − xᵢw
		r.Add(p.y.Data[i*p.y.Stride+k])
		r.Add(-d.beta.High)
		r.Low -= d.beta.Low
		if !d.zero {
			high, low := blas.SumProducts(row, d.high)
			r.Add(-high)
			r.Low -= low + dot(row, d.low)
		}
		v := weight(p.weights, i)
		var s accurate.Sum
		s.AddProduct(v, r.High)
		s.AddProduct(-p.mu, alpha.High)
		s.Low += v*r.Low - p.mu*alpha.Low
		left[i] = s.Value()
	}
	return left
}

// correct changes α and β so that nothing is left of the equations.
func (d *dual) correct(left []float64) {
	for i, root := range d.roots {
		left[i] /= root
	}
	solveCholesky(d.u, left)
	beta := 0.0
	if d.p.first == 1 {
		var sum accurate.Sum
		for _, alpha := range d.alpha {
			sum.Add(alpha.High)
			sum.Low += alpha.Low
		}
		beta = (dot(d.roots, left) + sum.Value()) / dot(d.roots, d.ones)
		axpy(left, -beta, d.ones)
		d.beta.Add(beta)
	}
	for i, s := range left {
		d.alpha[i].Add(d.roots[i] * s)
	}
}

// weights sets w to Xᵀα, some columns at a time, whose sums stay in the first cache.
func (d *dual) weights() {
	clear(d.high)
	clear(d.low)
	for lo := 0; lo < len(d.high); lo += dualColumns {
		hi := min(lo+dualColumns, len(d.high))
		for i, alpha := range d.alpha {
			blas.AddProducts(d.high[lo:hi], d.low[lo:hi], alpha.High, alpha.Low, d.x.Data[i*d.x.Stride:][lo:hi])
		}
	}
	d.zero = false
}

const dualColumns = 1024
