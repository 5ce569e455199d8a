package model

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/rows"
)

// CurvatureBound returns the largest eigenvalue λ of (1/m)·X̃ᵀX̃, where X̃ is
// x, preceded by a column of ones if the model has an intercept. It bounds how
// fast the gradient of the loss can change, and so the learning rate: if
// ∂²ℓ/∂f² ≤ c (2 for squared error, ¼ for logistic regression, ½ for softmax
// regression), then L = c·λ, and gradient descent on the whole data is stable
// below 2/L.
//
// It runs the Lanczos iteration from a fixed start: at most 100 passes over
// the data, dense or sparse, without forming X̃ᵀX̃. It adds the residual of
// the eigenvector, at most 10⁻⁹·λ on convergence, so that the result errs on
// the side above λ. If x holds a NaN or an infinity, the result is not finite.
//
// Source: Golub and Van Loan, Matrix Computations, 4th ed., §10.1.
func CurvatureBound(m Affine, x mat.Matrix) float64 {
	n, _ := m.Dims()
	g := gram{x: rows.Of(x), image: make([]float64, checkColumns(x, n))}
	if intercept, _ := m.Affine(m.Params()); len(intercept) > 0 {
		g.intercept = true
		n++
	}
	steps := min(n, maxLanczos)
	basis := [][]float64{startVector(n)}
	var diagonal, next []float64 // of the tridiagonal matrix
	for {
		q := basis[len(basis)-1]
		v := make([]float64, n)
		g.apply(v, q)
		diagonal = append(diagonal, dot(q, v))
		for range 2 { // twice is enough to keep the basis orthogonal
			for _, b := range basis {
				axpy(v, -dot(b, v), b)
			}
		}
		norm := floats.Norm(v, 2)
		next = append(next, norm)
		if end := norm + diagonal[len(diagonal)-1]; !number.IsFinite(end) {
			return end
		}
		top, residual := topEigenvalue(diagonal, next)
		if len(basis) == steps || residual <= 1e-9*top {
			return top + residual
		}
		for j := range v {
			v[j] /= norm
		}
		basis = append(basis, v)
	}
}

// CurvatureBound returns [CurvatureBound](l, x).
func (l *Linear) CurvatureBound(x mat.Matrix) float64 { return CurvatureBound(l, x) }

const maxLanczos = 100

// startVector is a unit vector that is orthogonal to no eigenvector, other than
// by a chance that does not happen.
func startVector(n int) []float64 {
	v := make([]float64, n)
	normal(v, 1, rand.New(rand.NewPCG(1, 2)))
	norm := floats.Norm(v, 2)
	for j := range v {
		v[j] /= norm
	}
	return v
}

// topEigenvalue returns the largest eigenvalue of the symmetric tridiagonal
// matrix, and how far it can be from one of the whole matrix: the last element
// of its eigenvector times the norm of what the basis leaves over.
func topEigenvalue(diagonal, next []float64) (value, residual float64) {
	k := len(diagonal)
	t := mat.NewSymDense(k, nil)
	for i := range k {
		t.SetSym(i, i, diagonal[i])
		if i+1 < k {
			t.SetSym(i, i+1, next[i])
		}
	}
	var e mat.EigenSym
	if !e.Factorize(t, true) {
		return math.NaN(), math.NaN()
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return e.Values(nil)[k-1], next[k-1] * math.Abs(vectors.At(k-1, k-1))
}

// gram multiplies by (1/m)·X̃ᵀX̃.
type gram struct {
	x         rows.Matrix
	intercept bool
	image     []float64 // X̃v
}

// apply sets dst ← (1/m)·X̃ᵀX̃v. dst is 0 before.
func (g gram) apply(dst, v []float64) {
	to, from := dst, v
	clear(g.image)
	if g.intercept {
		fill(g.image, v[0])
		to, from = dst[1:], v[1:]
	}
	g.x.AddProduct(rows.Column(g.image), rows.Column(from))
	if g.intercept {
		dst[0] = total(g.image)
	}
	g.x.AddTransposed(rows.Column(to), rows.Column(g.image))
	for j := range dst {
		dst[j] /= float64(len(g.image))
	}
}
