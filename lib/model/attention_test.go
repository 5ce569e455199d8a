package model_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

// attentionMembers are the layers of transformers.
func attentionMembers() []member {
	embedding := model.NewEmbedding(5, 4)
	dense := model.Dense{Units: 3}
	attention := func(l model.SelfAttention) func(uint64) model.Model {
		return layers(model.Tokens(6), embedding, l, model.Tanh{}, dense)
	}
	gpt := model.GPT{Vocabulary: 5, Context: 6, Size: 4, Blocks: 2, Heads: 2, Units: 7, Dropout: 0.2}
	llama := model.GPT{Vocabulary: 5, Context: 6, Size: 8, Blocks: 1, Heads: 2, Units: 7, Rotary: 10000, RMSNorm: true, SwiGLU: true, NoBias: true, Untied: true}
	return []member{
		{name: "attention", data: texts(6, 5), build: attention(model.SelfAttention{Heads: 2})},
		{name: "causal attention", data: texts(6, 5), build: attention(model.SelfAttention{Heads: 1, Causal: true, NoBias: true})},
		{name: "rotary attention", data: texts(6, 5), build: attention(model.SelfAttention{Heads: 2, Causal: true, Rotary: 100})},
		{name: "attention over blocks", data: normal(140), build: layers(model.Sequence(70, 2), model.SelfAttention{Heads: 1}, model.MeanTokens{}, dense)},
		{name: "causal attention over blocks", data: normal(140), build: layers(model.Sequence(70, 2), model.SelfAttention{Heads: 1, Causal: true}, model.MeanTokens{}, dense)},
		{name: "attention of one vector", data: normal(4), build: layers(model.Sequence(1, 4), model.SelfAttention{Heads: 2, Causal: true}, dense)},
		{name: "learned positions", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.LearnedPositions{}, dense, model.Tanh{}, dense)},
		{name: "sinusoidal positions", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.SinusoidalPositions{}, dense, model.Tanh{}, dense)},
		{name: "swiglu", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.SwiGLU{Units: 5}, dense)},
		{name: "swiglu of features", data: normal(4), build: layers(model.Features(4), dense, model.SwiGLU{Units: 5}, dense)},
		{name: "gpt", data: texts(6, 5), random: true, build: layers(gpt.Input(), gpt.Layers()...)},
		{name: "lora", data: texts(6, 5), build: layers(model.Tokens(6), model.Frozen{Layer: embedding},
			model.LoRA{Layer: model.SelfAttention{Heads: 2}, Rank: 2, Alpha: 3}, model.Frozen{Layer: model.NewLayerNorm()}, dense)},
		{name: "llama", data: texts(6, 5), build: layers(llama.Input(), llama.Layers()...)},
	}
}

type build func(model.Shape, uint64, ...model.Layer) (*model.Network, error)

// TestAttentionOnAnyNumberOfCores expects the same bits.
func TestAttentionOnAnyNumberOfCores(t *testing.T) {
	defer crew.Fix(1)() // everything is shared
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, build := range precisions {
		for _, gpt := range []model.GPT{
			{Vocabulary: 9, Context: 40, Size: 24, Blocks: 2, Heads: 3, Units: 50, Dropout: 0.1},
			{Vocabulary: 9, Context: 40, Size: 24, Blocks: 2, Heads: 2, Units: 50, Rotary: 10000, RMSNorm: true, SwiGLU: true, NoBias: true},
		} {
			var want, wantGrad []float64
			for _, cores := range []int{1, 2, 3, 8} {
				runtime.GOMAXPROCS(cores)
				n, err := build(gpt.Input(), 1, gpt.Layers()...)
				if err != nil {
					t.Fatal(err)
				}
				x := texts(40, 9)(13, rand.New(rand.NewPCG(1, 2)))
				grad, _ := gradient(n, x)
				y := predict(n, x).RawMatrix().Data
				if cores == 1 {
					want, wantGrad = y, grad
				}
				golden.CloseSlice(t, name+": y", y, want, 0)
				golden.CloseSlice(t, name+": ∂L/∂θ", grad, wantGrad, 0)
			}
		}
	}
}

// TestTransformerStepAllocatesNothing covers float32, and helpers on several cores.
func TestTransformerStepAllocatesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute where the processor is emulated, and all processors allocate the same")
	}
	for name, build := range precisions {
		for kind, gpt := range map[string]model.GPT{
			"gpt":   {Vocabulary: 9, Context: 40, Size: 24, Blocks: 1, Heads: 3, Units: 50},
			"llama": {Vocabulary: 9, Context: 40, Size: 24, Blocks: 1, Heads: 3, Units: 50, Rotary: 10000, RMSNorm: true, SwiGLU: true, NoBias: true},
		} {
			n, err := build(gpt.Input(), 1, gpt.Layers()...)
			if err != nil {
				t.Fatal(err)
			}
			x := texts(40, 9)(13, rand.New(rand.NewPCG(1, 2)))
			y, grad := forward(n, x), make([]float64, len(n.Params()))
			if allocs := testing.AllocsPerRun(20, func() {
				n.Forward(y, x)
				n.Backward(grad, y)
			}); allocs != 0 {
				t.Errorf("%s in %s: %g allocations in a step", kind, name, allocs)
			}
		}
	}
}

