package model_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

func TestSigmoid(t *testing.T) {
	for z, want := range map[float64]float64{
		0: 0.5, math.Log(3): 0.75, -math.Log(3): 0.25, 1e4: 1, -1e4: 0, -40: math.Exp(-40), inf: 1, -inf: 0,
	} {
		golden.Close(t, "σ", model.Sigmoid(z), want, 1e-15)
	}
	for z := range 30 {
		golden.Close(t, "σ(z) + σ(−z)", model.Sigmoid(float64(z))+model.Sigmoid(-float64(z)), 1, 1e-15)
	}
}

// TestSoftmaxIgnoresConstant adds a constant to all scores, which changes no
// probability, however large it is.
func TestSoftmaxIgnoresConstant(t *testing.T) {
	for _, c := range []float64{0, 1e4, -1e4} {
		z := []float64{c, c + math.Log(2), c + math.Log(5)}
		model.Softmax(z, z)
		golden.CloseSlice(t, "softmax", z, []float64{0.125, 0.25, 0.625}, 1e-11)
	}
}

func TestProbabilities(t *testing.T) {
	one, three := model.NewLogistic(1), model.NewSoftmax(1, 3)
	copy(one.Params(), []float64{0, 1})
	copy(three.Params(), []float64{0, 0, 0, 0, math.Log(2), math.Log(5)})
	x := mat.NewDense(2, 1, []float64{0, 1})
	golden.CloseSlice(t, "of one output", model.Probabilities(one, x).RawMatrix().Data, []float64{0.5, math.E / (1 + math.E)}, 1e-15)
	golden.CloseSlice(t, "of three", model.Probabilities(three, x).RawMatrix().Data,
		[]float64{1. / 3, 1. / 3, 1. / 3, 0.125, 0.25, 0.625}, 1e-15)
}

// Classes are what the probabilities say.
func TestClasses(t *testing.T) {
	nan := math.NaN()
	one := model.NewLogistic(1)
	copy(one.Params(), []float64{0, 1})
	x := mat.NewDense(5, 1, []float64{-2, 0, 1e-300, 2, nan})
	if got, want := model.Classes(one, x), []int{0, 0, 1, 1, -1}; !slices.Equal(got, want) {
		t.Errorf("classes of logits %v are %v, want %v", mat.Col(nil, 0, x), got, want)
	}
	three := model.NewSoftmax(3, 3)
	clear(three.Params())
	for k := range 3 {
		three.Weights().Set(k, k, 1)
	}
	x = mat.NewDense(5, 3, []float64{
		1, 2, 3,
		3, 3, 1,
		0, 0, 0,
		-1, -3, -2,
		1, nan, 0,
	})
	if got, want := model.Classes(three, x), []int{2, 0, 0, 0, -1}; !slices.Equal(got, want) {
		t.Errorf("classes are %v, want %v", got, want)
	}
}
