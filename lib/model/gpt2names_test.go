package model_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/save"
)

// A transformerCase is a case of testdata/attention.json.
type transformerCase struct {
	Name                      string
	Shape                     []int
	Rows                      int
	X, Theta, Y, DY, Grad, DX []float64
}

// TestGPT2File reads weights under the names of GPT-2, which testdata/attention.py has
// written, and computes what PyTorch computes with them.
func TestGPT2File(t *testing.T) {
	gpt := model.GPT{Vocabulary: 5, Context: 5, Size: 6, Blocks: 2, Heads: 2, Units: 7, Dropout: 0.1}
	n := network(t, gpt.Input(), gpt.Layers()...)
	named, err := n.GPT2()
	if err != nil {
		t.Fatal(err)
	}
	if err := save.Load("testdata/gpt2.safetensors", named, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Load[[]transformerCase](t, "testdata/attention.json") {
		if c.Name == "gpt" {
			golden.CloseSlice(t, "scores", predict(n, mat.NewDense(c.Rows, 5, c.X)).RawMatrix().Data, c.Y, 1e-12)
		}
	}

	path := filepath.Join(t.TempDir(), "gpt2")
	if err := save.Model(path, named, nil); err != nil {
		t.Fatal(err)
	}
	d, err := save.Describe(path)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(d.Tensors, func(p save.Tensor) bool { return p.Name == "h.1.attn.c_attn.weight" }); i < 0 || !slices.Equal(d.Tensors[i].Shape, []int{6, 18}) {
		t.Errorf("the file has %v", d.Tensors)
	}
	other := network(t, gpt.Input(), gpt.Layers()...)
	again, err := other.GPT2()
	if err != nil {
		t.Fatal(err)
	}
	if err := save.Load(path, again, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(other.Params(), n.Params()) {
		t.Error("the weights differ after saving and loading")
	}
}

func TestGPT2NamesErrors(t *testing.T) {
	for name, n := range map[string]*model.Network{
		"2.rmsnorm.scale":  network(t, model.Tokens(3), model.NewEmbedding(4, 2), model.LearnedPositions{}, model.NewRMSNorm()),
		"1.dense.weights":  network(t, model.Tokens(3), model.NewEmbedding(4, 2), model.Dense{Units: 3}),
		"swiglu.gate.weig": network(t, model.Tokens(3), model.NewEmbedding(4, 2), model.TransformerBlock{Heads: 1, Units: 3, SwiGLU: true}),
	} {
		if _, err := n.GPT2(); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "model.NewGPT") {
			t.Errorf("error is %v, want one about %s", err, name)
		}
	}
}
