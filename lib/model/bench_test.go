package model_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// BenchmarkStep is a whole step of training on pictures of handwriting's size:
// predictions, loss, gradient, Adam.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name   string
		input  model.Shape
		layers []model.Layer
		batch  int
	}{
		{"MLP/32", model.Features(784), perceptron, 32},
		{"MLP/128", model.Features(784), perceptron, 128},
		{"LeNet/64", model.Image(28, 28, 1), leNet, 64},
	} {
		for precision, build := range precisions {
			b.Run(c.name+"/"+precision, func(b *testing.B) {
				net, err := build(c.input, 1, c.layers...)
				if err != nil {
					b.Fatal(err)
				}
				benchmarkStep(b, net, c.batch)
			})
		}
	}
}

var precisions = map[string]func(model.Shape, uint64, ...model.Layer) (*model.Network, error){
	"float64": model.NewNetwork,
	"float32": model.NewNetwork32,
}

func benchmarkStep(b *testing.B, net *model.Network, batch int) {
	r := rand.New(rand.NewPCG(1, 2))
	x := fill(batch, 784, r.Float64)
	y := fill(batch, 1, func() float64 { return float64(r.IntN(10)) })
	adam := optim.NewAdam()
	adam.Init(len(net.Params()))
	grad := make([]float64, len(net.Params()))
	var pred, dPred mat.Dense
	b.ReportAllocs()
	for b.Loop() {
		net.Forward(&pred, x)
		loss.CrossEntropy{}.Loss(&dPred, &pred, y, nil)
		clear(grad)
		net.Backward(grad, &dPred)
		adam.Step(net.Params(), grad, 1e-7) // no convergence: tiny gradients are slow
	}
}

var perceptron = []model.Layer{model.Dense{Units: 128}, model.ReLU{}, model.Dense{Units: 10}}

// leNet is LeNet-5 as it is taught today, with ReLU and MaxPool.
var leNet = []model.Layer{
	model.Conv2D{Filters: 6, Kernel: 5, Padding: 2}, model.ReLU{}, model.MaxPool{Size: 2},
	model.Conv2D{Filters: 16, Kernel: 5}, model.ReLU{}, model.MaxPool{Size: 2},
	model.Flatten{}, model.Dense{Units: 120}, model.ReLU{},
	model.Dense{Units: 84}, model.ReLU{}, model.Dense{Units: 10},
}

// BenchmarkLanguage is a whole step of training on 32 rows of 64 tokens:
// predictions, loss, gradient, Adam.
func BenchmarkLanguage(b *testing.B) {
	const vocabulary = 65
	for name, layers := range map[string][]model.Layer{
		"SimpleRNN": {model.SimpleRNN{Units: 128}, model.SimpleRNN{Units: 128}},
		"LSTM":      {model.LSTM{Units: 128}, model.LSTM{Units: 128}},
		"GRU":       {model.GRU{Units: 128}, model.GRU{Units: 128}},
		"Conv1D":    {model.Conv1D{Filters: 128, Kernel: 3, Causal: true}, model.ReLU{}, model.Conv1D{Filters: 128, Kernel: 3, Causal: true}},
	} {
		for precision, build := range precisions {
			b.Run(name+"/"+precision, func(b *testing.B) {
				list := append([]model.Layer{model.NewEmbedding(vocabulary, 128)}, layers...)
				net, err := build(model.Tokens(64), 1, append(list, model.Dense{Units: vocabulary})...)
				if err != nil {
					b.Fatal(err)
				}
				r := rand.New(rand.NewPCG(1, 2))
				x := fill(32, 64, func() float64 { return float64(r.IntN(vocabulary)) })
				y := fill(32*64, 1, func() float64 { return float64(r.IntN(vocabulary)) })
				adam := optim.NewAdam()
				adam.Init(len(net.Params()))
				grad := make([]float64, len(net.Params()))
				var pred, dPred mat.Dense
				b.ReportAllocs()
				for b.Loop() {
					net.Forward(&pred, x)
					loss.NewTokenCrossEntropy().Loss(&dPred, &pred, y, nil)
					clear(grad)
					net.Backward(grad, &dPred)
					adam.Step(net.Params(), grad, 1e-7)
				}
			})
		}
	}
}
