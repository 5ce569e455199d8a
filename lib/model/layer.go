package model

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// A Layer holds the settings of one layer of a network. Only layers of this
// package implement it. They are values, and a network copies them.
type Layer interface {
	layer()
}

// The layers.
func (Dense) layer()               {}
func (Conv2D) layer()              {}
func (MaxPool) layer()             {}
func (AvgPool) layer()             {}
func (Flatten) layer()             {}
func (BatchNorm) layer()           {}
func (LayerNorm) layer()           {}
func (Dropout) layer()             {}
func (GaussianNoise) layer()       {}
func (Embedding) layer()           {}
func (MeanEmbedding) layer()       {}
func (EmbeddingBag) layer()        {}
func (Unembedding) layer()         {}
func (LastToken) layer()           {}
func (MeanTokens) layer()          {}
func (RMSNorm) layer()             {}
func (Residual) layer()            {}
func (SelfAttention) layer()       {}
func (LearnedPositions) layer()    {}
func (SinusoidalPositions) layer() {}
func (SwiGLU) layer()              {}
func (TransformerBlock) layer()    {}
func (LoRA) layer()                {}
func (Frozen) layer()              {}
func (ReLU) layer()                {}
func (LeakyReLU) layer()           {}
func (ELU) layer()                 {}
func (GELU) layer()                {}
func (SiLU) layer()                {}
func (Tanh) layer()                {}
func (SigmoidLayer) layer()        {}
func (SoftmaxLayer) layer()        {}
func (SimpleRNN) layer()           {}
func (LSTM) layer()                {}
func (GRU) layer()                 {}
func (Conv1D) layer()              {}

// build returns the layer at work on samples of shape in, and the shape of its
// output. It asks b for the layer's parameters. An error says what in the
// settings does not fit; the caller adds which layer it is.
func build[T element](l Layer, in Shape, b *builder[T]) (module[T], Shape, error) {
	switch l := l.(type) {
	case Dense:
		return newDense(l, in, b)
	case Conv2D:
		return newConv(l, in, b)
	case MaxPool:
		return newMaxPool[T](l, in)
	case AvgPool:
		return newAvgPool[T](l, in)
	case Flatten:
		return flatten[T]{}, Features(in.Size()), nil
	case BatchNorm:
		return newBatchNorm(l, in, b)
	case LayerNorm:
		return newLayerNorm(l, in, b)
	case Dropout:
		return newDropout(l, in, b)
	case GaussianNoise:
		return newGaussianNoise(l, in, b)
	case Embedding:
		return newEmbedding(l, in, b)
	case MeanEmbedding:
		return newMeanEmbedding(l, in, b)
	case EmbeddingBag:
		return newBag(l, in, b)
	case Unembedding:
		return newUnembedding(l, in, b)
	case LastToken:
		return newLastToken(in, b)
	case MeanTokens:
		return newMeanTokens(in, b)
	case RMSNorm:
		return newRMSNorm(l, in, b)
	case SimpleRNN:
		return newSimpleRNN(l, in, b)
	case LSTM:
		return newLSTM(l, in, b)
	case GRU:
		return newGRU(l, in, b)
	case Conv1D:
		return newConv1D(l, in, b)
	case Residual:
		return newResidual(l, in, b)
	case SelfAttention:
		return newSelfAttention(l, in, b)
	case LearnedPositions:
		return newLearnedPositions(l, in, b)
	case SinusoidalPositions:
		return newSinusoidalPositions(in, b)
	case SwiGLU:
		return newSwiGLU(l, in, b)
	case TransformerBlock:
		return newTransformerBlock(l, in, b)
	case LoRA:
		return newLoRA(l, in, b)
	case Frozen:
		return newFrozen(l, in, b)
	}
	a, err := newActivation[T](l, in)
	return a, in, err
}

// A module is a layer of a network: its parameters, as views into θ, and its
// buffers. It receives rows samples, one after another in x, and returns a
// buffer that is valid until the next call.
type module[T element] interface {
	// forward returns y = f(x; θ). It keeps x for backward.
	forward(x []T, rows int, training bool) (y []T)
	// backward adds ∂L/∂θ to grad, the gradient of the whole network, and
	// returns ∂L/∂x for the last forward in training. If input is false, the
	// caller does not need ∂L/∂x and the result is undefined.
	backward(grad, dy []T, input bool) (dx []T)
}

// A sparseModule reads rows lo to hi of a sparse matrix without making them
// dense.
type sparseModule[T element] interface {
	module[T]
	forwardSparse(x *sparse.CSR, lo, hi int) (y []T)
}

// A chain is a sequence of modules.
type chain[T element] struct {
	modules []module[T]
	trained int // index of the first module with parameters
}

func (c *chain[T]) forward(x []T, rows int, training bool) []T {
	for _, m := range c.modules {
		x = m.forward(x, rows, training)
	}
	return x
}

// backward stops at the first module with parameters, below which no gradient
// is needed.
func (c *chain[T]) backward(grad, dy []T, input bool) []T {
	for i := len(c.modules) - 1; i >= 0 && (input || i >= c.trained); i-- {
		dy = c.modules[i].backward(grad, dy, input || i > c.trained)
	}
	return dy
}

