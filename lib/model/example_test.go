package model_test

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// show prints what layers do to one sample in evaluation.
func show(input model.Shape, x []float64, layers ...model.Layer) {
	net, err := model.NewNetwork(input, 1, layers...)
	if err != nil {
		fmt.Println(err)
		return
	}
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, len(x), x))
	fmt.Printf("%.3g\n", y.RawRowView(0))
}

func Example() {
	net, err := model.NewNetwork(model.Image(8, 8, 1), 1,
		model.Conv2D{Filters: 8, Kernel: 3, Padding: 1}, model.ReLU{},
		model.MaxPool{Size: 2}, model.Flatten{},
		model.Dense{Units: 32}, model.ReLU{}, model.Dropout{Rate: 0.5},
		model.Dense{Units: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(net.Summary())
	// Output:
	// layer      output  parameters
	// input      1×8×8
	// 0 Conv2D   8×8×8           80
	// 1 ReLU     8×8×8            0
	// 2 MaxPool  8×4×4            0
	// 3 Flatten  128              0
	// 4 Dense    32            4128
	// 5 ReLU     32               0
	// 6 Dropout  32               0
	// 7 Dense    10             330
	// total                    4538
}

func ExampleNetwork() {
	// The exclusive or, which no line separates, with weights set by hand.
	net, _ := model.NewNetwork(model.Features(2), 1,
		model.Dense{Units: 2}, model.ReLU{}, model.Dense{Units: 1})
	copy(net.Params(), []float64{
		1, 1, 1, 1, // weights: both units add the inputs
		0, -1, //      biases: the second unit waits for both
		1, -2, 0, //   one, but not both
	})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(4, 2, []float64{0, 0, 0, 1, 1, 0, 1, 1}))
	fmt.Println(mat.Col(nil, 0, &y))

	// ∂L/∂θ for ∂L/∂f = 1 in the last sample.
	y.Reset()
	net.Forward(&y, mat.NewDense(1, 2, []float64{1, 1}))
	grad := make([]float64, len(net.Params()))
	net.Backward(grad, mat.NewDense(1, 1, []float64{1}))
	for _, p := range net.Layout() {
		fmt.Println(p.Name, p.Shape, p.In(grad))
	}
	// Output:
	// [0 1 1 0]
	// 0.dense.weights [2 2] [1 -2 1 -2]
	// 0.dense.biases [2] [1 -2]
	// 2.dense.weights [2 1] [2 1]
	// 2.dense.biases [1] [1]
}

func ExampleNewNetwork_error() {
	_, err := model.NewNetwork(model.Image(4, 4, 1), 1,
		model.MaxPool{Size: 2}, model.Conv2D{Filters: 8, Kernel: 3})
	fmt.Println(err)
	// Output:
	// model: layer 1 (Conv2D): its kernel of 3×3 does not fit on an image of 2×2 pixels with padding 0: use a smaller kernel or more padding
}

func ExampleLinear() {
	l := model.NewLinear(2, 1)
	copy(l.Params(), []float64{10, 1, 2}) // ŷ = 10 + x₁ + 2x₂
	var y mat.Dense
	x := mat.NewDense(2, 2, []float64{1, 1, 3, 4})
	l.Predict(&y, x)
	fmt.Println(mat.Col(nil, 0, &y))
	fmt.Printf("with squared error, rates below %.3f are stable\n", 2/(2*l.CurvatureBound(x)))
	// Output:
	// [13 21]
	// with squared error, rates below 0.070 are stable
}

func ExampleProbabilities() {
	l := model.NewLogistic(1)
	copy(l.Params(), []float64{0, 1})
	p := model.Probabilities(l, mat.NewDense(3, 1, []float64{-2, 0, 2}))
	fmt.Printf("%.2f\n", mat.Col(nil, 0, p))
	// Output: [0.12 0.50 0.88]
}

func ExampleClasses() {
	l := model.NewSoftmax(1, 3)
	copy(l.Params(), []float64{0, 1, 0, 1, 0, -1}) // intercepts, then weights
	fmt.Println(model.Classes(l, mat.NewDense(3, 1, []float64{-5, 0, 5})))
	// Output: [2 1 0]
}

func ExampleMatrixFactorization() {
	m := model.NewMatrixFactorization(2, 2, 1, 1)
	for _, p := range m.Layout() {
		fmt.Println(p.Name, p.Shape)
	}
	copy(m.Params(), []float64{
		3,    // mean rating
		1, 0, // user 0 is generous
		0, -1, // item 1 is disliked
		2, -1, // tastes of the users
		0.5, -0.5, // what the items offer
	})
	var ratings mat.Dense
	m.Predict(&ratings, mat.NewDense(2, 2, []float64{0, 0, 1, 1}))
	fmt.Println(mat.Col(nil, 0, &ratings))
	// Output:
	// mean [1]
	// user.biases [2]
	// item.biases [2]
	// user.factors [2 1]
	// item.factors [2 1]
	// [5 2.5]
}

func ExampleShape() {
	fmt.Println(model.Image(28, 28, 3), model.Image(28, 28, 3).Size(), model.Features(64))
	// Output: 3×28×28 2352 64
}

func ExampleParam() {
	for _, p := range model.NewLinear(3, 1).Layout() {
		fmt.Println(p.Name, "at", p.Offset, "size", p.Size(), "penalised", p.Decay)
	}
	// Output:
	// intercept at 0 size 1 penalised false
	// weights at 1 size 3 penalised true
}

func ExampleInitializer() {
	ones := func(w []float64, fanIn, fanOut int, _ *rand.Rand) {
		for i := range w {
			w[i] = 1 / float64(fanIn)
		}
	}
	show(model.Features(4), []float64{1, 2, 3, 6}, model.Dense{Units: 1, Init: ones})
	// Output: [3]
}

func ExampleDense() {
	net, _ := model.NewNetwork(model.Features(2), 1, model.Dense{Units: 3})
	copy(net.Params(), []float64{1, 2, 3, 4, 5, 6, 0.5, 0, 0}) // W, then b
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 2, []float64{1, 10}))
	fmt.Println(y.RawRowView(0))
	// Output: [41.5 52 63]
}

