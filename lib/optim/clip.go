package optim

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
)

// ClipValue limits each element of the gradient to −Max ≤ g ≤ Max before the
// inner optimizer sees it, as torch.nn.utils.clip_grad_value_ does. It changes
// the direction of the gradient.
type ClipValue struct {
	Max       float64 // > 0, in units of the gradient
	Optimizer         // receives the gradient
}

func (c ClipValue) Step(theta, grad []float64, lr float64) {
	for i, g := range grad {
		grad[i] = min(max(g, -c.Max), c.Max)
	}
	c.Optimizer.Step(theta, grad, lr)
}

func (c ClipValue) Unwrap() Optimizer { return c.Optimizer }

func (c ClipValue) Validate() error {
	return errors.Join(checkPositive("ClipValue", "Max", c.Max), checkInner("ClipValue", c.Optimizer))
}

// ClipNorm scales a gradient whose Euclidean norm exceeds Max down to that
// norm, before the inner optimizer sees it. It keeps the direction:
//
//	g ← g·min(1, Max/(‖g‖₂ + 10⁻⁶))
//
// The norm is that of the whole vector; the 10⁻⁶ is from
// torch.nn.utils.clip_grad_norm_. A gradient with a NaN or an infinity becomes
// or stays NaN, so that divergence is detected.
//
// Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent
// neural networks, 2013, algorithm 1.
type ClipNorm struct {
	Max       float64 // > 0, in units of the gradient
	Optimizer         // receives the gradient
}

func (c ClipNorm) Step(theta, grad []float64, lr float64) {
	norm, unit := length(grad)
	if unit != 1 { // longer than any Max
		scale(grad, 1/unit)
		scale(grad, c.Max/norm)
	} else if factor := c.Max / (norm + 1e-6); factor < 1 {
		scale(grad, factor)
	}
	c.Optimizer.Step(theta, grad, lr)
}

// length returns ‖v‖₂ in units of a power of two, which is 1 unless the norm
// itself is beyond the range of a float64.
func length(v []float64) (norm, unit float64) {
	if norm = floats.Norm(v, 2); !math.IsInf(norm, 1) {
		return norm, 1
	}
	unit = 0x1p600
	sum := 0.0
	for _, x := range v {
		sum += (x / unit) * (x / unit)
	}
	return math.Sqrt(sum), unit
}

func (c ClipNorm) Unwrap() Optimizer { return c.Optimizer }

func (c ClipNorm) Validate() error {
	return errors.Join(checkPositive("ClipNorm", "Max", c.Max), checkInner("ClipNorm", c.Optimizer))
}
