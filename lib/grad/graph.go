package grad

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// A Graph is a computation that is written once and replayed. Its nodes are in the
// order in which they were written.
//
// [New] returns a graph that computes while it is written, for experiments. The
// graphs of a [Model], a [Loss] or a [Function] are written for a shape first and
// computed later. Go code around the operations, such as an if or a loop, runs only
// while the graph is written. Use [Where] and [Node.Gather] for choices that depend
// on numbers.
type Graph struct {
	nodes    []*Node
	machine  machine
	eager    bool   // compute while writing
	single   bool   // in float32
	training bool   // dropout drops
	closed   string // why nothing can be added any more
	computed bool   // Forward was called
	spent    bool   // Backward was called since the last Forward
	params   *parameters
	noise    *rand.PCG
	stream   *rand.Rand       // what dropout draws from
	named    map[string]*Node // parameters
	slots    []slot           // where they lie in θ
	averages []*average       // running statistics
	seed     uint64
	step     uint64
}

// A Node is an operation of a graph and its result: numbers with a shape. A shape
// without axes is a single number.
//
// Operations return a new node. They panic, with the line of the program that
// called them, if the shapes do not fit; [NewModel], [NewLoss] and [NewFunction]
// return this as an error.
type Node struct {
	graph   *Graph
	id      int // the place in the graph
	op      string
	name    string // of a parameter
	line    place  // where it was written
	shape   []int
	inputs  []*Node
	reduced []int // axes that a reduction has taken away
	needs   bool  // it depends on a parameter
}

// A machine is a tape, in whatever precision: see machine.go.
type machine interface {
	add(n *Node, k kernels)
	compute(id int)
	load(id int, values []float64)
	room(id, size int, needs bool)
	forward()
	differentiate(last int, seed, grad []float64, slots []slot)
	move(v []float64, slots []slot)
	bend(last int, seed, grad []float64, slots []slot)
	value(id int) []float64
	read(dst []float64, id, from int)
	gradient(id int) []float64
	forget(id int)
	tangent(id int) []float64
}

// kernels is an operation in both precisions.
type kernels struct {
	f64 kernel[float64]
	f32 kernel[float32]
}

// New returns an empty graph that computes in float64 while it is written.
func New() *Graph {
	g := newGraph(&tape64{}, newParameters(0), true)
	g.eager = true
	return g
}

func newGraph(m machine, p *parameters, training bool) *Graph {
	noise := rand.NewPCG(0, 0)
	g := &Graph{machine: m, params: p, training: training, noise: noise, stream: rand.New(noise)}
	g.draw()
	return g
}

// Training reports whether the graph is for training. The graph of [Model.Predict]
// is not, and dropout does nothing in it.
func (g *Graph) Training() bool { return g.training }

// Seed sets the seed of dropout for the operations written next and for the next
// Forward.
func (g *Graph) Seed(seed, step uint64) {
	g.seed, g.step = seed, step
	g.draw()
}

// draw begins the random numbers of one Forward.
func (g *Graph) draw() { g.noise.Seed(mix(g.seed^noiseStream), mix(g.step)) }

// maxRank is how many axes a node can have, and maxNodes how many nodes a graph.
const (
	maxRank  = 8
	maxNodes = 1 << 17
)

// node adds an operation to the graph.
func (g *Graph) node(op string, shape []int, k kernels, inputs ...*Node) *Node {
	n := &Node{graph: g, id: len(g.nodes), op: op, line: here(), shape: slices.Clone(shape), inputs: inputs}
	switch {
	case g.closed != "":
		fail(op, "the graph is finished, because %s: write it once, and replay it with Forward; a loop that adds to it at each step would never end growing", g.closed)
	case len(g.nodes) == maxNodes:
		fail(op, "the graph has %d operations: a loop adds to it, where it should be written once and replayed", maxNodes)
	case len(shape) > maxRank:
		fail(op, "the result has %d axes, and %d is the limit", len(shape), maxRank)
	}
	for _, in := range inputs {
		g.owns(op, in)
		n.needs = n.needs || in.needs
	}
	g.nodes = append(g.nodes, n)
	g.machine.add(n, k)
	if g.eager {
		g.machine.compute(n.id)
	}
	return n
}

// owns panics if an operand cannot be used.
func (g *Graph) owns(op string, n *Node) {
	if n == nil {
		fail(op, "an operand is nil")
	}
	if n.graph != g {
		fail(op, "the operand %v belongs to another graph: pass its numbers on with Const, or write both in one graph", n)
	}
}

// String returns the operation, its shape and the line where it was written.
func (n *Node) String() string {
	return fmt.Sprintf("%s%s of %s", n.op, dims(n.shape), n.line)
}

// Graph returns the graph of the node.
func (n *Node) Graph() *Graph { return n.graph }

