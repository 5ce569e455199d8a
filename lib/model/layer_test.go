package model

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/golden"
)

// A layerCase is a layer in PyTorch: see testdata/golden.py.
type layerCase struct {
	Name      string
	Shape     []int
	Rows      int
	X, Warm   []float64
	Theta     []float64
	Y, DY     []float64
	Evaluated []float64
	Grad, DX  []float64
	Buffers   map[string][]float64
}

// layers are the layers of the cases in testdata/layers.json.
var layers = map[string]Layer{
	"dense":                              Dense{Units: 3},
	"dense without biases":               Dense{Units: 3, NoBias: true},
	"dense with one unit":                Dense{Units: 1},
	"conv":                               Conv2D{Filters: 3, Kernel: 3},
	"conv with padding":                  Conv2D{Filters: 3, Kernel: 3, Padding: 1},
	"conv with stride":                   Conv2D{Filters: 2, Kernel: 3, Stride: 2, Padding: 1},
	"conv with stride above kernel":      Conv2D{Filters: 2, Kernel: 2, Stride: 3, Padding: 2},
	"conv with kernel above image":       Conv2D{Filters: 2, Kernel: 4, Padding: 2, NoBias: true},
	"maxpool":                            MaxPool{Size: 2},
	"maxpool with padding":               MaxPool{Size: 3, Stride: 2, Padding: 1},
	"maxpool overlapping":                MaxPool{Size: 3, Stride: 1},
	"avgpool":                            AvgPool{Size: 2},
	"avgpool with padding":               AvgPool{Size: 3, Stride: 2, Padding: 1},
	"flatten":                            Flatten{},
	"batchnorm of features":              BatchNorm{Momentum: 0.3, Epsilon: 0.1},
	"batchnorm of an image":              BatchNorm{Momentum: 0.3, Epsilon: 0.1},
	"batchnorm by default":               NewBatchNorm(),
	"layernorm of features":              LayerNorm{Epsilon: 0.1},
	"layernorm of an image":              LayerNorm{Epsilon: 0.1},
	"layernorm of tokens":                NewLayerNorm(),
	"relu":                               ReLU{},
	"leakyrelu":                          NewLeakyReLU(),
	"elu":                                NewELU(),
	"elu with alpha":                     ELU{Alpha: 0.7},
	"gelu":                               GELU{},
	"gelu approximate":                   GELU{Approximate: true},
	"silu":                               SiLU{},
	"tanh":                               Tanh{},
	"sigmoid":                            SigmoidLayer{},
	"softmax":                            SoftmaxLayer{},
	"softmax of tokens":                  SoftmaxLayer{},
	"residual":                           Residual{Dense{Units: 5}, Tanh{}, Dense{Units: 3}},
	"embedding":                          Embedding{Vocabulary: 5, Size: 3},
	"embedding without padding":          Embedding{Vocabulary: 5, Size: 2, Padding: -1},
	"mean of embeddings":                 MeanEmbedding{Vocabulary: 5, Size: 3},
	"mean of embeddings without padding": MeanEmbedding{Vocabulary: 5, Size: 2, Padding: -1},
}

// convolutions are the layers of the cases in testdata/convolutions.json.
var convolutions = map[string]Layer{
	"dilation":              Conv2D{Filters: 3, Kernel: 3, Dilation: 2},
	"dilation with padding": Conv2D{Filters: 2, Kernel: 3, Padding: 2, Dilation: 2},
	"dilation with a stride of the same size":   Conv2D{Filters: 2, Kernel: 3, Stride: 2, Padding: 1, Dilation: 2},
	"dilation with a stride prime to it":        Conv2D{Filters: 2, Kernel: 4, Stride: 2, Padding: 3, Dilation: 3},
	"dilation and stride with a common divisor": Conv2D{Filters: 2, Kernel: 3, Stride: 4, Padding: 5, Dilation: 6, NoBias: true},
	"dilation with a kernel of one pixel":       Conv2D{Filters: 3, Kernel: 1, Stride: 2, Dilation: 3},
	"groups":                                    Conv2D{Filters: 6, Kernel: 3, Padding: 1, Groups: 2},
	"depthwise":                                 Conv2D{Filters: 3, Kernel: 3, Padding: 1, Groups: 3},
	"depthwise with a multiplier and a stride":  Conv2D{Filters: 6, Kernel: 3, Stride: 2, Padding: 1, Groups: 3, NoBias: true},
	"groups of a pointwise convolution":         Conv2D{Filters: 2, Kernel: 1, Groups: 2},
	"groups and dilation":                       Conv2D{Filters: 4, Kernel: 2, Stride: 3, Padding: 2, Dilation: 2, Groups: 2},
}

