package onnx

import (
	"fmt"
	"io"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
)

// Options say what else is in the file, and in which precision.
type Options struct {
	// Scaler is what the features went through before they reached the model, a
	// fitted *preprocess.StandardScaler, *preprocess.MinMaxScaler or a
	// *preprocess.Pipeline of them. The input of the graph is then what Transform
	// takes. nil is none.
	Scaler preprocess.Transformer
	// Probabilities adds what model.Probabilities does: the sigmoid of a single
	// score, and the softmax of several.
	Probabilities bool
	// Type of all numbers: format.Float64, the zero value, or format.Float32. The
	// latter is what most programs expect, and twice as fast.
	Type format.Type
}

// Write writes m as an ONNX file. The same model and options give the same bytes.
//
// It returns an error for a model other than *model.Linear and *model.Network, for
// a layer or a scaler that it does not support, which it names, for a scaler with
// another number of columns, and for a parameter that is NaN, infinite or too large
// for float32. A [model.GELU] that is not Approximate needs Float32, since
// onnxruntime has no error function in float64.
func Write(w io.Writer, m model.Model, opt Options) error {
	if opt.Type != format.Float64 && opt.Type != format.Float32 {
		return fmt.Errorf("onnx: the type is %v, want %v or %v", opt.Type, format.Float64, format.Float32)
	}
	inputs, outputs := m.Dims()
	g := &graph{t: opt.Type, last: "x"}
	if err := g.build(m, opt); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	g.finish()
	var nodes []message
	for _, n := range g.nodes {
		nodes = append(nodes, n.proto())
	}
	file := modelProto(graphProto(nodes, g.initializers, valueProto("x", g.t, inputs), valueProto("y", g.t, outputs)))
	if len(file) > math.MaxInt32 {
		return fmt.Errorf("onnx: the file would have %d bytes, but a message of protocol buffers has less than 2 GiB", len(file))
	}
	if _, err := w.Write(file); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	return nil
}

// node is an operator, with its inputs and its output by name.
type node struct {
	name, operator string
	inputs         []string
	output         string
	attributes     []attribute
}

// attribute is an integer, or a list of one.
type attribute struct {
	name  string
	value int64
	list  bool
}

// graph is what is built: a list of nodes, each of which follows its inputs.
type graph struct {
	t            format.Type
	prefix       string // of names
	nodes        []node
	initializers []message
	last         string // the value that the next layer takes
	err          error  // the first one
}

// op adds a node and returns the name of its output.
func (g *graph) op(operator string, inputs ...string) string {
	name := fmt.Sprintf("%s%s.%d", g.prefix, operator, len(g.nodes))
	g.nodes = append(g.nodes, node{name: name, operator: operator, inputs: inputs, output: name})
	return name
}

// set adds an attribute to the last node, for which it returns the output.
func (g *graph) set(a attribute) string {
	n := &g.nodes[len(g.nodes)-1]
	n.attributes = append(n.attributes, a)
	return n.output
}

// constant adds an array and returns its name.
func (g *graph) constant(name string, values []float64, shape ...int) string {
	name = fmt.Sprintf("%s%s.%d", g.prefix, name, len(g.initializers))
	for i, v := range values {
		if g.err == nil && (!number.IsFinite(v) || g.t == format.Float32 && math.Abs(v) > math.MaxFloat32) {
			g.err = fmt.Errorf("number %d of %s is %g, which is no finite %v", i, name, v, g.t)
		}
	}
	g.initializers = append(g.initializers, tensorProto(name, g.t, shape, values))
	return name
}

// number is an array of one number, which goes with any shape.
func (g *graph) number(name string, v float64) string { return g.constant(name, []float64{v}, 1) }

// row is an array with a number for each column.
func (g *graph) row(name string, v []float64) string { return g.constant(name, v, len(v)) }

// finish gives the output its name.
func (g *graph) finish() {
	if n := len(g.nodes); n == 0 || g.nodes[n-1].output != g.last {
		g.op("Identity", g.last)
	}
	g.nodes[len(g.nodes)-1].output = "y"
}

func (g *graph) build(m model.Model, opt Options) error {
	inputs, outputs := m.Dims()
	if opt.Scaler != nil {
		g.prefix = "scaler."
		if err := g.scale(opt.Scaler, inputs); err != nil {
			return err
		}
		g.prefix = ""
	}
	switch m := m.(type) {
	case *model.Linear:
		g.affine(m.Weights(), m.Intercept())
	case *model.Network:
		b := builder{graph: g, n: m, buffers: map[string][]float64{}}
		for name, v := range m.Buffers() {
			b.buffers[name] = v
		}
		if err := b.chain(m.Layers(), "", m.Shapes()); err != nil {
			return err
		}
	default:
		return fmt.Errorf("a %T cannot be exported: want a *model.Linear or a *model.Network", m)
	}
	if opt.Probabilities {
		g.prefix = "probabilities."
		if outputs == 1 {
			g.last = g.op("Sigmoid", g.last)
		} else {
			g.softmax()
		}
	}
	return g.err
}

// affine is x·W + b.
func (g *graph) affine(w *mat.Dense, b []float64) {
	rows, cols := w.Dims()
	weights := g.constant("weights", w.RawMatrix().Data, rows, cols)
	if len(b) == 0 {
		g.last = g.op("MatMul", g.last, weights)
		return
	}
	g.last = g.op("Gemm", g.last, weights, g.row("biases", b))
}

func (g *graph) softmax() {
	g.op("Softmax", g.last)
	g.last = g.set(attribute{name: "axis", value: -1})
}
