package model

import (
	"fmt"
	"slices"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
)

// LoRA adapts a layer that is already trained with few parameters: its matrices W
// stay as they are, and a product of two thin matrices is trained in addition,
//
//	y = xW + b + (Alpha/Rank)·xAB
//
// with A of shape (n, Rank) and B of shape (Rank, units). Each [Dense] in Layer is
// adapted so, also those of a [SelfAttention], a [SwiGLU], a [TransformerBlock] or a
// [Residual]. A is drawn from N(0, 1/n) and B is 0: the network begins as it was.
//
// θ holds only A and B, called "lora.a" and "lora.b". The parameters of the layer are
// buffers, with the names that they have without LoRA: no optimizer and no decay
// touches them, and a file has them. [Network.LoRA] adapts a whole network, and
// [Network.Merge] adds the product to W, so that it costs nothing any more.
//
// Source: Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang and Chen, LoRA: Low-Rank
// Adaptation of Large Language Models, 2022.
type LoRA struct {
	Layer Layer
	Rank  int     // of the product, at least 1; usually 4 to 64
	Alpha float64 // usually Rank or twice that; then the rate needs no change with Rank
}

// Frozen keeps a layer as it is: its parameters are not in θ but buffers, with their
// usual names. Training goes through it and changes the layers before it.
type Frozen struct{ Layer Layer }

// unwrap returns the layer in a LoRA or a Frozen.
func unwrap(l Layer) Layer {
	switch l := l.(type) {
	case LoRA:
		return unwrap(l.Layer)
	case Frozen:
		return unwrap(l.Layer)
	}
	return l
}

func newLoRA[T element](l LoRA, in Shape, b *builder[T]) (module[T], Shape, error) {
	switch {
	case l.Rank < 1:
		return nil, nil, fmt.Errorf("has LoRA of rank %d, want at least 1", l.Rank)
	case !number.IsFinite(l.Alpha) || l.Alpha <= 0:
		return nil, nil, fmt.Errorf("has LoRA with Alpha %g, want a finite number above 0, such as its rank %d", l.Alpha, l.Rank)
	case b.lora != nil:
		return nil, nil, fmt.Errorf("has LoRA within LoRA: one of them is enough")
	}
	before := len(b.adapters)
	b.lora = &l
	m, out, err := newFrozen(Frozen{l.Layer}, in, b)
	b.lora = nil
	if err == nil && len(b.adapters) == before {
		return nil, nil, fmt.Errorf("has LoRA but no Dense to adapt: use model.Frozen, or leave it as it is")
	}
	return m, out, err
}

func newFrozen[T element](l Frozen, in Shape, b *builder[T]) (module[T], Shape, error) {
	outer := b.frozen
	b.frozen = true
	m, out, err := build(l.Layer, in, b)
	b.frozen = outer
	return m, out, err
}

// An adapter names what LoRA has added to a matrix: scale·AB.
type adapter struct {
	weights, a, b string
	scale         float64
}

// adapted is a dense layer with what LoRA adds.
type adapted[T element] struct {
	dense *dense[T]
	a, b  *view[T]
	rank  int
	scale T

	x     []T
	u, du []T // (Alpha/Rank)·xA and its gradient
}

// adapt adds LoRA to a dense layer, if the layer that is being built has it.
func (b *builder[T]) adapt(m *dense[T]) module[T] {
	if b.lora == nil {
		return m
	}
	scale := b.lora.Alpha / float64(b.lora.Rank)
	l := &adapted[T]{dense: m, rank: b.lora.Rank, scale: T(scale)}
	b.frozen = false
	l.a = b.param("lora.a", true, b.weights(LeCunNormal, m.in, l.rank), m.in, l.rank)
	l.b = b.param("lora.b", true, constant(0), l.rank, m.out)
	b.frozen = true
	b.adapters = append(b.adapters, adapter{b.prefix + "weights", b.prefix + "lora.a", b.prefix + "lora.b", scale})
	return l
}

func (m *adapted[T]) forward(x []T, rows int, training bool) []T {
	y := m.dense.forward(x, rows, training)
	n := m.dense.rows
	m.x, m.u = x, grow(m.u, n*m.rank)
	u := asMatrix(m.u, n, m.rank)
	gemm(blas.NoTrans, blas.NoTrans, asMatrix(x, n, m.dense.in), asMatrix(m.a.values, m.dense.in, m.rank), 0, u)
	scaleBy(m.u, m.scale)
	gemm(blas.NoTrans, blas.NoTrans, u, asMatrix(m.b.values, m.rank, m.dense.out), 1, asMatrix(y, n, m.dense.out))
	return y
}

