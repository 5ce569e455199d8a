package model

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// BatchNorm gives each feature, or each channel of an image, mean 0 and
// variance 1 over the batch, then a scale γ and a shift β that are learned:
//
//	y = γ(x − μ)/√(σ² + ε) + β
//
// In training μ and σ² are those of the batch, over its samples and, for an
// image, its pixels; σ² is divided by their number n. In Predict they are
// running statistics, which each Forward updates:
//
//	running ← (1 − Momentum)·running + Momentum·batch
//
// with the unbiased variance, nσ²/(n−1), as torch.nn.BatchNorm1d and
// BatchNorm2d do. They are saved with the model, as buffers "mean" and
// "variance"; the parameters are "scale" and "shift". For a batch with a
// single value for each feature, which has no variance, the output is β and
// the running statistics do not change.
//
// A Dense or Conv2D layer before it needs no biases: set NoBias.
//
// Source: Ioffe and Szegedy, Batch Normalization: Accelerating Deep Network
// Training by Reducing Internal Covariate Shift, 2015.
type BatchNorm struct {
	Momentum float64 // weight of the last batch, 0 < Momentum ≤ 1
	Epsilon  float64 // ε > 0, in units of the variance
}

// NewBatchNorm returns BatchNorm with momentum 0.1 and ε = 10⁻⁵.
func NewBatchNorm() BatchNorm { return BatchNorm{Momentum: 0.1, Epsilon: 1e-5} }

// LayerNorm gives each sample mean 0 and variance 1 over its features, then a
// scale γ and a shift β for each feature, which are learned:
//
//	y = γ(x − μ)/√(σ² + ε) + β
//
// It does not depend on other samples, so training and Predict compute the
// same. For an image, μ and σ² are taken over all channels and pixels; for a
// sequence, over the vector of each token. It works as torch.nn.LayerNorm over
// those dimensions. The parameters are "scale" and "shift".
//
// Source: Ba, Kiros and Hinton, Layer Normalization, 2016.
type LayerNorm struct {
	Epsilon float64 // ε > 0, in units of the variance
}

// NewLayerNorm returns LayerNorm with ε = 10⁻⁵.
func NewLayerNorm() LayerNorm { return LayerNorm{Epsilon: 1e-5} }

type batchNorm[T element] struct {
	BatchNorm
	channels, pixels int // 1 pixel for features
	scale, shift     *view[T]
	mean, variance   *view[float64] // running

	rows       int
	mu         []float64 // of the last batch
	inverse    []float64 // 1/√(σ² + ε)
	normal     []T       // (x − μ)/√(σ² + ε)
	sum, cross []float64 // Σ ∂L/∂y and Σ ∂L/∂y·normal
	y, dx      []T
	long       longRuns[T]

	rectify   bool // a ReLU follows
	rectified bool // y and ∂L/∂y are those of the ReLU, in the last forward and its backward
}

func newBatchNorm[T element](l BatchNorm, in Shape, b *builder[T]) (module[T], Shape, error) {
	if !(l.Momentum > 0 && l.Momentum <= 1) {
		return nil, nil, fmt.Errorf("has Momentum %g, want 0 < Momentum ≤ 1: model.NewBatchNorm has the customary settings", l.Momentum)
	}
	if err := checkEpsilon(l.Epsilon, "NewBatchNorm"); err != nil {
		return nil, nil, err
	}
	if len(in) == 2 {
		return nil, nil, fmt.Errorf("needs features or an image, but its input is a sequence of %v: use LayerNorm", in)
	}
	c := in[0]
	m := &batchNorm[T]{BatchNorm: l, channels: c, pixels: in.Size() / c}
	m.scale, m.shift = b.param("scale", false, constant(1), c), b.param("shift", false, constant(0), c)
	m.mean, m.variance = b.buffer("mean", constant(0), c), b.buffer("variance", constant(1), c)
	m.mu, m.inverse = make([]float64, c), make([]float64, c)
	m.sum, m.cross = make([]float64, c), make([]float64, c)
	return m, in, nil
}

func checkEpsilon(epsilon float64, constructor string) error {
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		return fmt.Errorf("has Epsilon %g, want a finite number > 0: model.%s has the customary settings", epsilon, constructor)
	}
	return nil
}

func (m *batchNorm[T]) forward(x []T, rows int, training bool) []T {
	m.rows, m.y, m.rectified = rows, grow(m.y, len(x)), false
	if training {
		m.normal = grow(m.normal, len(x))
		if m.long.forward(m, x) {
			m.rectified = m.rectify
			return m.y
		}
		m.statistics(x)
		m.each(len(x), func(c, lo, hi int) {
			mu, inverse, scale, shift := T(m.mu[c]), T(m.inverse[c]), m.scale.values[c], m.shift.values[c]
			for i := lo; i < hi; i++ {
				m.normal[i] = (x[i] - mu) * inverse
				m.y[i] = scale*m.normal[i] + shift
			}
		})
		return m.y
	}
	for c, v := range m.variance.values {
		m.inverse[c] = 1 / math.Sqrt(v+m.Epsilon)
	}
	m.each(len(x), func(c, lo, hi int) {
		mu, inverse, scale, shift := T(m.mean.values[c]), T(m.inverse[c]), m.scale.values[c], m.shift.values[c]
		for i := lo; i < hi; i++ {
			m.y[i] = scale*(x[i]-mu)*inverse + shift
		}
	})
	return m.y
}

