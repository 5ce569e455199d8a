package grad

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/descent-go/descent/lib/model"
)

// parameters are the parts of θ, as the forward of a model asks for them.
type parameters struct {
	parts  []model.Param
	values []model.Initializer
	theta  []float64 // nil until all parts are known
	closed string    // why no part can be added; empty until all are known
	stream *rand.Rand

	buffers []*buffer
}

// A buffer is a running statistic.
type buffer struct {
	name   string
	shape  []int
	start  float64
	values []float64
}

// An average is the node of a graph that a buffer follows or, in prediction, is.
type average struct {
	*buffer
	id       int
	momentum float64
	batch    []float64
}

// move moves the buffer towards the node.
func (a *average) move(m machine) {
	m.read(a.batch, a.id, 0)
	for i, v := range a.batch {
		if isNaN(v) { // as the variance of a single row
			continue
		}
		a.values[i] = (1-a.momentum)*a.values[i] + a.momentum*v
	}
}

func newParameters(seed uint64) *parameters {
	return &parameters{stream: rand.New(rand.NewPCG(seed, 0))}
}

// Weights returns the parameters with this name, which penalties apply to. They are
// drawn by model.GlorotUniform; see [Graph.Param] for other initializers.
func (g *Graph) Weights(name string, shape ...int) *Node {
	return g.param("Weights", model.Param{Name: name, Shape: shape, Decay: true}, model.GlorotUniform)
}

// Biases returns the parameters with this name, which start at 0. Penalties do not
// apply to them.
func (g *Graph) Biases(name string, shape ...int) *Node {
	return g.param("Biases", model.Param{Name: name, Shape: shape}, model.Zeros)
}

// Param returns the parameters with the name and shape of p. Penalties apply to
// them if p.Decay is true. Init draws the first values. The weights of a product
// have the shape (inputs, outputs), and those of a convolution (filters, channels,
// height, width); the initializer's fans follow from it.
//
// Another call with the same name returns the same node: weights are shared.
func (g *Graph) Param(p model.Param, init model.Initializer) *Node {
	if init == nil {
		fail("Param", "%q has no initializer: use model.HeNormal or another one", p.Name)
	}
	return g.param("Param", p, init)
}

// Constant returns an initializer that sets all values to c, for example 1 for the
// scales of a normalisation.
func Constant(c float64) model.Initializer {
	return func(w []float64, _, _ int, _ *rand.Rand) {
		for i := range w {
			w[i] = c
		}
	}
}

func (g *Graph) param(op string, p model.Param, init model.Initializer) *Node {
	if !validShape(p.Shape) {
		fail(op, "%q has the shape %s", p.Name, dims(p.Shape))
	}
	if n := g.named[p.Name]; n != nil {
		if !slices.Equal(n.shape, p.Shape) {
			fail(op, "%q is %s here and was %s at %s", p.Name, dims(p.Shape), dims(n.shape), n.line)
		}
		return n
	}
	at, err := g.params.part(p, init)
	if err != nil {
		fail(op, "%v", err)
	}
	n := g.input(op, p.Shape, true)
	n.name = p.Name
	if g.named == nil {
		g.named = map[string]*Node{}
	}
	g.named[p.Name] = n
	if g.eager {
		values := make([]float64, p.Size())
		draw(values, p.Shape, init, g.params.stream)
		g.machine.load(n.id, values)
	}
	g.slots = append(g.slots, slot{n.id, at, p.Size()})
	return n
}

// Running keeps a running statistic with this name. In training it returns the node
// used, and each Forward of the model updates the statistic:
//
//	running ← (1 − momentum)·running + momentum·kept
//
// In prediction it returns the running statistic, which begins at start and is
// saved with the model. Batch normalisation is
//
//	mean, variance := x.Mean(0), x.Variance(0)
//	mean = g.Running("mean", mean, mean, 0.1, 0)
//	variance = g.Running("variance", variance, variance.MulScalar(n/(n-1)), 0.1, 1)
//
// with n = x.Len(0): the variance that is kept is the unbiased one. A NaN, such as
// the variance of a batch of one row, does not change the running statistic.
func (g *Graph) Running(name string, used, kept *Node, momentum, start float64) *Node {
	g.owns("Running", used)
	g.owns("Running", kept)
	if !slices.Equal(used.shape, kept.shape) {
		fail("Running", "%q is %s and keeps %s, want one shape", name, dims(used.shape), dims(kept.shape))
	}
	if !(momentum > 0 && momentum <= 1) {
		fail("Running", "the momentum of %q is %g, want 0 < momentum ≤ 1", name, momentum)
	}
	for _, a := range g.averages {
		if a.name == name {
			fail("Running", "there are two running statistics with the name %q", name)
		}
	}
	b := g.params.buffer(name, used.shape, start)
	n := kept
	if !g.training {
		n = g.input("Running", used.shape, false)
		used = n
	}
	g.averages = append(g.averages, &average{buffer: b, id: n.id, momentum: momentum, batch: make([]float64, n.Size())})
	return used
}

// buffer returns the buffer with a name, which it adds if it is new.
func (ps *parameters) buffer(name string, shape []int, start float64) *buffer {
	for _, b := range ps.buffers {
		if b.name == name {
			if !slices.Equal(b.shape, shape) {
				fail("Running", "%q is %s here and %s in the graph for another batch: shapes of statistics must not depend on it", name, dims(shape), dims(b.shape))
			}
			return b
		}
	}
	if ps.closed != "" {
		fail("Running", "%q is new, and %s", name, ps.closed)
	}
	b := &buffer{name: name, shape: slices.Clone(shape), start: start, values: make([]float64, size(shape))}
	Constant(start)(b.values, 0, 0, nil)
	ps.buffers = append(ps.buffers, b)
	return b
}

// part returns the offset of a part, which it adds if it is new.
func (ps *parameters) part(p model.Param, init model.Initializer) (offset int, err error) {
	for _, q := range ps.parts {
		if q.Name == p.Name {
			if !slices.Equal(q.Shape, p.Shape) {
				return 0, fmt.Errorf("%q is %s here and %s in the graph for another batch: shapes of parameters must not depend on it", p.Name, dims(p.Shape), dims(q.Shape))
			}
			return q.Offset, nil
		}
	}
	if ps.closed != "" {
		return 0, fmt.Errorf("%q is new, and %s", p.Name, ps.closed)
	}
	p.Shape = slices.Clone(p.Shape)
	p.Offset = ps.size()
	ps.parts, ps.values = append(ps.parts, p), append(ps.values, init)
	return p.Offset, nil
}

func (ps *parameters) size() int {
	if len(ps.parts) == 0 {
		return 0
	}
	last := ps.parts[len(ps.parts)-1]
	return last.Offset + last.Size()
}

// init draws all parameters.
func (ps *parameters) init(seed uint64) {
	stream := rand.New(rand.NewPCG(seed, 0))
	for i, p := range ps.parts {
		draw(p.In(ps.theta), p.Shape, ps.values[i], stream)
	}
	for _, b := range ps.buffers {
		Constant(b.start)(b.values, 0, 0, nil)
	}
}

// draw calls an initializer with the fans of a shape.
func draw(values []float64, shape []int, init model.Initializer, stream *rand.Rand) {
	in, out := size(shape), size(shape)
	switch rank := len(shape); {
	case rank == 4:
		area := shape[2] * shape[3]
		in, out = shape[1]*area, shape[0]*area
	case rank >= 2:
		in, out = shape[rank-2], shape[rank-1]
	}
	init(values, in, out, stream)
}
