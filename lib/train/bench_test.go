package train_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/train"
)

// gaussian returns rows×cols standard normal features with a target that
// depends on all of them, and a label: whether the target is positive.
func gaussian(rows, cols int) (x, y, label *mat.Dense) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y, label = mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil), mat.NewDense(rows, 1, nil)
	w := make([]float64, cols)
	for j := range w {
		w[j] = r.NormFloat64()
	}
	for i := range rows {
		row, sum := x.RawRowView(i), r.NormFloat64()
		for j := range row {
			row[j] = r.NormFloat64()
			sum += w[j] * row[j]
		}
		y.Set(i, 0, sum)
		if sum > 0 {
			label.Set(i, 0, 1)
		}
	}
	return x, y, label
}

// words returns rows of about 80 words out of a vocabulary, common ones more
// often, and random labels.
func words(rows, vocabulary int) (x *sparse.CSR, label *mat.Dense) {
	r := rand.New(rand.NewPCG(2, 1))
	ptr, cols, values := []int{0}, []int{}, []float64{}
	label = mat.NewDense(rows, 1, nil)
	seen := make([]int, vocabulary)
	for i := range rows {
		for range 80 {
			u := r.Float64()
			if j := int(float64(vocabulary) * u * u * u); seen[j] <= i {
				seen[j] = i + 1
			}
		}
		for j, s := range seen {
			if s == i+1 {
				cols, values = append(cols, j), append(values, 0.2*r.Float64())
			}
		}
		ptr = append(ptr, len(cols))
		label.Set(i, 0, float64(r.IntN(2)))
	}
	x, err := sparse.NewCSR(rows, vocabulary, ptr, cols, values)
	if err != nil {
		panic(err)
	}
	return x, label
}

func benchmarkFit(b *testing.B, m model.Model, x mat.Matrix, y *mat.Dense, opt train.Options) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		clear(m.Params())
		if _, err := train.Fit(context.Background(), m, x, y, opt); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkArticle is gradient descent on 100 samples of 2 features, 100 times.
func BenchmarkArticle(b *testing.B) {
	x, y := line(100, 1, 1)
	for name, l := range map[string]loss.Loss{"linear": loss.MSE{}, "huber": loss.NewHuber()} {
		b.Run(name, func(b *testing.B) {
			benchmarkFit(b, model.NewLinear(2, 1), x, y, train.Options{Loss: l, Schedule: optim.Constant(0.05), Epochs: 100})
		})
	}
}

// BenchmarkFullBatch makes 50 steps on 200,000 samples of 100 features.
func BenchmarkFullBatch(b *testing.B) {
	x, y, label := gaussian(200_000, 100)
	for _, c := range []struct {
		name string
		loss loss.Loss
		y    *mat.Dense
		k    int
	}{{"linear", loss.MSE{}, y, 1}, {"huber", loss.NewHuber(), y, 1}, {"logistic", loss.BinaryCrossEntropy{}, label, 1}, {"softmax", loss.CrossEntropy{}, label, 2}} {
		for _, o := range []struct {
			name string
			o    optim.Optimizer
		}{{"GD", &optim.SGD{}}, {"Adam", optim.NewAdam()}} {
			b.Run(c.name+"/"+o.name, func(b *testing.B) {
				b.SetBytes(50 * 200_000 * 100 * 8)
				benchmarkFit(b, model.NewLinear(100, c.k), x, c.y, train.Options{Loss: c.loss, Optimizer: o.o, Schedule: optim.Constant(0.1), Epochs: 50})
			})
		}
	}
}

// BenchmarkSamples makes one epoch of steps on single samples, 100,000 of 20
// features.
func BenchmarkSamples(b *testing.B) {
	x, y, label := gaussian(100_000, 20)
	for _, c := range []struct {
		name string
		loss loss.Loss
		y    *mat.Dense
		reg  regularizer.Regularizer
	}{
		{"regression", loss.MSE{}, y, nil}, {"classification", loss.BinaryCrossEntropy{}, label, nil},
		{"classification with L2", loss.BinaryCrossEntropy{}, label, regularizer.L2{Lambda: 1e-4}},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchmarkFit(b, model.NewLinear(20, 1), x, c.y, train.Options{Loss: c.loss, Regularizer: c.reg, Schedule: optim.Constant(0.001), Epochs: 1, BatchSize: 1})
		})
	}
}

// BenchmarkText makes one epoch of steps on single rows of text, of 1.5 million
// words altogether.
func BenchmarkText(b *testing.B) {
	x, label := words(20_000, 50_000)
	for name, reg := range map[string]regularizer.Regularizer{"plain": nil, "L2": regularizer.L2{Lambda: 1e-4}} {
		b.Run(name, func(b *testing.B) {
			benchmarkFit(b, model.NewLinear(50_000, 1), x, label, train.Options{Loss: loss.BinaryCrossEntropy{}, Regularizer: reg, Schedule: optim.Constant(0.1), Epochs: 1, BatchSize: 1})
		})
	}
}

// BenchmarkMiniBatch makes one epoch of batches of 32, 20,000 samples of 100
// features.
func BenchmarkMiniBatch(b *testing.B) {
	x, y, label := gaussian(20_000, 100)
	for name, l := range map[string]loss.Loss{"linear": loss.MSE{}, "logistic": loss.BinaryCrossEntropy{}} {
		target := map[string]*mat.Dense{"linear": y, "logistic": label}[name]
		b.Run(name, func(b *testing.B) {
			benchmarkFit(b, model.NewLinear(100, 1), x, target, train.Options{Loss: l, Schedule: optim.Constant(0.01), Epochs: 1, BatchSize: 32})
		})
	}
}
