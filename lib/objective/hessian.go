package objective

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// A Hessian is the matrix of second derivatives ∂²L/∂θ² on some rows, at the θ where
// [Objective.Hessian] was called. It is not formed: only its products with vectors are.
//
// The plain way is the definition of a derivative, of the gradient along v:
//
//	Hv ≈ (g(θ + hv) − g(θ − hv)) / 2h
//
// which is right to 10 digits at best and costs two gradients. Where the model is a
// model.SecondOrder, the chain rule is differentiated once more, and the product is exact,
// for about one gradient:
//
//	ḟ ← ∂f/∂θ·v                 Model.Tangent
//	(∂L/∂f)˙ ← ∂²L/∂f²·ḟ        Loss.HessianProduct, or differences
//	Hv ← the way back, moved     Model.BackwardTangent
//
// Source: Pearlmutter, Fast Exact Multiplication by the Hessian, Neural Computation 6,
// 1994.
type Hessian struct {
	objective *Objective
	model     model.SecondOrder // nil for the plain way
	loss      loss.Smooth       // nil for differences of the loss' gradient
	lo, hi    int

	grad, above, theta   []float64
	tangent, bent, moved mat.Dense
}

// Hessian returns the Hessian matrix at the present θ, for the rows from lo to hi of the
// order. It holds until θ changes or the objective is evaluated again. Random layers draw
// what the last Seed says.
func (o *Objective) Hessian(lo, hi int) *Hessian {
	h := &Hessian{objective: o, lo: lo, hi: hi, grad: make([]float64, len(o.Model.Params()))}
	h.model, _ = o.Model.(model.SecondOrder)
	h.loss, _ = o.Loss.(loss.Smooth)
	if h.model != nil {
		o.again()
		o.plain(h.grad, lo, hi)
		return h
	}
	h.above, h.theta = make([]float64, len(h.grad)), make([]float64, len(h.grad))
	return h
}

// Exact tells whether products are exact, and not differences.
func (h *Hessian) Exact() bool { return h.model != nil && h.loss != nil }

// Product sets hv to the product with v.
func (h *Hessian) Product(hv, v []float64) {
	if h.model == nil {
		h.differences(hv, v)
		return
	}
	o := h.objective
	h.model.Tangent(empty(&h.tangent), v)
	if h.loss != nil {
		y, weights := o.targets()
		h.loss.HessianProduct(empty(&h.bent), &o.pred, y, weights, &h.tangent)
	} else {
		h.bend()
	}
	clear(hv)
	h.model.BackwardTangent(hv, &h.bent)
}

// bend is HessianProduct by differences of the gradient of the loss.
func (h *Hessian) bend() {
	o := h.objective
	step := h.step(mat.Norm(&o.pred, 2), mat.Norm(&h.tangent, 2))
	empty(&h.moved).Scale(step, &h.tangent)
	h.moved.Add(&o.pred, &h.moved)
	y, weights := o.targets()
	o.Loss.Loss(empty(&h.bent), &h.moved, y, weights)
	var below mat.Dense
	h.moved.Scale(-step, &h.tangent)
	h.moved.Add(&o.pred, &h.moved)
	o.Loss.Loss(&below, &h.moved, y, weights)
	h.bent.Sub(&h.bent, &below)
	h.bent.Scale(1/(2*step), &h.bent)
}

// differences is the plain way.
func (h *Hessian) differences(hv, v []float64) {
	o, theta := h.objective, h.objective.Model.Params()
	copy(h.theta, theta)
	step := h.step(floats.Norm(theta, 2), floats.Norm(v, 2))
	floats.AddScaledTo(theta, h.theta, step, v)
	o.again()
	o.Gradient(h.above, h.lo, h.hi)
	floats.AddScaledTo(theta, h.theta, -step, v)
	o.again()
	o.Gradient(h.grad, h.lo, h.hi)
	copy(theta, h.theta)
	for j := range hv {
		hv[j] = (h.above[j] - h.grad[j]) / (2 * step)
	}
}

// step is the length of a difference along a vector of the given norm, from a point of the
// given norm.
func (h *Hessian) step(at, along float64) float64 {
	if along == 0 {
		return 1
	}
	return math.Cbrt(0x1p-52) * (1 + at) / along
}

func empty(m *mat.Dense) *mat.Dense {
	m.Reset()
	return m
}
