package metric_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/metric"
)

// TestMeansOfManyRows: a million equal errors have that error as their mean.
func TestMeansOfManyRows(t *testing.T) {
	const n = 1_000_000
	truth, pred := make([]float64, n), slices.Repeat([]float64{0.1}, n)
	labels, weights := make([]int, n), slices.Repeat([]float64{0.3}, n)
	for i := range n / 2 {
		labels[2*i] = 1
	}
	const ulp = 0x1p-52
	for name, w := range map[string][]float64{"plain": nil, "weighted": weights} {
		golden.Close(t, name+" MAE", metric.MAE(truth, pred, w), 0.1, ulp)
		golden.Close(t, name+" MSE", metric.MSE(truth, pred, w), 0.1*0.1, ulp)
		golden.Close(t, name+" RMSE", metric.RMSE(truth, pred, w), 0.1, ulp)
		golden.Close(t, name+" accuracy", metric.Accuracy(labels, make([]int, n), w), 0.5, ulp)
		if w == nil {
			brier, err := metric.Brier(labels, pred, nil)
			golden.Close(t, "Brier", brier, (0.1*0.1+(1-0.1)*(1-0.1))/2, 2*ulp)
			c, err2 := metric.NewCalibration(labels, pred, 3, metric.Uniform)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			golden.Close(t, "calibration", c.Predicted[0], 0.1, ulp)
		}
	}
	// Each second row is a true positive: the weights of each score must not drift.
	r := rand.New(rand.NewPCG(1, 2))
	const few = n / 10
	labels, weights = labels[:few], weights[:few]
	scores := make([]float64, few)
	for i := range few / 2 {
		scores[2*i] = r.Float64()
		scores[2*i+1] = scores[2*i]
	}
	auc, err := metric.ROCAUC(labels, scores, weights)
	if err != nil {
		t.Fatal(err)
	}
	golden.Close(t, "AUC", auc, 0.5, 2*ulp)
	ap, err := metric.AveragePrecision(labels, scores, weights)
	if err != nil {
		t.Fatal(err)
	}
	golden.Close(t, "average precision", ap, 0.5, 2*ulp)
}

// TestRegressionOfAnySize: metrics follow the unit of the target, and R² does not
// know it.
func TestRegressionOfAnySize(t *testing.T) {
	truth, pred, weight := []float64{1, 2, 4, 8}, []float64{1.5, 1, 4, 9}, []float64{1, 2, 1, 0.5}
	for _, w := range [][]float64{nil, weight} {
		r2, rmse, mae := metric.R2(truth, pred, w), metric.RMSE(truth, pred, w), metric.MAE(truth, pred, w)
		for _, exponent := range []int{-1070, -1000, -565, -500, 500, 532, 1000, 1020} {
			scaled, scaledPred := make([]float64, 4), make([]float64, 4)
			for i := range truth {
				scaled[i], scaledPred[i] = math.Ldexp(truth[i], exponent), math.Ldexp(pred[i], exponent)
			}
			if exponent == -1070 { // whole numbers of the smallest float64
				golden.Close(t, "R² of the smallest", metric.R2(scaled, scaledPred, w), r2, 0.1)
				continue
			}
			golden.Close(t, "R²", metric.R2(scaled, scaledPred, w), r2, 1e-15)
			golden.Close(t, "RMSE", math.Ldexp(metric.RMSE(scaled, scaledPred, w), -exponent), rmse, 1e-15)
			golden.Close(t, "MAE", math.Ldexp(metric.MAE(scaled, scaledPred, w), -exponent), mae, 1e-15)
		}
	}
	large := []float64{1.7e308, 1.6e308, 1.5e308}
	golden.Close(t, "MAE of the largest", metric.MAE(large, make([]float64, 3), nil), 1.6e308, 1e-15)
	golden.Close(t, "MAE with the largest weights", metric.MAE([]float64{1, 2}, []float64{0, 0}, []float64{1.5e308, 1.5e308}), 1.5, 1e-15)
	golden.Close(t, "MSE beyond the range", metric.MSE(large, make([]float64, 3), nil), math.Inf(1), 0)
}
