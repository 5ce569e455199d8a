package metric_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/metric"
	"gonum.org/v1/gonum/mat"
)

// tol allows for sums in another order, nothing more.
const tol = 1e-12

func TestLabelsGolden(t *testing.T) {
	type labelCase struct {
		Name               string
		Truth, Pred        []int
		Weight             []float64
		Labels             []int
		Matrix             []float64
		Accuracy, Balanced float64
		PerClass           [4][]float64
		Average            map[string][3]float64
		Report             string
	}
	averages := map[string]metric.Average{
		"binary": metric.Binary, "micro": metric.Micro, "macro": metric.Macro, "weighted": metric.Weighted,
	}
	for _, c := range golden.Load[[]labelCase](t, "testdata/labels.json") {
		t.Run(c.Name, func(t *testing.T) {
			golden.Close(t, "Accuracy", metric.Accuracy(c.Truth, c.Pred, c.Weight), c.Accuracy, tol)
			golden.Close(t, "BalancedAccuracy", metric.BalancedAccuracy(c.Truth, c.Pred, c.Weight), c.Balanced, tol)
			m := metric.NewConfusion(c.Truth, c.Pred, c.Weight)
			if !slices.Equal(m.Labels, c.Labels) {
				t.Fatalf("Labels = %v, want %v", m.Labels, c.Labels)
			}
			golden.CloseSlice(t, "Count", m.Count.RawMatrix().Data, c.Matrix, tol)
			golden.Close(t, "Confusion.Accuracy", m.Accuracy(), c.Accuracy, tol)
			golden.CloseSlice(t, "Confusion.Precision", m.Precision(), c.PerClass[0], tol)
			golden.CloseSlice(t, "Confusion.Recall", m.Recall(), c.PerClass[1], tol)
			golden.CloseSlice(t, "Confusion.F1", m.F1(), c.PerClass[2], tol)
			golden.CloseSlice(t, "Confusion.Support", m.Support(), c.PerClass[3], tol)
			for name, want := range c.Average {
				a := averages[name]
				golden.Close(t, "Precision "+name, metric.Precision(c.Truth, c.Pred, a, c.Weight), want[0], tol)
				golden.Close(t, "Recall "+name, metric.Recall(c.Truth, c.Pred, a, c.Weight), want[1], tol)
				golden.Close(t, "F1 "+name, metric.F1(c.Truth, c.Pred, a, c.Weight), want[2], tol)
			}
			if want := strings.TrimSuffix(c.Report, "\n"); want != "" && m.Report() != want {
				t.Errorf("Report:\n%s\nwant:\n%s", m.Report(), want)
			}
		})
	}
}

// TestROCOfManyClasses compares curves and areas with scikit-learn, and expects the
// same whatever stands in a row of weight 0 and whatever the order of the rows.
func TestROCOfManyClasses(t *testing.T) {
	type rocCase struct {
		Name                         string
		Truth                        []int
		Columns                      int
		Prob, Weight, Classes        []float64
		Rest, One                    map[string]float64
		FPR, TPR, MicroFPR, MicroTPR []float64
	}
	averages := map[string]metric.Average{"micro": metric.Micro, "macro": metric.Macro, "weighted": metric.Weighted}
	for _, c := range golden.Load[[]rocCase](t, "testdata/roc.json") {
		t.Run(c.Name, func(t *testing.T) {
			prob := mat.NewDense(len(c.Truth), c.Columns, c.Prob)
			curves, err := metric.ROCCurves(c.Truth, prob, c.Weight)
			if err != nil {
				t.Fatal(err)
			}
			for k, want := range c.Classes {
				golden.Close(t, "area of class "+strconv.Itoa(k), curves[k].Area(), want, tol)
			}
			golden.CloseSlice(t, "FPR", curves[1].X, c.FPR, tol)
			golden.CloseSlice(t, "TPR", curves[1].Y, c.TPR, tol)
			micro, err := metric.MicroROCCurve(c.Truth, prob, c.Weight)
			if err != nil {
				t.Fatal(err)
			}
			golden.CloseSlice(t, "micro FPR", micro.X, c.MicroFPR, tol)
			golden.CloseSlice(t, "micro TPR", micro.Y, c.MicroTPR, tol)

			// The same rows backwards, and one that does not count.
			n := len(c.Truth)
			truth, weight, turned := slices.Clone(c.Truth), make([]float64, n+1), mat.NewDense(n+1, c.Columns, nil)
			slices.Reverse(truth)
			for i := range n {
				weight[n-1-i] = 1
				if c.Weight != nil {
					weight[n-1-i] = c.Weight[i]
				}
				turned.SetRow(n-1-i, prob.RawRowView(i))
			}
			truth = append(truth, 99)
			turned.Set(n, 0, nan)
			for name, want := range c.Rest {
				auc, err := metric.ROCAUCOneVsRest(c.Truth, prob, averages[name], c.Weight)
				check(t, "one against the rest, "+name, auc, err, want)
				auc, err = metric.ROCAUCOneVsRest(truth, turned, averages[name], weight)
				check(t, "one against the rest, turned round, "+name, auc, err, want)
			}
			for name, want := range c.One {
				auc, err := metric.ROCAUCOneVsOne(c.Truth, prob, averages[name], c.Weight)
				check(t, "one against one, "+name, auc, err, want)
				auc, err = metric.ROCAUCOneVsOne(truth, turned, averages[name], weight)
				check(t, "one against one, turned round, "+name, auc, err, want)
			}
		})
	}
}