func ExampleConv2D() {
	// A filter that looks for an edge with light on its right.
	net, _ := model.NewNetwork(model.Image(3, 4, 1), 1, model.Conv2D{Filters: 1, Kernel: 2})
	copy(net.Params(), []float64{-1, 1, -1, 1, 0})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 12, []float64{
		0, 0, 1, 1,
		0, 0, 1, 1,
		0, 0, 0, 1,
	}))
	fmt.Println(mat.Formatted(mat.NewDense(2, 3, y.RawRowView(0))))
	// Output:
	// ⎡0  2  0⎤
	// ⎣0  1  1⎦
}

var picture = []float64{
	1, 2, 0, 0,
	3, 4, 0, 8,
}

func ExampleMaxPool() {
	show(model.Image(2, 4, 1), picture, model.MaxPool{Size: 2})
	// Output: [4 8]
}

func ExampleAvgPool() {
	show(model.Image(2, 4, 1), picture, model.AvgPool{Size: 2})
	// Output: [2.5 2]
}

func ExampleFlatten() {
	net, _ := model.NewNetwork(model.Image(8, 8, 3), 1, model.Flatten{}, model.Dense{Units: 10})
	fmt.Println(net.Layout()[0].Shape)
	// Output: [192 10]
}

func ExampleBatchNorm() {
	net, _ := model.NewNetwork(model.Features(1), 1, model.NewBatchNorm())
	var y mat.Dense
	net.Forward(&y, mat.NewDense(2, 1, []float64{10, 30})) // statistics of this batch
	fmt.Printf("%.3f\n", mat.Col(nil, 0, &y))
	for name, v := range net.Buffers() {
		fmt.Printf("%s %.3g\n", name, v)
	}
	// Output:
	// [-1.000 1.000]
	// 0.batchnorm.mean [2]
	// 0.batchnorm.variance [20.9]
}

func ExampleLayerNorm() {
	show(model.Features(4), []float64{1, 1, 5, 5}, model.NewLayerNorm())
	// Output: [-1 -1 1 1]
}

