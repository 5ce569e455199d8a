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
	open   bool      // parts may be added
	stream *rand.Rand
}

func newParameters(seed uint64) *parameters {
	return &parameters{open: true, stream: rand.New(rand.NewPCG(seed, 0))}
}

// Weights returns the parameters with this name, which penalties apply to. They are
// drawn as model.GlorotUniform does; see [Graph.Param] for other ways.
func (g *Graph) Weights(name string, shape ...int) *Node {
	return g.param("Weights", model.Param{Name: name, Shape: shape, Decay: true}, model.GlorotUniform)
}

// Biases returns the parameters with this name, which penalties leave alone. They start
// at 0.
func (g *Graph) Biases(name string, shape ...int) *Node {
	return g.param("Biases", model.Param{Name: name, Shape: shape}, model.Zeros)
}

// Param returns the parameters of p, that is with its name and shape, which penalties
// apply to if p.Decay says so. Init draws the first values. The weights of a product
// are (inputs, outputs), and those of a convolution (filters, channels, height, width),
// from which the fans of the initializer follow.
//
// Asked for again, a name returns the same node: weights are shared.
func (g *Graph) Param(p model.Param, init model.Initializer) *Node {
	if init == nil {
		fail("Param", "%q has no initializer: use model.HeNormal or another one", p.Name)
	}
	return g.param("Param", p, init)
}

// Constant returns an initializer that sets all values to c, such as the scales of a
// normalisation to 1.
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
	if !ps.open {
		return 0, fmt.Errorf("%q is new: every graph of a model must ask for the same parameters", p.Name)
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
