package model

import (
	"math"

	"gonum.org/v1/gonum/mat"
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
