package metric_test

import (
	"fmt"

	"github.com/descent-go/descent/lib/metric"
	"gonum.org/v1/gonum/mat"
)

// Ten patients, of whom two are ill. Nobody being ill would be "80 % accurate".
func Example() {
	ill := []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1}
	nobody := make([]int, 10)
	risk := []float64{0.1, 0.2, 0.1, 0.3, 0.1, 0.6, 0.2, 0.1, 0.4, 0.9}
	fmt.Println("accuracy", metric.Accuracy(ill, nobody, nil))
	fmt.Println("balanced", metric.BalancedAccuracy(ill, nobody, nil))

	auc, err := metric.ROCAUC(ill, risk, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("AUC of the risk", auc)
	// Output:
	// accuracy 0.8
	// balanced 0.5
	// AUC of the risk 0.9375
}

func ExampleConfusion() {
	truth := []int{0, 0, 0, 1, 1, 1, 2, 2, 2, 2}
	pred := []int{0, 0, 0, 1, 2, 1, 2, 2, 2, 1}
	c := metric.NewConfusion(truth, pred, nil)
	c.Names = []string{"setosa", "versicolor", "virginica"}
	fmt.Println(c)
	// Output:
	// true \ predicted      setosa  versicolor   virginica
	//           setosa           3           0           0
	//       versicolor           0           2           1
	//        virginica           0           1           3
}

func ExampleConfusion_Report() {
	truth := []int{0, 0, 0, 1, 1, 1, 2, 2, 2, 2}
	pred := []int{0, 0, 0, 1, 2, 1, 2, 2, 2, 1}
	c := metric.NewConfusion(truth, pred, nil)
	c.Names = []string{"setosa", "versicolor", "virginica"}
	fmt.Println(c.Report())
	// Output:
	//               precision    recall  f1-score   support
	//
	//       setosa       1.00      1.00      1.00         3
	//   versicolor       0.67      0.67      0.67         3
	//    virginica       0.75      0.75      0.75         4
	//
	//     accuracy                           0.80        10
	//    macro avg       0.81      0.81      0.81        10
	// weighted avg       0.80      0.80      0.80        10
}

func ExampleAverage() {
	truth := []int{0, 0, 0, 0, 0, 0, 1, 1, 2, 2}
	pred := []int{0, 0, 0, 0, 0, 0, 1, 0, 0, 0}
	for _, a := range []metric.Average{metric.Binary, metric.Micro, metric.Macro, metric.Weighted} {
		fmt.Printf("F1 %-8v %.3f\n", a, metric.F1(truth, pred, a, nil))
	}
	// Output:
	// F1 binary   0.667
	// F1 micro    0.700
	// F1 macro    0.489
	// F1 weighted 0.613
}

func ExamplePrecision() {
	fire := []int{1, 1, 1, 0, 0, 0, 0, 0}
	alarm := []int{1, 1, 0, 1, 1, 0, 0, 0}
	fmt.Printf("alarms that were true: %.2f\n", metric.Precision(fire, alarm, metric.Binary, nil))
	fmt.Printf("fires that gave an alarm: %.2f\n", metric.Recall(fire, alarm, metric.Binary, nil))
	// Output:
	// alarms that were true: 0.50
	// fires that gave an alarm: 0.67
}