// TestAttentionKeepsNoMatrix makes a first step on a long sequence, which allocates
// all buffers: much less than a number for each query and key.
func TestAttentionKeepsNoMatrix(t *testing.T) {
	const tokens = 3000
	n := network(t, model.Sequence(tokens, 2), model.SelfAttention{Heads: 1, Causal: true})
	x := fill(1, 2*tokens, rand.New(rand.NewPCG(1, 2)).NormFloat64)
	y, grad := mat.NewDense(tokens, 2, nil), make([]float64, len(n.Params()))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n.Forward(y, x)
	n.Backward(grad, y)
	runtime.ReadMemStats(&after)
	if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(tokens*tokens*8/4); got > limit {
		t.Errorf("the step allocates %d bytes, want less than %d, a quarter of a matrix", got, limit)
	}
}

// TestPaddingIsNotThere compares a text that is filled up with the text alone.
func TestPaddingIsNotThere(t *testing.T) {
	for _, causal := range []bool{false, true} {
		layers := []model.Layer{model.NewEmbedding(5, 4),
			model.TransformerBlock{Heads: 2, Units: 6, Causal: causal, Rotary: 10000}, model.Dense{Units: 3}}
		long, short := varied(network(t, model.Tokens(7), layers...)), network(t, model.Tokens(3), layers...)
		copy(short.Params(), long.Params())
		text := []float64{4, 0, 2}
		want := predict(short, mat.NewDense(1, 3, text))
		x := mat.NewDense(2, 7, []float64{4, 0, 2, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1})
		got := predict(long, x)
		golden.CloseSlice(t, fmt.Sprintf("causal %t", causal), got.RawMatrix().Data[:9], want.RawMatrix().Data, 1e-14)

		// Rotary positions count differences: padding before the text moves it and
		// changes nothing.
		x.SetRow(0, []float64{-1, -1, -1, -1, 4, 0, 2})
		got = predict(long, x)
		golden.CloseSlice(t, fmt.Sprintf("causal %t, padding first", causal), got.RawMatrix().Data[12:21], want.RawMatrix().Data, 1e-13)
	}
}

// TestAttentionSeesNothing: a row of padding has the bias of the output, and no NaN
// comes back from it.
func TestAttentionSeesNothing(t *testing.T) {
	n := varied(network(t, model.Tokens(3), model.NewEmbedding(4, 2), model.SelfAttention{Heads: 1}))
	x := mat.NewDense(2, 3, []float64{-1, -1, -1, 1, 2, -1})
	grad, _ := gradient(n, x)
	y := predict(n, x)
	for i := range 3 {
		golden.CloseSlice(t, "y", y.RawRowView(i), n.Param("1.selfattention.output.biases"), 0)
	}
	for i, v := range grad {
		if math.IsNaN(v) {
			t.Fatalf("∂L/∂θ[%d] is NaN", i)
		}
	}
}

// TestAttentionHidesNoNaN: a NaN reaches the tokens that see it, and no others.
func TestAttentionHidesNoNaN(t *testing.T) {
	n := varied(network(t, model.Sequence(50, 2), model.SelfAttention{Heads: 1, Causal: true}))
	x := fill(1, 100, rand.New(rand.NewPCG(1, 2)).NormFloat64)
	x.Set(0, 2*20, nan)
	y := forward(n, x)
	for i := range 50 {
		if got, want := math.IsNaN(y.At(i, 0)), i >= 20; got != want {
			t.Errorf("token %d is %g", i, y.At(i, 0))
		}
	}
}

func TestTransformerErrors(t *testing.T) {
	sequence := model.Sequence(3, 6)
	for _, c := range []struct {
		input model.Shape
		layer model.Layer
		want  string
	}{
		{model.Features(6), model.SelfAttention{Heads: 2}, "needs a sequence of vectors"},
		{sequence, model.SelfAttention{}, "has 0 heads for vectors of 6 numbers"},
		{sequence, model.SelfAttention{Heads: 4}, "has 4 heads for vectors of 6 numbers: the heads must divide them equally"},
		{sequence, model.SelfAttention{Heads: 2, Rotary: 10000}, "heads of 3 numbers, which rotary positions cannot pair"},
		{sequence, model.SelfAttention{Heads: 3, Rotary: 1}, "base 1, want a number above 1"},
		{sequence, model.SelfAttention{Heads: 3, Rotary: nan}, "base NaN"},
		{sequence, model.SelfAttention{Heads: 3, Rotary: inf}, "base +Inf"},
		{model.Features(6), model.LearnedPositions{}, "needs a sequence of vectors"},
		{model.Features(6), model.SinusoidalPositions{}, "needs a sequence of vectors"},
		{model.Sequence(3, 5), model.SinusoidalPositions{}, "needs vectors of an even size"},
		{model.Image(2, 2, 1), model.SwiGLU{Units: 3}, "put Flatten before it"},
		{sequence, model.SwiGLU{}, "has 0 units, want at least 1"},
		{model.Features(6), model.TransformerBlock{Heads: 2, Units: 3}, "needs a sequence of vectors"},
		{sequence, model.TransformerBlock{Units: 3}, "layer 1 (SelfAttention): has 0 heads"},
		{sequence, model.TransformerBlock{Heads: 2}, "layer 1 (Dense): has 0 units"},
		{sequence, model.TransformerBlock{Heads: 2, Units: 3, Dropout: 1}, "has Rate 1, want 0 ≤ Rate < 1"},
	} {
		if _, err := model.NewNetwork(c.input, 1, c.layer); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error is %v, want one about %q", c.layer, err, c.want)
		}
	}
}
