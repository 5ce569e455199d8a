package grad

import "github.com/descent-go/descent/lib/blas"

// The memory of a tape. Everything is allocated when it is needed first and kept for
// the next time.

type (
	tape64 = tape[float64]
	tape32 = tape[float32]
)

// A slot is where the numbers of a leaf lie in a vector of parameters.
type slot struct{ id, offset, size int }

// in returns the part of a vector that belongs to the leaf.
func (s slot) in(v []float64) []float64 { return v[s.offset : s.offset+s.size] }

// A viewer is a kernel whose result lies in the memory of its operand.
type viewer interface{ views() }

func pick[T element](k kernels) kernel[T] {
	if own, ok := any(k.f64).(kernel[T]); ok {
		return own
	}
	return any(k.f32).(kernel[T])
}

func (t *tape[T]) add(n *Node, k kernels) {
	s := step[T]{kernel: pick[T](k), y: &tensor[T]{needs: n.needs}}
	for _, in := range n.inputs {
		s.x = append(s.x, t.steps[in.id].y)
	}
	_, isView := s.kernel.(viewer)
	_, isLeaf := s.kernel.(leaf[T])
	if !isView && !isLeaf {
		s.y.value = make([]T, size(n.shape))
	}
	t.steps = append(t.steps, s)
}

func (t *tape[T]) compute(id int) { t.steps[id].forward(t.steps[id].y, t.steps[id].x) }

// load sets the numbers of a leaf: in float64 it lies where they lie.
func (t *tape[T]) load(id int, values []float64) {
	y := t.steps[id].y
	if own, ok := any(values).([]T); ok {
		y.value = own
		return
	}
	y.value = grow(y.value, len(values))
	convert(y.value, values)
}

// forget says that no derivative goes through a node.
func (t *tape[T]) forget(id int) { t.steps[id].y.needs = false }

// room makes a leaf hold size numbers.
func (t *tape[T]) room(id, size int, needs bool) {
	t.steps[id].y.value, t.steps[id].y.needs = make([]T, size), needs
}

// differentiate sets the derivative by node last to seed and computes all others.
// Those of the slots are added to grad.
func (t *tape[T]) differentiate(last int, seed, grad []float64, slots []slot) {
	t.begin(gradOf[T], &t.traced, last, seed, grad, slots)
	t.backward(last)
	t.finish(gradOf[T], grad, slots)
}

// move sets the tangents of the slots to v and computes all others.
func (t *tape[T]) move(v []float64, slots []slot) {
	if !t.bent {
		t.bent = true
		for _, s := range t.steps {
			if _, isView := s.kernel.(viewer); s.y.needs && !isView {
				s.y.tangent = make([]T, len(s.y.value))
			}
		}
	}
	for _, s := range slots {
		convert(t.steps[s.id].y.tangent, s.in(v))
	}
	t.forwardTangent()
}

// bend sets the derivative along v of what seed was in differentiate, and computes
// all others. Those of the slots are added to grad.
func (t *tape[T]) bend(last int, seed, grad []float64, slots []slot) {
	t.begin(curveOf[T], &t.curved, last, seed, grad, slots)
	t.backwardTangent(last)
	t.finish(curveOf[T], grad, slots)
}

func gradOf[T element](x *tensor[T]) *sum[T]  { return &x.grad }
func curveOf[T element](x *tensor[T]) *sum[T] { return &x.curve }

// begin empties a sum of every node, makes room for it the first time, and puts
// seed into that of node last. The slots add to grad itself where they can.
func (t *tape[T]) begin(of func(*tensor[T]) *sum[T], room *bool, last int, seed, grad []float64, slots []slot) {
	for _, s := range t.steps {
		of(s.y).empty = true
	}
	for _, s := range slots {
		of(t.steps[s.id].y).lend(s.in(grad))
	}
	if !*room {
		*room = true
		for _, s := range t.steps {
			if s.y.needs {
				of(s.y).room(len(s.y.value))
			}
		}
	}
	of(t.steps[last].y).put(seed)
}

// finish adds the sums of the slots to grad.
func (t *tape[T]) finish(of func(*tensor[T]) *sum[T], grad []float64, slots []slot) {
	for _, s := range slots {
		of(t.steps[s.id].y).giveBack(s.in(grad))
	}
}

// lend makes the sum lie in v, which has what was added to it before; in float32 it
// lies elsewhere until giveBack.
func (s *sum[T]) lend(v []float64) {
	if own, ok := any(v).([]T); ok {
		s.data, s.empty = own, false
	}
}

// giveBack adds the sum to v, unless it lies there.
func (s *sum[T]) giveBack(v []float64) {
	if narrow, ok := any(s.data).([]float32); ok && !s.empty {
		blas.AddNarrow(v, narrow)
	}
}

// put sets the sum.
func (s *sum[T]) put(v []float64) {
	convert(s.data, v)
	s.empty = false
}

func (s *sum[T]) room(n int) {
	if s.data == nil {
		s.data = make([]T, n)
	}
}

func (t *tape[T]) value(id int) []float64   { return wide(t.steps[id].y.value) }
func (t *tape[T]) tangent(id int) []float64 { return wide(t.steps[id].y.tangent) }

// read copies numbers of a node, from the given one on, to dst.
func (t *tape[T]) read(dst []float64, id, from int) {
	convert(dst, t.steps[id].y.value[from:][:len(dst)])
}

// gradient returns zeros for a node that nothing was added to.
func (t *tape[T]) gradient(id int) []float64 { return wide(t.steps[id].y.grad.plus()) }

// wide returns v in float64: as it lies there, or else a copy.
func wide[T element](v []T) []float64 {
	if own, ok := any(v).([]float64); ok || v == nil {
		return own
	}
	out := make([]float64, len(v))
	convert(out, v)
	return out
}

// convert copies src into dst, in the precision of dst.
func convert[D, S element](dst []D, src []S) {
	if narrow, ok := any(dst).([]float32); ok {
		if from, ok := any(src).([]float64); ok {
			blas.Narrow(narrow, from)
			return
		}
	}
	if same, ok := any(src).([]D); ok {
		copy(dst, same)
		return
	}
	for i, v := range src {
		dst[i] = D(v)
	}
}

// grow returns n elements of any value, in the memory of v if that is enough.
func grow[T any](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	return v[:n]
}

// leaf is a node without operands.
type leaf[T element] struct{}

func (leaf[T]) forward(*tensor[T], []*tensor[T])         {}
func (leaf[T]) backward(*tensor[T], []*tensor[T])        {}
func (leaf[T]) forwardTangent(*tensor[T], []*tensor[T])  {}
func (leaf[T]) backwardTangent(*tensor[T], []*tensor[T]) {}