// statistics computes those of the batch and moves the running ones.
func (m *batchNorm[T]) statistics(x []T) {
	n := float64(m.rows * m.pixels)
	clear(m.mu)
	m.each(len(x), func(c, lo, hi int) {
		m.mu[c] += total(x[lo:hi])
	})
	for c := range m.mu {
		m.mu[c] /= n
	}
	variance := m.inverse
	clear(variance)
	m.each(len(x), func(c, lo, hi int) {
		variance[c] += squares(x[lo:hi], m.mu[c])
	})
	for c, v := range variance {
		m.learn(c, v, n)
	}
}

// learn moves the running statistics of a channel, whose squares have the sum v.
func (m *batchNorm[T]) learn(c int, v, n float64) {
	if n > 1 {
		m.mean.values[c] += m.Momentum * (m.mu[c] - m.mean.values[c])
		m.variance.values[c] += m.Momentum * (v/(n-1) - m.variance.values[c])
	}
	m.inverse[c] = 1 / math.Sqrt(v/n+m.Epsilon)
}

// each calls f for each run of numbers that belong to one channel.
func (m *batchNorm[T]) each(size int, f func(channel, lo, hi int)) {
	c := 0
	for lo := 0; lo < size; lo += m.pixels {
		f(c, lo, lo+m.pixels)
		if c++; c == m.channels {
			c = 0
		}
	}
}

// backward: with x̂ the normalised input and n the size of the batch,
// ∂L/∂x = γ/√(σ² + ε) · (∂L/∂y − mean(∂L/∂y) − x̂·mean(∂L/∂y·x̂)).
func (m *batchNorm[T]) backward(grad, dy []T, input bool) []T {
	if input || m.rectified {
		m.dx = grow(m.dx, len(dy))
	}
	dScale, dShift := m.scale.in(grad), m.shift.in(grad)
	if m.long.backward(m, dScale, dShift, dy, input) {
		return m.dx
	}
	clear(m.sum)
	clear(m.cross)
	m.each(len(dy), func(c, lo, hi int) {
		m.sum[c] += total(dy[lo:hi])
		m.cross[c] += dot(dy[lo:hi], m.normal[lo:hi])
	})
	for c := range m.sum {
		dScale[c] += T(m.cross[c])
		dShift[c] += T(m.sum[c])
	}
	if !input {
		return nil
	}
	n := float64(m.rows * m.pixels)
	m.each(len(dy), func(c, lo, hi int) {
		scale, sum, cross := m.scale.values[c]*T(m.inverse[c]), T(m.sum[c]/n), T(m.cross[c]/n)
		for i := lo; i < hi; i++ {
			m.dx[i] = scale * (dy[i] - sum - m.normal[i]*cross)
		}
	})
	return m.dx
}

type layerNorm[T element] struct {
	epsilon      float64
	n            int // numbers that are normalised together
	scale, shift *view[T]

	inverse []T // 1/√(σ² + ε) of each group
	normal  []T // (x − μ)/√(σ² + ε)
	y, dx   []T

	x      []T
	shares shares
	forth  func(lo, hi int) // normalize, bound once
	back   normGrad[T]
}

func newLayerNorm[T element](l LayerNorm, in Shape, b *builder[T]) (module[T], Shape, error) {
	if err := checkEpsilon(l.Epsilon, "NewLayerNorm"); err != nil {
		return nil, nil, err
	}
	over := in
	if len(in) == 2 {
		over = in[1:]
	}
	m := &layerNorm[T]{epsilon: l.Epsilon, n: over.Size()}
	m.scale, m.shift = b.param("scale", false, constant(1), over...), b.param("shift", false, constant(0), over...)
	return m, in, nil
}

func (m *layerNorm[T]) forward(x []T, _ int, _ bool) []T {
	if m.forth == nil {
		m.forth = m.normalize
	}
	m.x, m.y, m.normal = x, grow(m.y, len(x)), grow(m.normal, len(x))
	m.inverse = grow(m.inverse, len(x)/m.n)
	m.shares.do(len(x), m.n, m.forth)
	return m.y
}

// normalize takes the groups of the numbers from first to last.
func (m *layerNorm[T]) normalize(first, last int) {
	for lo := first; lo < last; lo += m.n {
		x, g := m.x[lo:lo+m.n], lo/m.n
		sum, _ := blas.Squares(x, 0)
		mu := T(sum / float64(m.n))
		_, squares := blas.Squares(x, mu)
		m.inverse[g] = T(1 / math.Sqrt(squares/float64(m.n)+m.epsilon))
		blas.Normalize(m.y[lo:lo+m.n], m.normal[lo:lo+m.n], x, m.scale.values, m.shift.values, mu, m.inverse[g])
	}
}

// backward is that of batchNorm with samples in the place of features, except
// that γ differs between the numbers that are normalised together.
func (m *layerNorm[T]) backward(grad, dy []T, input bool) []T {
	dScale, dShift := m.scale.in(grad), m.shift.in(grad)
	m.dx = grow(m.dx, len(dy))
	if blas.HasKernels && m.back.backward(m.n, true, input, m.dx, dy, m.normal, m.scale.values, m.inverse, dScale, dShift) {
		return m.dx
	}
	for g, inverse := range m.inverse {
		lo, hi := g*m.n, (g+1)*m.n
		d, normal, dx := dy[lo:hi], m.normal[lo:hi], m.dx[lo:hi]
		sum, cross := blas.NormalizeGrad(dx, dScale, dShift, d, normal, m.scale.values)
		if input {
			blas.Center(dx, normal, T(sum/float64(m.n)), T(cross/float64(m.n)), inverse)
		}
	}
	return m.dx
}

// squares returns Σ (v − mean)².
func squares[T element](v []T, mean float64) float64 {
	s := 0.0
	for _, x := range v {
		s += (float64(x) - mean) * (float64(x) - mean)
	}
	return s
}
