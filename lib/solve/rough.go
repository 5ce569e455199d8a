package solve

import (
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
)

// This file is a short cut of the gradient of a regression: what some rows add is computed in
// float64, and only the sums of blocks of rows in twice the precision. That takes a third of
// the time.

// averages says whether such a gradient leaves θ its digits: where there are enough rows,
// beside parameters and their condition, for the rounding errors of single ones to cancel. One
// of r is about ε√n‖b‖/√m, if b has m rows and n numbers make a prediction. A sum over m rows
// has √m times that, an m-th of it comes to θ, and the condition enlarges it by the root of
// ‖(UᵀU)⁻¹‖.
func (p *regression) averages(f *primal) bool {
	_, dense := p.x.Dense()
	count, _ := p.x.Dims()
	return dense && count >= fewRows && averaged*float64(p.params)*f.norm < float64(count)
}

const (
	fewRows  = 1 << 12
	averaged = 64 // makes the error an eighth of ε
)

// addRoughGradient is addGradient for a block of dense rows.
func (p *regression) addRoughGradient(part *gradientPart, high, low, theta []float64, k, lo, hi int) {
	x, _ := p.x.Dense()
	if part.left == nil {
		part.left, part.sum = make([]float64, blockRows), make([]float64, p.params)
	}
	block := blas64.General{Rows: hi - lo, Cols: x.Cols, Stride: x.Stride, Data: x.Data[lo*x.Stride:]}
	left, sum := part.left[:hi-lo], part.sum
	clear(left)
	clear(sum)
	rows.AddProduct(rows.Column(left), block, rows.Column(theta[p.first:]))
	for i, prediction := range left {
		left[i] = p.y.Data[(lo+i)*p.y.Stride+k] - prediction
		if p.first == 1 {
			left[i] -= theta[0]
		}
		left[i] *= weight(p.weights, lo+i)
		if p.first == 1 {
			sum[0] += left[i]
		}
	}
	rows.AddTransposed(rows.Column(sum[p.first:]), block, rows.Column(left))
	for j, v := range sum {
		s := accurate.Sum{High: high[j], Low: low[j]}
		s.Add(v)
		high[j], low[j] = s.High, s.Low
	}
}
