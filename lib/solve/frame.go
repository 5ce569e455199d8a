package solve

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
)

// A frame has the columns of x at a distance and in a size in which squares
// keep their digits: x' = (x − shift)·scale. Columns far from 0, such as years
// or timestamps, would leave a Hessian without any, and those of size 10¹⁶⁰
// would leave its range. Where columns are small, so is their gradient everywhere,
// and could not tell a minimum. The scores stay the same if θ goes along.
type frame struct {
	shift []float64 // 0 unless the model has an intercept to make up for it
	scale []float64 // powers of two
}

const (
	// farAway is how many times as far from 0 as its values are from each other
	// a column is moved.
	farAway = 100
	// extreme is the size from which on columns are scaled, and small the one
	// below which they are; a penalty beside nothing counts down to 1/extreme.
	extreme = 0x1p300
	small   = 0x1p-10
	// frameRows is about the number of rows that are looked at.
	frameRows = 1024
)

// newFrame returns nil where x is best left alone.
func newFrame(x mat.Matrix, lambda float64, intercept bool) *frame {
	samples := rows.Of(x)
	m, cols := samples.Dims()
	step := max(m/frameRows, 1)
	count := float64((m + step - 1) / step)
	means, spread, tops := make([]float64, cols), make([]float64, cols), make([]float64, cols)
	row := make([]float64, cols)
	for i := 0; i < m; i += step {
		samples.Copy(row, i)
		for j, v := range row {
			means[j] += v / count
			tops[j] = max(tops[j], math.Abs(v))
		}
	}
	for i := 0; i < m; i += step {
		samples.Copy(row, i)
		for j, v := range row {
			spread[j] = max(spread[j], math.Abs(v-means[j]))
		}
	}
	f := &frame{make([]float64, cols), make([]float64, cols)}
	needed := false
	for j, top := range tops {
		if intercept && math.Abs(means[j]) > farAway*spread[j] {
			f.shift[j], top = means[j], spread[j]
			needed = true
		}
		f.scale[j] = 1
		// Beside a penalty that is much larger, the size of x does not matter.
		size := max(top, math.Sqrt(lambda))
		tiny := 0 < top && top < small
		if tiny {
			size = max(top, math.Sqrt(lambda)*0x1p-40)
		}
		if tiny || size > extreme || 0 < size && size < 1/extreme {
			f.scale[j] = math.Ldexp(1, -min(max(exponentOf(size), -1000), 1000))
			needed = true
		}
	}
	if !needed {
		return nil
	}
	return f
}

// enter makes θ that of the columns in the frame.
func (f *frame) enter(theta []float64) {
	if f == nil {
		return
	}
	f.move(theta, 1)
	for j, s := range f.scale {
		theta[len(theta)-len(f.scale)+j] /= s
	}
}

// leave undoes enter.
func (f *frame) leave(theta []float64) {
	if f == nil {
		return
	}
	for j, s := range f.scale {
		theta[len(theta)-len(f.scale)+j] *= s
	}
	f.move(theta, -1)
}

// move adds to the intercept what the shifts amount to, times sign.
func (f *frame) move(theta []float64, sign float64) {
	first := len(theta) - len(f.shift)
	if first == 0 {
		return
	}
	var b accurate.Sum
	b.Add(theta[0])
	for j, shift := range f.shift {
		b.AddProduct(sign*shift, theta[first+j])
	}
	theta[0] = b.Value()
}

// apply moves a row into the frame.
func (f *frame) apply(row []float64) {
	for j, shift := range f.shift {
		row[j] = (row[j] - shift) * f.scale[j]
	}
}
