package model

import (
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/golden"
)

// sequenceLayers are the layers of the cases in testdata/sequences.json.
func sequenceLayers() map[string][]Layer {
	all := map[string][]Layer{
		"conv1d":                               {Conv1D{Filters: 4, Kernel: 3}},
		"conv1d with padding":                  {Conv1D{Filters: 2, Kernel: 3, Padding: 1, NoBias: true}},
		"conv1d with padding and dilation":     {Conv1D{Filters: 3, Kernel: 2, Padding: 3, Dilation: 2}},
		"conv1d of one filter and one channel": {Conv1D{Filters: 1, Kernel: 2}},
		"conv1d causal":                        {Conv1D{Filters: 4, Kernel: 3, Causal: true}},
		"conv1d causal and dilated":            {Conv1D{Filters: 3, Kernel: 2, Dilation: 3, Causal: true}},
		"conv1d longer than the sequence":      {Conv1D{Filters: 3, Kernel: 4, Causal: true}},
		"rmsnorm":                              {RMSNorm{Epsilon: 0.1}},
		"rmsnorm of tokens":                    {NewRMSNorm()},
		"layernorm of tokens":                  {NewLayerNorm()},
		"dense of tokens":                      {Dense{Units: 4}},
		"unembedding":                          {NewEmbedding(7, 3), Dense{Units: 3}, Tanh{}, Unembedding{}},
	}
	for name, layer := range map[string]func(units, truncate int) Layer{
		"simplernn": func(units, truncate int) Layer { return SimpleRNN{Units: units, Truncate: truncate} },
		"lstm":      func(units, truncate int) Layer { return LSTM{Units: units, Truncate: truncate} },
		"gru":       func(units, truncate int) Layer { return GRU{Units: units, Truncate: truncate} },
	} {
		embedding := NewEmbedding(7, 3)
		all[name] = []Layer{layer(4, 0)}
		all[name+" of one unit and one token"] = []Layer{layer(1, 0)}
		all[name+" of many tokens"] = []Layer{layer(5, 0)}
		all[name+" stacked"] = []Layer{layer(4, 0), layer(4, 0)}
		all[name+" truncated"] = []Layer{layer(4, 2)}
		all[name+" with padding"] = []Layer{embedding, layer(4, 0), Dense{Units: 5}}
		all[name+" stacked with padding"] = []Layer{embedding, layer(4, 0), layer(4, 0), Dense{Units: 5}}
		all[name+", last token"] = []Layer{embedding, layer(4, 0), LastToken{}, Dense{Units: 2}}
		all[name+", mean of tokens"] = []Layer{embedding, layer(4, 0), MeanTokens{}, Dense{Units: 2}}
	}
	return all
}

// TestSequencesAgainstPyTorch compares output, both gradients and evaluation.
func TestSequencesAgainstPyTorch(t *testing.T) {
	layers := sequenceLayers()
	cases := golden.Load[[]layerCase](t, "testdata/sequences.json")
	if len(cases) != len(layers) {
		t.Errorf("%d cases for %d lists of layers", len(cases), len(layers))
	}
	for _, c := range cases {
		t.Run(c.Name+"/float64", func(t *testing.T) { checkSequence(t, c, layers, NewNetwork, at[float64], 1e-12) })
		t.Run(c.Name+"/float32", func(t *testing.T) { checkSequence(t, c, layers, NewNetwork32, at[float32], 4e-6) })
	}
}

func checkSequence[T element](t *testing.T, c layerCase, layers map[string][]Layer, build func(Shape, uint64, ...Layer) (*Network, error), at func(worker) *chain[T], tolerance float64) {
	list, ok := layers[c.Name]
	if !ok {
		t.Fatal("no such layers")
	}
	n, err := build(c.Shape, 1, list...)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.theta) != len(c.Theta) {
		t.Fatalf("%d parameters, want %d", len(n.theta), len(c.Theta))
	}
	copy(n.theta, c.Theta)
	n.training.load()
	chain := at(n.training)
	for range 2 { // the second time in the memory of the first
		golden.CloseSlice(t, "y", converted[float64](chain.forward(converted[T](c.X), c.Rows, true)), c.Y, tolerance)
		grad := make([]T, len(n.theta))
		dx := chain.backward(grad, converted[T](c.DY), true)
		golden.CloseSlice(t, "∂L/∂θ", converted[float64](grad), c.Grad, tolerance)
		if len(c.DX) > 0 {
			golden.CloseSlice(t, "∂L/∂x", converted[float64](dx), c.DX, tolerance)
		}
	}
	idle := n.idle.Get().(worker)
	idle.load()
	golden.CloseSlice(t, "evaluated", converted[float64](at(idle).forward(converted[T](c.X), c.Rows, false)), c.Y, tolerance)
}

// TestRecurrentNames makes sure that a state dict of PyTorch fits: names, order and
// shapes are its own, but for the _l0.
func TestRecurrentNames(t *testing.T) {
	n, err := NewNetwork(Sequence(5, 3), 1, SimpleRNN{Units: 4}, LSTM{Units: 2}, GRU{Units: 6})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"0.simplernn.weight_ih 4×3", "0.simplernn.weight_hh 4×4", "0.simplernn.bias_ih 4", "0.simplernn.bias_hh 4",
		"1.lstm.weight_ih 8×4", "1.lstm.weight_hh 8×2", "1.lstm.bias_ih 8", "1.lstm.bias_hh 8",
		"2.gru.weight_ih 18×2", "2.gru.weight_hh 18×6", "2.gru.bias_ih 18", "2.gru.bias_hh 18",
	}
	for i, p := range n.Layout() {
		if got := p.Name + " " + Shape(p.Shape).String(); got != want[i] {
			t.Errorf("part %d is %s, want %s", i, got, want[i])
		}
		if p.Decay != strings.Contains(p.Name, "weight") {
			t.Errorf("%s: Decay is %t", p.Name, p.Decay)
		}
	}
	golden.CloseSlice(t, "biases of the gates", n.Param("1.lstm.bias_ih"), []float64{0, 0, 1, 1, 0, 0, 0, 0}, 0)
}