func TestScoresGolden(t *testing.T) {
	type scoreCase struct {
		Name                           string
		Truth                          []int
		Score, Weight                  []float64
		FPR, TPR, Threshold            []float64
		LightFPR, LightTPR             []float64
		LightThreshold                 []float64
		AUC, AP                        float64
		Precision, Recall, PRThreshold []float64
		Brier, LogLoss                 *float64
	}
	for _, c := range golden.Load[[]scoreCase](t, "testdata/scores.json") {
		t.Run(c.Name, func(t *testing.T) {
			roc, err := metric.ROCCurve(c.Truth, c.Score, c.Weight)
			if err != nil {
				t.Fatal(err)
			}
			golden.CloseSlice(t, "FPR", roc.X, c.FPR, tol)
			golden.CloseSlice(t, "TPR", roc.Y, c.TPR, tol)
			golden.CloseSlice(t, "ROC thresholds", roc.Threshold[1:], c.Threshold, tol)
			light := roc.DropIntermediate()
			golden.CloseSlice(t, "light FPR", light.X, c.LightFPR, tol)
			golden.CloseSlice(t, "light TPR", light.Y, c.LightTPR, tol)
			golden.CloseSlice(t, "light thresholds", light.Threshold[1:], c.LightThreshold, tol)
			golden.Close(t, "light area", light.Area(), c.AUC, tol)
			auc, err := metric.ROCAUC(c.Truth, c.Score, c.Weight)
			check(t, "ROCAUC", auc, err, c.AUC)

			pr, err := metric.PrecisionRecallCurve(c.Truth, c.Score, c.Weight)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range [][]float64{c.Precision, c.Recall, c.PRThreshold} {
				slices.Reverse(s)
			}
			golden.CloseSlice(t, "recall", pr.X, c.Recall, tol)
			golden.CloseSlice(t, "precision", pr.Y, c.Precision, tol)
			golden.CloseSlice(t, "PR thresholds", pr.Threshold[1:], c.PRThreshold, tol)
			ap, err := metric.AveragePrecision(c.Truth, c.Score, c.Weight)
			check(t, "AveragePrecision", ap, err, c.AP)

			if c.Brier != nil {
				brier, err := metric.Brier(c.Truth, c.Score, c.Weight)
				check(t, "Brier", brier, err, *c.Brier)
				loss, err := metric.LogLoss(c.Truth, column(c.Score), c.Weight)
				check(t, "LogLoss", loss, err, *c.LogLoss)
			}
		})
	}
}

func TestManyClassesGolden(t *testing.T) {
	type manyCase struct {
		Name                   string
		Truth                  []int
		Columns                int
		Weight                 []float64
		Prob, Logit, Tied      []float64
		LogLoss, LogLossLogits float64
		TopK                   []float64
	}
	for _, c := range golden.Load[[]manyCase](t, "testdata/many.json") {
		t.Run(c.Name, func(t *testing.T) {
			n := len(c.Truth)
			loss, err := metric.LogLoss(c.Truth, mat.NewDense(n, c.Columns, c.Prob), c.Weight)
			check(t, "LogLoss", loss, err, c.LogLoss)
			loss, err = metric.LogLossLogits(c.Truth, mat.NewDense(n, c.Columns, c.Logit), c.Weight)
			check(t, "LogLossLogits", loss, err, c.LogLossLogits)
			for i, want := range c.TopK {
				got, err := metric.TopKAccuracy(c.Truth, mat.NewDense(n, c.Columns, c.Tied), i+1, c.Weight)
				check(t, "TopKAccuracy "+strconv.Itoa(i+1), got, err, want)
			}
		})
	}
}

