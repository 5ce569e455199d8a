package model_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/model"
)

func built[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func netOf(input model.Shape, layers ...model.Layer) *model.Network {
	return built(model.NewNetwork(input, 1, layers...))
}

// runs makes the benchmarks of a model with n rows of data: what it predicts, and the
// two halves of a step of training.
func runs(build func(n int) model.Model, data func(n int, r *rand.Rand) mat.Matrix) (predict, forward, backward func(n int) func()) {
	prepare := func(n int) (m model.Model, x mat.Matrix, y *mat.Dense) {
		m, x = build(n), data(n, rand.New(rand.NewPCG(uint64(n), 1)))
		_, outputs := m.Dims()
		return m, x, mat.NewDense(n, outputs, nil)
	}
	predict = func(n int) func() {
		m, x, y := prepare(n)
		return func() { m.Predict(y, x) }
	}
	forward = func(n int) func() {
		m, x, y := prepare(n)
		return func() { m.Forward(y, x) }
	}
	backward = func(n int) func() {
		m, x, y := prepare(n)
		m.Forward(y, x)
		grad := make([]float64, len(m.Params()))
		return func() { m.Backward(grad, y) }
	}
	return predict, forward, backward
}

// timedLinear has 20 inputs and three outputs; timedNetwork has a hidden layer, too.
func timedLinear(int) model.Model { return model.NewSoftmax(20, 3) }

func timedNetwork(int) model.Model {
	return netOf(model.Features(20), model.Dense{Units: 32}, model.ReLU{}, model.Dense{Units: 3})
}

// timedFactorization has a tenth as many users as rows, and a tenth as many items.
func timedFactorization(n int) model.Model {
	return model.NewMatrixFactorization(max(2, n/10), max(2, n/10), 8, 1)
}

func pairs(n int, r *rand.Rand) mat.Matrix { return ids(2, max(2, n/10))(n, r) }

// checks makes a benchmark of looking at n rows of three tokens.
func checks(c model.InputChecker) func(n int) func() {
	return func(n int) func() {
		x := ids(3, 2)(n, rand.New(rand.NewPCG(1, 1)))
		return func() { built(0, c.CheckInput(x)) }
	}
}

// ofNetwork makes a benchmark of what is done with a network of 10n weights.
func ofNetwork(run func(n *model.Network)) func(n int) func() {
	return func(n int) func() {
		net := netOf(model.Features(10), model.Dense{Units: n})
		return func() { run(net) }
	}
}

// draws makes a benchmark of drawing n weights.
func draws(init model.Initializer) func(n int) func() {
	return func(n int) func() {
		w, r := make([]float64, n), rand.New(rand.NewPCG(1, 1))
		return func() { init(w, n, n, r) }
	}
}

// scores makes a benchmark of what is done with the scores of n tokens.
func scores(run func(z []float64, r *rand.Rand)) func(n int) func() {
	return func(n int) func() {
		r := rand.New(rand.NewPCG(1, 1))
		z := fill(1, n, r.NormFloat64).RawRowView(0)
		return func() { run(z, r) }
	}
}

// timedGPT sees 64 tokens of a vocabulary of 50.
func timedGPT() *model.Network {
	g := model.GPT{Vocabulary: 50, Context: 64, Size: 16, Blocks: 1, Heads: 2, Units: 32}
	return netOf(g.Input(), g.Layers()...)
}

func timedModels() timed.List {
	list := timed.List{}
	for name, m := range map[string]struct {
		build func(n int) model.Model
		data  func(n int, r *rand.Rand) mat.Matrix
	}{
		"Linear": {timedLinear, normal(20)}, "Network": {timedNetwork, normal(20)}, "MatrixFactorization": {timedFactorization, pairs},
	} {
		list[name+".Predict"], list[name+".Forward"], list[name+".Backward"] = runs(m.build, m.data)
	}
	add := func(name string, run func(n int) func()) { list[name] = run }
	add("Linear.Tangent", func(n int) func() {
		m, x, y := model.NewSoftmax(20, 3), normal(20)(n, rand.New(rand.NewPCG(1, 1))), mat.NewDense(n, 3, nil)
		m.Forward(y, x)
		v := fill(1, len(m.Params()), rand.New(rand.NewPCG(1, 2)).NormFloat64).RawRowView(0)
		return func() { m.Tangent(y, v) }
	})
	add("Network.ForwardRows", func(n int) func() {
		r := rand.New(rand.NewPCG(1, 1))
		m, x, y, rows := timedNetwork(n).(*model.Network), fill(n, 20, r.NormFloat64), mat.NewDense(n, 3, nil), r.Perm(n)
		return func() { m.ForwardRows(y, x, rows) }
	})
	add("Network.BackwardNarrow", func(n int) func() {
		r := rand.New(rand.NewPCG(1, 1))
		m, err := model.NewNetwork32(model.Features(20), 1, model.Dense{Units: 8}, model.ReLU{}, model.Dense{Units: 3})
		if err != nil {
			panic(err)
		}
		x, y := fill(n, 20, r.NormFloat64), mat.NewDense(n, 3, nil)
		m.Forward(y, x)
		return func() { m.BackwardNarrow(y) }
	})
	add("CurvatureBound", func(n int) func() { // up to 21 passes
		m, x := model.NewLogistic(20), normal(20)(n, rand.New(rand.NewPCG(1, 1)))
		return func() { model.CurvatureBound(m, x) }
	})
	list["Linear.CurvatureBound"] = func(n int) func() {
		m, x := model.NewLinear(20, 1), counts(20)(n, rand.New(rand.NewPCG(1, 1)))
		return func() { m.CurvatureBound(x) }
	}
	add("Probabilities", func(n int) func() {
		m, x := timedLinear(n), normal(20)(n, rand.New(rand.NewPCG(1, 1)))
		return func() { model.Probabilities(m, x) }
	})
	add("Classes", func(n int) func() {
		m, x := timedLinear(n), normal(20)(n, rand.New(rand.NewPCG(1, 1)))
		return func() { model.Classes(m, x) }
	})
	add("Network.CheckInput", checks(netOf(model.Features(3), model.Embedding{Vocabulary: 2, Size: 2})))
	add("Network.PaddingOnly", func(n int) func() {
		m, x := netOf(model.Features(3), model.NewEmbedding(2, 2)), mat.NewDense(n, 3, nil)
		x.Apply(func(int, int, float64) float64 { return -1 }, x)
		return func() { m.PaddingOnly(x) }
	})
	add("Embedding.CheckInput", checks(model.NewEmbedding(2, 2)))
	add("MeanEmbedding.CheckInput", checks(model.MeanEmbedding{Vocabulary: 2, Size: 2}))
	add("MatrixFactorization.CheckInput", func(n int) func() {
		m, x := model.NewMatrixFactorization(10, 10, 2, 1), ids(2, 10)(n, rand.New(rand.NewPCG(1, 1)))
		return func() { built(0, m.CheckInput(x)) }
	})

	// n weights, or 10n.
	for name, init := range map[string]model.Initializer{
		"HeNormal": model.HeNormal, "HeUniform": model.HeUniform, "GlorotNormal": model.GlorotNormal, "GlorotUniform": model.GlorotUniform,
		"LeCunNormal": model.LeCunNormal, "LeCunUniform": model.LeCunUniform, "Zeros": model.Zeros, "Normal": model.Normal(0.02),
	} {
		add(name, draws(init))
	}
	add("NewNetwork", func(n int) func() { return func() { netOf(model.Features(10), model.Dense{Units: n}) } })
	add("NewNetwork32", func(n int) func() {
		return func() { built(model.NewNetwork32(model.Features(10), 1, model.Dense{Units: n})) }
	})
	add("Network.Init", ofNetwork(func(n *model.Network) { n.Init(1) }))
	add("Network.Clone", ofNetwork(func(n *model.Network) { n.Clone() }))
	add("Network.LoRA", ofNetwork(func(n *model.Network) { built(n.LoRA(2, 2, 1)) }))
	add("Network.Merge", func(n int) func() {
		lora := built(netOf(model.Features(10), model.Dense{Units: n}).LoRA(2, 2, 1))
		return func() { built(lora.Merge()) }
	})
	add("NewLinear", func(n int) func() { return func() { model.NewLinear(n, 10) } })
	add("NewLinearNoIntercept", func(n int) func() { return func() { model.NewLinearNoIntercept(n, 10) } })
	add("NewSoftmax", func(n int) func() { return func() { model.NewSoftmax(n, 10) } })
	add("NewLogistic", func(n int) func() { return func() { model.NewLogistic(n) } })
	add("Linear.Init", func(n int) func() { m := model.NewSoftmax(n, 10); return func() { m.Init(1) } })
	add("Linear.Clone", func(n int) func() { m := model.NewSoftmax(n, 10); return func() { m.Clone() } })
	add("NewMatrixFactorization", func(n int) func() { return func() { model.NewMatrixFactorization(n, 10, 4, 1) } })
	add("MatrixFactorization.Init", func(n int) func() { m := model.NewMatrixFactorization(n, 10, 4, 1); return func() { m.Init(1) } })
	add("MatrixFactorization.Clone", func(n int) func() { m := model.NewMatrixFactorization(n, 10, 4, 1); return func() { m.Clone() } })
	add("Network.ResetState", func(n int) func() {
		m := netOf(model.Sequence(2, 2), model.SimpleRNN{Units: 4, Carry: n})
		return func() { m.ResetState() }
	})

	// n tokens, of a text or of a vocabulary.
	add("Softmax", scores(func(z []float64, _ *rand.Rand) { model.Softmax(make([]float64, len(z)), z) }))
	sampler := model.Sampler{Temperature: 0.8, TopK: 40, TopP: 0.9}
	add("Sampler.Probabilities", scores(func(z []float64, _ *rand.Rand) { built(sampler.Probabilities(z)) }))
	add("Sampler.Sample", scores(func(z []float64, r *rand.Rand) { built(sampler.Sample(z, r)) }))
	add("Generate", func(n int) func() { // a tenth of n tokens
		m := timedGPT()
		return func() { built(model.Generate(m, []int{1}, n/10, sampler, 1)) }
	})
	add("GenerateSeq", func(n int) func() {
		m := timedGPT()
		return func() {
			left := n / 10
			for range model.GenerateSeq(m, []int{1}, sampler, 1) {
				if left--; left <= 0 {
					break
				}
			}
		}
	})
	add("Decoder.Next", func(n int) func() { // a tenth of n tokens
		d := built(model.NewDecoder(timedGPT()))
		return func() {
			for i := range n / 10 {
				if i%64 == 0 {
					d.Reset()
				}
				built(d.Next(i % 50))
			}
		}
	})
	add("NewDecoder", func(n int) func() { // copies what it reads of θ
		g := model.GPT{Vocabulary: n, Context: 8, Size: 4, Blocks: 1, Heads: 1, Units: 4}
		m := netOf(g.Input(), g.Layers()...)
		return func() { built(model.NewDecoder(m)) }
	})
	return list
}

// BenchmarkModels is at three numbers of rows, of weights or of tokens.
func BenchmarkModels(b *testing.B) { timedModels().Run(b) }

// timedLayers has a step of training of a network of one layer with 8 numbers at each
// of n positions: of rows, of tokens in texts of 16, or of pixels in pictures of 8×8.
func timedLayers() timed.List {
	list := timed.List{}
	add := func(name string, positions int, input model.Shape, data func(int) func(int, *rand.Rand) mat.Matrix, layers ...model.Layer) {
		list[name] = func(n int) func() {
			m := netOf(input, layers...)
			rows := max(1, n/positions)
			x := data(input.Size())(rows, rand.New(rand.NewPCG(1, 1)))
			_, outputs := m.Dims()
			y, grad := mat.NewDense(rows*m.Tokens(), outputs, nil), make([]float64, len(m.Params()))
			return func() {
				m.Forward(y, x)
				m.Backward(grad, y)
			}
		}
	}
	tokens := func(cols int) func(int, *rand.Rand) mat.Matrix { return ids(cols, 50) }
	features, text, picture := model.Features(8), model.Sequence(16, 8), model.Image(8, 8, 8)
	dense := model.Dense{Units: 8}
	for name, l := range map[string]model.Layer{
		"ReLU": model.ReLU{}, "LeakyReLU": model.NewLeakyReLU(), "ELU": model.NewELU(), "GELU": model.GELU{}, "SiLU": model.SiLU{},
		"Tanh": model.Tanh{}, "SigmoidLayer": model.SigmoidLayer{}, "SoftmaxLayer": model.SoftmaxLayer{},
		"Dense": dense, "Dropout": model.Dropout{Rate: 0.5}, "GaussianNoise": model.GaussianNoise{Sigma: 0.1},
		"BatchNorm": model.NewBatchNorm(), "LayerNorm": model.NewLayerNorm(), "RMSNorm": model.NewRMSNorm(),
		"SwiGLU": model.SwiGLU{Units: 8}, "EmbeddingBag": model.EmbeddingBag{Size: 8},
		"Residual": model.Residual{dense}, "LoRA": model.LoRA{Layer: dense, Rank: 2, Alpha: 1}, "Frozen": model.Frozen{Layer: dense},
	} {
		add(name, 1, features, positive, l)
	}
	for name, l := range map[string]model.Layer{
		"SelfAttention": model.SelfAttention{Heads: 2}, "TransformerBlock": model.TransformerBlock{Heads: 2, Units: 16},
		"LearnedPositions": model.LearnedPositions{}, "SinusoidalPositions": model.SinusoidalPositions{},
		"SimpleRNN": model.SimpleRNN{Units: 8}, "LSTM": model.LSTM{Units: 8}, "GRU": model.GRU{Units: 8},
		"Conv1D": model.Conv1D{Filters: 8, Kernel: 3}, "LastToken": model.LastToken{}, "MeanTokens": model.MeanTokens{},
	} {
		add(name, 16, text, normal, l)
	}
	for name, l := range map[string]model.Layer{
		"Conv2D": model.Conv2D{Filters: 8, Kernel: 3, Padding: 1}, "MaxPool": model.MaxPool{Size: 2}, "AvgPool": model.AvgPool{Size: 2},
		"Flatten": model.Flatten{},
	} {
		add(name, 64, picture, normal, l)
	}
	embedding := model.Embedding{Vocabulary: 50, Size: 8}
	add("Embedding", 16, model.Tokens(16), tokens, embedding)
	add("MeanEmbedding", 16, model.Features(16), tokens, model.MeanEmbedding{Vocabulary: 50, Size: 8})
	add("Unembedding", 16, model.Tokens(16), tokens, embedding, model.Unembedding{})
	return list
}

// BenchmarkLayers is at three numbers of positions.
func BenchmarkLayers(b *testing.B) { timedLayers().Run(b) }

// TestEveryModelIsTimed: what a model does with rows, weights or tokens, and every
// layer, has a benchmark at three sizes.
func TestEveryModelIsTimed(t *testing.T) {
	models, layers := timedModels(), timedLayers()
	models.Check(t,
		".Dims", ".Params", ".Affine", ".Intercept", ".Weights", ".Share", ".Buffers", ".Param", "Param", "Network.Rounded", // views
		".Layout", ".Layers", "Network.Shapes", "Network.Summary", "Network.GPT2", "Network.Carry", "Network.KeepRounded", // of layers
		"Network.Tokens", ".HasIntercept", "Decoder.Len", "Decoder.Reset", ".Seed", "Sigmoid", // numbers
		"Linear.BackwardTangent",                    // is Backward
		"NewGPT", "NewLlama", "GPT", "NewEmbedding", // settings
		"Features", "Tokens", "Sequence", "Image", "Shape",
	)
	layers.CheckTypes(t, "layer")
	models.Once()
	layers.Once()
}
