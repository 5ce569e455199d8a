package metric_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/metric"
	"gonum.org/v1/gonum/mat"
)

var nan = math.NaN()

func TestUndefinedIsNaN(t *testing.T) {
	none, zero := []int{}, []float64{0, 0}
	for name, got := range map[string]float64{
		"Accuracy, no rows":           metric.Accuracy(none, none, nil),
		"Accuracy, weights 0":         metric.Accuracy([]int{1, 0}, []int{1, 0}, zero),
		"BalancedAccuracy, no rows":   metric.BalancedAccuracy(none, none, nil),
		"F1, no rows":                 metric.F1(none, none, metric.Macro, nil),
		"Precision, weights 0":        metric.Precision([]int{1, 0}, []int{1, 0}, metric.Weighted, zero),
		"Recall, no rows":             metric.Recall(none, none, metric.Micro, nil),
		"Confusion.Accuracy, no rows": metric.NewConfusion(none, none, nil).Accuracy(),
		"MAE, no rows":                metric.MAE(nil, nil, nil),
		"RMSE, no rows":               metric.RMSE(nil, nil, nil),
		"MedianAE, no rows":           metric.MedianAE(nil, nil, nil),
		"MedianAE, NaN":               metric.MedianAE([]float64{1, 2, 3}, []float64{1, nan, 3}, nil),
		"MSE, NaN":                    metric.MSE([]float64{1, 2}, []float64{1, nan}, nil),
		"R2, no rows":                 metric.R2(nil, nil, nil),
		"R2, one row":                 metric.R2([]float64{1}, []float64{2}, nil),
		"R2, one row of weight":       metric.R2([]float64{1, 5}, []float64{2, 5}, []float64{1, 0}),
		"R2, NaN predicted":           metric.R2([]float64{1, 1}, []float64{1, nan}, nil),
		"R2, NaN true":                metric.R2([]float64{1, nan}, []float64{1, 1}, nil),
		"Area, one point":             metric.Curve{X: []float64{1}, Y: []float64{1}}.Area(),
	} {
		if !math.IsNaN(got) {
			t.Errorf("%s = %v, want NaN", name, got)
		}
	}
}

func TestDocumentedValues(t *testing.T) {
	for name, c := range map[string]struct{ got, want float64 }{
		"precision of a class never predicted": {metric.Precision([]int{1, 0}, []int{0, 0}, metric.Binary, nil), 0},
		"recall of a class never true":         {metric.Recall([]int{0, 0}, []int{1, 0}, metric.Binary, nil), 0},
		"F1 of an absent class":                {metric.F1([]int{0, 2}, []int{2, 0}, metric.Binary, nil), 0},
		"binary among three classes":           {metric.Precision([]int{1, 2, 0, 1}, []int{1, 1, 1, 2}, metric.Binary, nil), 1.0 / 3},
		// The mean of three times 0.1 is not 0.1: variance is a rounding error above 0, and R2 still is 0.
		"R2 of a constant, rounding": {metric.R2([]float64{0.1, 0.1, 0.1}, []float64{0.1, 0.1, 0.2}, nil), 0},
		"macro over a class weighted away": {
			metric.F1([]int{0, 1, 5}, []int{0, 1, 0}, metric.Macro, []float64{1, 1, 0}), 1},
		"median halfway with weights": {
			metric.MedianAE([]float64{0, 0}, []float64{1, 2}, []float64{3, 3}), 1.5},
		"area of a curve drawn backwards": {metric.Curve{X: []float64{1, 0}, Y: []float64{1, 0}}.Area(), 0.5},
		"IoU of empty boxes":              {metric.IoU(metric.Box{}, metric.Box{}), 0},
		"IoU of boxes apart":              {metric.IoU(metric.Box{X2: 1, Y2: 1}, metric.Box{X1: 2, Y1: 2, X2: 3, Y2: 3}), 0},
		"IoU of boxes side by side":       {metric.IoU(metric.Box{X2: 1, Y2: 1}, metric.Box{X1: 1, X2: 2, Y2: 1}), 0},
		"IoU of the same box":             {metric.IoU(metric.Box{X2: 3, Y2: 2}, metric.Box{X2: 3, Y2: 2}), 1},
		"IoU by hand: 2/(4+6−2)":          {metric.IoU(metric.Box{X2: 2, Y2: 2}, metric.Box{X1: 1, X2: 4, Y2: 2}), 0.25},
		"area of an inverted box":         {metric.Box{X1: 2, Y1: 2, X2: 1, Y2: 1}.Area(), 0},
	} {
		golden.Close(t, name, c.got, c.want, tol)
	}
}

