package grad

import (
	"slices"

	"github.com/descent-go/descent/lib/blas"
)

// Operations that move numbers without changing them. The way back is the same walk,
// with from and to exchanged.

// remap sets each element of y to one of x; x may be read more than once.
type remap = walk // of y and x

func remapped[T element](w *remap) linear[T] {
	return linear[T]{
		apply: func(y, x []T) {
			w.each(func(n int, at [3]int) { set(y[at[0]:], w.step(0), x[at[1]:], w.step(1), n) })
		},
		back: func(dx *sum[T], dy []T) {
			to := dx.plus()
			w.each(func(n int, at [3]int) { plus(to[at[1]:], w.step(1), 1, dy[at[0]:], w.step(0), n) })
		},
	}
}

func (n *Node) remap(op string, shape []int, w *remap) *Node {
	return n.graph.node(op, shape, kernels{remapped[float64](w), remapped[float32](w)}, n)
}

// Reshape returns the same numbers, row by row, with another shape. One length may
// be −1: it follows from the others.
func (n *Node) Reshape(shape ...int) *Node {
	shape = slices.Clone(shape)
	open, rest := -1, 1
	for axis, d := range shape {
		switch {
		case d == -1 && open < 0:
			open = axis
		case d < 0:
			fail("Reshape", "the shape is %s, want lengths, and −1 once at most", dims(shape))
		default:
			rest *= d
		}
	}
	if open >= 0 && rest > 0 {
		shape[open] = n.Size() / rest
	}
	if open >= 0 && rest == 0 || size(shape) != n.Size() {
		fail("Reshape", "%d numbers, %s, do not fill the shape %s", n.Size(), dims(n.shape), dims(shape))
	}
	return n.view("Reshape", shape)
}

func (n *Node) view(op string, shape []int) *Node {
	return n.graph.node(op, shape, kernels{view[float64]{}, view[float32]{}}, n)
}

// view is y = x in the same memory.
type view[T element] struct{}

func (view[T]) views()                                       {}
func (view[T]) forward(y *tensor[T], x []*tensor[T])         { y.value = x[0].value }
func (view[T]) backward(y *tensor[T], x []*tensor[T])        { x[0].grad.add(y.grad.data) }
func (view[T]) forwardTangent(y *tensor[T], x []*tensor[T])  { y.tangent = x[0].tangent }
func (view[T]) backwardTangent(y *tensor[T], x []*tensor[T]) { x[0].curve.add(y.curve.data) }

// Flatten keeps the first axis and merges all others into one.
func (n *Node) Flatten() *Node {
	if len(n.shape) == 0 {
		fail("Flatten", "%v has no axis", n)
	}
	return n.view("Flatten", []int{n.shape[0], size(n.shape[1:])})
}

// ExpandDims inserts an axis of length 1 before the given one; −1 inserts it last.
func (n *Node) ExpandDims(axis int) *Node {
	if axis < 0 {
		axis += len(n.shape) + 1
	}
	if axis < 0 || axis > len(n.shape) {
		fail("ExpandDims", "%v has no place for axis %d", n, axis)
	}
	return n.view("ExpandDims", slices.Insert(slices.Clone(n.shape), axis, 1))
}

// Keep restores the axes that a reduction removed, with length 1, so that the
// result can be broadcast against the operand: NumPy's keepdims.
func (n *Node) Keep() *Node {
	if n.reduced == nil {
		fail("Keep", "%v is not a reduction such as Sum or Mean", n)
	}
	return n.view("Keep", n.reduced)
}

// Transpose puts the axes in the given order: axis i of the result is axes[i] of n.
// Without arguments it reverses them.
func (n *Node) Transpose(axes ...int) *Node {
	if len(axes) == 0 {
		for a := len(n.shape) - 1; a >= 0; a-- {
			axes = append(axes, a)
		}
	}
	if len(axes) != len(n.shape) {
		fail("Transpose", "%d axes for %v", len(axes), n)
	}
	n.axes("Transpose", axes)
	shape, steps, own := make([]int, len(axes)), make([]int, len(axes)), strides(n.shape)
	for i, axis := range axes {
		a := n.axis("Transpose", axis)
		shape[i], steps[i] = n.shape[a], own[a]
	}
	return n.remap("Transpose", shape, newWalk(shape, strides(shape), steps))
}

