package model

import (
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// RMSNorm divides each sample by the root of the mean of its squares, then
// multiplies each feature by a scale γ, which is learned:
//
//	y = γx/√(mean(x²) + ε)
//
// It is [LayerNorm] without the mean and the shift, which transformers do not miss.
// For a sequence the mean is taken over the vector of each token, for an image over
// all channels and pixels. It works as torch.nn.RMSNorm. The parameter is "scale".
//
// Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.
type RMSNorm struct {
	Epsilon float64 // ε > 0, in units of the mean square
}

// NewRMSNorm returns RMSNorm with ε = 10⁻⁵.
func NewRMSNorm() RMSNorm { return RMSNorm{Epsilon: 1e-5} }

type rmsNorm[T element] struct {
	epsilon float64
	n       int // numbers that are normalised together
	scale   *view[T]

	inverse []T // 1/√(mean(x²) + ε) of each group
	normal  []T // x/√(mean(x²) + ε)
	y, dx   []T

	none, unused []T // a shift of 0, and its gradient

	back normGrad[T]
}

func newRMSNorm[T element](l RMSNorm, in Shape, b *builder[T]) (module[T], Shape, error) {
	if err := checkEpsilon(l.Epsilon, "NewRMSNorm"); err != nil {
		return nil, nil, err
	}
	over := in
	if len(in) == 2 {
		over = in[1:]
	}
	m := &rmsNorm[T]{epsilon: l.Epsilon, n: over.Size()}
	m.none, m.unused = make([]T, m.n), make([]T, m.n)
	m.scale = b.param("scale", false, constant(1), over...)
	return m, in, nil
}

func (m *rmsNorm[T]) forward(x []T, _ int, _ bool) []T {
	m.y, m.normal = grow(m.y, len(x)), grow(m.normal, len(x))
	m.inverse = grow(m.inverse, len(x)/m.n)
	scale := m.scale.values
	for g := range m.inverse {
		lo, hi := g*m.n, (g+1)*m.n
		_, squares := blas.Squares(x[lo:hi], 0)
		m.inverse[g] = T(1 / math.Sqrt(squares/float64(m.n)+m.epsilon))
		blas.Normalize(m.y[lo:hi], m.normal[lo:hi], x[lo:hi], scale, m.none, 0, m.inverse[g])
	}
	return m.y
}

// backward: with x̂ = x/√(mean(x²) + ε),
// ∂L/∂x = (γ·∂L/∂y − x̂·mean(γ·∂L/∂y·x̂))/√(mean(x²) + ε).
func (m *rmsNorm[T]) backward(grad, dy []T, input bool) []T {
	scale, dScale := m.scale.values, m.scale.in(grad)
	m.dx = grow(m.dx, len(dy))
	clear(m.unused)
	if blas.HasKernels && m.back.backward(m.n, false, input, m.dx, dy, m.normal, scale, m.inverse, dScale, m.unused) {
		return m.dx
	}
	for g, inverse := range m.inverse {
		lo, hi := g*m.n, (g+1)*m.n
		d, normal, dx := dy[lo:hi], m.normal[lo:hi], m.dx[lo:hi]
		_, cross := blas.NormalizeGrad(dx, dScale, m.unused, d, normal, scale)
		if input {
			blas.Center(dx, normal, 0, T(cross/float64(m.n)), inverse)
		}
	}
	return m.dx
}
