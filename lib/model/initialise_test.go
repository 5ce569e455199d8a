package model_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

// moments returns the mean, the variance and the largest magnitude.
func moments(w []float64) (mean, variance, bound float64) {
	for _, v := range w {
		mean += v / float64(len(w))
		bound = max(bound, math.Abs(v))
	}
	for _, v := range w {
		variance += (v - mean) * (v - mean) / float64(len(w))
	}
	return mean, variance, bound
}

func TestInitializers(t *testing.T) {
	const fanIn, fanOut = 50, 30
	for _, c := range []struct {
		name            string
		init            model.Initializer
		variance, bound float64 // no bound: 0
	}{
		{"He normal", model.HeNormal, 2. / fanIn, 0},
		{"He uniform", model.HeUniform, 2. / fanIn, math.Sqrt(6. / fanIn)},
		{"Glorot normal", model.GlorotNormal, 2. / (fanIn + fanOut), 0},
		{"Glorot uniform", model.GlorotUniform, 2. / (fanIn + fanOut), math.Sqrt(6. / (fanIn + fanOut))},
		{"LeCun normal", model.LeCunNormal, 1. / fanIn, 0},
		{"LeCun uniform", model.LeCunUniform, 1. / fanIn, math.Sqrt(3. / fanIn)},
		{"normal", model.Normal(0.3), 0.09, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := make([]float64, 100_000)
			c.init(w, fanIn, fanOut, rand.New(rand.NewPCG(1, 1)))
			mean, variance, bound := moments(w)
			if math.Abs(mean) > 0.003 {
				t.Errorf("mean %g, want 0", mean)
			}
			golden.Close(t, "variance", variance, c.variance, 0.02)
			if c.bound != 0 && (bound > c.bound || bound < 0.999*c.bound) {
				t.Errorf("largest is %g, want %g", bound, c.bound)
			}
			if c.bound == 0 && bound < 3.5*math.Sqrt(c.variance) {
				t.Errorf("largest is %g: not normal", bound)
			}
		})
	}
	w := []float64{1, 2}
	model.Zeros(w, 1, 1, nil)
	golden.CloseSlice(t, "zeros", w, []float64{0, 0}, 0)
}

// TestDefaultInitialisation looks at the first weights of networks whose layers
// do not say how to draw them: by the activation that follows.
func TestDefaultInitialisation(t *testing.T) {
	const n, k = 200, 300
	he, glorot := 2./n, 2./(n+k)
	dense := model.Dense{Units: k}
	for _, c := range []struct {
		name   string
		layers []model.Layer
		want   float64
	}{
		{"nothing follows", []model.Layer{dense}, glorot},
		{"ReLU", []model.Layer{dense, model.ReLU{}}, he},
		{"SiLU after others", []model.Layer{dense, model.NewBatchNorm(), model.Dropout{Rate: 0.5}, model.SiLU{}}, he},
		{"tanh", []model.Layer{dense, model.Tanh{}}, glorot},
		{"a layer first", []model.Layer{dense, model.Dense{Units: 1}, model.ReLU{}}, glorot},
		{"within a residual", []model.Layer{model.Flatten{}, model.Residual{dense, model.Tanh{}, model.Dense{Units: n}}, model.ReLU{}}, glorot},
		{"at the end of a residual", []model.Layer{model.Residual{dense, model.ReLU{}, model.Dense{Units: n}}, model.Tanh{}}, he},
		{"chosen", []model.Layer{model.Dense{Units: k, Init: model.LeCunNormal}, model.ReLU{}}, 1. / n},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := network(t, model.Features(n), c.layers...)
			_, variance, _ := moments(net.Layout()[0].In(net.Params()))
			golden.Close(t, "variance", variance, c.want, 0.03)
			_, _, bias := moments(net.Layout()[1].In(net.Params()))
			golden.Close(t, "largest bias", bias, 0, 0)
		})
	}
	// The last layer of a residual takes its cue from what follows the addition.
	net := network(t, model.Features(n), model.Residual{model.Dense{Units: n}}, model.ReLU{})
	_, variance, _ := moments(net.Layout()[0].In(net.Params()))
	golden.Close(t, "variance before the addition", variance, 2./n, 0.03)
}

// TestConvolutionFans looks at the variance of a convolution's weights.
func TestConvolutionFans(t *testing.T) {
	net := network(t, model.Image(8, 8, 20), model.Conv2D{Filters: 50, Kernel: 3}, model.ReLU{},
		model.Conv2D{Filters: 20, Kernel: 3})
	_, variance, _ := moments(net.Layout()[0].In(net.Params()))
	golden.Close(t, "He", variance, 2./(20*9), 0.03)
	_, variance, _ = moments(net.Layout()[2].In(net.Params()))
	golden.Close(t, "Glorot", variance, 2./((50+20)*9), 0.03)
}

// TestEmbeddingsStart makes sure that all three draw from Init, with a fanIn of
// 1, and that padding starts at 0 all the same.
func TestEmbeddingsStart(t *testing.T) {
	init := func(w []float64, fanIn, fanOut int, _ *rand.Rand) {
		for i := range w {
			w[i] = float64(10*fanIn + fanOut)
		}
	}
	for _, c := range []struct {
		layer model.Layer
		want  []float64
	}{
		{model.Embedding{Vocabulary: 3, Size: 2, Padding: 1, Init: init}, []float64{12, 12, 0, 0, 12, 12}},
		{model.MeanEmbedding{Vocabulary: 2, Size: 3, Init: init}, []float64{0, 0, 0, 13, 13, 13}},
		{model.EmbeddingBag{Size: 2, Init: init}, []float64{12, 12, 12, 12, 12, 12, 12, 12}},
	} {
		n := network(t, model.Features(4), c.layer)
		golden.CloseSlice(t, n.Layout()[0].Name, n.Params(), c.want, 0)
	}
}
