package solve

import (
	"math"
	"runtime"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// A regression is a least-squares problem with a penalty of ½μ‖w‖². For each
// column b of Y it has its minimum where the gradient
//
//	g(θ) = ÃᵀV(b − Ãθ) − μw
//
// is 0, Ã being X with the column of ones of the intercept, V the weights, and w
// all of θ but the intercept.
type regression struct {
	x       rows.Matrix
	y       blas64.General
	weights []float64 // nil for all 1
	first   int       // the first column of Ã that is one of x's: 1 with an intercept
	params  int       // of θ, for one output
	mu      float64
	parts   []gradientPart
	each    rows.Parts // the rows, for the gradient
	rough   bool       // float64 is enough for what each row adds to the gradient
}

// A gradientPart is what some rows add to the gradients, in twice the precision.
type gradientPart struct {
	high, low, row []float64
	left, sum      []float64 // residuals of a block and what it adds, for rough gradients
}

func newRegression(m *model.Linear, data objective.Data, lambda float64) *regression {
	count, inputs := data.X.Dims()
	_, outputs := data.Y.Dims()
	p := &regression{x: rows.Of(data.X), y: data.Y.RawMatrix(), weights: data.SampleWeights, params: inputs}
	if m.HasIntercept() {
		p.first = 1
		p.params++
	}
	total := accurate.Sum{High: float64(count)}
	if data.SampleWeights != nil {
		total = accurate.Sum{}
		total.AddAll(data.SampleWeights)
	}
	// Of several outputs the squared error is the mean.
	p.mu = lambda * total.Value() * float64(outputs) / 2
	p.divide(count, inputs, outputs)
	return p
}

// divide divides the rows into parts.
func (p *regression) divide(count, inputs, outputs int) {
	chunks := min((count+blockRows-1)/blockRows, maxChunks)
	p.each.Set(0, count, (count+chunks-1)/chunks, blockRows)
	p.parts = make([]gradientPart, p.each.Count())
	for i := range p.parts {
		p.parts[i] = gradientPart{high: make([]float64, outputs*p.params), low: make([]float64, outputs*p.params), row: make([]float64, inputs)}
	}
}

// solve returns θ, one output after the other, or false if the equations are too
// badly conditioned for a solution by their squares.
//
// The normal equations have the square of the condition number, and so lose
// twice as many digits as a factorisation of Ã. But their gradient, computed in
// twice the precision from the numbers given, says what is missing, and the same
// equations give a correction. Each brings as many digits as were right at first.
//
// Source: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 2002,
// chapters 12 and 20.
func (p *regression) solve() (theta [][]float64, ok bool) {
	if count, inputs := p.x.Dims(); p.mu > 0 && count < inputs {
		return p.solveDual()
	}
	if theta, ok = p.solveSingle(); ok {
		return theta, true
	}
	f := newPrimal(p)
	if f == nil {
		return nil, false
	}
	theta, lost := f.start()
	p.rough = p.averages(f)
	return theta, lost < wellEnough && p.refine(theta, f, lost)
}

// wellEnough is the relative error from which on corrections gain too little.
const wellEnough = 0x1p-7

// refine corrects θ until it has all digits, or returns false if it gets none.
// Lost is a bound for the relative error of θ, and of a correction.
func (p *regression) refine(theta [][]float64, f *primal, lost float64) bool {
	before := math.Inf(1)
	for range maxRefinements {
		var size progress
		for k, g := range p.gradients(theta) {
			for j, change := range f.correct(g) {
				size.add(&theta[k][j], theta[k][j]+change, lost)
			}
		}
		if size.done() {
			return true
		}
		if !(size.largest < before/2) {
			return size.rounding
		}
		before = size.largest
	}
	return true
}

// maxRefinements bounds the corrections: each is half the one before at most.
const maxRefinements = 12

// Progress says how much corrections change θ.
type progress struct {
	largest  float64 // change of a component, relative to it
	missing  float64 // is what is, relative to ε
	rounding bool    // nothing has changed by much more than rounding
	started  bool
}

// add moves a component of θ to where it belongs. A correction leaves lost times
// itself of what was missing.
func (p *progress) add(v *float64, corrected, lost float64) {
	if !p.started {
		p.started, p.rounding = true, true
	}
	change := math.Abs(corrected - *v)
	*v = corrected
	if change == 0 {
		return
	}
	change /= math.Abs(corrected)
	p.largest = max(p.largest, change) // NaN stays
	p.missing = max(p.missing, change*lost/epsilon)
	p.rounding = p.rounding && change < 4*epsilon
}

func (p *progress) done() bool { return p.missing <= 0.125 }

// gradients returns g for each output, computed in twice the precision unless it is rough.
func (p *regression) gradients(theta [][]float64) [][]float64 {
	sums := make([]accurate.Sum, len(theta)*p.params)
	p.addGradients(sums, theta)
	g := make([][]float64, len(theta))
	for k := range g {
		g[k] = make([]float64, p.params)
		for j := range g[k] {
			s := &sums[k*p.params+j]
			if j >= p.first {
				s.AddProduct(-p.mu, theta[k][j])
			}
			g[k][j] = s.Value()
		}
	}
	return g
}

// addGradients adds ÃᵀV(b − Ãθ) of all rows to the sums, one output after the other.
func (p *regression) addGradients(sums []accurate.Sum, theta [][]float64) {
	for i := range p.parts {
		clear(p.parts[i].high)
		clear(p.parts[i].low)
	}
	p.each.Do(rows.Workers(runtime.GOMAXPROCS(0), p.x.Stored()), func(_, number, lo, hi int) {
		part := &p.parts[number]
		for k, theta := range theta {
			from, to := k*p.params, (k+1)*p.params
			if p.rough {
				p.addRoughGradient(part, part.high[from:to], part.low[from:to], theta, k, lo, hi)
			} else {
				p.addGradient(part.high[from:to], part.low[from:to], part.row, theta, k, lo, hi)
			}
		}
	})
	for i := range sums {
		for _, part := range p.parts {
			sums[i].Add(part.high[i])
			sums[i].Low += part.low[i]
		}
	}
}

// addGradient adds ÃᵀV(b − Ãθ) of the rows from lo to hi to high + low.
func (p *regression) addGradient(high, low, buffer, theta []float64, k, lo, hi int) {
	w := theta[p.first:]
	var ofIntercept accurate.Sum
	if p.first == 1 {
		ofIntercept = accurate.Sum{High: high[0], Low: low[0]}
		defer func() { high[0], low[0] = ofIntercept.High, ofIntercept.Low }()
	}
	ofWeights, lows := high[p.first:], low[p.first:]
	sparse := p.x.Sparse() != nil
	for i := lo; i < hi; i++ {
		columns, row := p.x.Row(i, buffer)
		var r accurate.Sum // bᵢ − ãᵢθ
		r.Add(p.y.Data[i*p.y.Stride+k])
		if p.first == 1 {
			r.Add(-theta[0])
		}
		if !sparse {
			h, l := blas.SumProducts(row, w)
			r.Add(-h)
			r.Low -= l
		} else {
			for at, j := range columns {
				r.AddProduct(-row[at], w[j])
			}
		}
		v := weight(p.weights, i)
		pull := float64(v * r.High)
		rest := math.FMA(v, r.High, -pull) + v*r.Low
		ofIntercept.Add(pull)
		ofIntercept.Low += rest
		if !sparse {
			blas.AddProducts(ofWeights, lows, pull, rest, row)
			continue
		}
		for at, j := range columns {
			s := accurate.Sum{High: ofWeights[j], Low: lows[j]}
			s.AddProduct(pull, row[at])
			ofWeights[j], lows[j] = s.High, s.Low+rest*row[at]
		}
	}
}

// primal has the factor U of D(ÃᵀVÃ + μI)D, where D makes the diagonal about 1, and
// DÃᵀVb.
type primal struct {
	u     blas64.Symmetric
	scale []float64 // powers of two
	right [][]float64
	norm  float64   // an estimate of ‖(UᵀU)⁻¹‖
	shift []float64 // what is taken from the columns of x; nil for nothing
}

func newPrimal(p *regression) *primal {
	count, _ := p.x.Dims()
	outputs := p.y.Cols
	blocks := newCrossProduct(count, p.params+outputs)
	sum := blocks.sum(func(_ int, b blas64.General, lo int) {
		for i := range b.Rows {
			row, y := b.Data[i*b.Stride:][:b.Cols], p.y.Data[(lo+i)*p.y.Stride:][:outputs]
			if p.first == 1 {
				row[0] = 1
			}
			p.x.Copy(row[p.first:p.params], lo+i)
			copy(row[p.params:], y)
			if p.weights != nil {
				root := math.Sqrt(p.weights[lo+i])
				for j := range row {
					row[j] *= root
				}
			}
		}
	}).RawSymmetric()
	return factorizeNormal(sum, p.params, p.first, p.mu)
}

// factorizeNormal overwrites the sum of the products of params columns of Ã, and of
// those of b. It returns nil if there is no factor, or if numbers are too large or too
// small.
func factorizeNormal(sum blas64.Symmetric, params, first int, mu float64) *primal {
	outputs := sum.N - params
	f := &primal{u: diagonal(sum, 0, params), scale: make([]float64, params)}
	for j := range params {
		d := &sum.Data[j*sum.Stride+j]
		if j >= first {
			*d += mu
		}
		if !inRange(*d) {
			return nil
		}
		f.scale[j] = math.Ldexp(1, -exponentOf(math.Sqrt(*d)))
	}
	for k := range outputs {
		if at := params + k; sum.Data[at*sum.Stride+at] != 0 && !inRange(sum.Data[at*sum.Stride+at]) {
			return nil
		}
	}
	for i, s := range f.scale {
		row := sum.Data[i*sum.Stride:][:params+outputs]
		for j := i; j < len(row); j++ {
			row[j] *= s
			if j < params {
				row[j] *= f.scale[j]
			}
		}
	}
	for k := range outputs {
		right := make([]float64, params)
		for j := range right {
			right[j] = sum.Data[j*sum.Stride+params+k]
		}
		f.right = append(f.right, right)
	}
	if !cholesky(f.u) {
		return nil
	}
	f.norm = inverseNorm(f.u)
	return f
}

// inRange says whether a square is so far from the ends of the range of a
// float64 that products with it, and the errors of these, are numbers.
func inRange(square float64) bool { return square > 0x1p-500 && square < 0x1p500 }

// start returns solutions, and a bound for their relative error.
func (f *primal) start() (theta [][]float64, lost float64) {
	for _, right := range f.right {
		theta = append(theta, f.scaled(right))
	}
	n := float64(f.u.N)
	return theta, math.Sqrt(n) * epsilon * n * f.norm // no eigenvalue is larger than n
}

// correct returns the δ with which the gradient at θ + δ is 0. Columns without their
// shift c have the same weights w beside another intercept: b + xw = (b + cw) + (x − c)w.
func (f *primal) correct(g []float64) []float64 {
	if f.shift != nil {
		axpy(g[1:], -g[0], f.shift)
	}
	for j, s := range f.scale {
		g[j] *= s
	}
	delta := f.scaled(g)
	if f.shift != nil {
		delta[0] -= dot(f.shift, delta[1:])
	}
	return delta
}

// scaled returns D·U⁻¹U⁻ᵀ·g in the place of g.
func (f *primal) scaled(g []float64) []float64 {
	solveCholesky(f.u, g)
	for j, s := range f.scale {
		g[j] *= s
	}
	return g
}
