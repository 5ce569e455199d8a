package model

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// ReLU is max(x, 0), with derivative 0 at 0.
//
// Source: Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann
// Machines, 2010.
type ReLU struct{}

// LeakyReLU is x for x > 0 and Slope·x otherwise. Slope 0 is an error: that is
// [ReLU].
//
// Source: Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network
// Acoustic Models, 2013.
type LeakyReLU struct{ Slope float64 }

// NewLeakyReLU returns LeakyReLU with the customary slope 0.01.
func NewLeakyReLU() LeakyReLU { return LeakyReLU{Slope: 0.01} }

// ELU is x for x > 0 and Alpha·(eˣ − 1) otherwise. Alpha 0 is an error:
// that is [ReLU].
//
// Source: Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network
// Learning by Exponential Linear Units, 2016.
type ELU struct{ Alpha float64 }

// NewELU returns ELU with the customary α = 1.
func NewELU() ELU { return ELU{Alpha: 1} }

// GELU is x·Φ(x), where Φ is the distribution function of the standard normal:
// Φ(x) = ½(1 + erf(x/√2)). With Approximate it is the formula of the first
// transformers, ½x(1 + tanh(√(2/π)(x + 0.044715x³))), which differs by up to
// 5·10⁻⁴; use it for weights that were trained with it.
//
// Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
type GELU struct{ Approximate bool }

// SiLU is x·σ(x), also called swish.
//
// Source: Elfwing, Uchibe and Doya, Sigmoid-Weighted Linear Units for Neural
// Network Function Approximation in Reinforcement Learning, 2018.
type SiLU struct{}

// Tanh is the hyperbolic tangent.
type Tanh struct{}

// SigmoidLayer is σ(x) = 1/(1+e⁻ˣ) as a layer. (The function is [Sigmoid].) Do
// not end a classifier with it: loss.BinaryCrossEntropy takes scores.
type SigmoidLayer struct{}

// SoftmaxLayer is e^{xⱼ}/Σₗ e^{xₗ} over the features, or over the vector of
// each token of a sequence, as a layer. (The function is [Softmax].) Do not end
// a classifier with it: loss.CrossEntropy takes scores, and [Probabilities]
// turns them into probabilities.
type SoftmaxLayer struct{}

// activation is a layer without parameters that works on each number, or on
// groups of numbers, and keeps the shape.
type activation[T element] struct {
	value func(y, x []T)
	slope func(dx, dy, x, y []T) // dx = dy·∂y/∂x
	group int                    // numbers that belong together; 0 for 1

	x, y, dx, dy []T
	shares       shares
	forth, back  func(lo, hi int) // valueOf and slopeOf, bound once
	norm         *batchNorm[T]    // before a ReLU, which may have done its work; or nil
}

func (m *activation[T]) forward(x []T, _ int, _ bool) []T {
	if blas.HasKernels && m.norm != nil && m.norm.rectified {
		return x
	}
	if m.forth == nil {
		m.forth, m.back = m.valueOf, m.slopeOf
	}
	m.x, m.y = x, grow(m.y, len(x))
	m.shares.do(len(x), m.group, m.forth)
	return m.y
}

func (m *activation[T]) backward(_, dy []T, input bool) []T {
	if blas.HasKernels && m.norm != nil && m.norm.rectified {
		return dy
	}
	if input {
		m.dx, m.dy = grow(m.dx, len(dy)), dy
		m.shares.do(len(dy), m.group, m.back)
	}
	return m.dx
}

// valueOf computes the numbers from lo to hi.
func (m *activation[T]) valueOf(lo, hi int) { m.value(m.y[lo:hi], m.x[lo:hi]) }

// slopeOf computes the derivatives from lo to hi.
func (m *activation[T]) slopeOf(lo, hi int) {
	m.slope(m.dx[lo:hi], m.dy[lo:hi], m.x[lo:hi], m.y[lo:hi])
}

// rectifier is ReLU as a separate type, for chain.add.
type rectifier[T element] struct{ activation[T] }

// follow says after which normalisation it comes, if after one.
func (m *rectifier[T]) follow(norm *batchNorm[T]) {
	if m.norm != nil {
		m.norm.rectify = false
	}
	if m.norm = norm; norm != nil {
		norm.rectify = true
	}
}

// newActivation returns the module of an activation.
func newActivation[T element](l Layer, in Shape) (module[T], error) {
	switch l := l.(type) {
	case ReLU:
		return &rectifier[T]{activation[T]{value: blas.ReLU[T], slope: reluSlope[T]}}, nil
	case LeakyReLU:
		return leakyReLU[T](l)
	case ELU:
		return elu[T](l)
	case GELU:
		if l.Approximate {
			return &activation[T]{value: blas.GELU[T], slope: geluTanhSlope[T]}, nil
		}
		return each[T](gelu, geluSlope), nil
	case SiLU:
		return each[T](silu, siluSlope), nil
	case Tanh:
		return &activation[T]{value: blas.Tanh[T], slope: tanhSlope[T]}, nil
	case SigmoidLayer:
		return &activation[T]{value: blas.Sigmoid[T], slope: sigmoidSlope[T]}, nil
	case SoftmaxLayer:
		return softmaxOver[T](in)
	}
	return nil, fmt.Errorf("is no layer of this package: %T", l)
}

