package model_test

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

// TestCheckInput expects an error that names the first bad element, and that
// Predict panics at it.
func TestCheckInput(t *testing.T) {
	words := model.Embedding{Vocabulary: 5, Size: 2}
	mean := model.MeanEmbedding{Vocabulary: 5, Size: 2}
	for _, c := range []struct {
		name  string
		model model.Model
		data  []float64 // two rows
		want  string    // "" if the data are good
	}{
		{"good words", network(t, model.Features(2), words), []float64{0, 4, 2, 3}, ""},
		{"word above", network(t, model.Features(2), words), []float64{0, 4, 2, 5}, "row 1, column 1 has the id 5, want a whole number from 0 to 4"},
		{"negative word", network(t, model.Features(2), mean), []float64{0, -1, 2, 5}, "row 0, column 1 has the id -1"},
		{"half a word", network(t, model.Features(2), mean), []float64{0.5, 1, 2, 5}, "row 0, column 0 has the id 0.5"},
		{"infinite word", network(t, model.Features(2), mean), []float64{0, inf, 2, 1}, "row 0, column 1 has the id +Inf"},
		{"not a word", network(t, model.Features(2), words), []float64{0, 1, math.NaN(), 1}, "row 1, column 0 has the id NaN"},
		{"good pairs", model.NewMatrixFactorization(3, 5, 1, 1), []float64{0, 4, 2, 3}, ""},
		{"unknown user", model.NewMatrixFactorization(3, 5, 1, 1), []float64{0, 4, 3, 3}, "row 1, column 0 has the id 3, want a whole number from 0 to 2"},
		{"unknown item", model.NewMatrixFactorization(3, 5, 1, 1), []float64{0, 5, 2, 3}, "row 0, column 1 has the id 5, want a whole number from 0 to 4"},
		{"any features", network(t, model.Features(2), model.ReLU{}), []float64{-1, 0.5, 2, 3}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := mat.NewDense(2, 2, c.data)
			checker := c.model.(model.InputChecker)
			err := checker.CheckInput(x)
			if c.want == "" {
				if err != nil {
					t.Errorf("error is %v, want none", err)
				}
				predict(c.model, x)
			} else {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error is %v, want one with %q", err, c.want)
				}
				mustPanic(t, c.want, func() { predict(c.model, x) })
			}
			if err := checker.CheckInput(mat.NewDense(1, 3, nil)); err == nil || !strings.Contains(err.Error(), "3 columns") {
				t.Errorf("error is %v, want one about 3 columns", err)
			}
		})
	}
}

// TestBagThatSumsToNothing makes sure that an empty text is 0 and not NaN.
func TestBagThatSumsToNothing(t *testing.T) {
	n := network(t, model.Features(3), model.EmbeddingBag{Size: 2})
	x := mat.NewDense(2, 3, []float64{0, 0, 0, 1, -1, 0})
	golden.CloseSlice(t, "y", forward(n, x).RawMatrix().Data, []float64{0, 0, 0, 0}, 0)
	grad := make([]float64, len(n.Params()))
	n.Backward(grad, mat.NewDense(2, 2, []float64{1, 1, 1, 1}))
	golden.CloseSlice(t, "∂L/∂θ", grad, make([]float64, 6), 0)
}

// TestPaddingCountsAsZero holds whatever is stored for it.
func TestPaddingCountsAsZero(t *testing.T) {
	for _, l := range []model.Layer{
		model.Embedding{Vocabulary: 3, Size: 2, Padding: 1}, model.MeanEmbedding{Vocabulary: 3, Size: 2, Padding: 1},
	} {
		n := network(t, model.Features(1), l)
		golden.CloseSlice(t, "stored", n.Params()[2:4], []float64{0, 0}, 0)
		n.Params()[2] = 7
		golden.CloseSlice(t, "y", forward(n, mat.NewDense(1, 1, []float64{1})).RawMatrix().Data, []float64{0, 0}, 0)
		grad := make([]float64, 6)
		n.Backward(grad, mat.NewDense(1, 2, []float64{1, 1}))
		golden.CloseSlice(t, "∂L/∂θ", grad, make([]float64, 6), 0)
	}
}
