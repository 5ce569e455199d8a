package model

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
)

// Sigmoid returns σ(z) = 1/(1+e⁻ᶻ), the probability that belongs to the
// logit z = log p/(1−p). It never overflows: for z < 0 it computes
// eᶻ/(1+eᶻ).
func Sigmoid(z float64) float64 {
	if z >= 0 {
		return 1 / (1 + math.Exp(-z))
	}
	e := math.Exp(z)
	return e / (1 + e)
}

// Softmax sets dst ← e^{zⱼ}/Σₗ e^{zₗ}, the probabilities of the classes whose
// scores are z. It subtracts the largest score first, which changes nothing in
// the result and keeps the exponentials in range. dst may be z.
func Softmax(dst, z []float64) { softmax(dst, z) }

func softmax[T element](dst, z []T) {
	top := T(math.Inf(-1))
	for _, v := range z {
		top = max(top, v)
	}
	sum := T(0)
	for j, v := range z {
		dst[j] = T(math.Exp(float64(v - top)))
		sum += dst[j]
	}
	for j := range z {
		dst[j] /= sum
	}
}

// Probabilities returns what a classifier believes of each row of x. A model
// with one output gives m×1: the probability of class 1, the sigmoid of its
// logit. A model with k outputs gives m×k: the softmax of its scores.
func Probabilities(m Model, x mat.Matrix) *mat.Dense {
	var p mat.Dense
	m.Predict(&p, x)
	raw := p.RawMatrix()
	for i := range raw.Rows {
		row := raw.Data[i*raw.Stride : i*raw.Stride+raw.Cols]
		if len(row) == 1 {
			row[0] = Sigmoid(row[0])
		} else {
			Softmax(row, row)
		}
	}
	return &p
}

// Classes returns the class that a classifier gives to each row of x, as metrics
// take it. A model with one output gives 1 where its logit is above 0, which is a
// probability above ½, and 0 elsewhere. A model with k outputs gives the first
// column of the largest score, 0 … k−1. A row whose scores hold NaN gets −1,
// which no class has.
func Classes(m Model, x mat.Matrix) []int {
	var scores mat.Dense
	m.Predict(&scores, x)
	rows, outputs := scores.Dims()
	classes := make([]int, rows)
	for i := range classes {
		row := scores.RawRowView(i)
		if outputs == 1 {
			row = []float64{0, row[0]} // the score of class 0 is 0
		}
		classes[i] = number.ArgMax(row)
	}
	return classes
}
