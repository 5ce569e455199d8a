// Package networks holds the networks that make bench trains, for the side
// that trains them and for the driver that writes down their first weights. Each is
// made of layers, and those of pictures are written once more with lib/grad.
package networks

import (
	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/model"
)

// Seed is that of the first weights.
const Seed = 5

// A Build is model.NewNetwork or model.NewNetwork32.
type Build func(input model.Shape, seed uint64, layers ...model.Layer) (*model.Network, error)

// MLP is 784-128-10 with ReLU.
func MLP(build Build) (*model.Network, error) {
	return build(model.Features(784), Seed, model.Dense{Units: 128}, model.ReLU{}, model.Dense{Units: 10})
}

// LeNet is LeNet-5 as it is built today: ReLU for its sigmoids, and the largest
// of four in place of a trained mean. (LeCun et al., Gradient-Based Learning
// Applied to Document Recognition, 1998.)
func LeNet(build Build) (*model.Network, error) {
	return build(model.Image(28, 28, 1), Seed,
		model.Conv2D{Filters: 6, Kernel: 5, Padding: 2}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Conv2D{Filters: 16, Kernel: 5}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Flatten{},
		model.Dense{Units: 120}, model.ReLU{}, model.Dense{Units: 84}, model.ReLU{}, model.Dense{Units: 10})
}

// ResNet is a small one of nine layers with weights: three stages of half the size and
// twice the channels each, with a residual connection around two convolutions. (He,
// Zhang, Ren and Sun, Deep Residual Learning for Image Recognition, 2016.)
func ResNet(build Build) (*model.Network, error) {
	var layers []model.Layer
	for i, filters := range []int{16, 32, 64} {
		inner := model.Conv2D{Filters: filters, Kernel: 3, Padding: 1, NoBias: true}
		outer := inner
		outer.Stride = min(1+i, 2)
		layers = append(layers, outer, model.NewBatchNorm(), model.ReLU{},
			model.Residual{inner, model.NewBatchNorm(), model.ReLU{}, inner, model.NewBatchNorm()}, model.ReLU{})
	}
	layers = append(layers, model.AvgPool{Size: 8}, model.Flatten{}, model.Dense{Units: 10})
	return build(model.Image(32, 32, 3), Seed, layers...)
}

// Characters is how many the texts of LSTM and GPT are written with.
const Characters = 65

// LSTM reads 64 characters and predicts the next one after each, with two layers.
func LSTM(build Build) (*model.Network, error) {
	return build(model.Tokens(64), Seed, model.NewEmbedding(Characters, 128),
		model.LSTM{Units: 128}, model.LSTM{Units: 128}, model.Dense{Units: Characters})
}

// GPT does the same with 4 blocks of attention, 128 wide, in the architecture of GPT-2.
func GPT(build Build) (*model.Network, error) {
	gpt := model.NewGPT(Characters, 64)
	return build(gpt.Input(), Seed, gpt.Layers()...)
}

// WrittenMLP is the forward of MLP.
func WrittenMLP(g *grad.Graph, x *grad.Node) *grad.Node {
	return dense(g, dense(g, x, "1", 128, model.HeNormal).ReLU(), "2", 10, model.GlorotUniform)
}

// WrittenLeNet is the forward of LeNet.
func WrittenLeNet(g *grad.Graph, x *grad.Node) *grad.Node {
	h := conv(g, x.Reshape(-1, 1, 28, 28), "1", 6, 2).ReLU().MaxPool(2, 2)
	h = conv(g, h, "2", 16, 0).ReLU().MaxPool(2, 2).Flatten()
	h = dense(g, h, "3", 120, model.HeNormal).ReLU()
	h = dense(g, h, "4", 84, model.HeNormal).ReLU()
	return dense(g, h, "5", 10, model.GlorotUniform)
}

func dense(g *grad.Graph, x *grad.Node, name string, units int, init model.Initializer) *grad.Node {
	w := model.Param{Name: name + ".weights", Shape: []int{x.Len(-1), units}, Decay: true}
	return x.MatMul(g.Param(w, init)).Add(g.Biases(name+".biases", units))
}

func conv(g *grad.Graph, x *grad.Node, name string, filters, padding int) *grad.Node {
	w := model.Param{Name: name + ".weights", Shape: []int{filters, x.Len(1), 5, 5}, Decay: true}
	return x.Conv2D(g.Param(w, model.HeNormal), 1, padding).Add(g.Biases(name+".biases", filters).Reshape(filters, 1, 1))
}
