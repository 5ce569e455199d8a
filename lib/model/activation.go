package model

import (
	"fmt"
	"math"
)

// ReLU is max(x, 0), with derivative 0 at 0.
//
// Source: Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann
// Machines, 2010.
type ReLU struct{}

// LeakyReLU is x for x > 0 and Slope·x otherwise. With Slope 0 it is ReLU.
//
// Source: Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network
// Acoustic Models, 2013.
type LeakyReLU struct{ Slope float64 }

// NewLeakyReLU returns LeakyReLU with the customary slope 0.01.
func NewLeakyReLU() LeakyReLU { return LeakyReLU{Slope: 0.01} }

// ELU is x for x > 0 and Alpha·(eˣ − 1) otherwise. With Alpha 0 it is ReLU.
//
// Source: Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network
// Learning by Exponential Linear Units, 2016.
type ELU struct{ Alpha float64 }

// NewELU returns ELU with the customary α = 1.
func NewELU() ELU { return ELU{Alpha: 1} }

// GELU is x·Φ(x), where Φ is the distribution function of the standard normal:
// Φ(x) = ½(1 + erf(x/√2)). With Approximate it is the formula of the first
// transformers, ½x(1 + tanh(√(2/π)(x + 0.044715x³))), which differs by up to
// 5·10⁻⁴; for weights that were trained with it.
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
// not end a classifier with it: loss.BinaryCrossEntropy wants scores.
type SigmoidLayer struct{}

// SoftmaxLayer is e^{xⱼ}/Σₗ e^{xₗ} over the features, or over the vector of
// each token of a sequence, as a layer. (The function is [Softmax].) Do not end
// a classifier with it: loss.CrossEntropy wants scores, and [Probabilities]
// makes them probabilities.
type SoftmaxLayer struct{}

// activation is a layer without parameters that works on each number, or on
// groups of numbers, and keeps the shape.
type activation struct {
	value func(y, x []float64)
	slope func(dx, dy, x, y []float64) // dx = dy·∂y/∂x

	x, y, dx []float64
}

func (m *activation) forward(x []float64, _ int, _ bool) []float64 {
	m.x, m.y = x, grow(m.y, len(x))
	m.value(m.y, x)
	return m.y
}

func (m *activation) backward(_, dy []float64, input bool) []float64 {
	if input {
		m.dx = grow(m.dx, len(dy))
		m.slope(m.dx, dy, m.x, m.y)
	}
	return m.dx
}

// each is the activation y = f(x) with derivative df, which may use y too.
func each(f func(x float64) float64, df func(x, y float64) float64) *activation {
	return &activation{
		value: func(y, x []float64) {
			for i, v := range x {
				y[i] = f(v)
			}
		},
		slope: func(dx, dy, x, y []float64) {
			for i, v := range x {
				dx[i] = dy[i] * df(v, y[i])
			}
		},
	}
}

func (ReLU) build(in Shape, _ *builder) (module, Shape, error) {
	return &activation{
		value: func(y, x []float64) {
			for i, v := range x {
				y[i] = max(v, 0)
			}
		},
		slope: func(dx, dy, x, _ []float64) {
			for i, v := range x {
				if dx[i] = dy[i]; v <= 0 {
					dx[i] = 0
				}
			}
		},
	}, in, nil
}

func (l LeakyReLU) build(in Shape, _ *builder) (module, Shape, error) {
	if err := finite("Slope", l.Slope); err != nil {
		return nil, nil, err
	}
	return each(
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
		}), in, nil
}

func (l ELU) build(in Shape, _ *builder) (module, Shape, error) {
	if err := finite("Alpha", l.Alpha); err != nil {
		return nil, nil, err
	}
	return each(
		func(x float64) float64 {
			if x > 0 {
				return x
			}
			return l.Alpha * math.Expm1(x)
		},
		func(x, y float64) float64 {
			if x > 0 {
				return 1
			}
			return y + l.Alpha
		}), in, nil
}

func (l GELU) build(in Shape, _ *builder) (module, Shape, error) {
	if l.Approximate {
		return each(geluTanh, geluTanhSlope), in, nil
	}
	return each(
		func(x float64) float64 { return x * normalCDF(x) },
		func(x, _ float64) float64 {
			return normalCDF(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		}), in, nil
}

// normalCDF is Φ, through erfc, which keeps its digits for negative x.
func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

const (
	geluScale = 0.7978845608028654 // √(2/π)
	geluCube  = 0.044715
)

func geluTanh(x float64) float64 {
	return x / 2 * (1 + math.Tanh(geluScale*(x+geluCube*x*x*x)))
}

func geluTanhSlope(x, _ float64) float64 {
	t := math.Tanh(geluScale * (x + geluCube*x*x*x))
	return (1+t)/2 + x/2*(1-t*t)*geluScale*(1+3*geluCube*x*x)
}

func (SiLU) build(in Shape, _ *builder) (module, Shape, error) {
	return each(
		func(x float64) float64 { return x * Sigmoid(x) },
		func(x, _ float64) float64 {
			s := Sigmoid(x)
			return s * (1 + x*(1-s))
		}), in, nil
}

func (Tanh) build(in Shape, _ *builder) (module, Shape, error) {
	return each(math.Tanh, func(_, y float64) float64 { return 1 - y*y }), in, nil
}

func (SigmoidLayer) build(in Shape, _ *builder) (module, Shape, error) {
	return each(Sigmoid, func(_, y float64) float64 { return y * (1 - y) }), in, nil
}

func (SoftmaxLayer) build(in Shape, _ *builder) (module, Shape, error) {
	if len(in) == 3 {
		return nil, nil, fmt.Errorf("needs features, but its input is an image of %v: put Flatten before it", in)
	}
	n := in[len(in)-1]
	return &activation{
		value: func(y, x []float64) {
			for lo := 0; lo < len(x); lo += n {
				Softmax(y[lo:lo+n], x[lo:lo+n])
			}
		},
		// ∂L/∂xⱼ = yⱼ(∂L/∂yⱼ − Σₗ yₗ ∂L/∂yₗ)
		slope: func(dx, dy, _, y []float64) {
			for lo := 0; lo < len(y); lo += n {
				mean := dot(y[lo:lo+n], dy[lo:lo+n])
				for j := lo; j < lo+n; j++ {
					dx[j] = y[j] * (dy[j] - mean)
				}
			}
		},
	}, in, nil
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// finite reports a setting that is infinite or NaN.
func finite(name string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("has %s %g, want a finite number", name, v)
	}
	return nil
}
