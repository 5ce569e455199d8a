package model_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// With W = [I I I] the queries, keys and values are the vectors themselves: a token
// takes most from those that are like it.
func ExampleSelfAttention() {
	net, _ := model.NewNetwork(model.Sequence(3, 2), 1, model.SelfAttention{Heads: 1, Causal: true, NoBias: true})
	copy(net.Param("0.selfattention.qkv.weights"), []float64{
		1, 0, 1, 0, 1, 0,
		0, 1, 0, 1, 0, 1,
	})
	copy(net.Param("0.selfattention.output.weights"), []float64{
		1, 0,
		0, 1,
	})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 6, []float64{3, 0, 0, 3, 3, 0}))
	fmt.Printf("%.2f\n", mat.Formatted(&y))
	// Output:
	// ⎡3.00  0.00⎤
	// ⎢0.01  2.99⎥
	// ⎣3.00  0.00⎦
}

func ExampleLearnedPositions() {
	net, _ := model.NewNetwork(model.Tokens(2), 1, model.NewEmbedding(3, 1), model.LearnedPositions{})
	copy(net.Param("0.embedding.weights"), []float64{10, 20, 30})
	copy(net.Param("1.learnedpositions.weights"), []float64{1, 2})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(2, 2, []float64{0, 2, 2, 0}))
	fmt.Println(y.RawMatrix().Data) // the order counts
	// Output: [11 32 31 12]
}

func ExampleSinusoidalPositions() {
	net, _ := model.NewNetwork(model.Sequence(3, 2), 1, model.SinusoidalPositions{})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 6, nil))
	fmt.Printf("%.2f\n", mat.Formatted(&y)) // sin t and cos t
	// Output:
	// ⎡ 0.00   1.00⎤
	// ⎢ 0.84   0.54⎥
	// ⎣ 0.91  -0.42⎦
}

func ExampleSwiGLU() {
	net, _ := model.NewNetwork(model.Features(1), 1, model.SwiGLU{Units: 1})
	copy(net.Params(), []float64{5, 2, 1}) // gate, up, down
	for _, x := range []float64{-1, 0, 1} {
		var y mat.Dense
		net.Predict(&y, mat.NewDense(1, 1, []float64{x}))
		fmt.Printf("%.2f ", y.At(0, 0)) // the gate is almost shut at −1 and open at 1
	}
	fmt.Println()
	// Output: 0.07 0.00 9.93
}

// A block, and the layers that it consists of.
func ExampleTransformerBlock() {
	block := model.TransformerBlock{Heads: 2, Units: 16, Causal: true}
	net, _ := model.NewNetwork(model.Tokens(8), 1, model.NewEmbedding(10, 4), block, model.Dense{Units: 10})
	fmt.Print(net.Summary())
	// Output:
	// layer                output  parameters
	// input                8
	// 0 Embedding          8×4             40
	// 1 TransformerBlock   8×4            244
	//   0 Residual         8×4             88
	//     0 LayerNorm      8×4              8
	//     1 SelfAttention  8×4             80
	//   1 Residual         8×4            156
	//     0 LayerNorm      8×4              8
	//     1 Dense          8×16            80
	//     2 GELU           8×16             0
	//     3 Dense          8×4             68
	// 2 Dense              8×10            50
	// total                               334
}

func ExampleSampler() {
	scores := []float64{math.Log(6), math.Log(3), math.Log(1)}
	for _, s := range []model.Sampler{
		model.NewSampler(), {Temperature: 0.5, TopP: 1}, {Temperature: 1, TopK: 2, TopP: 1}, {Temperature: 0, TopP: 1},
	} {
		p, _ := s.Probabilities(scores)
		fmt.Printf("%.2f\n", p)
	}
	token, err := model.Sampler{Temperature: 0, TopP: 1}.Sample(scores, rand.New(rand.NewPCG(1, 2)))
	fmt.Println(token, err)
	// Output:
	// [0.60 0.30 0.10]
	// [0.78 0.20 0.02]
	// [0.67 0.33 0.00]
	// [1.00 0.00 0.00]
	// 0 <nil>
}

// A Decoder has the scores of Predict, one token at a time.
func ExampleDecoder() {
	gpt := model.NewGPT(10, 4)
	gpt.Size, gpt.Blocks, gpt.Units = 8, 1, 16
	net, _ := model.NewNetwork(gpt.Input(), 1, gpt.Layers()...)
	var whole mat.Dense
	net.Predict(&whole, mat.NewDense(1, 4, []float64{3, 1, 4, 1}))
	d, err := model.NewDecoder(net)
	if err != nil {
		fmt.Println(err)
		return
	}
	for t, token := range []int{3, 1, 4, 1} {
		scores, err := d.Next(token)
		fmt.Println(math.Abs(scores[7]-whole.At(t, 7)) < 1e-12, err)
	}
	_, err = d.Next(5)
	fmt.Println(err)
	// Output:
	// true <nil>
	// true <nil>
	// true <nil>
	// true <nil>
	// model: the network sees at most 4 tokens: Reset, and begin with the last of them
}

// A network that is trained already gets thin matrices to train, and becomes one of
// the same size again.
func ExampleLoRA() {
	net, _ := model.NewNetwork(model.Features(100), 1, model.Dense{Units: 50}, model.ReLU{}, model.Dense{Units: 10})
	tuned, err := net.LoRA(2, 4, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(net.Params()), len(tuned.Params()))
	for _, p := range tuned.Layout() {
		fmt.Println(p.Name, p.Shape)
	}
	// … train.Fit(ctx, tuned, …)
	merged, err := tuned.Merge()
	fmt.Println(len(merged.Params()), err)
	// Output:
	// 5560 420
	// 0.dense.lora.a [100 2]
	// 0.dense.lora.b [2 50]
	// 2.dense.lora.a [50 2]
	// 2.dense.lora.b [2 10]
	// 5560 <nil>
}

func ExampleFrozen() {
	net, _ := model.NewNetwork(model.Features(3), 1, model.Frozen{Layer: model.Dense{Units: 5}}, model.Tanh{}, model.Dense{Units: 2})
	for _, p := range net.Layout() {
		fmt.Println(p.Name) // what training changes
	}
	for name, v := range net.Buffers() {
		fmt.Println(name, len(v)) // what stays
	}
	// Output:
	// 2.dense.weights
	// 2.dense.biases
	// 0.dense.weights 15
	// 0.dense.biases 5
}
