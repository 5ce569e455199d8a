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
