package model

import (
	"testing"

	"github.com/descent-go/descent/internal/golden"
)

// transformers are the layers of the cases in testdata/attention.json.
var transformers = map[string][]Layer{
	"attention":                    {SelfAttention{Heads: 2}},
	"causal attention":             {SelfAttention{Heads: 3, Causal: true}},
	"attention without biases":     {SelfAttention{Heads: 1, NoBias: true}},
	"attention of one token":       {SelfAttention{Heads: 2, Causal: true}},
	"attention over blocks":        {SelfAttention{Heads: 2}},
	"causal attention over blocks": {SelfAttention{Heads: 2, Causal: true}},
	"attention to large scores":    {SelfAttention{Heads: 1, Causal: true}},
	"rotary attention":             {SelfAttention{Heads: 2, Causal: true, Rotary: 10000}},
	"rotary attention of base 100": {SelfAttention{Heads: 1, NoBias: true, Rotary: 100}},
	"padded attention":             {NewEmbedding(5, 4), SelfAttention{Heads: 2}},
	"causal padded attention":      {NewEmbedding(5, 4), SelfAttention{Heads: 2, Causal: true}},
	"learned positions":            {LearnedPositions{}},
	"sinusoidal positions":         {SinusoidalPositions{}},
	"swiglu":                       {SwiGLU{Units: 5}},
	"block of gpt":                 {TransformerBlock{Heads: 2, Units: 7, Causal: true}},
	"block of llama":               {TransformerBlock{Heads: 2, Units: 7, Causal: true, Rotary: 10000, RMSNorm: true, SwiGLU: true, NoBias: true}},
	"gpt":                          GPT{Vocabulary: 5, Context: 5, Size: 6, Blocks: 2, Heads: 2, Units: 7}.Layers(),
	"llama": GPT{Vocabulary: 5, Context: 5, Size: 8, Blocks: 2, Heads: 2, Units: 7,
		Rotary: 10000, RMSNorm: true, SwiGLU: true, NoBias: true, Untied: true}.Layers(),
}

// TestTransformersAgainstPyTorch compares output and both gradients: in float64 to
// twelve digits of the largest, in float32 to five. Scores of a thousand are rounded
// to 10⁻⁴ there.
func TestTransformersAgainstPyTorch(t *testing.T) {
	cases := golden.Load[[]layerCase](t, "testdata/attention.json")
	if len(cases) != len(transformers) {
		t.Errorf("%d cases for %d lists of layers", len(cases), len(transformers))
	}
	for _, c := range cases {
		t.Run(c.Name+"/float64", func(t *testing.T) { checkLayers(t, c, NewNetwork, at[float64], 1e-12) })
		narrow := 1e-5
		if c.Name == "attention to large scores" {
			narrow = 1e-4
		}
		t.Run(c.Name+"/float32", func(t *testing.T) { checkLayers(t, c, NewNetwork32, at[float32], narrow) })
	}
}

func checkLayers[T element](t *testing.T, c layerCase, build func(Shape, uint64, ...Layer) (*Network, error), at func(worker) *chain[T], tolerance float64) {
	layers, ok := transformers[c.Name]
	if !ok {
		t.Fatal("no such layers")
	}
	n, err := build(c.Shape, 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.theta) != len(c.Theta) {
		t.Fatalf("%d parameters, want %d", len(n.theta), len(c.Theta))
	}
	copy(n.theta, c.Theta)
	n.training.load()
	y := at(n.training).forward(converted[T](c.X), c.Rows, true)
	golden.CloseSlice(t, "y", converted[float64](y), c.Y, tolerance)
	grad := make([]T, len(n.theta))
	dx := at(n.training).backward(grad, converted[T](c.DY), c.DX != nil)
	golden.CloseSlice(t, "∂L/∂θ", converted[float64](grad), c.Grad, tolerance)
	if c.DX != nil {
		golden.CloseSlice(t, "∂L/∂x", converted[float64](dx), c.DX, tolerance)
	}
	idle := n.idle.Get().(worker)
	idle.load()
	golden.CloseSlice(t, "evaluated", converted[float64](at(idle).forward(converted[T](c.X), c.Rows, false)), c.Y, tolerance)
}