// Slice returns elements lo to hi−1 along an axis.
func (n *Node) Slice(axis, lo, hi int) *Node {
	a := n.axis("Slice", axis)
	if lo < 0 || hi < lo || hi > n.shape[a] {
		fail("Slice", "%d to %d is not within axis %d of %s", lo, hi, axis, dims(n.shape))
	}
	shape, own := slices.Clone(n.shape), strides(n.shape)
	shape[a] = hi - lo
	w := newWalk(shape, strides(shape), own)
	w.start[1] = lo * own[a]
	return n.remap("Slice", shape, w)
}

// Broadcast repeats n to fill a shape, as operations on two operands do.
func (n *Node) Broadcast(shape ...int) *Node {
	if full, ok := broadcast(n.shape, shape); !ok || !slices.Equal(full, shape) {
		fail("Broadcast", "%s cannot be repeated to fill %s", dims(n.shape), dims(shape))
	}
	return n.remap("Broadcast", shape, newWalk(shape, strides(shape), repeated(n.shape, shape)))
}

// Concat joins nodes along an axis. All other axes must be equal.
func Concat(axis int, nodes ...*Node) *Node { return concat("Concat", axis, nodes) }

// Stack joins nodes of the same shape along a new axis.
func Stack(axis int, nodes ...*Node) *Node {
	list := make([]*Node, len(nodes))
	for i, n := range nodes {
		if n == nil || nodes[0] == nil || !slices.Equal(n.shape, nodes[0].shape) {
			fail("Stack", "operand %d is %v, want the shape of the first, %v", i, n, nodes[0])
		}
		list[i] = n.ExpandDims(axis)
	}
	return concat("Stack", axis, list)
}

func concat(op string, axis int, nodes []*Node) *Node {
	if len(nodes) == 0 {
		fail(op, "there is no operand")
	}
	first := nodes[0]
	if first == nil {
		fail(op, "an operand is nil")
	}
	a := first.axis(op, axis)
	shape := slices.Clone(first.shape)
	shape[a] = 0
	k := joint{outer: size(first.shape[:a]), inner: size(first.shape[a+1:])}
	for i, n := range nodes {
		first.graph.owns(op, n)
		same := len(n.shape) == len(shape)
		for b := range shape {
			same = same && (b == a || n.shape[b] == shape[b])
		}
		if !same {
			fail(op, "operand %d is %s, the first %s: all axes but %d must be equal", i, dims(n.shape), dims(first.shape), axis)
		}
		shape[a] += n.shape[a]
		k.lengths = append(k.lengths, n.shape[a]*k.inner)
	}
	k.width = shape[a] * k.inner
	return first.graph.node(op, shape, kernels{concatenation[float64]{k}, concatenation[float32]{k}}, nodes...)
}

// joint is where the operands of a concatenation lie in each of outer rows.
type joint struct {
	outer, inner, width int
	lengths             []int
}

type concatenation[T element] struct{ joint }

// each calls f for each operand, with its place in a row.
func (k concatenation[T]) each(f func(i, at, n int)) {
	at := 0
	for i, n := range k.lengths {
		f(i, at, n)
		at += n
	}
}

func (k concatenation[T]) forward(y *tensor[T], x []*tensor[T]) {
	k.each(func(i, at, n int) {
		for r := range k.outer {
			copy(y.value[r*k.width+at:][:n], x[i].value[r*n:])
		}
	})
}

func (k concatenation[T]) backward(y *tensor[T], x []*tensor[T]) {
	k.each(func(i, at, n int) {
		if x[i].needs {
			k.split(x[i].grad.plus(), y.grad.data, at, n)
		}
	})
}

func (k concatenation[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	clear(y.tangent)
	k.each(func(i, at, n int) {
		if x[i].needs {
			for r := range k.outer {
				copy(y.tangent[r*k.width+at:][:n], x[i].tangent[r*n:])
			}
		}
	})
}

func (k concatenation[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	k.each(func(i, at, n int) {
		if x[i].needs {
			k.split(x[i].curve.plus(), y.curve.data, at, n)
		}
	})
}

// split adds an operand's part of dy to dx.
func (k concatenation[T]) split(dx, dy []T, at, n int) {
	if n > 0 {
		blas.AddRuns(dx, n, dy[at:], k.width, k.outer, n)
	}
}
