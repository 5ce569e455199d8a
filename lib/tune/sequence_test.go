package tune_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

// TestScorersOfSequences counts tokens with the weights of their rows, and not the
// padding.
func TestScorersOfSequences(t *testing.T) {
	n, err := model.NewNetwork(model.Tokens(3), 1, model.NewEmbedding(2, 2))
	if err != nil {
		t.Fatal(err)
	}
	copy(n.Params(), []float64{1, 0, 0, 1}) // each word predicts itself
	d := train.Data{
		X:             mat.NewDense(2, 3, []float64{0, 1, 1, 1, 0, -1}),
		Y:             mat.NewDense(2, 3, []float64{0, 1, 0, 0, 0, -1}),
		SampleWeights: []float64{1, 3},
	}
	score, err := tune.Classification(metric.Accuracy)(n, d)
	if err != nil {
		t.Fatal(err)
	}
	golden.Close(t, "accuracy", score, (1+1+3.)/(3*1+2*3), 1e-15)

	series, err := model.NewNetwork(model.Sequence(3, 1), 1, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	copy(series.Params(), []float64{2, 0})
	score, err = tune.Regression(metric.MSE)(series, train.Data{
		X: mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6}),
		Y: mat.NewDense(2, 3, []float64{2, 4, 7, 8, 10, 14}),
	})
	if err != nil {
		t.Fatal(err)
	}
	golden.Close(t, "mean squared error", score, (1+4)/6., 1e-15)
}
