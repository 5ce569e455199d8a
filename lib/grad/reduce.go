package grad

import (
	"math"
	"slices"
)

// Reductions take axes away; without arguments they take all, and a single number is
// left. [Node.Keep] puts the axes back with length 1.

// Sum returns the sum over axes.
func (n *Node) Sum(axes ...int) *Node {
	w, shape, kept := n.reduction("Sum", axes)
	return n.reduce("Sum", shape, kept, kernels{added[float64](w), added[float32](w)})
}

// added is the transpose of remapped: y is the sum of the x that it is repeated from.
func added[T element](w *walk) linear[T] {
	return linear[T]{
		apply: func(y, x []T) {
			clear(y)
			w.each(func(n int, at [3]int) { plus(y[at[1]:], w.step(1), 1, x[at[0]:], 1, n) })
		},
		back: func(dx *sum[T], dy []T) {
			to := dx.plus()
			w.each(func(n int, at [3]int) { plus(to[at[0]:], 1, 1, dy[at[1]:], w.step(1), n) })
		},
	}
}

// Mean returns the mean over axes, or NaN if there are no elements.
func (n *Node) Mean(axes ...int) *Node {
	s := n.Sum(axes...)
	return s.MulScalar(float64(s.Size()) / float64(n.Size())).reducing(s)
}

// Variance returns the mean square of the distance from the mean over axes. It
// divides by the number of elements, as normalisations do; PyTorch's var divides by
// one less unless correction=0.
func (n *Node) Variance(axes ...int) *Node {
	return n.Sub(n.Mean(axes...).Keep()).Square().Mean(axes...)
}

// Max returns the largest element over axes, or NaN if there is a NaN. Equal
// largest elements share the derivative, as in PyTorch's amax.
func (n *Node) Max(axes ...int) *Node { return n.extreme("Max", 1, axes) }

// Min returns the smallest element over axes, or NaN if there is a NaN. Equal
// smallest elements share the derivative, as in PyTorch's amin.
func (n *Node) Min(axes ...int) *Node { return n.extreme("Min", -1, axes) }

func (n *Node) extreme(op string, sign float64, axes []int) *Node {
	w, shape, kept := n.reduction(op, axes)
	if n.Size() == 0 && size(shape) > 0 {
		fail(op, "%v has no element to choose from", n)
	}
	return n.reduce(op, shape, kept, kernels{
		&extreme[float64]{walk: w, sign: sign},
		&extreme[float32]{walk: w, sign: float32(sign)},
	})
}

// extreme is the largest of sign·x. Of the elements that are the largest, each moves
// y by 1/count.
type extreme[T element] struct {
	*walk // of x and y
	sign  T
	count []T // of the elements equal to y
}

func (k *extreme[T]) forward(y *tensor[T], x []*tensor[T]) {
	for i := range y.value {
		y.value[i] = -k.sign * T(math.Inf(1))
	}
	step := k.step(1)
	k.each(func(n int, at [3]int) {
		for i, v := range x[0].value[at[0]:][:n] {
			if best := &y.value[at[1]+i*step]; !(k.sign*v <= k.sign**best) && !isNaN(*best) {
				*best = v
			}
		}
	})
	k.count = grow(k.count, len(y.value))
	clear(k.count)
	k.each(func(n int, at [3]int) {
		for i, v := range x[0].value[at[0]:][:n] {
			if v == y.value[at[1]+i*step] {
				k.count[at[1]+i*step]++
			}
		}
	})
}

func (k *extreme[T]) backward(y *tensor[T], x []*tensor[T]) {
	k.back(x[0].grad.plus(), y.grad.data, y, x)
}

func (k *extreme[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	clear(y.tangent)
	step := k.step(1)
	k.each(func(n int, at [3]int) {
		for i, v := range x[0].value[at[0]:][:n] {
			if j := at[1] + i*step; v == y.value[j] {
				y.tangent[j] += x[0].tangent[at[0]+i] / k.count[j]
			}
		}
	})
}

func (k *extreme[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	k.back(x[0].curve.plus(), y.curve.data, y, x)
}

func (k *extreme[T]) back(dx, dy []T, y *tensor[T], x []*tensor[T]) {
	step := k.step(1)
	k.each(func(n int, at [3]int) {
		for i, v := range x[0].value[at[0]:][:n] {
			if j := at[1] + i*step; v == y.value[j] {
				dx[at[0]+i] += dy[j] / k.count[j]
			}
		}
	})
}

func isNaN[T element](v T) bool { return math.IsNaN(float64(v)) }

// reduction returns the walk over n and the result of a reduction, the result's shape,
// and that shape with the axes kept.
func (n *Node) reduction(op string, axes []int) (w *walk, shape, kept []int) {
	gone := n.axes(op, axes)
	kept = slices.Clone(n.shape)
	for axis, d := range n.shape {
		if gone[axis] {
			kept[axis] = 1
		} else {
			shape = append(shape, d)
		}
	}
	return newWalk(n.shape, strides(n.shape), repeated(kept, n.shape)), shape, kept
}

func (n *Node) reduce(op string, shape, kept []int, k kernels) *Node {
	r := n.graph.node(op, shape, k, n)
	r.reduced = kept
	return r
}

// reducing makes n, which was computed from a reduction, one with the same axes.
func (n *Node) reducing(from *Node) *Node {
	n.reduced = from.reduced
	return n
}
