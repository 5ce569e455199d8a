package grad

import (
	"fmt"
	"slices"
)

// Operations whose result depends on numbers of whole rows or classes, on masks, and on
// chance. Their numbers are read at each Forward.

// Gather returns the rows of n with the given ids, which are whole numbers from 0.
// The shape of the result is that of ids, followed by that of a row, which may have
// any number of axes. This is an embedding with the table n.
func (n *Node) Gather(ids *Node) *Node {
	n.graph.owns("Gather", ids)
	if len(n.shape) == 0 {
		fail("Gather", "%v has no rows", n)
	}
	n.graph.counts("Gather", n.shape[0])
	g := rowsOf{limit: n.shape[0], width: size(n.shape[1:]), line: here()}
	shape := append(slices.Clone(ids.shape), n.shape[1:]...)
	return n.graph.node("Gather", shape, kernels{gather[float64]{g}, gather[float32]{g}}, n, ids.Detach())
}

// rowsOf is a table with limit rows of width elements.
type rowsOf struct {
	limit, width int
	line         place
}

// counts panics if the graph cannot tell that many ids apart.
func (g *Graph) counts(op string, limit int) {
	if g.single && limit > 1<<24 {
		fail(op, "there are %d rows, and float32 counts to 2²⁴ = %d: use NewModel", limit, 1<<24)
	}
}

// row returns the row that an id stands for, as its element's bounds.
func (r rowsOf) row(op string, id float64) (lo, hi int) {
	i := int(id)
	if !(id >= 0 && id < float64(r.limit)) || float64(i) != id {
		panic(&mistake{fmt.Sprintf("grad: %s at %s: the id is %g, want a whole number from 0 to %d", op, r.line, id, r.limit-1)})
	}
	return i * r.width, (i + 1) * r.width
}

type gather[T element] struct{ rowsOf }

func (k gather[T]) forward(y *tensor[T], x []*tensor[T]) { k.take(y.value, x[0].value, x[1].value) }
func (k gather[T]) backward(y *tensor[T], x []*tensor[T]) {
	k.give(x[0].grad.plus(), y.grad.data, x[1].value)
}

