package grad

import (
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// Operations number by number. Those of two operands broadcast as NumPy does: an axis
// of length 1, or one that is missing in front, is repeated.

// Add returns n + b.
func (n *Node) Add(b *Node) *Node { return n.plus("Add", b, 1) }

// Sub returns n − b.
func (n *Node) Sub(b *Node) *Node { return n.plus("Sub", b, -1) }

// Mul returns the elementwise product n·b.
func (n *Node) Mul(b *Node) *Node {
	w, shape := n.together("Mul", b)
	return n.graph.node("Mul", shape, kernels{times[float64](w), times[float32](w)}, n, b)
}

// Div returns n/b.
func (n *Node) Div(b *Node) *Node { return n.surface("Div", b, quotient) }

var quotient = surface{
	f:  func(a, b float64) float64 { return a / b },
	da: func(_, b, _ float64) float64 { return 1 / b },
	db: func(_, b, y float64) float64 { return -y / b },
	ab: func(_, b, _ float64) float64 { return -1 / (b * b) },
	bb: func(_, b, y float64) float64 { return 2 * y / (b * b) },
}

// Pow returns nᵇ.
func (n *Node) Pow(b *Node) *Node { return n.surface("Pow", b, power) }

// power has the derivatives of PyTorch where they are limits: 0 by the base if the
// exponent is 0, and 0 by the exponent if the base is 0.
var power = surface{
	f:  math.Pow,
	da: func(a, b, _ float64) float64 { return powSlope(a, b) },
	db: func(a, _, y float64) float64 { return timesLog(y, a) },
	aa: func(a, b, _ float64) float64 { return powBend(a, b) },
	ab: func(a, b, _ float64) float64 {
		p := math.Pow(a, b-1)
		return p + b*timesLog(p, a)
	},
	bb: func(a, _, y float64) float64 { return timesLog(timesLog(y, a), a) },
}

// powSlope is ∂aᵇ/∂a.
func powSlope(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return b * math.Pow(a, b-1)
}

// powBend is ∂²aᵇ/∂a².
func powBend(a, b float64) float64 {
	if b == 0 || b == 1 {
		return 0
	}
	return b * (b - 1) * math.Pow(a, b-2)
}

// timesLog is y·ln a, and 0 for a = 0 and a finite y: the limit of aᵇ·ln a.
func timesLog(y, a float64) float64 {
	if a == 0 && !math.IsInf(y, 0) {
		return 0
	}
	return y * math.Log(a)
}

// Maximum returns the larger of n and b, or NaN where either is NaN. Where both are
// equal, each gets half of the derivative, as in PyTorch.
func (n *Node) Maximum(b *Node) *Node { return n.surface("Maximum", b, larger) }

// Minimum returns the smaller of n and b, or NaN where either is NaN. Where both
// are equal, each gets half of the derivative, as in PyTorch.
func (n *Node) Minimum(b *Node) *Node { return n.surface("Minimum", b, smaller) }

var larger = surface{
	f:  func(a, b float64) float64 { return max(a, b) },
	da: func(a, b, _ float64) float64 { return share(a - b) },
	db: func(a, b, _ float64) float64 { return share(b - a) },
}

var smaller = surface{
	f:  func(a, b float64) float64 { return min(a, b) },
	da: func(a, b, _ float64) float64 { return share(b - a) },
	db: func(a, b, _ float64) float64 { return share(a - b) },
}

// share is 1 for the operand that wins by ahead, ½ for each where both are equal.
func share(ahead float64) float64 {
	switch {
	case ahead > 0:
		return 1
	case ahead == 0:
		return 0.5
	}
	return 0
}

// AddScalar returns n + c.
func (n *Node) AddScalar(c float64) *Node {
	return n.curve("AddScalar", curve{
		f:     func(x float64) float64 { return x + c },
		slope: func(_, _ float64) float64 { return 1 },
	})
}

// MulScalar returns c·n.
func (n *Node) MulScalar(c float64) *Node {
	return n.curve("MulScalar", curve{
		f:     func(x float64) float64 { return c * x },
		slope: func(_, _ float64) float64 { return c },
	})
}

// PowScalar returns nᶜ.
func (n *Node) PowScalar(c float64) *Node {
	return n.curve("PowScalar", curve{
		f:     func(x float64) float64 { return math.Pow(x, c) },
		slope: func(x, _ float64) float64 { return powSlope(x, c) },
		bend:  func(x, _ float64) float64 { return powBend(x, c) },
	})
}

// Neg returns −n.
func (n *Node) Neg() *Node {
	return n.curve("Neg", curve{
		f:     func(x float64) float64 { return -x },
		slope: func(_, _ float64) float64 { return -1 },
	})
}

// Square returns n².
func (n *Node) Square() *Node {
	return n.curve("Square", curve{
		f:     func(x float64) float64 { return x * x },
		slope: func(x, _ float64) float64 { return 2 * x },
		bend:  func(_, _ float64) float64 { return 2 },
	})
}

// Sqrt returns √n.
func (n *Node) Sqrt() *Node {
	return n.curve("Sqrt", curve{
		f:     math.Sqrt,
		slope: func(_, y float64) float64 { return 1 / (2 * y) },
		bend:  func(x, y float64) float64 { return -1 / (4 * x * y) },
	})
}

// Abs returns |n|, with derivative 0 at 0.
func (n *Node) Abs() *Node {
	return n.curve("Abs", curve{
		f:     math.Abs,
		slope: func(x, _ float64) float64 { return sign(x) },
	})
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x * 0 // NaN remains
}

// Clip returns n limited to [lo, hi]. The derivative is 1 between the bounds, and 0
// at and beyond them, as in PyTorch 2.15; in 1.13 it was 1 at them.
func (n *Node) Clip(lo, hi float64) *Node {
	if !(lo <= hi) {
		fail("Clip", "the bounds are %g and %g, want the lower one first", lo, hi)
	}
	return n.curve("Clip", curve{
		f: func(x float64) float64 { return min(max(x, lo), hi) },
		slope: func(x, _ float64) float64 {
			if lo < x && x < hi {
				return 1
			}
			return 0
		},
	})
}

// Exp returns eⁿ.
func (n *Node) Exp() *Node {
	return n.fast("Exp", curve{
		f:     math.Exp,
		slope: func(_, y float64) float64 { return y },
		bend:  func(_, y float64) float64 { return y },
	}, blas.Exp[float64], blas.Exp[float32])
}

// Log returns ln n.
func (n *Node) Log() *Node {
	return n.fast("Log", curve{
		f:     math.Log,
		slope: func(x, _ float64) float64 { return 1 / x },
		bend:  func(x, _ float64) float64 { return -1 / (x * x) },
	}, blas.Log[float64], blas.Log[float32])
}

// Sin returns the sine of n.
func (n *Node) Sin() *Node {
	return n.curve("Sin", curve{
		f:     math.Sin,
		slope: func(x, _ float64) float64 { return math.Cos(x) },
		bend:  func(_, y float64) float64 { return -y },
	})
}

// Cos returns the cosine of n.
func (n *Node) Cos() *Node {
	return n.curve("Cos", curve{
		f:     math.Cos,
		slope: func(x, _ float64) float64 { return -math.Sin(x) },
		bend:  func(_, y float64) float64 { return -y },
	})
}

// Tanh returns the hyperbolic tangent of n.
func (n *Node) Tanh() *Node {
	return n.fast("Tanh", curve{
		f:     math.Tanh,
		slope: func(_, y float64) float64 { return 1 - y*y },
		bend:  func(_, y float64) float64 { return -2 * y * (1 - y*y) },
	}, blas.Tanh[float64], blas.Tanh[float32])
}

// Sigmoid returns σ(n) = 1/(1+e⁻ⁿ).
func (n *Node) Sigmoid() *Node {
	return n.fast("Sigmoid", curve{
		slope: func(_, y float64) float64 { return y * (1 - y) },
		bend:  func(_, y float64) float64 { return y * (1 - y) * (1 - 2*y) },
	}, blas.Sigmoid[float64], blas.Sigmoid[float32])
}

// Softplus returns ln(1+eⁿ).
func (n *Node) Softplus() *Node {
	return n.fast("Softplus", curve{
		slope: func(x, _ float64) float64 { return sigmoid(x) },
		bend:  func(x, _ float64) float64 { return sigmoid(x) * sigmoid(-x) },
	}, blas.Softplus[float64], blas.Softplus[float32])
}

func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// ReLU returns max(n, 0), with derivative 0 at 0.
func (n *Node) ReLU() *Node {
	slope := curve{slope: func(x, _ float64) float64 {
		if x > 0 {
			return 1
		}
		return 0
	}}
	return n.graph.node("ReLU", n.shape, kernels{
		pointwise[float64]{slope, blas.ReLU[float64], addReLU[float64]},
		pointwise[float32]{slope, blas.ReLU[float32], addReLU[float32]},
	}, n)
}

func addReLU[T element](dx, dy, x, _ []T, beta T) {
	if beta == 0 {
		blas.ReLUGrad(dx, dy, x)
		return
	}
	for i, v := range x {
		if v > 0 {
			dx[i] += dy[i]
		}
	}
}

// GELU returns n·Φ(n), where Φ is the distribution function of the standard normal.
//
// Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
func (n *Node) GELU() *Node {
	return n.curve("GELU", curve{
		f:     func(x float64) float64 { return x * normalCDF(x) },
		slope: func(x, _ float64) float64 { return normalCDF(x) + x*normalPDF(x) },
		bend:  func(x, _ float64) float64 { return (2 - x*x) * normalPDF(x) },
	})
}

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
func normalPDF(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// GELUTanh returns ½n(1 + tanh(√(2/π)(n + 0.044715n³))), the approximation of GELU
// that the first transformers were trained with.
func (n *Node) GELUTanh() *Node {
	const c, k = 0.7978845608028654, 0.044715 // √(2/π)
	inner := func(x float64) (t, d1, d2 float64) {
		return math.Tanh(c * (x + k*x*x*x)), c * (1 + 3*k*x*x), 6 * c * k * x
	}
	return n.curve("GELUTanh", curve{
		f: func(x float64) float64 {
			t, _, _ := inner(x)
			return x / 2 * (1 + t)
		},
		slope: func(x, _ float64) float64 {
			t, d1, _ := inner(x)
			return (1+t)/2 + x/2*(1-t*t)*d1
		},
		bend: func(x, _ float64) float64 {
			t, d1, d2 := inner(x)
			return (1-t*t)*d1 + x/2*(1-t*t)*(d2-2*t*d1*d1)
		},
	})
}

// Greater returns 1 where n > b and 0 elsewhere: a mask, without derivatives.
func (n *Node) Greater(b *Node) *Node {
	return n.compare("Greater", b, func(a, b float64) bool { return a > b })
}

// Less returns 1 where n < b and 0 elsewhere: a mask, without derivatives.
func (n *Node) Less(b *Node) *Node {
	return n.compare("Less", b, func(a, b float64) bool { return a < b })
}

// Equal returns 1 where n = b and 0 elsewhere: a mask, without derivatives.
func (n *Node) Equal(b *Node) *Node {
	return n.compare("Equal", b, func(a, b float64) bool { return a == b })
}

func (n *Node) compare(op string, b *Node, holds func(a, b float64) bool) *Node {
	s := surface{f: func(a, b float64) float64 {
		if holds(a, b) {
			return 1
		}
		return 0
	}}
	n.graph.owns(op, b)
	return n.Detach().surface(op, b.Detach(), s)
}

// Detach returns the numbers of n as a constant: no derivative passes through it.
func (n *Node) Detach() *Node {
	if !n.needs {
		return n
	}
	d := n.graph.node("Detach", n.shape, kernels{detach[float64]{}, detach[float32]{}}, n)
	d.needs = false
	n.graph.machine.forget(d.id)
	return d
}

// fast is a curve with a kernel of lib/blas.
func (n *Node) fast(op string, c curve, f64 func(y, x []float64), f32 func(y, x []float32)) *Node {
	return n.graph.node(op, n.shape, kernels{
		pointwise[float64]{curve: c, vector: f64},
		pointwise[float32]{curve: c, vector: f32},
	}, n)
}

func (n *Node) curve(op string, c curve) *Node {
	return n.graph.node(op, n.shape, kernels{pointwise[float64]{curve: c}, pointwise[float32]{curve: c}}, n)
}

func (n *Node) surface(op string, b *Node, s surface) *Node {
	w, shape := n.together(op, b)
	return n.graph.node(op, shape, kernels{pointwise2[float64]{s, w}, pointwise2[float32]{s, w}}, n, b)
}

// together returns the walk over the result of an operation on n and b, n and b.
func (n *Node) together(op string, b *Node) (*walk, []int) {
	n.graph.owns(op, b)
	shape, ok := broadcast(n.shape, b.shape)
	if !ok {
		fail(op, "%s and %s cannot be broadcast: from the last axis on, lengths must be equal or 1", dims(n.shape), dims(b.shape))
	}
	return newWalk(shape, strides(shape), repeated(n.shape, shape), repeated(b.shape, shape)), shape
}

func (n *Node) plus(op string, b *Node, sign float64) *Node {
	w, shape := n.together(op, b)
	return n.graph.node(op, shape, kernels{addition[float64]{w, sign}, addition[float32]{w, float32(sign)}}, n, b)
}

// addition is y = a ± b.
type addition[T element] struct {
	*walk
	sign T
}

func (k addition[T]) forward(y *tensor[T], x []*tensor[T]) {
	a, b, sa, sb := x[0].value, x[1].value, k.step(1), k.step(2)
	k.each(func(n int, at [3]int) {
		y, a, b := y.value[at[0]:][:n], a[at[1]:], b[at[2]:]
		switch {
		case sa == 1 && sb == 1:
			a, b = a[:n], b[:n]
			for i := range y {
				y[i] = a[i] + k.sign*b[i]
			}
		case sa == 1:
			a, b := a[:n], k.sign*b[0]
			for i := range y {
				y[i] = a[i] + b
			}
		default:
			for i := range y {
				y[i] = a[0] + k.sign*b[i*sb]
			}
		}
	})
}

func (k addition[T]) backward(y *tensor[T], x []*tensor[T]) {
	if x[0].needs {
		k.back(&x[0].grad, 1, 1, y.grad.data)
	}
	if x[1].needs {
		k.back(&x[1].grad, 2, k.sign, y.grad.data)
	}
}

func (k addition[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	clear(y.tangent)
	for i, c := range [2]T{1, k.sign} {
		if x[i].needs {
			k.each(func(n int, at [3]int) { plus(y.tangent[at[0]:], 1, c, x[i].tangent[at[1+i]:], k.step(1+i), n) })
		}
	}
}

func (k addition[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	if x[0].needs {
		k.back(&x[0].curve, 1, 1, y.curve.data)
	}
	if x[1].needs {
		k.back(&x[1].curve, 2, k.sign, y.curve.data)
	}
}

// back adds c·dy to the operand that is number i of the walk, over all that it was repeated for.
func (k addition[T]) back(dx *sum[T], i int, c T, dy []T) {
	if len(dx.data) == len(dy) && c == 1 { // not repeated
		dx.add(dy)
		return
	}
	to := dx.plus()
	k.each(func(n int, at [3]int) { plus(to[at[i]:], k.step(i), c, dy[at[0]:], 1, n) })
}

// times is the product number by number.
func times[T element](w *walk) bilinear[T] {
	return bilinear[T]{
		apply: func(y, a, b []T, beta T) {
			if beta == 0 {
				clear(y)
			}
			addProduct(w, y, 0, a, 1, b, 2)
		},
		left:  func(da *sum[T], dy, b []T) { addProduct(w, da.plus(), 1, dy, 0, b, 2) },
		right: func(db *sum[T], a, dy []T) { addProduct(w, db.plus(), 2, dy, 0, a, 1) },
	}
}

// addProduct computes z += x·y along the walk, in which the tensors have these places.
func addProduct[T element](w *walk, z []T, iz int, x []T, ix int, y []T, iy int) {
	sz, sx, sy := w.step(iz), w.step(ix), w.step(iy)
	w.each(func(n int, at [3]int) {
		z, x, y := z[at[iz]:], x[at[ix]:], y[at[iy]:]
		switch {
		case sz == 1 && sx == 1 && sy == 1:
			z, x, y = z[:n], x[:n], y[:n]
			for i := range z {
				z[i] += x[i] * y[i]
			}
		case sz == 0 && sx == 1 && sy == 1:
			z[0] += T(dot(x[:n], y[:n]))
		default:
			for i := range n {
				z[i*sz] += x[i*sx] * y[i*sy]
			}
		}
	})
}

// detach is y = x without derivatives.
type detach[T element] struct{ leaf[T] }

func (detach[T]) forward(y *tensor[T], x []*tensor[T]) { copy(y.value, x[0].value) }
