package model

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkLayer is a layer's forward and backward, ∂L/∂x included, on a batch
// of 64.
func BenchmarkLayer(b *testing.B) {
	image, features := Image(28, 28, 6), Features(512)
	for _, c := range []struct {
		name  string
		input Shape
		layer Layer
	}{
		{"Dense", features, Dense{Units: 128}},
		{"Conv2D", Image(14, 14, 6), Conv2D{Filters: 16, Kernel: 5}},
		{"MaxPool", image, MaxPool{Size: 2}},
		{"AvgPool", image, AvgPool{Size: 2}},
		{"BatchNorm", image, NewBatchNorm()},
		{"LayerNorm", features, NewLayerNorm()},
		{"Dropout", features, Dropout{Rate: 0.5}},
		{"ReLU", image, ReLU{}},
		{"GELU", features, GELU{}},
		{"Tanh", features, Tanh{}},
		{"SoftmaxLayer", features, SoftmaxLayer{}},
		{"EmbeddingBag", features, EmbeddingBag{Size: 16}},
	} {
		b.Run(c.name+"/float64", func(b *testing.B) { benchmarkLayer[float64](b, NewNetwork, c.input, c.layer) })
		b.Run(c.name+"/float32", func(b *testing.B) { benchmarkLayer[float32](b, NewNetwork32, c.input, c.layer) })
	}
}

func benchmarkLayer[T element](b *testing.B, build func(Shape, uint64, ...Layer) (*Network, error), input Shape, l Layer) {
	n, err := build(input, 1, l)
	if err != nil {
		b.Fatal(err)
	}
	const rows = 64
	r := rand.New(rand.NewPCG(1, 2))
	x, d := make([]float64, rows*input.Size()), make([]float64, rows*n.output.Size())
	normal(x, 1, r)
	normal(d, 1, r)
	in, dy, m := converted[T](x), converted[T](d), at[T](n.training).modules[0]
	grad := make([]T, len(n.theta))
	n.training.load()
	b.ReportAllocs()
	for b.Loop() {
		m.forward(in, rows, true)
		m.backward(grad, dy, true)
	}
}