func ExampleDropout() {
	net, _ := model.NewNetwork(model.Features(8), 1, model.Dropout{Rate: 0.5})
	x := mat.NewDense(1, 8, []float64{1, 1, 1, 1, 1, 1, 1, 1})
	var y mat.Dense
	net.Seed(1, 0)
	net.Forward(&y, x)
	fmt.Println(y.RawRowView(0))
	net.Predict(&y, x)
	fmt.Println(y.RawRowView(0))
	// Output:
	// [0 2 2 0 0 2 2 2]
	// [1 1 1 1 1 1 1 1]
}

func ExampleGaussianNoise() {
	net, _ := model.NewNetwork(model.Features(3), 1, model.GaussianNoise{Sigma: 0.1})
	x := mat.NewDense(1, 3, []float64{1, 2, 3})
	var y mat.Dense
	net.Forward(&y, x)
	fmt.Println(mat.EqualApprox(&y, x, 0.5), mat.Equal(&y, x))
	// Output: true false
}

func ExampleEmbedding() {
	net, _ := model.NewNetwork(model.Features(3), 1, model.Embedding{Vocabulary: 3, Size: 2})
	copy(net.Params(), []float64{0, 0, 1, 10, 2, 20}) // words 0, 1, 2; 0 is padding
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 3, []float64{2, 1, 0}))
	fmt.Println(mat.Formatted(&y)) // a row for each word
	// Output:
	// ⎡ 2  20⎤
	// ⎢ 1  10⎥
	// ⎣ 0   0⎦
}

func ExampleMeanEmbedding() {
	net, _ := model.NewNetwork(model.Features(3), 1, model.MeanEmbedding{Vocabulary: 3, Size: 2})
	copy(net.Params(), []float64{0, 0, 1, 10, 2, 20})
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 3, []float64{2, 1, 0}))
	fmt.Println(y.RawRowView(0))
	fmt.Println(net.CheckInput(mat.NewDense(1, 3, []float64{2, 7, 0})))
	// Output:
	// [1.5 15]
	// model: row 0, column 1 has the id 7, want a whole number from 0 to 2: give what is unknown an id of its own, or make room for more
}

func ExampleEmbeddingBag() {
	net, _ := model.NewNetwork(model.Features(3), 1, model.EmbeddingBag{Size: 2})
	copy(net.Params(), []float64{0, 0, 1, 10, 2, 20})
	var y mat.Dense
	net.Predict(&y, sparse.FromDense(mat.NewDense(1, 3, []float64{0, 3, 1}))) // word 1 three times
	fmt.Println(y.RawRowView(0))
	// Output: [1.25 12.5]
}

func ExampleResidual() {
	// Its last layer starts at 0, so that the block starts as the identity.
	show(model.Features(2), []float64{3, -4}, model.Residual{
		model.Dense{Units: 8}, model.ReLU{}, model.Dense{Units: 2, Init: model.Zeros},
	})
	// Output: [3 -4]
}

func ExampleReLU() {
	show(model.Features(3), []float64{-2, 0, 2}, model.ReLU{})
	// Output: [0 0 2]
}

func ExampleLeakyReLU() {
	show(model.Features(3), []float64{-2, 0, 2}, model.LeakyReLU{Slope: 0.1})
	// Output: [-0.2 0 2]
}

func ExampleELU() {
	show(model.Features(3), []float64{-2, 0, 2}, model.NewELU())
	// Output: [-0.865 0 2]
}

func ExampleGELU() {
	show(model.Features(3), []float64{-2, 0, 2}, model.GELU{})
	// Output: [-0.0455 0 1.95]
}

func ExampleSiLU() {
	show(model.Features(3), []float64{-2, 0, 2}, model.SiLU{})
	// Output: [-0.238 0 1.76]
}

func ExampleTanh() {
	show(model.Features(3), []float64{-2, 0, 2}, model.Tanh{})
	// Output: [-0.964 0 0.964]
}

func ExampleSigmoidLayer() {
	show(model.Features(3), []float64{-2, 0, 2}, model.SigmoidLayer{})
	// Output: [0.119 0.5 0.881]
}