func TestCalibrationGolden(t *testing.T) {
	type calibrationCase struct {
		Name                      string
		Truth                     []int
		Prob, Observed, Predicted []float64
		Bins                      int
		Kind                      string
		Count                     []int
		ECE                       float64
	}
	kinds := map[string]metric.Bins{"uniform": metric.Uniform, "quantile": metric.Quantile}
	for _, c := range golden.Load[[]calibrationCase](t, "testdata/calibration.json") {
		t.Run(c.Name, func(t *testing.T) {
			got, err := metric.NewCalibration(c.Truth, c.Prob, c.Bins, kinds[c.Kind])
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Count, c.Count) {
				t.Errorf("Count = %v, want %v", got.Count, c.Count)
			}
			golden.CloseSlice(t, "Observed", got.Observed, c.Observed, tol)
			golden.CloseSlice(t, "Predicted", got.Predicted, c.Predicted, tol)
			golden.Close(t, "ECE", got.ECE(), c.ECE, tol)
		})
	}
}

func TestValuesGolden(t *testing.T) {
	type valueCase struct {
		Name                            string
		Truth, Pred, Weight             []float64
		MAE, MSE, RMSE, MAPE, MedAE, R2 float64
	}
	for _, c := range golden.Load[[]valueCase](t, "testdata/values.json") {
		t.Run(c.Name, func(t *testing.T) {
			// "Far from zero" tests R2's two passes: the mean of squares minus the square of the mean would lose
			// twelve digits. The mean itself is then good to 1e-16 · 1e6, so R2 is as exact as elsewhere.
			golden.Close(t, "MAE", metric.MAE(c.Truth, c.Pred, c.Weight), c.MAE, tol)
			golden.Close(t, "MSE", metric.MSE(c.Truth, c.Pred, c.Weight), c.MSE, tol)
			golden.Close(t, "RMSE", metric.RMSE(c.Truth, c.Pred, c.Weight), c.RMSE, tol)
			golden.Close(t, "MAPE", metric.MAPE(c.Truth, c.Pred, c.Weight), c.MAPE, tol)
			golden.Close(t, "MedianAE", metric.MedianAE(c.Truth, c.Pred, c.Weight), c.MedAE, tol)
			golden.Close(t, "R2", metric.R2(c.Truth, c.Pred, c.Weight), c.R2, tol)
		})
	}
}

func TestDetectionGolden(t *testing.T) {
	type detectionCase struct {
		Name    string
		Objects []metric.Object
		Found   []metric.Detection
		Result  []struct {
			Threshold float64
			Protocol  string
			AP        map[string]float64
			Mean      float64
		}
		Scores, IoU []float64
		NMS         []struct {
			Threshold float64
			Kept      []int
		}
	}
	protocols := map[string]metric.Protocol{"voc": metric.VOC, "coco": metric.COCO}
	for _, c := range golden.Load[[]detectionCase](t, "testdata/detection.json") {
		t.Run(c.Name, func(t *testing.T) {
			for _, r := range c.Result {
				name := r.Protocol + " at " + strconv.FormatFloat(r.Threshold, 'g', -1, 64)
				mean, err := metric.MeanAP(c.Objects, c.Found, r.Threshold, protocols[r.Protocol])
				check(t, name, mean, err, r.Mean)
				byClass, err := metric.ClassAP(c.Objects, c.Found, r.Threshold, protocols[r.Protocol])
				if err != nil || len(byClass) != len(r.AP) {
					t.Fatalf("%s: %d classes, error %v, want %d", name, len(byClass), err, len(r.AP))
				}
				for class, got := range byClass {
					golden.Close(t, name+" class "+strconv.Itoa(class), got, r.AP[strconv.Itoa(class)], tol)
				}
			}
			boxes := make([]metric.Box, len(c.Found))
			for i, d := range c.Found {
				boxes[i] = d.Box
			}
			for i, want := range c.IoU {
				golden.Close(t, "IoU", metric.IoU(boxes[i], boxes[(i+1)%len(boxes)]), want, tol)
			}
			for _, n := range c.NMS {
				if got := metric.NMS(boxes, c.Scores, n.Threshold); !slices.Equal(got, n.Kept) {
					t.Errorf("NMS at %v = %v, want %v", n.Threshold, got, n.Kept)
				}
			}
		})
	}
}

// check fails unless there is no error and got is close to want.
func check(t *testing.T, name string, got float64, err error, want float64) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	golden.Close(t, name, got, want, tol)
}

// column is a matrix of one column.
func column(x []float64) *mat.Dense { return mat.NewDense(len(x), 1, slices.Clone(x)) }