// add appends a module. A MaxPool after a ReLU swaps places with it: results
// and gradients are the same, and ReLU has less to do. A BatchNorm knows the ReLU after it. A recurrent layer after an
// Embedding knows it, to read words in place of vectors.
func (c *chain[T]) add(m module[T]) {
	c.modules = append(c.modules, m)
	if n := len(c.modules); n > 1 {
		_, pools := m.(*maxPool[T])
		if r, rectifies := c.modules[n-2].(*rectifier[T]); pools && rectifies {
			c.modules[n-2], c.modules[n-1] = m, r
			if blas.HasKernels {
				r.follow(nil)
			}
		}
		if r, ok := m.(*rectifier[T]); ok && blas.HasKernels {
			norm, _ := c.modules[n-2].(*batchNorm[T])
			r.follow(norm)
		}
		if r, ok := m.(*recurrent[T]); ok {
			r.words, _ = c.modules[n-2].(*embedding[T])
		}
	}
}

// A part is a block of θ, or of the buffers.
type part struct {
	Param
	init func(v []float64, r *rand.Rand)
}

// A view is a part as its module holds it, in the module's precision.
type view[T element] struct {
	offset, size int
	values       []T

	frozen  bool // in the buffers, not in θ
	discard []T  // what would be its gradient
	written bool // backward sets its gradient, where others add theirs to zeros

	byRow  bool      // a batch needs few rows: who reads one takes it from source
	source []float64 // the part in float64, if values are not rounded as a whole
	sink   []float64 // its gradient likewise, during backward
}

// whole returns all values, as they are now.
func (v *view[T]) whole() []T {
	if blas.HasKernels && v.source != nil {
		convert(v.values, v.source)
	}
	return v.values
}

// addTo has f add the gradient of all values to a vector laid out like them.
func (v *view[T]) addTo(grad []T, f func(g []T)) {
	g := v.in(grad)
	if !blas.HasKernels || v.sink == nil {
		f(g)
		return
	}
	clear(g)
	f(g)
	addWide(v.sink, g)
}

// in returns the part of a vector laid out like θ. If the part is frozen, it returns
// memory that nobody reads.
func (v *view[T]) in(theta []T) []T {
	if v.frozen {
		v.discard = grow(v.discard, v.size)
		clear(v.discard)
		return v.discard
	}
	return theta[v.offset : v.offset+v.size]
}

// bind points the views into theta.
func bind[T element](views []*view[T], theta []T) {
	for _, v := range views {
		v.values = theta[v.offset : v.offset+v.size]
	}
}

// A builder collects what layers need while a network is put together.
type builder[T element] struct {
	params, buffers []part
	views           []*view[T]       // of params
	kept            []*view[T]       // of buffers: the parameters that are frozen
	statistics      []*view[float64] // of buffers: the others
	adapters        []adapter        // of LoRA
	stream          *rand.Rand       // what random layers draw from in training
	rows            []summaryRow
	depth           int       // of lists within lists
	embedded        *table[T] // of the Embedding, nil if there is none
	padding         *padding  // of the sequences on their way, nil if there is none
	decoding        *decoding // if tokens come one at a time; else nil

	// Of the layer that is being built:
	prefix    string // of its parameters' names
	first     bool   // it reads the data itself
	rectified bool   // an activation of the ReLU family follows
	frozen    bool   // its parameters are not trained
	lora      *LoRA  // that it is in; nil for none
}

// param reserves a part of θ for the layer that is being built, or of the buffers if
// it is frozen.
func (b *builder[T]) param(name string, decay bool, init func([]float64, *rand.Rand), shape ...int) *view[T] {
	p := Param{Name: b.prefix + name, Shape: shape, Decay: decay}
	if b.frozen {
		v := reserve(&b.buffers, &b.kept, p, init)
		v.frozen = true
		return v
	}
	return reserve(&b.params, &b.views, p, init)
}

// buffer reserves numbers that are saved with θ but not trained.
func (b *builder[T]) buffer(name string, init func([]float64, *rand.Rand), shape ...int) *view[float64] {
	return reserve(&b.buffers, &b.statistics, Param{Name: b.prefix + name, Shape: shape}, init)
}

func reserve[T element](parts *[]part, views *[]*view[T], p Param, init func([]float64, *rand.Rand)) *view[T] {
	p.Offset = size(*parts)
	v := &view[T]{offset: p.Offset, size: p.Size()}
	*parts, *views = append(*parts, part{p, init}), append(*views, v)
	return v
}

func size(parts []part) int {
	if len(parts) == 0 {
		return 0
	}
	last := parts[len(parts)-1]
	return last.Offset + last.Size()
}

// chain builds layers, each on the output of the one before.
func (b *builder[T]) chain(layers []Layer, in Shape) (*chain[T], Shape, error) {
	prefix, first, outer := b.prefix, b.first, b.rectified
	b.depth++
	defer func() { b.depth-- }()
	c := &chain[T]{trained: len(layers)}
	for i, l := range layers {
		name, err := layerName(unwrap(l))
		if err != nil {
			return nil, nil, fmt.Errorf("layer %d %w", i, err)
		}
		b.prefix = fmt.Sprintf("%s%d.%s.", prefix, i, strings.ToLower(name))
		b.first = first && i == 0
		b.rectified = rectified(layers[i+1:], outer)
		row, before := len(b.rows), size(b.params)
		b.rows = append(b.rows, summaryRow{name: fmt.Sprintf("%d %s", i, name), depth: b.depth - 1})
		m, out, err := build(l, in, b)
		if err != nil {
			return nil, nil, fmt.Errorf("layer %d (%s): %w", i, name, err)
		}
		own := size(b.params) - before
		b.rows[row].output, b.rows[row].params = out, own
		if own > 0 {
			c.trained = min(c.trained, i)
		}
		c.add(m)
		in = out
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