// each is the activation y = f(x) with derivative df, which may use y too. It
// computes in float64.
func each[T element](f func(x float64) float64, df func(x, y float64) float64) *activation[T] {
	return &activation[T]{
		value: func(y, x []T) {
			for i, v := range x {
				y[i] = T(f(float64(v)))
			}
		},
		slope: func(dx, dy, x, y []T) {
			for i, v := range x {
				dx[i] = dy[i] * T(df(float64(v), float64(y[i])))
			}
		},
	}
}

func reluSlope[T element](dx, dy, x, _ []T) { blas.ReLUGrad(dx, dy, x) }

func leakyReLU[T element](l LeakyReLU) (module[T], error) {
	return each[T](
		func(x float64) float64 {
			if x > 0 {
				return x
			}
			return l.Slope * x
		},
		func(x, _ float64) float64 {
			if x > 0 {
				return 1
			}
			return l.Slope
		}), coefficient("Slope", l.Slope, "NewLeakyReLU has 0.01")
}

func elu[T element](l ELU) (module[T], error) {
	return each[T](
		func(x float64) float64 {
			if x > 0 {
				return x
			}
			return l.Alpha * math.Expm1(x)
		},
		func(x, y float64) float64 {
			switch {
			case x > 0:
				return 1
			case math.Abs(y) < math.Abs(l.Alpha)/2: // then y + Alpha keeps its digits
				return y + l.Alpha
			}
			return l.Alpha * math.Exp(x)
		}), coefficient("Alpha", l.Alpha, "NewELU has 1")
}

func gelu(x float64) float64 { return x * normalCDF(x) }

func geluSlope(x, _ float64) float64 {
	return normalCDF(x) + x*normalDensity(x)
}

// normalDensity is exp(−x²/2)/√2π. The rounding of a large x² would cost digits:
// it is that of a number with few of them, whose square is exact, and a rest.
func normalDensity(x float64) float64 {
	switch a := math.Abs(x); {
	case a < 4:
		return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
	case a > 39:
		return 0
	}
	near := math.Trunc(x*16) / 16
	return math.Exp(-near*near/2) * math.Exp(-(x-near)*(x+near)/2) / math.Sqrt(2*math.Pi)
}

// normalCDF is Φ, through erfc, which keeps its digits for negative x.
func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func geluTanhSlope[T element](dx, dy, x, _ []T) { blas.GELUGrad(dx, dy, x) }

func silu(x float64) float64 { return x * Sigmoid(x) }

func siluSlope(x, _ float64) float64 {
	return Sigmoid(x) * (1 + x*Sigmoid(-x))
}

// tanhSlope has 4e/(1+e)², e = exp(−2|x|), for 1 − y², which has no digits left
// where y is near ±1.
func tanhSlope[T element](dx, dy, x, _ []T) {
	for i, v := range x {
		dx[i] = T(-2 * math.Abs(float64(v)))
	}
	blas.Exp(dx, dx)
	for i, e := range dx {
		dx[i] = dy[i] * (4 * e / ((1 + e) * (1 + e)))
	}
}

// sigmoidSlope has σ(−x) for 1 − y, as tanhSlope has e.
func sigmoidSlope[T element](dx, dy, x, y []T) {
	for i, v := range x {
		dx[i] = -v
	}
	blas.Sigmoid(dx, dx)
	for i, rest := range dx {
		dx[i] = dy[i] * y[i] * rest
	}
}

func softmaxOver[T element](in Shape) (module[T], error) {
	if len(in) == 3 {
		return nil, fmt.Errorf("needs features, but its input is an image of %v: put Flatten before it", in)
	}
	n := in[len(in)-1]
	return &activation[T]{
		group: n,
		value: func(y, x []T) {
			for lo := 0; lo < len(x); lo += n {
				softmax(y[lo:lo+n], x[lo:lo+n])
			}
		},
		// ∂L/∂xⱼ = yⱼ(∂L/∂yⱼ − Σₗ yₗ ∂L/∂yₗ)
		slope: func(dx, dy, _, y []T) {
			for lo := 0; lo < len(y); lo += n {
				mean := T(dot(y[lo:lo+n], dy[lo:lo+n]))
				for j := lo; j < lo+n; j++ {
					dx[j] = y[j] * (dy[j] - mean)
				}
			}
		},
	}, nil
}

// coefficient reports a setting that is infinite, NaN or 0, where the constructor
// named in advice has another.
func coefficient(name string, v float64, advice string) error {
	if !number.IsFinite(v) {
		return fmt.Errorf("has %s %g, want a finite number", name, v)
	}
	if v == 0 {
		return fmt.Errorf("has %s 0, which is ReLU: model.%s", name, advice)
	}
	return nil
}
