package model

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/descent-go/descent/lib/sparse"
)

// A Layer is the settings of one step of a network. The layers of this package
// implement it; they are values, and a network copies them.
type Layer interface {
	// build returns the layer at work on samples of shape in, and the shape
	// of its output. It asks b for its parameters. An error says what in the
	// settings does not fit; the caller adds which layer it is.
	build(in Shape, b *builder) (module, Shape, error)
}

// A module is a layer at work: parameters as views into θ, and buffers of its
// own. It receives rows samples, one after the other in x, and returns a
// buffer that is its own until the next call.
type module interface {
	// forward returns y = f(x; θ). It keeps x for backward.
	forward(x []float64, rows int, training bool) (y []float64)
	// backward adds ∂L/∂θ to grad, the gradient of the whole network, and
	// returns ∂L/∂x for the last forward in training. If the caller has no
	// use for that, input is false and the result means nothing.
	backward(grad, dy []float64, input bool) (dx []float64)
}

// A sparseModule reads rows lo to hi of a sparse matrix without filling in the
// zeros.
type sparseModule interface {
	module
	forwardSparse(x *sparse.CSR, lo, hi int) (y []float64)
}

// A chain is modules in a row.
type chain struct {
	modules []module
	trained int // index of the first module with parameters
}

func (c *chain) forward(x []float64, rows int, training bool) []float64 {
	for _, m := range c.modules {
		x = m.forward(x, rows, training)
	}
	return x
}

// backward stops where nobody has use for a gradient any more: below the first
// module with parameters.
func (c *chain) backward(grad, dy []float64, input bool) []float64 {
	for i := len(c.modules) - 1; i >= 0 && (input || i >= c.trained); i-- {
		dy = c.modules[i].backward(grad, dy, input || i > c.trained)
	}
	return dy
}

// A part is a block of θ, or of the buffers, as its module holds it.
type part struct {
	Param
	init   func(v []float64, r *rand.Rand)
	values []float64 // the view
}

// A builder collects what layers need while a network is put together.
type builder struct {
	params, buffers []*part
	stream          *rand.Rand // what random layers draw from in training
	rows            []summaryRow
	depth           int // of lists within lists

	// Of the layer that is being built:
	prefix    string // of its parameters' names
	first     bool   // it reads the data itself
	rectified bool   // an activation of the ReLU family follows
}

// param reserves a part of θ for the layer that is being built.
func (b *builder) param(name string, decay bool, init func([]float64, *rand.Rand), shape ...int) *part {
	return add(&b.params, Param{Name: b.prefix + name, Shape: shape, Decay: decay}, init)
}

// buffer reserves numbers that are saved with θ but not trained.
func (b *builder) buffer(name string, init func([]float64, *rand.Rand), shape ...int) *part {
	return add(&b.buffers, Param{Name: b.prefix + name, Shape: shape}, init)
}

func add(parts *[]*part, p Param, init func([]float64, *rand.Rand)) *part {
	p.Offset = size(*parts)
	added := &part{Param: p, init: init}
	*parts = append(*parts, added)
	return added
}

func size(parts []*part) int {
	if len(parts) == 0 {
		return 0
	}
	last := parts[len(parts)-1]
	return last.Offset + last.Size()
}

// chain builds layers, each on the output of the one before.
func (b *builder) chain(layers []Layer, in Shape) (*chain, Shape, error) {
	prefix, first, outer := b.prefix, b.first, b.rectified
	b.depth++
	defer func() { b.depth-- }()
	c := &chain{trained: len(layers)}
	for i, l := range layers {
		name, err := layerName(l)
		if err != nil {
			return nil, nil, fmt.Errorf("layer %d %w", i, err)
		}
		b.prefix = fmt.Sprintf("%s%d.%s.", prefix, i, strings.ToLower(name))
		b.first = first && i == 0
		b.rectified = rectified(layers[i+1:], outer)
		row, before := len(b.rows), size(b.params)
		b.rows = append(b.rows, summaryRow{name: fmt.Sprintf("%d %s", i, name), depth: b.depth - 1})
		m, out, err := l.build(in, b)
		if err != nil {
			return nil, nil, fmt.Errorf("layer %d (%s): %w", i, name, err)
		}
		own := size(b.params) - before
		b.rows[row].output, b.rows[row].params = out, own
		if own > 0 {
			c.trained = min(c.trained, i)
		}
		c.modules, in = append(c.modules, m), out
	}
	return c, in, nil
}

// layerName returns the type's name, such as Dense.
func layerName(l Layer) (string, error) {
	name := fmt.Sprintf("%T", l)
	if l == nil || name[0] == '*' {
		return "", fmt.Errorf("is %s: want a value such as model.Dense{Units: 10}", name)
	}
	return name[strings.LastIndexByte(name, '.')+1:], nil
}

// grow returns a slice of n elements, in the memory of v where that is enough.
// Its contents mean nothing.
func grow[T any](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	return v[:n]
}