func TestErrors(t *testing.T) {
	first := func(_ any, err error) error { return err }
	two := func(x ...float64) *mat.Dense { return mat.NewDense(len(x)/2, 2, x) }
	object := []metric.Object{{Box: metric.Box{X2: 1, Y2: 1}}}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"ROC of one class", first(metric.ROCCurve([]int{1, 1}, []float64{1, 2}, nil)), "only one class is present (2 positive, 0 negative)"},
		{"AUC without positives", first(metric.ROCAUC([]int{0, 0}, []float64{1, 2}, nil)), "only one class is present"},
		{"AUC with the class weighted away", first(metric.ROCAUC([]int{0, 1}, []float64{1, 2}, []float64{1, 0})), "only one class"},
		{"AUC of nothing", first(metric.ROCAUC(nil, nil, nil)), "no rows"},
		{"AUC of three classes", first(metric.ROCAUC([]int{0, 1, 2}, []float64{1, 2, 3}, nil)), "row 2 has label 2, want two classes"},
		{"AUC of mixed labels", first(metric.ROCAUC([]int{0, 1, -1}, []float64{1, 2, 3}, nil)), "row 2 has label -1 but an earlier row has 0"},
		{"AUC of NaN", first(metric.ROCAUC([]int{0, 1}, []float64{1, nan}, nil)), "row 1 has score NaN"},
		{"curves of one column", first(metric.ROCCurves([]int{0, 1}, column([]float64{0, 1}), nil)), "ROCCurves: the probabilities have one column, want one for each class: use ROCAUC"},
		{"curve of a class without rows", first(metric.ROCCurves([]int{0, 0}, two(0, 1, 0.5, 0.5), nil)), "ROCCurves: class 0: metric: ROCCurve: only one class"},
		{"curves of logits", first(metric.ROCCurves([]int{0, 1}, two(-2, 3, 1, 1), nil)), "row 0 has probability -2, want 0 to 1: for logits use model.Probabilities"},
		{"one against the rest without the column", first(metric.ROCAUCOneVsRest([]int{0, 2}, two(0, 1, 0.5, 0.5), metric.Macro, nil)), "ROCAUCOneVsRest: row 1 has label 2"},
		{"one against the rest of a bad sum", first(metric.ROCAUCOneVsRest([]int{0, 1}, two(0, 1, 0.5, 0.4), metric.Weighted, nil)), "row 1 of the probabilities sums to 0.9"},
		{"micro average of a bad sum", first(metric.ROCAUCOneVsRest([]int{0, 1}, two(0, 1, 0.5, 0.4), metric.Micro, nil)), "ROCAUCOneVsRest: row 1"},
		{"micro curve of nothing", first(metric.MicroROCCurve(nil, new(mat.Dense), nil)), "no rows"},
		{"one against one of nobody", first(metric.ROCAUCOneVsOne([]int{0, 0}, two(0, 1, 0.5, 0.5), metric.Macro, nil)), "ROCAUCOneVsOne: classes 0 and 1: metric: ROCCurve: only one class"},
		{"one against one with a class weighted away", first(metric.ROCAUCOneVsOne([]int{0, 1}, two(0, 1, 0.5, 0.5), metric.Macro, []float64{1, 0})), "only one class"},
		{"one against one of one column", first(metric.ROCAUCOneVsOne([]int{0, 1}, column([]float64{0, 1}), metric.Macro, nil)), "one column"},
		{"AP of an infinite score", first(metric.AveragePrecision([]int{0, 1}, []float64{math.Inf(1), 0}, nil)), "row 0 has score +Inf"},
		{"AP without positives", first(metric.AveragePrecision([]int{0, 0}, []float64{1, 2}, nil)), "no row is positive"},
		{"Brier of 1.5", first(metric.Brier([]int{0, 1}, []float64{0, 1.5}, nil)), "row 1 has probability 1.5"},
		{"Brier of label 3", first(metric.Brier([]int{3}, []float64{0}, nil)), "row 0 has label 3"},
		{"log loss of logits", first(metric.LogLoss([]int{0, 1}, column([]float64{-2, 3}), nil)), "row 0 has probability -2, want 0 to 1: for logits use LogLossLogits"},
		{"log loss of NaN", first(metric.LogLoss([]int{0}, two(nan, 1), nil)), "probability NaN"},
		{"log loss of a bad sum", first(metric.LogLoss([]int{0, 1}, two(0.5, 0.5, 0.7, 0.4), nil)), "row 1 of the probabilities sums to 1.1"},
		{"log loss without the column", first(metric.LogLoss([]int{0, 2}, two(0.5, 0.5, 0.7, 0.3), nil)), "row 1 has label 2, but the predictions have columns for 0 to 1"},
		{"log loss of a negative label", first(metric.LogLossLogits([]int{-1}, two(1, 2), nil)), "row 0 has label -1"},
		{"log loss of an infinite logit", first(metric.LogLossLogits([]int{0}, two(1, math.Inf(-1)), nil)), "row 0 has logit -Inf"},
		{"top k of NaN", first(metric.TopKAccuracy([]int{0}, two(1, nan), 1, nil)), "row 0 has a score that is NaN"},
		{"top k without the column", first(metric.TopKAccuracy([]int{5}, two(1, 2), 1, nil)), "row 0 has label 5"},
		{"calibration of 3 classes", first(metric.NewCalibration([]int{0, 2}, []float64{0, 1}, 5, metric.Uniform)), "row 1 has label 2"},
		{"calibration of −0.1", first(metric.NewCalibration([]int{0, 1}, []float64{0, -0.1}, 5, metric.Uniform)), "row 1 has probability -0.1"},
		{"calibration of nothing", first(metric.NewCalibration(nil, nil, 5, metric.Uniform)), "no rows"},
		{"mAP without objects", first(metric.MeanAP(nil, nil, 0.5, metric.VOC)), "no objects"},
		{"mAP of NaN", first(metric.MeanAP(object, []metric.Detection{{Score: nan}}, 0.5, metric.VOC)), "detection 0 has score NaN"},
		{"mAP at 0", first(metric.MeanAP(object, nil, 0, metric.VOC)), "the IoU threshold is 0"},
		{"mAP at 50", first(metric.MeanAP(object, nil, 50, metric.COCO)), "the IoU threshold is 50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.err == nil || !strings.HasPrefix(c.err.Error(), "metric: ") || !strings.Contains(c.err.Error(), c.want) {
				t.Errorf("error is %v, want one with %q", c.err, c.want)
			}
		})
	}
}

