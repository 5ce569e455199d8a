package solve

import (
	"math"
	"runtime"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
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
	single    bool      // S was computed in float32
	rough     bool      // float64 is enough for α and w

	byRow, byColumn rows.Parts
}

// Rows and columns that a core works on at a time. The sums of these columns stay in its first
// cache, and each column's is the same on any number of cores.
const (
	dualRows    = 16
	dualColumns = 512
)

// solveDual is solve by the dual. It keeps α, β and w in twice the precision, since
// what is left of the first equation shows all digits only then.
func (p *regression) solveDual() (theta [][]float64, ok bool) {
	for _, single := range []bool{true, false} {
		d, fine := newDual(p, single)
		theta, ok = nil, fine
		for k := 0; ok && k < p.y.Cols; k++ {
			var solution []float64
			solution, ok = d.solve(k)
			theta = append(theta, solution)
		}
		if ok {
			return theta, true
		}
	}
	return nil, false
}

// newDual computes S in float32 if single is set, as solveSingle does, or declines.
func newDual(p *regression, single bool) (d *dual, ok bool) {
	count, inputs := p.x.Dims()
	d = &dual{
		p: p, roots: make([]float64, count), alpha: make([]accurate.Sum, count),
		high: make([]float64, inputs), low: make([]float64, inputs), single: single,
	}
	d.byRow.Set(0, count, dualRows, dualRows)
	d.byColumn.Set(0, inputs, dualColumns, dualColumns)
	if single && count < singleColumns {
		return nil, false
	}
	if d.x, ok = p.x.Dense(); !ok {
		d.x = general(count, inputs)
		for i := range count {
			p.x.Copy(d.x.Data[i*inputs:][:inputs], i)
		}
	}
	d.u = mat.NewSymDense(count, nil).RawSymmetric()
	if single {
		d.narrowProduct()
	} else {
		blas.Syrk(blas.NoTrans, 1, d.x, 0, d.u)
	}
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
	largest := inverseNorm(d.u) * trace
	if single { // what is left of an error shows as soon as there are two corrections
		return d, epsilon32*largest/math.Sqrt(float64(count)) < promising
	}
	d.lost = math.Sqrt(float64(count)) * epsilon * largest
	return d, d.lost < wellEnough
}

// narrowProduct sets the upper triangle of u to XXᵀ, computed in float32, some columns at a time,
// which stay in the second cache from their rounding to their product.
func (d *dual) narrowProduct() {
	const some, apart = 512, 528 // rows that are a power of two apart collide in the first cache
	count, inputs := d.x.Rows, d.x.Cols
	narrow, product := make([]float32, count*apart), make([]float32, count*count)
	for first := 0; first < inputs; first += some {
		width := min(some, inputs-first)
		d.byRow.Do(d.workers(), func(_, _, lo, hi int) {
			for i := lo; i < hi; i++ {
				blas.Narrow(narrow[i*apart:][:width], d.x.Data[i*d.x.Stride+first:][:width])
			}
		})
		blas.Implementation{}.Ssyrk(gonum.Upper, blas.NoTrans, count, width, 1, narrow, apart, 1, product, count)
	}
	blas.Widen(d.u.Data, product)
}

// workers is how many cores go over the samples.
func (d *dual) workers() int {
	return rows.Workers(runtime.GOMAXPROCS(0), d.x.Rows*d.x.Cols)
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
	if d.single {
		if !d.approach(k) {
			return nil, false
		}
		copy(theta[first:], d.high)
		if first == 1 {
			theta[0] = d.beta.Value()
		}
	}
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

// approach corrects α and w in float64, as far as that goes.
func (d *dual) approach(k int) (ok bool) {
	d.rough = true
	left, ok := converge(func() float64 {
		size := d.correct(d.remainder(k))
		d.weights()
		return size
	})
	d.rough, d.lost = false, doubt*left
	return ok
}

// remainder returns V(b − β − Xw) − μα.
func (d *dual) remainder(k int) []float64 {
	left := make([]float64, len(d.alpha))
	d.byRow.Do(d.workers(), func(_, _, lo, hi int) {
		for i := lo; i < hi; i++ {
			left[i] = d.remains(k, i)
		}
	})
	return left
}

// remains is the remainder of sample i.
func (d *dual) remains(k, i int) float64 {
	p, row := d.p, d.x.Data[i*d.x.Stride:][:d.x.Cols]
	var r accurate.Sum // bᵢ − β − xᵢw
	r.Add(p.y.Data[i*p.y.Stride+k])
	r.Add(-d.beta.High)
	r.Low -= d.beta.Low
	if d.rough {
		r.Add(-dot(row, d.high))
	} else if !d.zero {
		high, low := blas.SumProducts(row, d.high)
		r.Add(-high)
		r.Low -= low + dot(row, d.low)
	}
	v := weight(p.weights, i)
	var s accurate.Sum
	s.AddProduct(v, r.High)
	s.AddProduct(-p.mu, d.alpha[i].High)
	s.Low += v*r.Low - p.mu*d.alpha[i].Low
	return s.Value()
}

// correct changes α and β so that nothing is left of the equations, and returns the size of
// the change.
func (d *dual) correct(left []float64) float64 {
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
	return norm2(left)
}

// weights sets w to Xᵀα.
func (d *dual) weights() {
	clear(d.high)
	clear(d.low)
	d.zero = false
	if d.rough {
		alpha := make([]float64, len(d.alpha))
		for i, a := range d.alpha {
			alpha[i] = a.Value()
		}
		rows.AddTransposed(rows.Column(d.high), d.x, rows.Column(alpha))
		return
	}
	d.byColumn.Do(d.workers(), func(_, _, lo, hi int) {
		for i, alpha := range d.alpha {
			blas.AddProducts(d.high[lo:hi], d.low[lo:hi], alpha.High, alpha.Low, d.x.Data[i*d.x.Stride:][lo:hi])
		}
	})
}