func ExampleCurve() {
	truth := []int{0, 0, 1, 1}
	score := []float64{0.1, 0.4, 0.35, 0.8}
	roc, err := metric.ROCCurve(truth, score, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("threshold  FPR  TPR")
	for i, t := range roc.Threshold {
		fmt.Printf("%9.2f  %.1f  %.1f\n", t, roc.X[i], roc.Y[i])
	}
	fmt.Println("area", roc.Area())
	// Output:
	// threshold  FPR  TPR
	//      +Inf  0.0  0.0
	//      0.80  0.0  0.5
	//      0.40  0.5  0.5
	//      0.35  0.5  1.0
	//      0.10  1.0  1.0
	// area 0.75
}

func ExamplePrecisionRecallCurve() {
	truth := []int{0, 0, 1, 1}
	score := []float64{0.1, 0.4, 0.35, 0.8}
	curve, err := metric.PrecisionRecallCurve(truth, score, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ap, err := metric.AveragePrecision(truth, score, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("recall    %.2f\nprecision %.2f\naverage precision %.3f\n", curve.X, curve.Y, ap)
	// Output:
	// recall    [0.00 0.50 0.50 1.00 1.00]
	// precision [1.00 1.00 0.50 0.67 0.50]
	// average precision 0.833
}

// One against the rest, for a model of three classes.
func ExampleOneVsRest() {
	truth := []int{0, 1, 2, 2, 1, 0}
	prob := mat.NewDense(6, 3, []float64{
		0.7, 0.2, 0.1,
		0.3, 0.5, 0.2,
		0.1, 0.2, 0.7,
		0.1, 0.6, 0.3,
		0.5, 0.4, 0.1,
		0.6, 0.3, 0.1,
	})
	fmt.Println("labels", metric.Labels(prob))
	for class := range 3 {
		auc, err := metric.ROCAUC(metric.OneVsRest(truth, class), metric.Column(prob, class), nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("class %d: AUC %.3f\n", class, auc)
	}
	// Output:
	// labels [0 1 2 1 0 0]
	// class 0: AUC 1.000
	// class 1: AUC 0.750
	// class 2: AUC 1.000
}

// The area for many classes, in two ways, and the curve of each class.
func ExampleROCAUCOneVsRest() {
	truth := []int{0, 1, 2, 2, 1, 0}
	prob := mat.NewDense(6, 3, []float64{
		0.7, 0.2, 0.1,
		0.3, 0.5, 0.2,
		0.1, 0.2, 0.7,
		0.1, 0.6, 0.3,
		0.5, 0.4, 0.1,
		0.6, 0.3, 0.1,
	})
	rest, err := metric.ROCAUCOneVsRest(truth, prob, metric.Macro, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	pairs, _ := metric.ROCAUCOneVsOne(truth, prob, metric.Macro, nil)
	fmt.Printf("one against the rest %.3f, one against one %.3f\n", rest, pairs)
	curves, _ := metric.ROCCurves(truth, prob, nil)
	for class, c := range curves {
		fmt.Printf("class %d: %d points, AUC %.3f\n", class, len(c.X), c.Area())
	}
	// Output:
	// one against the rest 0.917, one against one 0.917
	// class 0: 6 points, AUC 1.000
	// class 1: 6 points, AUC 0.750
	// class 2: 5 points, AUC 1.000
}

func ExampleLogLoss() {
	rain := []int{1, 0, 0, 1}
	prob := mat.NewDense(4, 1, []float64{0.9, 0.1, 0.2, 0.65})
	loss, err := metric.LogLoss(rain, prob, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	brier, err := metric.Brier(rain, metric.Column(prob, 0), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("log loss %.4f nats, Brier score %.4f\n", loss, brier)
	// Output: log loss 0.2162 nats, Brier score 0.0456
}

// A model that gave no probability but a logit to be used as one is told so.
func ExampleLogLossLogits() {
	truth := []int{1, 0}
	logit := mat.NewDense(2, 1, []float64{2, -40})
	_, err := metric.LogLoss(truth, logit, nil)
	fmt.Println(err)
	loss, err := metric.LogLossLogits(truth, logit, nil)
	fmt.Printf("%.4f %v\n", loss, err)
	// Output:
	// metric: LogLoss: row 0 has probability 2, want 0 to 1: for logits use LogLossLogits
	// 0.0635 <nil>
}

func ExampleTopKAccuracy() {
	truth := []int{0, 1, 2, 2}
	score := mat.NewDense(4, 3, []float64{
		0.5, 0.2, 0.2,
		0.3, 0.4, 0.2,
		0.2, 0.4, 0.3,
		0.7, 0.2, 0.1,
	})
	for k := 1; k <= 2; k++ {
		top, err := metric.TopKAccuracy(truth, score, k, nil)
		fmt.Println(k, top, err)
	}
	// Output:
	// 1 0.5 <nil>
	// 2 0.75 <nil>
}

func ExampleCalibration() {
	rain := []int{0, 0, 0, 1, 0, 1, 1, 0, 1, 1}
	prob := []float64{0.1, 0.1, 0.2, 0.2, 0.3, 0.8, 0.9, 0.9, 0.9, 1}
	c, err := metric.NewCalibration(rain, prob, 2, metric.Uniform)
	if err != nil {
		fmt.Println(err)
		return
	}
	for b, n := range c.Count {
		fmt.Printf("%d days: said %.2f, was %.2f\n", n, c.Predicted[b], c.Observed[b])
	}
	fmt.Printf("ECE %.2f\n", c.ECE())
	// Output:
	// 5 days: said 0.18, was 0.20
	// 5 days: said 0.90, was 0.80
	// ECE 0.06
}

func ExampleBins() {
	rain := []int{0, 0, 0, 0, 1, 1}
	prob := []float64{0.05, 0.1, 0.1, 0.2, 0.3, 0.9}
	for _, kind := range []metric.Bins{metric.Uniform, metric.Quantile} {
		c, err := metric.NewCalibration(rain, prob, 2, kind)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(c.Count)
	}
	// Output:
	// [5 1]
	// [3 3]
}

func ExampleConfidence() {
	prob := mat.NewDense(3, 3, []float64{
		0.7, 0.2, 0.1,
		0.3, 0.6, 0.1,
		0.4, 0.1, 0.5,
	})
	right, top := metric.Confidence([]int{0, 1, 0}, prob)
	fmt.Println(right, top)
	// Output: [1 1 0] [0.7 0.6 0.5]
}

// Errors in euros; one of them is wild.
func ExampleMedianAE() {
	truth := []float64{100, 200, 300, 400, 500}
	pred := []float64{110, 190, 310, 390, 900}
	fmt.Printf("MAE %.0f, RMSE %.1f, median %.0f\n",
		metric.MAE(truth, pred, nil), metric.RMSE(truth, pred, nil), metric.MedianAE(truth, pred, nil))
	fmt.Printf("MAPE %.1f %%, R² %.3f\n", 100*metric.MAPE(truth, pred, nil), metric.R2(truth, pred, nil))
	// Output:
	// MAE 88, RMSE 179.1, median 10
	// MAPE 20.2 %, R² -0.604
}

func ExampleBox() {
	a := metric.Box{X1: 0, Y1: 0, X2: 4, Y2: 2}
	b := metric.Box{X1: 2, Y1: 0, X2: 6, Y2: 2}
	fmt.Printf("area %v, IoU %.3f\n", a.Area(), metric.IoU(a, b))
	// Output: area 8, IoU 0.333
}

func ExampleNMS() {
	boxes := []metric.Box{
		{X1: 0, Y1: 0, X2: 10, Y2: 10},
		{X1: 1, Y1: 1, X2: 11, Y2: 11}, // much the same as the first, and surer
		{X1: 20, Y1: 20, X2: 30, Y2: 30},
	}
	fmt.Println(metric.NMS(boxes, []float64{0.8, 0.9, 0.7}, 0.5))
	// Output: [1 2]
}

func ExampleDetection() {
	objects := []metric.Object{
		{Image: 1, Class: 0, Box: metric.Box{X1: 0, Y1: 0, X2: 10, Y2: 10}},
		{Image: 1, Class: 0, Box: metric.Box{X1: 20, Y1: 0, X2: 30, Y2: 10}},
	}
	found := []metric.Detection{
		{Image: 1, Class: 0, Box: metric.Box{X1: 1, Y1: 0, X2: 10, Y2: 10}, Score: 0.9},
		{Image: 1, Class: 0, Box: metric.Box{X1: 40, Y1: 0, X2: 50, Y2: 10}, Score: 0.8},
		{Image: 1, Class: 0, Box: metric.Box{X1: 20, Y1: 0, X2: 30, Y2: 9}, Score: 0.7},
	}
	ap, err := metric.ClassAP(objects, found, 0.5, metric.VOC)
	fmt.Printf("%.3f %v\n", ap[0], err)
	// Output: 0.833 <nil>
}

// COCO's headline number is the mean over ten thresholds.
func ExampleProtocol() {
	objects := []metric.Object{{Box: metric.Box{X2: 10, Y2: 10}}}
	found := []metric.Detection{{Box: metric.Box{X2: 10, Y2: 7.7}, Score: 0.9}} // IoU 0.77
	sum := 0.0
	for i := range 10 {
		ap, err := metric.MeanAP(objects, found, 0.5+0.05*float64(i), metric.COCO)
		if err != nil {
			fmt.Println(err)
			return
		}
		sum += ap
	}
	fmt.Printf("AP@[0.5:0.95] = %.2f\n", sum/10)
	// Output: AP@[0.5:0.95] = 0.60
}

func ExampleObject() {
	cat := metric.Object{Image: 7, Class: 2, Box: metric.Box{X1: 10, Y1: 10, X2: 60, Y2: 40}}
	fmt.Println(cat.Box.Area())
	// Output: 1500
}