func TestPanics(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func()
		want string
	}{
		{"lengths", func() { metric.Accuracy([]int{1, 2}, []int{1}, nil) }, "metric: Accuracy: 2 true values but 1 predictions"},
		{"weights", func() { metric.MAE([]float64{1}, []float64{1}, []float64{1, 2}) }, "metric: MAE: 1 true values but 2 weights"},
		{"no weights is not nil", func() { metric.MAE([]float64{1}, []float64{1}, []float64{}) }, "1 true values but 0 weights"},
		{"negative weight", func() { metric.MSE([]float64{1}, []float64{1}, []float64{-1}) }, "weight[0] is -1"},
		{"NaN weight", func() { metric.R2([]float64{1}, []float64{1}, []float64{nan}) }, "weight[0] is NaN"},
		{"infinite weight", func() { metric.MAPE([]float64{1}, []float64{1}, []float64{math.Inf(1)}) }, "weight[0] is +Inf"},
		{"rows", func() { _, _ = metric.LogLoss([]int{1}, mat.NewDense(2, 1, nil), nil) }, "1 true values but 2 predictions"},
		{"k", func() { _, _ = metric.TopKAccuracy([]int{1}, mat.NewDense(1, 2, nil), 0, nil) }, "k is 0"},
		{"average", func() { metric.F1([]int{1}, []int{1}, 9, nil) }, "Average(9) is not an average"},
		{"average of ROC", func() { _, _ = metric.ROCAUCOneVsRest([]int{0, 1}, mat.NewDense(2, 2, nil), metric.Binary, nil) }, "the average is binary, want Macro, Weighted or Micro"},
		{"average of pairs", func() { _, _ = metric.ROCAUCOneVsOne([]int{0, 1}, mat.NewDense(2, 2, nil), metric.Micro, nil) }, "the average is micro, want Macro or Weighted"},
		{"rows of ROC", func() { _, _ = metric.ROCCurves([]int{0}, mat.NewDense(2, 2, nil), nil) }, "1 true values but 2 predictions"},
		{"bins", func() { _, _ = metric.NewCalibration([]int{1}, []float64{1}, 0, metric.Uniform) }, "0 bins"},
		{"kind of bins", func() { _, _ = metric.NewCalibration([]int{1}, []float64{1}, 2, 7) }, "unknown kind of bins 7"},
		{"curve", func() { metric.Curve{X: []float64{1}}.Area() }, "1 values of X but 0 of Y"},
		{"boxes", func() { metric.NMS(make([]metric.Box, 2), []float64{1}, 0.5) }, "2 boxes but 1 scores"},
		{"protocol", func() { _, _ = metric.ClassAP(nil, nil, 0.5, 5) }, "unknown protocol 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "metric: ") || !strings.Contains(got, c.want) {
					t.Errorf("panic with %q, want %q", got, c.want)
				}
			}()
			c.f()
		})
	}
}

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		name string
		pred *mat.Dense
		want []int
	}{
		{"argmax, first of equals, NaN", mat.NewDense(4, 3, []float64{1, 3, 2, 5, 5, 5, -1, -3, -0.5, 9, nan, 1}), []int{1, 0, 2, -1}},
		{"one column", column([]float64{0.5, 0.51, 0.2, nan, 1}), []int{0, 1, 0, -1, 1}},
		{"a slice of a matrix", mat.NewDense(2, 3, []float64{9, 1, 2, 9, 2, 1}).Slice(0, 2, 1, 3).(*mat.Dense), []int{1, 0}},
	} {
		if got := metric.Labels(c.pred); !slices.Equal(got, c.want) {
			t.Errorf("%s: Labels = %v, want %v", c.name, got, c.want)
		}
	}
	if got := metric.Threshold([]float64{-1, 0, 0.1}, 0); !slices.Equal(got, []int{0, 0, 1}) {
		t.Errorf("Threshold at 0 = %v, want [0 0 1]", got)
	}
}

