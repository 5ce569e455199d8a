package solve

import (
	"math"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
)

// This file is a short cut of regressions with many columns, which spend their time on the
// product ÃᵀVÃ. In float32 that takes half as long, and has six digits or so. That is
// enough, since corrections by the gradient of the numbers as they are given bring six
// more each: some in float64, of which each is a pass over the samples, and the last one
// in twice the precision, as without the short cut. It declines where the equations are
// too badly conditioned for that.
//
// Source: Carson and Higham, Accelerating the Solution of Linear Systems by Iterative
// Refinement in Three Precisions, SIAM J. Sci. Comput. 40, 2018.

const (
	// singleColumns are worth the passes.
	singleColumns = 200
	// leftAtMost is what a correction may leave of what was missing.
	leftAtMost = 0x1p-7
	// promising is an estimate of that from which on it is tried: mostly it is far too large.
	promising = 0x1p-5
	// near is when float64 has brought all that it can.
	near = 0x1p-36
	// doubt is how much worse a correction may be than the one before.
	doubt = 16
)

// solveSingle is solve with the products in float32.
func (p *regression) solveSingle() (theta [][]float64, ok bool) {
	f := newSingle(p)
	if f == nil {
		return nil, false
	}
	for range p.y.Cols {
		theta = append(theta, make([]float64, p.params))
	}
	p.rough = true
	left, ok := p.approach(theta, f)
	p.rough = p.averages(f)
	return theta, ok && p.refine(theta, f, doubt*left)
}

// approach corrects θ by gradients in float64.
func (p *regression) approach(theta [][]float64, f *primal) (left float64, ok bool) {
	return converge(func() (size float64) {
		for k, g := range p.gradients(theta) {
			delta := f.correct(g)
			axpy(theta[k], 1, delta)
			size = math.Hypot(size, f.size(delta))
		}
		return size
	})
}

// size measures a change of θ in units of D, beside columns without their shift.
func (f *primal) size(delta []float64) float64 {
	sum := 0.0
	for j, v := range delta {
		if j == 0 && f.shift != nil {
			v += dot(f.shift, delta[1:])
		}
		v /= f.scale[j]
		sum += v * v
	}
	return math.Sqrt(sum)
}

// converge corrects until float64 brings no more, and returns how much a correction leaves of
// what was missing, or false if that is too much.
func converge(correct func() (size float64)) (left float64, ok bool) {
	whole := correct()
	if whole == 0 {
		return 0, true
	}
	before := whole
	for range maxRefinements {
		size := correct()
		left = size / before
		if !(left <= leftAtMost) {
			return left, false
		}
		if size*left <= near*whole {
			return left, true
		}
		before = size
	}
	return left, false
}

// newSingle has the factor of the product in float32, or nil if it declines. With an
// intercept columns lose about their mean first: a mean that is much larger than the
// deviations from it would leave these few digits.
func newSingle(p *regression) *primal {
	x, dense := p.x.Dense()
	if !dense || x.Cols < singleColumns || x.Rows < x.Cols {
		return nil
	}
	var shift []float64
	if p.first == 1 {
		shift = someMeans(x)
	}
	sum := narrowProduct(x.Rows, p.params, func(to []float32, i int, buffer []float64) {
		row := buffer[:x.Cols]
		copy(row, x.Data[i*x.Stride:])
		if p.first == 1 {
			to[0] = 1
			axpy(row, -1, shift)
		}
		blas.Narrow(to[p.first:], row)
		if p.weights != nil {
			root := float32(math.Sqrt(p.weights[i]))
			for j := range to {
				to[j] *= root
			}
		}
	}).RawSymmetric()
	f := factorizeNormal(sum, p.params, p.first, p.mu)
	if f == nil || !(epsilon32*math.Sqrt(float64(p.params))*f.norm < promising) {
		return nil
	}
	f.shift = shift
	return f
}

// narrowProduct returns the product AᵀA in float32, with sums of many rows in float64, given
// a function that writes row i of A, with a buffer of as many elements.
func narrowProduct(count, cols int, fill func(row []float32, i int, buffer []float64)) *mat.SymDense {
	blocks := newCrossProduct(count, cols)
	chunks := make([]struct {
		buffer     []float64
		block, sum []float32
	}, len(blocks.sums))
	blocks.each(func(k int, block blas64.General, lo int) {
		c := &chunks[k]
		if c.sum == nil { // its first block, which is the largest
			c.buffer, c.block, c.sum = make([]float64, cols), make([]float32, block.Rows*cols), make([]float32, cols*cols)
		}
		for i := range block.Rows {
			fill(c.block[i*cols:][:cols], lo+i, c.buffer)
		}
		blas.Implementation{}.Ssyrk(gonum.Upper, blas.Trans, cols, block.Rows, 1, c.block, cols, 1, c.sum, cols)
	})
	g := mat.NewSymDense(cols, nil)
	for _, c := range chunks {
		blas.AddNarrow(g.RawSymmetric().Data, c.sum)
	}
	return g
}

const epsilon32 = 0x1p-23 // the distance from 1 to the next float32

// someMeans are the means of the columns over some rows, all over x.
func someMeans(x blas64.General) []float64 {
	means := make([]float64, x.Cols)
	count := min(x.Rows, 1024)
	for i := range count {
		axpy(means, 1/float64(count), x.Data[i*x.Rows/count*x.Stride:][:x.Cols])
	}
	return means
}
