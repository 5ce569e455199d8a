package grad_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// BenchmarkMLP and BenchmarkLeNet are whole steps of training on pictures of handwriting's
// size, written with this package and made of layers, in turns.
func BenchmarkMLP(b *testing.B) {
	for _, batch := range []int{32, 128} {
		contest(b, batch, perceptron(784, 128, 10, 0), model.Features(784),
			model.Dense{Units: 128}, model.ReLU{}, model.Dense{Units: 10})
	}
}

func BenchmarkLeNet(b *testing.B) {
	contest(b, 64, leNet, model.Image(28, 28, 1),
		model.Conv2D{Filters: 6, Kernel: 5, Padding: 2}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Conv2D{Filters: 16, Kernel: 5}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Flatten{}, model.Dense{Units: 120}, model.ReLU{},
		model.Dense{Units: 84}, model.ReLU{}, model.Dense{Units: 10})
}

func leNet(g *grad.Graph, x *grad.Node) *grad.Node {
	conv := func(x *grad.Node, name string, channels, filters, padding int) *grad.Node {
		w := g.Param(model.Param{Name: name + ".weights", Shape: []int{filters, channels, 5, 5}, Decay: true}, model.HeNormal)
		return x.Conv2D(w, 1, padding).Add(g.Biases(name+".biases", filters).Reshape(filters, 1, 1)).ReLU().MaxPool(2, 2)
	}
	h := conv(conv(x.Reshape(-1, 1, 28, 28), "0", 1, 6, 2), "1", 6, 16, 0).Flatten()
	h = dense(g, h, "2", 400, 120, model.HeNormal).ReLU()
	h = dense(g, h, "3", 120, 84, model.HeNormal).ReLU()
	return dense(g, h, "4", 84, 10, model.GlorotUniform)
}

// contest measures a step of either, in turns, and reports the ratio.
func contest(b *testing.B, batch int, forward func(*grad.Graph, *grad.Node) *grad.Node, in model.Shape, layers ...model.Layer) {
	for _, single := range []bool{false, true} {
		name, write, build := "float64", grad.NewModel, model.NewNetwork
		if single {
			name, write, build = "float32", grad.NewModel32, model.NewNetwork32
		}
		b.Run(name+"/"+strconv.Itoa(batch), func(b *testing.B) {
			steps := [2]func(){
				step(must[*grad.Model](b)(write(784, 1, forward)), batch),
				step(must[*model.Network](b)(build(in, 1, layers...)), batch),
			}
			var least [2]time.Duration
			for b.Loop() {
				for i, f := range steps {
					start := time.Now()
					f()
					if d := time.Since(start); least[i] == 0 || d < least[i] {
						least[i] = d
					}
				}
			}
			b.ReportMetric(float64(least[0].Microseconds()), "µs/written")
			b.ReportMetric(float64(least[1].Microseconds()), "µs/layers")
			b.ReportMetric(float64(least[0])/float64(least[1]), "ratio")
		})
	}
}

func step(m model.Model, batch int) func() {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := mat.NewDense(batch, 784, nil), mat.NewDense(batch, 1, nil)
	for i := range batch {
		for j := range 784 {
			x.Set(i, j, r.Float64())
		}
		y.Set(i, 0, float64(r.IntN(10)))
	}
	adam := optim.NewAdam()
	adam.Init(len(m.Params()))
	gradient := make([]float64, len(m.Params()))
	var pred, dPred mat.Dense
	return func() {
		m.Forward(&pred, x)
		loss.CrossEntropy{}.Loss(&dPred, &pred, y, nil)
		clear(gradient)
		m.Backward(gradient, &dPred)
		adam.Step(m.Params(), gradient, 1e-7) // no convergence: tiny gradients are slow
	}
}
