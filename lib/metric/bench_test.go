package metric_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/metric"
)

// timedData are predictions of n rows.
type timedData struct {
	labels, guesses, binary []int
	scores, probability     []float64
	truth, pred, weight     []float64
	shares, logits          *mat.Dense
	boxes                   []metric.Box
	objects                 []metric.Object
	found                   []metric.Detection
}

const timedClasses = 8

func timedRows(n int) timedData {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	d := timedData{shares: mat.NewDense(n, timedClasses, nil), logits: mat.NewDense(n, timedClasses, nil)}
	for i := range n {
		d.labels, d.guesses = append(d.labels, r.IntN(timedClasses)), append(d.guesses, r.IntN(timedClasses))
		d.binary, d.scores = append(d.binary, i%2), append(d.scores, r.NormFloat64()+float64(i%2))
		d.probability, d.weight = append(d.probability, r.Float64()), append(d.weight, r.Float64())
		d.truth, d.pred = append(d.truth, r.NormFloat64()), append(d.pred, r.NormFloat64())
		for j := range timedClasses {
			d.shares.Set(i, j, 1./timedClasses)
			d.logits.Set(i, j, r.NormFloat64())
		}
		x, y := r.Float64(), r.Float64()
		box := metric.Box{X1: x, Y1: y, X2: x + 0.1, Y2: y + 0.1}
		d.boxes = append(d.boxes, box)
		d.objects = append(d.objects, metric.Object{Image: i / 8, Class: i % 3, Box: box})
		d.found = append(d.found, metric.Detection{Image: i / 8, Class: i % 3, Box: box, Score: x})
	}
	return d
}

// of makes a benchmark of what is done with such rows.
func of(run func(d timedData)) func(n int) func() {
	return func(n int) func() {
		d := timedRows(n)
		return func() { run(d) }
	}
}

var benchmarks = timed.List{
	"Accuracy":         of(func(d timedData) { metric.Accuracy(d.labels, d.guesses, nil) }),
	"BalancedAccuracy": of(func(d timedData) { metric.BalancedAccuracy(d.labels, d.guesses, nil) }),
	"TopKAccuracy":     of(func(d timedData) { metric.TopKAccuracy(d.labels, d.logits, 2, nil) }),
	"NewConfusion":     of(func(d timedData) { metric.NewConfusion(d.labels, d.guesses, nil) }),
	"Precision":        of(func(d timedData) { metric.Precision(d.labels, d.guesses, metric.Macro, nil) }),
	"Recall":           of(func(d timedData) { metric.Recall(d.labels, d.guesses, metric.Macro, nil) }),
	"F1":               of(func(d timedData) { metric.F1(d.labels, d.guesses, metric.Macro, nil) }),
	"ROCCurve":         of(func(d timedData) { metric.ROCCurve(d.binary, d.scores, nil) }),
	"ROCAUC":           of(func(d timedData) { metric.ROCAUC(d.binary, d.scores, nil) }),
	"Curve.DropIntermediate": func(n int) func() {
		d := timedRows(n)
		c, err := metric.ROCCurve(d.binary, d.scores, nil)
		if err != nil {
			panic(err)
		}
		return func() { c.DropIntermediate() }
	},
	"Curve.Area": func(n int) func() {
		d := timedRows(n)
		c, err := metric.ROCCurve(d.binary, d.scores, nil)
		if err != nil {
			panic(err)
		}
		return func() { c.Area() }
	},
	"ROCCurves":            of(func(d timedData) { metric.ROCCurves(d.labels, d.shares, nil) }),
	"MicroROCCurve":        of(func(d timedData) { metric.MicroROCCurve(d.labels, d.shares, nil) }),
	"ROCAUCOneVsRest":      of(func(d timedData) { metric.ROCAUCOneVsRest(d.labels, d.shares, metric.Macro, nil) }),
	"ROCAUCOneVsOne":       of(func(d timedData) { metric.ROCAUCOneVsOne(d.labels, d.shares, metric.Macro, nil) }),
	"PrecisionRecallCurve": of(func(d timedData) { metric.PrecisionRecallCurve(d.binary, d.scores, nil) }),
	"AveragePrecision":     of(func(d timedData) { metric.AveragePrecision(d.binary, d.scores, nil) }),
	"LogLoss":              of(func(d timedData) { metric.LogLoss(d.labels, d.shares, nil) }),
	"LogLossLogits":        of(func(d timedData) { metric.LogLossLogits(d.labels, d.logits, nil) }),
	"Brier":                of(func(d timedData) { metric.Brier(d.binary, d.probability, nil) }),
	"NewCalibration":       of(func(d timedData) { metric.NewCalibration(d.binary, d.probability, 10, metric.Quantile) }),
	"Confidence":           of(func(d timedData) { metric.Confidence(d.labels, d.shares) }),
	"MAE":                  of(func(d timedData) { metric.MAE(d.truth, d.pred, nil) }),
	"MSE":                  of(func(d timedData) { metric.MSE(d.truth, d.pred, d.weight) }),
	"RMSE":                 of(func(d timedData) { metric.RMSE(d.truth, d.pred, nil) }),
	"MAPE":                 of(func(d timedData) { metric.MAPE(d.truth, d.pred, nil) }),
	"MedianAE":             of(func(d timedData) { metric.MedianAE(d.truth, d.pred, nil) }),
	"R2":                   of(func(d timedData) { metric.R2(d.truth, d.pred, nil) }),
	"Labels":               of(func(d timedData) { metric.Labels(d.logits) }),
	"Threshold":            of(func(d timedData) { metric.Threshold(d.scores, 0) }),
	"Column":               of(func(d timedData) { metric.Column(d.logits, 1) }),
	"OneVsRest":            of(func(d timedData) { metric.OneVsRest(d.labels, 1) }),
	"MeanAP":               of(func(d timedData) { metric.MeanAP(d.objects, d.found, 0.5, metric.COCO) }),
	"ClassAP":              of(func(d timedData) { metric.ClassAP(d.objects, d.found, 0.5, metric.VOC) }),
	// Boxes compete with all that are kept: so few that they do not take minutes.
	"NMS": of(func(d timedData) { metric.NMS(d.boxes[:len(d.boxes)/10], d.scores[:len(d.boxes)/10], 0.5) }),
}

func BenchmarkMetric(b *testing.B) { benchmarks.Run(b) }

// TestEveryMetricIsTimed: an exported function has a benchmark at three sizes.
func TestEveryMetricIsTimed(t *testing.T) {
	benchmarks.Check(t, "IoU", "Box", "Confusion", "Calibration")
	benchmarks.Once()
}
