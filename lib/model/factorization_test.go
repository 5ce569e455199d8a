package model_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

func TestMatrixFactorizationSettings(t *testing.T) {
	mustPanic(t, "0 users, 5 items and rank 1", func() { model.NewMatrixFactorization(0, 5, 1, 1) })
	m := model.NewMatrixFactorization(2, 2, 0, 1) // biases only
	copy(m.Params(), []float64{3, 1, 0, 0, -0.5})
	golden.Close(t, "f(0, 1)", predict(m, mat.NewDense(1, 2, []float64{0, 1})).At(0, 0), 3.5, 0)
}

// TestStart looks at the variance of what models begin with.
func TestStart(t *testing.T) {
	m := model.NewMatrixFactorization(300, 200, 20, 1)
	biases, factors := m.Params()[:501], m.Params()[501:]
	_, _, largest := moments(biases)
	golden.Close(t, "largest bias", largest, 0, 0)
	_, variance, _ := moments(factors)
	golden.Close(t, "variance of factors", variance, 0.01, 0.03)

	l := model.NewLinear(100, 50)
	l.Init(1)
	_, _, largest = moments(l.Intercept())
	golden.Close(t, "largest intercept", largest, 0, 0)
	_, variance, _ = moments(l.Weights().RawMatrix().Data)
	golden.Close(t, "variance of weights", variance, 0.01, 0.05)

	n := network(t, model.Features(1), model.Embedding{Vocabulary: 500, Size: 20})
	_, variance, _ = moments(n.Params()[20:])
	golden.Close(t, "variance of vectors", variance, 1, 0.03)
}
