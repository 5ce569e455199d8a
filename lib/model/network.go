package model

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
)

// Network is a list of layers, f = f_L ∘ … ∘ f₁, with the parameters of all of
// them in one θ, in the order of the list. NewNetwork makes one.
//
// It implements Seeder, Buffered, Cloner and InputChecker.
type Network struct {
	input, output  Shape
	layers         []Layer
	theta, buffers []float64
	parts, state   []*part // the blocks of theta and of buffers
	rows           []summaryRow

	noise      *rand.PCG // of one Forward, seeded with seed and step
	seed, step uint64
	training   *workspace // of Forward and Backward
	batch      int        // rows in the last Forward
	idle       sync.Pool  // of *workspace, for Predict
}

var (
	_ Model        = (*Network)(nil)
	_ Seeder       = (*Network)(nil)
	_ Buffered     = (*Network)(nil)
	_ Cloner       = (*Network)(nil)
	_ InputChecker = (*Network)(nil)
)

// NewNetwork returns the network that feeds samples of the given shape through
// the layers, with weights drawn from seed. It returns an error that names the
// layer if its settings mean nothing or do not fit the shape that reaches it,
// such as a kernel larger than the image.
func NewNetwork(input Shape, seed uint64, layers ...Layer) (*Network, error) {
	n, err := assemble(slices.Clone(input), slices.Clone(layers))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	n.Init(seed)
	return n, nil
}

// assemble makes a network with θ = 0.
func assemble(input Shape, layers []Layer) (*Network, error) {
	if err := input.check(); err != nil {
		return nil, err
	}
	if len(layers) == 0 {
		return nil, fmt.Errorf("a network needs at least one layer")
	}
	n := &Network{input: input, layers: layers, noise: rand.NewPCG(0, 0)}
	b := &builder{stream: rand.New(n.noise), first: true}
	c, output, err := b.chain(layers, input)
	if err != nil {
		return nil, err
	}
	n.output, n.parts, n.state, n.rows = output, b.params, b.buffers, b.rows
	n.theta, n.buffers = make([]float64, size(n.parts)), make([]float64, size(n.state))
	n.bind(b)
	n.training = &workspace{chain: c}
	n.idle.New = func() any { return n.newWorkspace() }
	return n, nil
}

// newWorkspace builds the layers once more, over the same θ and buffers.
func (n *Network) newWorkspace() *workspace {
	b := &builder{first: true}
	c, _, err := b.chain(n.layers, n.input)
	if err != nil {
		panic("model: layers that were built before fail now: " + err.Error())
	}
	n.bind(b)
	return &workspace{chain: c}
}

// bind gives the builder's parts their views.
func (n *Network) bind(b *builder) {
	for _, p := range b.params {
		p.values = p.In(n.theta)
	}
	for _, p := range b.buffers {
		p.values = p.In(n.buffers)
	}
}

// Init draws the parameters again, from seed, and forgets the running
// statistics: the network is as NewNetwork made it with that seed.
func (n *Network) Init(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	for _, p := range n.parts {
		p.init(p.values, r)
	}
	for _, p := range n.state {
		p.init(p.values, r)
	}
	n.seed, n.step = seed, 0
}

// Dims returns the sizes of an input sample and of its prediction.
func (n *Network) Dims() (inputs, outputs int) { return n.input.Size(), n.output.Size() }

// Params returns θ, aliasing the network.
func (n *Network) Params() []float64 { return n.theta }

// Layout returns the parts of θ. Their names are the layer's place in the list,
// its type and the part: "0.dense.weights". A layer within a Residual has the
// names of both: "2.residual.0.dense.weights". Penalties leave biases and the
// scales and shifts of normalisations alone.
func (n *Network) Layout() []Param {
	layout := make([]Param, len(n.parts))
	for i, p := range n.parts {
		layout[i] = p.Param
	}
	return layout
}

// Buffers yields the running statistics of batch normalisations, such as
// "1.batchnorm.mean" and "1.batchnorm.variance", aliasing the network.
func (n *Network) Buffers() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		for _, p := range n.state {
			if !yield(p.Name, p.values) {
				return
			}
		}
	}
}

// Seed sets what dropout and noise draw from in the next Forward. The Forward
// after that, unless it is seeded too, uses step+1.
func (n *Network) Seed(seed, step uint64) { n.seed, n.step = seed, step }

// Clone returns a network with equal parameters, running statistics and seed,
// which shares no memory with n.
func (n *Network) Clone() Model {
	c, err := assemble(n.input, n.layers)
	if err != nil {
		panic("model: layers that were built before fail now: " + err.Error())
	}
	copy(c.theta, n.theta)
	copy(c.buffers, n.buffers)
	c.seed, c.step = n.seed, n.step
	return c
}

