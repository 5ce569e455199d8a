package grad_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/model"
)

// The sizes of the transformer that is written twice.
const (
	words, tokens, wide, heads, units = 7, 6, 8, 2, 10
)

// norm is LayerNorm.
func norm(g *grad.Graph, x *grad.Node, name string) *grad.Node {
	size := x.Len(-1)
	centred := x.Sub(x.Mean(-1).ExpandDims(-1))
	normal := centred.Div(centred.Square().Mean(-1).ExpandDims(-1).AddScalar(1e-5).Sqrt())
	scale := g.Param(model.Param{Name: name + ".scale", Shape: []int{size}}, grad.Constant(1))
	return normal.Mul(scale).Add(g.Biases(name+".shift", size))
}

// attend is causal attention, with a matrix of all queries and keys.
func attend(g *grad.Graph, x *grad.Node, name string) *grad.Node {
	qkv := dense(g, x, name+".qkv", wide, 3*wide, model.GlorotUniform)
	split := func(i int) *grad.Node { // to (row, head, token, number)
		return qkv.Slice(-1, i*wide, (i+1)*wide).Reshape(-1, tokens, heads, wide/heads).Transpose(0, 2, 1, 3)
	}
	later := make([]float64, tokens*tokens)
	for i := range tokens {
		for j := i + 1; j < tokens; j++ {
			later[i*tokens+j] = -1e300
		}
	}
	scores := split(0).MatMul(split(1).Transpose(0, 1, 3, 2)).MulScalar(1 / math.Sqrt(wide/heads))
	p := scores.Add(g.Const(later, tokens, tokens)).Softmax(-1)
	y := p.MatMul(split(2)).Transpose(0, 2, 1, 3).Reshape(-1, tokens, wide)
	return dense(g, y, name+".output", wide, wide, model.GlorotUniform)
}

// TestTransformerTwice compares a block of model with the same block written as
// operations: output and gradient.
func TestTransformerTwice(t *testing.T) {
	gpt := model.GPT{Vocabulary: words, Context: tokens, Size: wide, Blocks: 2, Heads: heads, Units: units}
	layers := must[*model.Network](t)(model.NewNetwork(gpt.Input(), 1, gpt.Layers()...))
	written := must[*grad.Model](t)(grad.NewModel(tokens, 1, func(g *grad.Graph, x *grad.Node) *grad.Node {
		table := g.Weights("table", words, wide)
		h := table.Gather(x).Add(g.Weights("positions", tokens, wide))
		for _, name := range []string{"0", "1"} {
			h = h.Add(attend(g, norm(g, h, name+".first"), name+".attention"))
			v := dense(g, norm(g, h, name+".second"), name+".up", wide, units, model.GlorotUniform).GELUTanh()
			h = h.Add(dense(g, v, name+".down", units, wide, model.GlorotUniform))
		}
		return norm(g, h, "last").MatMul(table.Transpose(1, 0)).Flatten()
	}))
	r := rand.New(rand.NewPCG(1, 2))
	if len(layers.Params()) != len(written.Params()) {
		t.Fatalf("%d parameters, want %d", len(written.Params()), len(layers.Params()))
	}
	for i := range layers.Params() {
		layers.Params()[i] += 0.3 * r.NormFloat64()
	}
	copy(written.Params(), layers.Params())
	const rows = 3
	x := mat.NewDense(rows, tokens, nil)
	for i := range rows {
		for j := range tokens {
			x.Set(i, j, float64(r.IntN(words)))
		}
	}
	var got, want mat.Dense
	layers.Forward(&got, x)
	written.Forward(&want, x)
	golden.CloseSlice(t, "scores", got.RawMatrix().Data, want.RawMatrix().Data, 1e-13)
	for i := range got.RawMatrix().Data { // ∂L/∂y, in the place of y
		v := r.NormFloat64()
		got.RawMatrix().Data[i], want.RawMatrix().Data[i] = v, v
	}
	gradGot, gradWant := make([]float64, len(layers.Params())), make([]float64, len(layers.Params()))
	layers.Backward(gradGot, &got)
	written.Backward(gradWant, &want)
	golden.CloseSlice(t, "∂L/∂θ", gradGot, gradWant, 1e-12)
}
