package model_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

func ExampleLastToken() {
	net, _ := model.NewNetwork(model.Tokens(3), 1, model.NewEmbedding(3, 2), model.LastToken{})
	copy(net.Params(), []float64{0, 0, 1, 10, 2, 20}) // words 0, 1, 2
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 3, []float64{2, 1, -1}))
	fmt.Println(y.RawRowView(0))
	// Output: [1 10]
}

func ExampleMeanTokens() {
	net, _ := model.NewNetwork(model.Tokens(3), 1, model.NewEmbedding(3, 2), model.MeanTokens{})
	copy(net.Params(), []float64{0, 0, 1, 10, 2, 20})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 3, []float64{2, 1, -1}))
	fmt.Println(y.RawRowView(0))
	// Output: [1.5 15]
}

// The vectors of the words are the weights of the output.
func ExampleUnembedding() {
	net, _ := model.NewNetwork(model.Tokens(2), 1,
		model.Embedding{Vocabulary: 3, Size: 2, Padding: -1, Init: model.Normal(0.02)}, model.Unembedding{})
	fmt.Print(net.Summary())
	// Output:
	// layer          output  parameters
	// input          2
	// 0 Embedding    2×2              6
	// 1 Unembedding  2×3              0
	// total                           6
}

func ExampleRMSNorm() {
	net, _ := model.NewNetwork(model.Features(2), 1, model.NewRMSNorm())
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 2, []float64{3, 4}))
	fmt.Printf("%.4f\n", y.RawRowView(0))
	// Output: [0.8485 1.1314]
}

// A network that reads a text token by token and gives a score to each word that may
// come next.
func ExampleLSTM() {
	net, _ := model.NewNetwork(model.Tokens(5), 1,
		model.NewEmbedding(20, 8), model.LSTM{Units: 16}, model.LSTM{Units: 16}, model.Dense{Units: 20})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(2, 5, []float64{3, 1, 4, 1, 5, 9, 2, -1, -1, -1}))
	fmt.Println(y.Dims())
	fmt.Print(net.Summary())
	// Output:
	// 10 20
	// layer        output  parameters
	// input        5
	// 0 Embedding  5×8            160
	// 1 LSTM       5×16          1664
	// 2 LSTM       5×16          2176
	// 3 Dense      5×20           340
	// total                      4340
}

// A text is classified by the state at its end.
func ExampleGRU() {
	net, _ := model.NewNetwork(model.Tokens(4), 1,
		model.NewEmbedding(20, 8), model.GRU{Units: 6}, model.LastToken{}, model.Dense{Units: 1})
	x := mat.NewDense(2, 4, []float64{3, 1, 4, -1, -1, 3, 1, 4}) // the same text
	p := model.Probabilities(net, x)
	fmt.Println(p.Dims())
	fmt.Println(p.At(0, 0) == p.At(1, 0))
	// Output:
	// 2 1
	// true
}

// Three steps by hand: h = tanh(x + h/2), h = 0 at first.
func ExampleSimpleRNN() {
	net, _ := model.NewNetwork(model.Sequence(3, 1), 1, model.SimpleRNN{Units: 1})
	copy(net.Params(), []float64{1, 0.5, 0, 0}) // W_ih, W_hh and the biases
	var h mat.Dense
	net.Predict(&h, mat.NewDense(1, 3, []float64{1, 0, 0}))
	fmt.Printf("%.4f %.4f %.4f\n", h.At(0, 0), h.At(1, 0), h.At(2, 0))
	// Output: 0.7616 0.3634 0.1797
}

// The difference from the token before, which does not see the future.
func ExampleConv1D() {
	net, _ := model.NewNetwork(model.Sequence(4, 1), 1, model.Conv1D{Filters: 1, Kernel: 2, Causal: true, NoBias: true})
	copy(net.Params(), []float64{-1, 1})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 4, []float64{3, 4, 6, 6}))
	fmt.Println(y.RawMatrix().Data)
	// Output: [3 1 2 0]
}
