package model

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// Sigmoid returns σ(z) = 1/(1+e⁻ᶻ), the probability p whose logit is z = log
// p/(1−p). It never overflows: for z < 0 it computes eᶻ/(1+eᶻ).
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

// Probabilities returns the class probabilities that a classifier predicts
// for each row of x. For a model with one output they are m×1: the
// probability of class 1, the sigmoid of the logit. For a model with k
// outputs they are m×k: the softmax of the scores. A model of sequences has a row
// for each token, as in Predict.
func Probabilities(m Model, x mat.Matrix) *mat.Dense {
	var p mat.Dense
	m.Predict(&p, x)
	raw := p.RawMatrix()
	if raw.Cols == 1 {
		blas.Sigmoid(raw.Data, raw.Data)
		return &p
	}
	for i := range raw.Rows {
		row := raw.Data[i*raw.Stride : i*raw.Stride+raw.Cols]
		Softmax(row, row)
	}
	return &p
}

// Classes returns the class that a classifier predicts for each row of x, in the
// form that metrics take. For a model with one output the class is 1 where the
// logit is above 0, that is, where the probability is above ½, and 0 elsewhere.
// For a model with k outputs it is the index of the largest score, 0 … k−1, the
// first of several that are equal. A row with a NaN score gets −1. For a model of
// sequences there is a class for each token.
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