func TestConfusionPrints(t *testing.T) {
	m := metric.NewConfusion([]int{0, 1, 2}, []int{0, 2, 2}, []float64{1, 0.25, 100})
	m.Names = []string{"猫", "a dog of unusual size"}
	want := `
     true \ predicted                      猫  a dog of unusual size                      2
                    猫                   1.00                   0.00                   0.00
a dog of unusual size                   0.00                   0.00                   0.25
                    2                   0.00                   0.00                 100.00`
	if got := "\n" + m.String(); got != want {
		t.Errorf("String:%s\nwant:%s", got, want)
	}
	if !strings.Contains(m.Report(), "a dog of unusual size       0.00      0.00      0.00      0.25\n") {
		t.Errorf("Report has no line for the dog:\n%s", m.Report())
	}
	empty := metric.NewConfusion(nil, nil, nil)
	if got := empty.String(); got != `true \ predicted` {
		t.Errorf("empty table is %q", got)
	}
	if got := empty.Report(); !strings.Contains(got, "accuracy                            NaN         0") {
		t.Errorf("empty report is\n%s", got)
	}
}

// Classes that are named but absent have a row and a column of zeros, and count in the report's macro average.
func TestConfusionOfAbsentClass(t *testing.T) {
	m := metric.NewConfusion([]int{0, 1}, []int{0, 1}, nil, 0, 1, 2)
	if !slices.Equal(m.Labels, []int{0, 1, 2}) {
		t.Fatalf("Labels = %v, want [0 1 2]", m.Labels)
	}
	golden.CloseSlice(t, "F1", m.F1(), []float64{1, 1, 0}, tol)
	if !strings.Contains(m.Report(), "macro avg       0.67") {
		t.Errorf("macro average is not 2/3:\n%s", m.Report())
	}
	zero := metric.NewConfusion(nil, nil, nil, 0, 1)
	if !math.IsNaN(zero.Accuracy()) {
		t.Errorf("accuracy of no rows is %v, want NaN", zero.Accuracy())
	}
}

func TestNMS(t *testing.T) {
	boxes := []metric.Box{{0, 0, 2, 2}, {0, 0, 2, 2}, {1, 0, 3, 2}, {0, 0, 2, 2}, {9, 9, 10, 10}}
	for _, c := range []struct {
		name      string
		scores    []float64
		threshold float64
		want      []int
	}{
		{"best first, earlier of equals", []float64{0.5, 0.9, 0.8, 0.9, 0.1}, 0.5, []int{1, 2, 4}},
		{"IoU equal to the threshold stays", []float64{5, 4, 3, 2, 1}, 2.0 / 6, []int{0, 2, 4}},
		{"below it goes", []float64{5, 4, 3, 2, 1}, 0.3, []int{0, 4}},
		{"NaN is not kept", []float64{nan, nan, 1, nan, nan}, 0.3, []int{2}},
	} {
		if got := metric.NMS(boxes, c.scores, c.threshold); !slices.Equal(got, c.want) {
			t.Errorf("%s: kept %v, want %v", c.name, got, c.want)
		}
	}
	if got := metric.NMS(nil, nil, 0.5); len(got) != 0 {
		t.Errorf("NMS of nothing keeps %v", got)
	}
}