func ExampleSoftmaxLayer() {
	show(model.Features(3), []float64{0, 1, 2}, model.SoftmaxLayer{})
	// Output: [0.09 0.245 0.665]
}

func ExampleStateful() {
	net, _ := model.NewNetwork(model.Features(8), 1, model.Dropout{Rate: 0.5})
	x := mat.NewDense(1, 8, []float64{1, 2, 3, 4, 5, 6, 7, 8})
	var first, again mat.Dense
	for range 3 {
		net.Forward(&first, x)
	}
	net.Seed(1, 2) // the third step once more
	net.Forward(&again, x)
	fmt.Println(mat.Equal(&first, &again))
	// Output: true
}

func ExampleStateful_buffers() {
	net, _ := model.NewNetwork(model.Features(2), 1, model.NewBatchNorm())
	saved := map[string][]float64{"0.batchnorm.mean": {1, 2}, "0.batchnorm.variance": {4, 9}}
	for name, v := range net.Buffers() {
		copy(v, saved[name])
	}
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 2, []float64{3, 5}))
	fmt.Printf("%.3f\n", y.RawRowView(0))
	// Output: [1.000 1.000]
}

func ExampleLinear_Clone() {
	l := model.NewLinear(1, 1)
	c := l.Clone()
	c.Params()[0] = 5
	fmt.Println(l.Params(), c.Params())
	// Output: [0 0] [5 0]
}

func ExampleInputChecker() {
	var m model.Model = model.NewMatrixFactorization(3, 5, 2, 1)
	if c, ok := m.(model.InputChecker); ok {
		fmt.Println(c.CheckInput(mat.NewDense(1, 2, []float64{2, 4})))
	}
	// Output: <nil>
}

func ExampleNetwork_Param() {
	net, _ := model.NewNetwork(model.Features(2), 1, model.Dense{Units: 1}, model.Tanh{})
	copy(net.Param("0.dense.weights"), []float64{3, 4})
	fmt.Println(net.Params(), net.Param("1.tanh.weights"))
	// Output: [3 4 0] []
}

func ExampleNormal() {
	net, _ := model.NewNetwork(model.Features(1), 1, model.Embedding{Vocabulary: 5000, Size: 4, Padding: -1, Init: model.Normal(0.1)})
	fmt.Printf("%.2f\n", stat.StdDev(net.Params(), nil))
	// Output: 0.10
}

func ExampleNetwork_ForwardRows() {
	n, err := model.NewNetwork(model.Features(2), 1, model.Dense{Units: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(n.Params(), []float64{10, 1, 0}) // weights 10 and 1, bias 0
	x := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	var pred mat.Dense
	n.ForwardRows(&pred, x, []int{2, 0}) // a batch of two samples, the last one first
	fmt.Println(pred.RawMatrix().Data)
	// Output: [56 12]
}

func ExampleAffine() {
	var m model.Affine = model.NewLinear(2, 1)
	b, w := m.Affine(m.Params())
	b[0], w.Data[1] = 5, 7
	fmt.Println(m.Params())
	// Output: [5 0 7]
}

func ExampleCurvatureBound() {
	x := mat.NewDense(2, 1, []float64{1, 3})
	fmt.Printf("%.2f\n", model.CurvatureBound(model.NewLinearNoIntercept(1, 1), x)) // (1² + 3²)/2
	// Output: 5.00
}

func ExampleSharer() {
	m := model.NewLinear(1, 1)
	a, b := m.Share(), m.Share()
	a.Params()[1] = 2
	var pred mat.Dense
	b.Predict(&pred, mat.NewDense(1, 1, []float64{3}))
	fmt.Println(pred.At(0, 0))
	// Output: 6
}

// How the predictions move when the slope does.
func ExampleSecondOrder() {
	m := model.NewLinear(1, 1)
	x := mat.NewDense(3, 1, []float64{1, 2, 3})
	var f, moves mat.Dense
	m.Forward(&f, x)
	m.Tangent(&moves, []float64{0, 0.1})
	fmt.Printf("%.1f\n", moves.RawMatrix().Data)
	// Output: [0.1 0.2 0.3]
}
