package model

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"
)

// Network is a list of layers, f = f_L ∘ … ∘ f₁, with the parameters of all
// layers in one θ, in the order of the list. Use NewNetwork to make one.
//
// If the last layer returns a sequence, the network predicts a row for each token:
// rows·T rows for sequences of T tokens, those of a sample one after another.
//
// It implements Stateful and InputChecker.
type Network struct {
	input, output  Shape
	layers         []Layer
	theta, buffers []float64
	parts, state   []part // the blocks of theta and of buffers
	rows           []summaryRow
	adapters       []adapter // of LoRA
	frozen         int       // how many of the buffers are frozen parameters

	noise      *rand.PCG // of one Forward, seeded with seed and step
	seed, step uint64
	training   worker    // of Forward and Backward
	batch      int       // rows in the last Forward
	idle       sync.Pool // of workers, for Predict

	assemble func(Shape, []Layer) (*Network, error) // in this precision
	decode   func() (worker, *decoding, error)      // for a Decoder
}

var (
	_ Model        = (*Network)(nil)
	_ Stateful     = (*Network)(nil)
	_ InputChecker = (*Network)(nil)
)

// NewNetwork returns the network that feeds samples of the given shape through
// the layers, with weights drawn from seed. It returns an error that names the
// layer if its settings are invalid or do not fit its input, such as a kernel
// larger than the image.
func NewNetwork(input Shape, seed uint64, layers ...Layer) (*Network, error) {
	return newNetwork(assemble[float64], input, seed, layers)
}

// NewNetwork32 returns the same network as NewNetwork, with the same θ, but it
// computes in float32: it takes half the memory, and is faster where the layers
// are large. θ, predictions and gradients remain float64. Forward and Predict
// round θ and x once, and the layers compute with the rounded values.
//
// Predictions and gradients have seven digits, less what cancellation costs.
// That is enough for stochastic gradients, whose noise is far larger. Prefer
// NewNetwork for L-BFGS, for gradient checks and for tiny learning rates.
func NewNetwork32(input Shape, seed uint64, layers ...Layer) (*Network, error) {
	return newNetwork(assemble[float32], input, seed, layers)
}

func newNetwork(assemble func(Shape, []Layer) (*Network, error), input Shape, seed uint64, layers []Layer) (*Network, error) {
	n, err := assemble(slices.Clone(input), slices.Clone(layers))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	n.Init(seed)
	return n, nil
}

// assemble makes a network with θ = 0.
func assemble[T element](input Shape, layers []Layer) (*Network, error) {
	if err := input.check(); err != nil {
		return nil, err
	}
	if len(layers) == 0 {
		return nil, fmt.Errorf("a network needs at least one layer")
	}
	n := &Network{input: input, layers: layers, noise: rand.NewPCG(0, 0), assemble: assemble[T]}
	b := &builder[T]{stream: rand.New(n.noise), first: true}
	c, output, err := b.chain(layers, input)
	if err != nil {
		return nil, err
	}
	n.output, n.parts, n.state, n.rows = output, b.params, b.buffers, b.rows
	n.adapters = b.adapters
	for _, v := range b.kept {
		n.frozen += v.size
	}
	n.theta, n.buffers = make([]float64, size(n.parts)), make([]float64, size(n.state))
	n.training = newWorkspace(n, c, b)
	n.idle.New = func() any {
		b := &builder[T]{first: true}
		c, _, err := b.chain(layers, input)
		if err != nil {
			panic("model: layers that were built before fail now: " + err.Error())
		}
		return newWorkspace(n, c, b)
	}
	n.decode = func() (worker, *decoding, error) {
		b := &builder[T]{first: true, decoding: &decoding{context: input.Size()}}
		c, _, err := b.chain(layers, Tokens(1))
		if err != nil {
			return nil, nil, err
		}
		return newWorkspace(n, c, b), b.decoding, nil
	}
	return n, nil
}

// Init draws the parameters again, from seed, and resets the running
// statistics. The network is then as NewNetwork returns it for that seed.
func (n *Network) Init(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	for _, p := range n.parts {
		p.init(p.In(n.theta), r)
	}
	for _, p := range n.state {
		p.init(p.In(n.buffers), r)
	}
	n.seed, n.step = seed, 0
}

func (n *Network) Dims() (inputs, outputs int) {
	_, outputs = n.output.tokens()
	return n.input.Size(), outputs
}

// Tokens returns how many rows the network predicts for each sample: T if it ends with
// a sequence of T tokens, else 1.
func (n *Network) Tokens() int {
	tokens, _ := n.output.tokens()
	return tokens
}

// predictions returns the shape of the predictions for rows samples.
func (n *Network) predictions(rows int) (r, c int) {
	tokens, outputs := n.output.tokens()
	return rows * tokens, outputs
}

func (n *Network) Params() []float64 { return n.theta }

// Layout returns the parts of θ. A name consists of the layer's index, its type
// and the part: "0.dense.weights". For a layer within a Residual, the name of
// the Residual comes first: "2.residual.0.dense.weights". Penalties do not
// apply to biases, nor to the scales and shifts of normalisations.
func (n *Network) Layout() []Param {
	layout := make([]Param, len(n.parts))
	for i, p := range n.parts {
		layout[i] = p.Param
	}
	return layout
}