// By hand: three objects; by falling score the detections are true, false, true, false (found before), and one object
// is never found. Recall 1/3, 1/3, 2/3, 2/3; precision 1, 1/2, 2/3, 1/2; made monotone 1, 2/3, 2/3, 1/2.
func TestMeanAPByHand(t *testing.T) {
	at := func(x float64) metric.Box { return metric.Box{X1: x, Y1: 0, X2: x + 2, Y2: 2} }
	objects := []metric.Object{{1, 0, at(0)}, {1, 0, at(10)}, {2, 0, at(0)}}
	found := []metric.Detection{
		{1, 0, at(10), 0.5}, {1, 0, at(0), 0.4}, // the second comes after at(0.5) below
		{1, 0, at(0.5), 0.9}, {3, 0, at(0), 0.8}, // IoU 3/5; an image without objects
		{1, 4, at(0), 1}, // a class without objects
	}
	voc, err := metric.MeanAP(objects, found, 0.5, metric.VOC)
	check(t, "VOC", voc, err, 1.0/3+1.0/3*2/3)
	// Of the recalls 0 … 1 in hundredths, 34 are up to 1/3, 33 up to 2/3, 34 above.
	coco, err := metric.MeanAP(objects, found, 0.5, metric.COCO)
	check(t, "COCO", coco, err, (34+33*2.0/3)/101)
	// At 0.7 the first detection is false, and the last one finds its object: false, false, true, true.
	voc, err = metric.MeanAP(objects, found, 0.7, metric.VOC)
	check(t, "VOC at 0.7", voc, err, 2.0/3*0.5)
	voc, err = metric.MeanAP(objects, nil, 0.5, metric.VOC)
	check(t, "nothing found", voc, err, 0)
}

// A second detection overlaps most with an object that is taken: VOC calls it false, COCO gives it the other object.
func TestProtocolsDiffer(t *testing.T) {
	objects := []metric.Object{{Box: metric.Box{X2: 10, Y2: 10}}, {Box: metric.Box{X1: 3, X2: 13, Y2: 10}}}
	found := []metric.Detection{{Box: metric.Box{X2: 10, Y2: 10}, Score: 2}, {Box: metric.Box{X1: 1, X2: 11, Y2: 10}, Score: 1}}
	voc, err := metric.MeanAP(objects, found, 0.5, metric.VOC)
	check(t, "VOC", voc, err, 0.5)
	coco, err := metric.MeanAP(objects, found, 0.5, metric.COCO)
	check(t, "COCO", coco, err, 1)
}

// Of objects that a detection overlaps equally, VOC gives it the first and COCO the last, which is then gone.
func TestProtocolsDifferOnTies(t *testing.T) {
	objects := []metric.Object{{Box: metric.Box{X2: 10, Y2: 10}}, {Box: metric.Box{X1: 4, X2: 14, Y2: 10}}}
	found := []metric.Detection{{Box: metric.Box{X1: 2, X2: 12, Y2: 10}, Score: 2}, {Box: metric.Box{X1: 4, X2: 14, Y2: 10}, Score: 1}}
	voc, err := metric.MeanAP(objects, found, 0.5, metric.VOC)
	check(t, "VOC", voc, err, 1)
	coco, err := metric.MeanAP(objects, found, 0.5, metric.COCO)
	check(t, "COCO", coco, err, 51.0/101)
}

// Seven of twenty objects are found. NumPy's linspace(0, 1, 101)[35], which pycocotools uses, is one bit above 7/20,
// so 35 recalls are reached and not 36.
func TestCOCORecallOnTheGrid(t *testing.T) {
	var objects []metric.Object
	var found []metric.Detection
	for i := range 20 {
		objects = append(objects, metric.Object{Image: i, Box: metric.Box{X2: 1, Y2: 1}})
		if i < 7 {
			found = append(found, metric.Detection{Image: i, Box: metric.Box{X2: 1, Y2: 1}})
		}
	}
	coco, err := metric.MeanAP(objects, found, 0.5, metric.COCO)
	check(t, "COCO", coco, err, 35.0/101)
}