// CheckInput reports data of the wrong width and, if the first layer is an
// embedding, the first id that is not in its vocabulary.
func (n *Network) CheckInput(x mat.Matrix) error {
	if _, cols := x.Dims(); cols != n.input.Size() {
		return fmt.Errorf("model: the data have %d columns, but the network's input is %v, %d numbers", cols, n.input, n.input.Size())
	}
	if c, ok := n.layers[0].(InputChecker); ok {
		return c.CheckInput(x)
	}
	return nil
}

// predictRows is how many rows go through the layers at a time in Predict: many
// enough for matrix products, few enough for the activations to stay in cache
// and for the memory not to grow with the data.
const predictRows = 256

// Predict sets dst ← f(x; θ) in evaluation: no dropout, no noise, running
// statistics. Several goroutines may call it at once.
func (n *Network) Predict(dst *mat.Dense, x mat.Matrix) {
	rows := checkColumns(x, n.input.Size())
	shape(dst, rows, n.output.Size())
	w := n.idle.Get().(*workspace)
	for lo := 0; lo < rows; lo += predictRows {
		hi := min(lo+predictRows, rows)
		copyRows(dst, lo, w.run(x, lo, hi, false))
	}
	n.idle.Put(w)
}

// Forward sets dst ← f(x; θ) in training: with dropout and noise, and with the
// statistics of this batch, which it also adds to the running ones.
func (n *Network) Forward(dst *mat.Dense, x mat.Matrix) {
	rows := checkColumns(x, n.input.Size())
	shape(dst, rows, n.output.Size())
	n.noise.Seed(mix(n.seed^noiseStream), mix(n.step))
	n.step++
	copyRows(dst, 0, n.training.run(x, 0, rows, true))
	n.batch = rows
}

// Backward adds ∂L/∂θ to grad by the chain rule, from the last layer to the
// first.
func (n *Network) Backward(grad []float64, dPred *mat.Dense) {
	if n.batch == 0 {
		panic("model: Backward before Forward")
	}
	checkBackward(grad, len(n.theta), dPred, n.batch, n.output.Size())
	w := n.training
	w.gradient = contiguous(w.gradient, dPred, 0, n.batch)
	w.backward(grad, w.gradient, false)
}

// noiseStream keeps what dropout draws apart from what the weights were drawn
// from with the same seed.
const noiseStream = 0x6e6f697365 // "noise"

// mix is the finalizer of SplitMix64: it turns neighbouring steps into seeds
// that have nothing to do with each other.
//
// Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number
// Generators, 2014.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// A workspace is a network at work: modules with their buffers, over the θ of
// the network.
type workspace struct {
	*chain
	input    []float64 // rows of x, where they are not dense already
	gradient []float64 // ∂L/∂f, likewise
}

// run feeds rows lo to hi of x through the layers.
func (w *workspace) run(x mat.Matrix, lo, hi int, training bool) []float64 {
	if s, ok := x.(*sparse.CSR); ok {
		if first, ok := w.modules[0].(sparseModule); ok {
			rest := chain{modules: w.modules[1:]}
			return rest.forward(first.forwardSparse(s, lo, hi), hi-lo, training)
		}
	}
	_, cols := x.Dims()
	if raw, ok := x.(mat.RawMatrixer); ok && raw.RawMatrix().Stride == cols {
		return w.forward(raw.RawMatrix().Data[lo*cols:hi*cols], hi-lo, training)
	}
	w.input = contiguous(w.input, x, lo, hi)
	return w.forward(w.input, hi-lo, training)
}

// contiguous copies rows lo to hi of x into buffer, which it grows.
func contiguous(buffer []float64, x mat.Matrix, lo, hi int) []float64 {
	_, cols := x.Dims()
	buffer = grow(buffer, (hi-lo)*cols)
	for i := lo; i < hi; i++ {
		copyRow(buffer[(i-lo)*cols:(i-lo+1)*cols], x, i)
	}
	return buffer
}

// copyRow copies row i of x.
func copyRow(row []float64, x mat.Matrix, i int) {
	switch x := x.(type) {
	case mat.RawMatrixer:
		raw := x.RawMatrix()
		copy(row, raw.Data[i*raw.Stride:])
	case *sparse.CSR:
		clear(row)
		cols, values := x.Row(i)
		for p, j := range cols {
			row[j] = values[p]
		}
	default:
		for j := range row {
			row[j] = x.At(i, j)
		}
	}
}

// copyRows copies y into the rows of dst from row lo on.
func copyRows(dst *mat.Dense, lo int, y []float64) {
	d := dst.RawMatrix()
	for i := 0; i*d.Cols < len(y); i++ {
		copy(d.Data[(lo+i)*d.Stride:(lo+i)*d.Stride+d.Cols], y[i*d.Cols:])
	}
}
