package grad

import (
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// The softmax family. The kernels work on the last axis; for another one, Transpose
// brings it there and back.

// Softmax returns e^{n_i}/Σ_j e^{n_j} along an axis.
func (n *Node) Softmax(axis int) *Node {
	return n.onLast("Softmax", axis, func(n *Node, cols int) *Node {
		return n.graph.node("Softmax", n.shape, kernels{softmax[float64]{cols}, softmax[float32]{cols}}, n)
	})
}

// LogSoftmax returns n_i − ln Σ_j e^{n_j} along an axis: the logarithm of Softmax,
// accurate even where Softmax is rounded to 0 or 1.
func (n *Node) LogSoftmax(axis int) *Node {
	return n.onLast("LogSoftmax", axis, func(n *Node, cols int) *Node {
		return n.graph.node("LogSoftmax", n.shape, kernels{&logSoftmax[float64]{cols: cols}, &logSoftmax[float32]{cols: cols}}, n)
	})
}

// LogSumExp returns ln Σ eⁿ over axes, or over all axes without arguments. It is −∞
// if there are no elements.
func (n *Node) LogSumExp(axes ...int) *Node {
	gone := n.axes("LogSumExp", axes)
	_, shape, kept := n.reduction("LogSumExp", axes)
	var order []int // the axes that go come last
	cols := 1
	for _, last := range []bool{false, true} {
		for axis, d := range n.shape {
			if gone[axis] == last {
				order = append(order, axis)
				if last {
					cols *= d
				}
			}
		}
	}
	rows := n
	if len(order) > 0 {
		rows = n.Transpose(order...)
	}
	r := rows.reduce("LogSumExp", shape, kept, kernels{&logSumExp[float64]{cols: cols}, &logSumExp[float32]{cols: cols}})
	return r
}

// CrossEntropy returns −ln p_y for each row, the loss of a classifier. n has a
// score for each of k classes along the last axis, p is its Softmax, and y is the
// number of the class, counted from 0.
func (n *Node) CrossEntropy(y *Node) *Node {
	return n.LogSoftmax(-1).Pick(y).Neg()
}

// onLast applies a function of rows of cols elements along an axis.
func (n *Node) onLast(op string, axis int, f func(n *Node, cols int) *Node) *Node {
	a, last := n.axis(op, axis), len(n.shape)-1
	if a == last {
		return f(n, n.shape[a])
	}
	order := make([]int, last+1)
	for i := range order {
		order[i] = i
	}
	order[a], order[last] = last, a
	return f(n.Transpose(order...), n.shape[a]).Transpose(order...)
}

// top returns the largest element and where it is, or NaN.
func top[T element](x []T) (v T, at int) {
	for i := range x {
		if !(x[i] <= x[at]) {
			at = i
		}
	}
	return x[at], at
}

// expSum returns the largest x and Σ e^{x−top}. The largest has 1; if it is infinite,
// that is what is left.
func expSum[T element](x []T) (largest, rest float64) {
	v, at := top(x)
	largest = float64(v)
	if math.IsInf(largest, 0) {
		return largest, 0
	}
	for i, v := range x {
		if i != at {
			rest += math.Exp(float64(v) - largest)
		}
	}
	return largest, rest
}

// softmax is p = e^x/Σe^x. Its Jacobian matrix, diag(p) − ppᵀ, is symmetric.
type softmax[T element] struct{ cols int }

func (k softmax[T]) forward(y *tensor[T], x []*tensor[T]) {
	k.rows(len(y.value), func(lo, hi int) {
		p, x := y.value[lo:hi], x[0].value[lo:hi]
		largest, _ := top(x)
		for i, v := range x {
			p[i] = v - largest
		}
		blas.Exp(p, p)
		sum := total(p)
		for i := range p {
			p[i] = T(float64(p[i]) / sum)
		}
	})
}

func (k softmax[T]) backward(y *tensor[T], x []*tensor[T]) {
	k.jacobian(x[0].grad.plus(), y.value, y.grad.data)
}

func (k softmax[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	clear(y.tangent)
	k.jacobian(y.tangent, y.value, x[0].tangent)
}

// backwardTangent differentiates p_i(g_i − Σ p_j g_j).
func (k softmax[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	dx := x[0].curve.plus()
	k.jacobian(dx, y.value, y.curve.data)
	k.rows(len(dx), func(lo, hi int) {
		dx, p, moves, g := dx[lo:hi], y.value[lo:hi], y.tangent[lo:hi], y.grad.data[lo:hi]
		mean, change := T(dot(p, g)), T(dot(moves, g))
		for i := range dx {
			dx[i] += moves[i]*(g[i]-mean) - p[i]*change
		}
	})
}

// jacobian computes dst += (diag(p) − ppᵀ)v.
func (k softmax[T]) jacobian(dst, p, v []T) {
	k.rows(len(p), func(lo, hi int) {
		dst, p, v := dst[lo:hi], p[lo:hi], v[lo:hi]
		mean := T(dot(p, v))
		for i := range dst {
			dst[i] += p[i] * (v[i] - mean)
		}
	})
}

// rows calls f for each row.
func (k softmax[T]) rows(n int, f func(lo, hi int)) {
	for lo := 0; lo < n; lo += k.cols {
		f(lo, lo+k.cols)
	}
}

// logSoftmax is y = x − ln Σe^x. Its Jacobian matrix is I − 1pᵀ with p = e^y.
type logSoftmax[T element] struct {
	cols int
	p    []T
}

func (k *logSoftmax[T]) forward(y *tensor[T], x []*tensor[T]) {
	k.p = grow(k.p, len(y.value))
	softmax[T]{k.cols}.rows(len(y.value), func(lo, hi int) {
		y, x, p := y.value[lo:hi], x[0].value[lo:hi], k.p[lo:hi]
		largest, rest := expSum(x)
		logZ := math.Log1p(rest)
		for i, v := range x {
			f := float64(v) - largest - logZ
			y[i], p[i] = T(f), T(math.Exp(f))
		}
	})
}

func (k *logSoftmax[T]) backward(y *tensor[T], x []*tensor[T]) {
	k.back(x[0].grad.plus(), y.grad.data)
}

func (k *logSoftmax[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	softmax[T]{k.cols}.rows(len(k.p), func(lo, hi int) {
		moves, v := y.tangent[lo:hi], x[0].tangent[lo:hi]
		mean := T(dot(k.p[lo:hi], v))
		for i := range moves {
			moves[i] = v[i] - mean
		}
	})
}

// backwardTangent differentiates g_i − p_i Σ g_j, with ṗ = p·ẏ.
func (k *logSoftmax[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	dx := x[0].curve.plus()
	k.back(dx, y.curve.data)
	softmax[T]{k.cols}.rows(len(dx), func(lo, hi int) {
		dx, p, moves, g := dx[lo:hi], k.p[lo:hi], y.tangent[lo:hi], T(total(y.grad.data[lo:hi]))
		for i := range dx {
			dx[i] -= p[i] * moves[i] * g
		}
	})
}

// back computes dx += dy − pΣdy.
func (k *logSoftmax[T]) back(dx, dy []T) {
	softmax[T]{k.cols}.rows(len(dx), func(lo, hi int) {
		dx, dy, p := dx[lo:hi], dy[lo:hi], k.p[lo:hi]
		s := T(total(dy))
		for i := range dx {
			dx[i] += dy[i] - p[i]*s
		}
	})
}

// logSumExp is y = ln Σe^x, with the gradient p = softmax(x).
type logSumExp[T element] struct {
	cols int
	p    []T
}

func (k *logSumExp[T]) forward(y *tensor[T], x []*tensor[T]) {
	k.p = grow(k.p, len(x[0].value))
	for r := range y.value {
		p, x := k.row(k.p, r), k.row(x[0].value, r)
		if k.cols == 0 {
			y.value[r] = T(math.Inf(-1))
			continue
		}
		largest, rest := expSum(x)
		logZ := math.Log1p(rest)
		y.value[r] = T(largest + logZ)
		for i, v := range x {
			p[i] = T(math.Exp(float64(v) - largest - logZ))
		}
	}
}

func (k *logSumExp[T]) backward(y *tensor[T], x []*tensor[T]) {
	dx := x[0].grad.plus()
	for r, g := range y.grad.data {
		plus(k.row(dx, r), 1, g, k.row(k.p, r), 1, k.cols)
	}
}

func (k *logSumExp[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	for r := range y.tangent {
		y.tangent[r] = T(dot(k.row(k.p, r), k.row(x[0].tangent, r)))
	}
}

// backwardTangent differentiates g·p, with ṗ = p(ẋ − ẏ).
func (k *logSumExp[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	dx := x[0].curve.plus()
	for r, g := range y.curve.data {
		dx, p, moves := k.row(dx, r), k.row(k.p, r), k.row(x[0].tangent, r)
		for i := range dx {
			dx[i] += g*p[i] + y.grad.data[r]*p[i]*(moves[i]-y.tangent[r])
		}
	}
}

func (k *logSumExp[T]) row(v []T, r int) []T { return v[r*k.cols:][:k.cols] }