func (k gather[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	k.take(y.tangent, x[0].tangent, x[1].value)
}

func (k gather[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	k.give(x[0].curve.plus(), y.curve.data, x[1].value)
}

func (k gather[T]) take(y, table, ids []T) {
	for i, id := range ids {
		lo, hi := k.row("Gather", float64(id))
		copy(y[i*k.width:(i+1)*k.width], table[lo:hi])
	}
}

func (k gather[T]) give(table, dy, ids []T) {
	for i, id := range ids {
		lo, hi := k.row("Gather", float64(id))
		plus(table[lo:hi], 1, 1, dy[i*k.width:], 1, k.width)
	}
}

// Pick returns one element along the last axis of n for each row: the one whose
// number is in ids. The shape of ids is that of n without its last axis, or with
// length 1 there.
func (n *Node) Pick(ids *Node) *Node {
	n.graph.owns("Pick", ids)
	if len(n.shape) == 0 {
		fail("Pick", "%v has no rows", n)
	}
	last := len(n.shape) - 1
	shape := n.shape[:last]
	if !slices.Equal(ids.shape, shape) && !slices.Equal(ids.shape, append(slices.Clone(shape), 1)) {
		fail("Pick", "ids are %s for %s, want one for each row", dims(ids.shape), dims(n.shape))
	}
	n.graph.counts("Pick", n.shape[last])
	k := rowsOf{limit: n.shape[last], width: 1, line: here()}
	return n.graph.node("Pick", shape, kernels{choice[float64]{k}, choice[float32]{k}}, n, ids.Detach())
}

type choice[T element] struct{ rowsOf }

// each calls f with the place of each row's element.
func (k choice[T]) each(ids []T, f func(row, at int)) {
	for i, id := range ids {
		j, _ := k.row("Pick", float64(id))
		f(i, i*k.limit+j)
	}
}

func (k choice[T]) forward(y *tensor[T], x []*tensor[T]) {
	k.each(x[1].value, func(row, at int) { y.value[row] = x[0].value[at] })
}

func (k choice[T]) backward(y *tensor[T], x []*tensor[T]) {
	dx := x[0].grad.plus()
	k.each(x[1].value, func(row, at int) { dx[at] += y.grad.data[row] })
}

func (k choice[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	k.each(x[1].value, func(row, at int) { y.tangent[row] = x[0].tangent[at] })
}

func (k choice[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	dx := x[0].curve.plus()
	k.each(x[1].value, func(row, at int) { dx[at] += y.curve.data[row] })
}

// Where returns a where the condition is not 0, and b elsewhere. All three are
// broadcast. Elements that are not chosen do not affect the derivative, even if
// they are NaN.
func Where(condition, a, b *Node) *Node {
	if condition == nil {
		fail("Where", "an operand is nil")
	}
	g := condition.graph
	g.owns("Where", a)
	g.owns("Where", b)
	shape, ok := broadcast(a.shape, b.shape)
	if ok {
		shape, ok = broadcast(shape, condition.shape)
	}
	if !ok {
		fail("Where", "%s, %s and %s cannot be broadcast", dims(condition.shape), dims(a.shape), dims(b.shape))
	}
	full := func(n *Node) *Node {
		if slices.Equal(n.shape, shape) {
			return n
		}
		return n.Broadcast(shape...)
	}
	return g.node("Where", shape, kernels{where[float64]{}, where[float32]{}}, full(condition.Detach()), full(a), full(b))
}

type where[T element] struct{}

func (where[T]) forward(y *tensor[T], x []*tensor[T]) {
	for i, c := range x[0].value {
		if c != 0 {
			y.value[i] = x[1].value[i]
		} else {
			y.value[i] = x[2].value[i]
		}
	}
}

func (k where[T]) backward(y *tensor[T], x []*tensor[T]) {
	if x[1].needs {
		k.back(x[1].grad.plus(), y.grad.data, x[0].value, true)
	}
	if x[2].needs {
		k.back(x[2].grad.plus(), y.grad.data, x[0].value, false)
	}
}

func (k where[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	clear(y.tangent)
	for i, in := range x[1:] {
		if in.needs {
			k.back(y.tangent, in.tangent, x[0].value, i == 0)
		}
	}
}

func (k where[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	if x[1].needs {
		k.back(x[1].curve.plus(), y.curve.data, x[0].value, true)
	}
	if x[2].needs {
		k.back(x[2].curve.plus(), y.curve.data, x[0].value, false)
	}
}

func (where[T]) back(dx, dy, condition []T, chosen bool) {
	for i, c := range condition {
		if (c != 0) == chosen {
			dx[i] += dy[i]
		}
	}
}

// Dropout sets each number to 0 with probability rate and divides the others by 1 −
// rate. It does nothing in a graph that is not for training. It draws the same
// numbers from the seed of the run as model.Dropout.
func (n *Node) Dropout(rate float64) *Node {
	if !(rate >= 0 && rate < 1) {
		fail("Dropout", "the rate is %g, want 0 ≤ rate < 1", rate)
	}
	g := n.graph
	if !g.training {
		return n
	}
	return g.node("Dropout", n.shape, kernels{
		&dropout[float64]{graph: g, rate: rate}, &dropout[float32]{graph: g, rate: rate},
	}, n)
}

type dropout[T element] struct {
	graph *Graph
	rate  float64
	scale []T // of each number: 0 or 1/(1−rate)
}

func (k *dropout[T]) forward(y *tensor[T], x []*tensor[T]) {
	k.scale = grow(k.scale, len(y.value))
	for i, v := range x[0].value {
		if k.scale[i] = 0; k.graph.stream.Float64() >= k.rate {
			k.scale[i] = T(1 / (1 - k.rate))
		}
		y.value[i] = k.scale[i] * v
	}
}

func (k *dropout[T]) backward(y *tensor[T], x []*tensor[T]) {
	k.add(x[0].grad.plus(), y.grad.data)
}

func (k *dropout[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	clear(y.tangent)
	k.add(y.tangent, x[0].tangent)
}

func (k *dropout[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	k.add(x[0].curve.plus(), y.curve.data)
}

func (k *dropout[T]) add(dst, v []T) {
	for i, s := range k.scale {
		dst[i] += s * v[i]
	}
}

// noiseStream and mix are those of lib/model: the same seed drops the same.
const noiseStream = 0x6e6f697365 // "noise"

// mix is the finalizer of SplitMix64.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