// Shape returns the lengths of the axes.
func (n *Node) Shape() []int { return slices.Clone(n.shape) }

// Len returns the length of an axis. A negative axis counts from the end.
func (n *Node) Len(axis int) int { return n.shape[n.axis("Len", axis)] }

// Size returns the number of elements.
func (n *Node) Size() int { return size(n.shape) }

// Op returns the name of the operation, such as MatMul.
func (n *Node) Op() string { return n.op }

// Inputs returns the operands.
func (n *Node) Inputs() []*Node { return slices.Clone(n.inputs) }

// Nodes returns the operations of the graph in order.
func (g *Graph) Nodes() []*Node { return slices.Clone(g.nodes) }

// Var adds variables to differentiate by: the leaves of a graph of [New]. Without a
// shape they have one axis, or none if there is one value. The graph holds a copy
// of values, which Value returns.
func (g *Graph) Var(values []float64, shape ...int) *Node {
	return g.leaf("Var", values, shape, true)
}

// Const adds constant numbers. Its arguments are those of [Graph.Var].
func (g *Graph) Const(values []float64, shape ...int) *Node {
	return g.leaf("Const", values, shape, false)
}

// Scalar adds a constant number.
func (g *Graph) Scalar(c float64) *Node { return g.leaf("Scalar", []float64{c}, nil, false) }

func (g *Graph) leaf(op string, values []float64, shape []int, needs bool) *Node {
	if needs && !g.eager {
		fail(op, "this graph is that of a model, a loss or a function, in which a Var would never change: use Const, or in a model Weights, Biases or Param")
	}
	if len(shape) == 0 && len(values) != 1 {
		shape = []int{len(values)}
	}
	if !validShape(shape) || size(shape) != len(values) {
		fail(op, "%d values do not fill the shape %s", len(values), dims(shape))
	}
	n := g.input(op, shape, needs)
	g.machine.load(n.id, slices.Clone(values))
	return n
}

// input adds a leaf whose numbers are bound later.
func (g *Graph) input(op string, shape []int, needs bool) *Node {
	eager := g.eager
	g.eager = false
	defer func() { g.eager = eager }()
	n := g.node(op, shape, kernels{leaf[float64]{}, leaf[float32]{}})
	n.needs = needs
	g.machine.room(n.id, size(shape), needs)
	return n
}

// Forward computes all nodes again, after a change to the numbers of leaves.
func (g *Graph) Forward() {
	g.closed = "it was computed again"
	g.computed, g.spent = true, false
	g.draw()
	g.step++
	g.machine.forward()
}

// Value returns the numbers of the node, row by row. The numbers of a leaf of a
// graph of [New] may be changed for the next Forward.
func (n *Node) Value() []float64 {
	n.computed("Value")
	return n.graph.machine.value(n.id)
}

// computed panics if the node has no numbers yet.
func (n *Node) computed(op string) {
	if g := n.graph; !g.eager && !g.computed {
		fail(op, "%v has no numbers yet: the graph of a model, a loss or a function is written before it computes", n)
	}
}

// Item returns the value of a node with one element.
func (n *Node) Item() float64 {
	if n.Size() != 1 {
		fail("Item", "%v has %d numbers", n, n.Size())
	}
	return n.Value()[0]
}

// Backward computes the derivative of n, a single number, by every node that
// depends on a Var or a parameter. [Node.Grad] returns it. Call Backward only once
// after each Forward, or derivatives are added up twice.
func (n *Node) Backward() {
	if n.Size() != 1 {
		fail("Backward", "%v is not a single number: end with Sum or Mean, or say with BackwardFrom what its derivatives are", n)
	}
	n.backward("Backward", []float64{1})
}

// BackwardFrom is Backward from a node of any shape, given ∂L/∂n: it computes the
// product of that vector and the Jacobian matrices.
func (n *Node) BackwardFrom(dn []float64) {
	if len(dn) != n.Size() {
		fail("BackwardFrom", "%d derivatives for %v, which has %d numbers", len(dn), n, n.Size())
	}
	n.backward("BackwardFrom", dn)
}

func (n *Node) backward(op string, dn []float64) {
	g := n.graph
	n.computed(op)
	if g.spent {
		fail(op, "the graph was differentiated already: call Forward in between, or add up what you want to differentiate")
	}
	if !n.needs {
		fail(op, "%v depends on no Var and no parameter", n)
	}
	g.closed = "it was differentiated"
	g.spent = true
	g.machine.differentiate(n.id, dn, nil, nil)
}

// Grad returns the derivative by the node, as computed by Backward. It is zero if
// the differentiated node does not depend on n.
func (n *Node) Grad() []float64 {
	if !n.graph.spent {
		fail("Grad", "call Backward first")
	}
	if !n.needs {
		fail("Grad", "%v depends on no Var and no parameter", n)
	}
	return n.graph.machine.gradient(n.id)
}