func (m *adapted[T]) backward(grad, dy []T, input bool) []T {
	dx := m.dense.backward(grad, dy, input)
	n, in, out := m.dense.rows, m.dense.in, m.dense.out
	m.du = grow(m.du, n*m.rank)
	d, u, du := asMatrix(dy, n, out), asMatrix(m.u, n, m.rank), asMatrix(m.du, n, m.rank)
	gemm(blas.Trans, blas.NoTrans, u, d, 1, asMatrix(m.b.in(grad), m.rank, out))
	gemm(blas.NoTrans, blas.Trans, d, asMatrix(m.b.values, m.rank, out), 0, du)
	scaleBy(m.du, m.scale)
	gemm(blas.Trans, blas.NoTrans, asMatrix(m.x, n, in), du, 1, asMatrix(m.a.in(grad), in, m.rank))
	if input {
		gemm(blas.NoTrans, blas.Trans, du, asMatrix(m.a.values, in, m.rank), 1, asMatrix(dx, n, in))
	}
	return dx
}

// LoRA returns the network with each layer frozen, and with [LoRA] of the given rank
// and alpha for each Dense in it. It predicts what n predicts until it is trained. θ
// is that of the new matrices, drawn from seed; it shares no memory with n.
func (n *Network) LoRA(rank int, alpha float64, seed uint64) (*Network, error) {
	if len(n.adapters) > 0 {
		return nil, fmt.Errorf("model: the network has LoRA already: Merge it first")
	}
	layers := make([]Layer, len(n.layers))
	for i, l := range n.layers {
		if layers[i] = (Frozen{l}); hasDense(l) {
			layers[i] = LoRA{Layer: l, Rank: rank, Alpha: alpha}
		}
	}
	t, err := n.assemble(n.input, layers)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if len(t.adapters) == 0 {
		return nil, fmt.Errorf("model: the network has no Dense to adapt")
	}
	t.Init(seed)
	t.take(n)
	return t, nil
}

// Merge returns the network without [LoRA] and [Frozen], with W + (Alpha/Rank)·AB in
// the place of each W that has been adapted. All parameters are in θ again. It
// predicts what n predicts, but for rounding, and shares no memory with n.
func (n *Network) Merge() (*Network, error) {
	layers := make([]Layer, len(n.layers))
	for i, l := range n.layers {
		layers[i] = merged(l)
	}
	t, err := n.assemble(n.input, layers)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	t.Init(n.seed)
	t.seed, t.step = n.seed, n.step
	t.take(n)
	for _, l := range n.adapters {
		a, b, w := n.partOf(l.a), n.partOf(l.b), t.partOf(l.weights)
		left := slices.Clone(a.In(n.theta))
		scaleBy(left, l.scale)
		gemm(blas.NoTrans, blas.NoTrans, asMatrix(left, a.Shape[0], a.Shape[1]), asMatrix(b.In(n.theta), b.Shape[0], b.Shape[1]),
			1, asMatrix(w.In(t.theta), w.Shape[0], w.Shape[1]))
	}
	return t, nil
}

// merged returns a layer without LoRA and Frozen, also in a Residual.
func merged(l Layer) Layer {
	l = unwrap(l)
	if r, ok := l.(Residual); ok {
		inner := make(Residual, len(r))
		for i, l := range r {
			inner[i] = merged(l)
		}
		return inner
	}
	return l
}

// hasDense tells whether LoRA can adapt something in the layer.
func hasDense(l Layer) bool {
	switch l := l.(type) {
	case Dense, SelfAttention, SwiGLU, TransformerBlock:
		return true
	case Residual:
		return slices.ContainsFunc(l, hasDense)
	}
	return false
}

// take copies all numbers of another network that have the same name, in θ or in the
// buffers of either.
func (n *Network) take(from *Network) {
	for _, p := range n.parts {
		copy(p.In(n.theta), from.named(p.Name))
	}
	for _, p := range n.state {
		copy(p.In(n.buffers), from.named(p.Name))
	}
}

// named returns the numbers called name, in θ or in the buffers, nil if there are none.
func (n *Network) named(name string) []float64 {
	if v := n.Param(name); v != nil {
		return v
	}
	for other, v := range n.Buffers() {
		if other == name {
			return v
		}
	}
	return nil
}

// partOf returns the part of θ that is called name.
func (n *Network) partOf(name string) Param {
	return n.parts[slices.IndexFunc(n.parts, func(p part) bool { return p.Name == name })].Param
}