// TestLayersAgainstPyTorch compares output, both gradients, evaluation and
// running statistics of each layer. In float32 half a dozen digits remain of
// what does not cancel.
func TestLayersAgainstPyTorch(t *testing.T) {
	for file, layers := range map[string]map[string]Layer{"layers": layers, "convolutions": convolutions} {
		cases := golden.Load[[]layerCase](t, "testdata/"+file+".json")
		if len(cases) != len(layers) {
			t.Errorf("%d cases for %d %s", len(cases), len(layers), file)
		}
		for _, c := range cases {
			t.Run(c.Name+"/float64", func(t *testing.T) { checkLayer(t, c, layers, NewNetwork, at[float64], 1e-12) })
			t.Run(c.Name+"/float32", func(t *testing.T) { checkLayer(t, c, layers, NewNetwork32, at[float32], 2e-6) })
		}
	}
}

func checkLayer[T element](t *testing.T, c layerCase, layers map[string]Layer, build func(Shape, uint64, ...Layer) (*Network, error), at func(worker) *chain[T], tolerance float64) {
	l, ok := layers[c.Name]
	if !ok {
		t.Fatal("no such layer")
	}
	n, err := build(c.Shape, 1, l)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.theta) != len(c.Theta) {
		t.Fatalf("%d parameters, want %d", len(n.theta), len(c.Theta))
	}
	copy(n.theta, c.Theta)
	n.training.load()
	chain := at(n.training)
	if len(c.Warm) > 0 {
		chain.forward(converted[T](c.Warm), len(c.Warm)/n.input.Size(), true)
	}
	golden.CloseSlice(t, "y", converted[float64](chain.forward(converted[T](c.X), c.Rows, true)), c.Y, tolerance)
	grad := make([]T, len(n.theta))
	dx := chain.backward(grad, converted[T](c.DY), true)
	golden.CloseSlice(t, "∂L/∂θ", converted[float64](grad), c.Grad, tolerance)
	if len(c.DX) > 0 {
		golden.CloseSlice(t, "∂L/∂x", converted[float64](dx), c.DX, tolerance)
	}
	for name, v := range n.Buffers() {
		golden.CloseSlice(t, name, v, c.Buffers[name[len("0.batchnorm."):]], tolerance)
	}
	idle := n.idle.Get().(worker)
	idle.load()
	golden.CloseSlice(t, "evaluated", converted[float64](at(idle).forward(converted[T](c.X), c.Rows, false)), c.Evaluated, tolerance)
}

// at is the chain of a network at work.
func at[T element](w worker) *chain[T] { return w.(*workspace[T]).chain }

func converted[D, S element](v []S) []D {
	dst := make([]D, len(v))
	convert(dst, v)
	return dst
}

// TestInputGradientIsOptional makes sure that a layer that is not asked for
// ∂L/∂x computes the same ∂L/∂θ.
func TestInputGradientIsOptional(t *testing.T) {
	for _, c := range golden.Load[[]layerCase](t, "testdata/layers.json") {
		n, err := NewNetwork(c.Shape, 1, layers[c.Name])
		if err != nil {
			t.Fatal(err)
		}
		copy(n.theta, c.Theta)
		at[float64](n.training).forward(c.X, c.Rows, true)
		grad := make([]float64, len(n.theta))
		at[float64](n.training).modules[0].backward(grad, c.DY, false)
		golden.CloseSlice(t, c.Name+": ∂L/∂θ", grad, c.Grad, 1e-12)
	}
}

// TestKinks fixes what PyTorch does where there is no derivative or no number:
// ReLU has slope 0 at 0, the first of equal pixels is the largest, and NaN is
// never hidden.
func TestKinks(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name  string
		shape Shape
		layer Layer
		x, y  []float64
		dy    []float64
		dx    []float64
	}{
		{"ReLU", Features(3), ReLU{}, []float64{0, -1, nan}, []float64{0, 0, nan}, []float64{5, 6, 7}, []float64{0, 0, 7}},
		{"LeakyReLU", Features(2), LeakyReLU{Slope: 0.5}, []float64{0, nan}, []float64{0, nan}, []float64{4, 6}, []float64{2, 3}},
		{"equal pixels", Image(2, 2, 1), MaxPool{Size: 2}, []float64{1, 3, 3, 3}, []float64{3}, []float64{5}, []float64{0, 5, 0, 0}},
		{"NaN in a pool", Image(2, 2, 1), MaxPool{Size: 2}, []float64{1, nan, 3, 4}, []float64{nan}, []float64{5}, []float64{0, 5, 0, 0}},
		{"minus infinity", Image(2, 2, 1), MaxPool{Size: 2}, slices.Repeat([]float64{math.Inf(-1)}, 4), []float64{math.Inf(-1)}, []float64{5}, []float64{5, 0, 0, 0}},
	} {
		n, err := NewNetwork(c.shape, 1, c.layer)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range at[float64](n.training).forward(c.x, 1, true) {
			golden.Close(t, c.name+": y", v, c.y[i], 0)
		}
		golden.CloseSlice(t, c.name+": ∂L/∂x", at[float64](n.training).backward(nil, c.dy, true), c.dx, 0)
	}
}