// Param returns the part of θ that Layout calls name, such as
// "0.dense.weights", aliasing the network, or nil if there is none.
func (n *Network) Param(name string) []float64 {
	for _, p := range n.parts {
		if p.Name == name {
			return p.In(n.theta)
		}
	}
	return nil
}

// Buffers yields the running statistics of the BatchNorm layers, such as
// "1.batchnorm.mean" and "1.batchnorm.variance", and the parameters of layers within
// [LoRA] and [Frozen], aliasing the network.
func (n *Network) Buffers() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		for _, p := range n.state {
			if !yield(p.Name, p.In(n.buffers)) {
				return
			}
		}
	}
}

// Seed seeds dropout and noise for the next Forward. Without another call of
// Seed, the Forward after that uses step+1.
func (n *Network) Seed(seed, step uint64) { n.seed, n.step = seed, step }

// Clone returns a network with equal parameters, running statistics and seed,
// which shares no memory with n.
func (n *Network) Clone() Model {
	c, err := n.assemble(n.input, n.layers)
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
	if c, ok := unwrap(n.layers[0]).(InputChecker); ok {
		return c.CheckInput(x)
	}
	return nil
}

// PaddingOnly reports whether the network begins with an [Embedding] or a
// [MeanEmbedding] and each id in x is its padding, so that there is nothing to read.
// Training on data in memory asks it once, before it starts.
func (n *Network) PaddingOnly(x mat.Matrix) bool {
	padding := 0.0
	switch l := unwrap(n.layers[0]).(type) {
	case Embedding:
		padding = float64(l.Padding)
	case MeanEmbedding:
		padding = float64(l.Padding)
	default:
		return false
	}
	rows, cols := x.Dims()
	for i := range rows {
		for j := range cols {
			if x.At(i, j) != padding {
				return false
			}
		}
	}
	return true
}

// predictRows is how many rows go through the layers at a time in Predict: many
// enough for matrix products, few enough for the activations to stay in cache
// and for the memory not to grow with the data.
const predictRows = 256

// Predict sets dst ← f(x; θ) in evaluation mode: without dropout and noise,
// and with the running statistics. Several goroutines may call it at once.
func (n *Network) Predict(dst *mat.Dense, x mat.Matrix) {
	rows := checkColumns(x, n.input.Size())
	r, c := n.predictions(rows)
	shape(dst, r, c)
	w := n.idle.Get().(worker)
	w.load()
	for lo := 0; lo < rows; lo += predictRows {
		w.forward(dst, x, lo, min(lo+predictRows, rows), false)
	}
	n.idle.Put(w)
}

// Forward sets dst ← f(x; θ) in training mode: with dropout and noise, and
// with the statistics of this batch, which also update the running ones.
func (n *Network) Forward(dst *mat.Dense, x mat.Matrix) {
	rows := checkColumns(x, n.input.Size())
	n.begin(dst, rows)
	n.training.forward(dst, x, 0, rows, true)
}

// ForwardRows is Forward on the given rows of x, which it rounds to the
// network's precision as it gathers them.
func (n *Network) ForwardRows(dst, x *mat.Dense, rows []int) {
	checkColumns(x, n.input.Size())
	n.begin(dst, len(rows))
	n.training.forwardRows(dst, x, rows)
}

// begin prepares a Forward of the given number of rows.
func (n *Network) begin(dst *mat.Dense, rows int) {
	r, c := n.predictions(rows)
	shape(dst, r, c)
	n.noise.Seed(mix(n.seed^noiseStream), mix(n.step))
	n.step++
	n.training.load()
	n.batch = rows
}

// Backward adds ∂L/∂θ to grad by the chain rule, from the last layer to the
// first.
func (n *Network) Backward(grad []float64, dPred *mat.Dense) {
	if n.batch == 0 {
		panic("model: Backward before Forward")
	}
	r, c := n.predictions(n.batch)
	checkBackward(grad, len(n.theta), dPred, r, c)
	n.training.backward(grad, dPred)
}

// Rounded returns θ in float32, as Forward computes with it, or nil if the network computes
// in float64. It is memory of the network, for those who move θ and round it on the way:
// after KeepRounded, the next Forward does not round θ but takes Rounded as it is.
func (n *Network) Rounded() []float32 { return n.training.rounded() }

// KeepRounded tells the next Forward that Rounded is θ, rounded to float32, already.
func (n *Network) KeepRounded() { n.training.keep() }

// BackwardNarrow returns ∂L/∂θ for the last Forward in float32, as a network of
// NewNetwork32 computes it, valid until the next Backward. Backward adds the same to grad.
func (n *Network) BackwardNarrow(dPred *mat.Dense) []float32 {
	if n.Rounded() == nil || n.batch == 0 {
		panic("model: BackwardNarrow before Forward, or of a network that computes in float64")
	}
	r, c := n.predictions(n.batch)
	checkBackward(n.theta, len(n.theta), dPred, r, c)
	return n.training.narrow(dPred)
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
