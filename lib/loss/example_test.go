package loss_test

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
)

// A loss gives its value and its gradient in one call. Moving the predictions
// against the gradient makes the loss smaller.
func Example() {
	pred := mat.NewDense(3, 1, []float64{1, 2, 6})
	target := mat.NewDense(3, 1, []float64{1, 3, 4})

	var grad mat.Dense
	fmt.Printf("loss %.3f\n", loss.MSE{}.Loss(&grad, pred, target, nil))
	fmt.Printf("gradient %.3f\n", mat.Col(nil, 0, &grad))

	var moved mat.Dense
	moved.Scale(-0.5, &grad)
	moved.Add(&moved, pred)
	fmt.Printf("loss %.3f after a step\n", loss.MSE{}.Loss(nil, &moved, target, nil))
	// Output:
	// loss 1.667
	// gradient [0.000 -0.667 1.333]
	// loss 0.741 after a step
}

// The best constant prediction under each loss: the outlier at 100 moves the
// mean, and hardly the others.
func Example_outlier() {
	target := mat.NewDense(5, 1, []float64{1, 2, 3, 4, 100})
	best := func(l loss.Loss) float64 {
		low, at := math.Inf(1), 0.0
		for i := range 10001 {
			f := float64(i) / 100
			pred := mat.NewDense(5, 1, []float64{f, f, f, f, f})
			if v := l.Loss(nil, pred, target, nil); v < low {
				low, at = v, f
			}
		}
		return at
	}
	fmt.Printf("MSE      %6.2f\n", best(loss.MSE{}))
	fmt.Printf("MAE      %6.2f\n", best(loss.MAE{}))
	fmt.Printf("Huber    %6.2f\n", best(loss.Huber{Delta: 1}))
	fmt.Printf("LogCosh  %6.2f\n", best(loss.LogCosh{}))
	fmt.Printf("Quantile %6.2f\n", best(loss.Quantile{Tau: 0.3}))
	// Output:
	// MSE       22.00
	// MAE        3.00
	// Huber      3.00
	// LogCosh    3.02
	// Quantile   2.00
}

// The same errors, of which one is large, as several losses see them: what each
// pays for it, and how hard the gradient pulls at it.
func ExampleLoss() {
	pred := mat.NewDense(4, 1, []float64{1, 2, 3, 4})
	target := mat.NewDense(4, 1, []float64{1.5, 2, 3, 14})
	for _, l := range []loss.Loss{loss.MSE{}, loss.MAE{}, loss.NewHuber()} {
		var grad mat.Dense
		value := l.Loss(&grad, pred, target, nil)
		fmt.Printf("%T: %.3f, gradient %.3f\n", l, value, mat.Col(nil, 0, &grad))
	}
	// Output:
	// loss.MSE: 25.062, gradient [-0.250 0.000 0.000 -5.000]
	// loss.MAE: 2.625, gradient [-0.250 0.000 0.000 -0.250]
	// loss.Huber: 2.406, gradient [-0.125 0.000 0.000 -0.250]
}

func ExampleMSE() {
	pred, target := column(1, 4), column(0, 2)
	fmt.Println(loss.MSE{}.Loss(nil, pred, target, nil))
	// A sample of weight 3 counts three times.
	fmt.Println(loss.MSE{}.Loss(nil, pred, target, []float64{3, 1}))
	// Output:
	// 2.5
	// 1.75
}

func ExampleMAE() {
	fmt.Println(loss.MAE{}.Loss(nil, column(1, 4), column(0, 2), nil))
	// Output: 1.5
}

func ExampleHuber() {
	var grad mat.Dense
	l := loss.Huber{Delta: 1}.Loss(&grad, column(0.5, 10), column(0, 0), nil)
	fmt.Printf("%.4f, gradient %.2f\n", l, mat.Col(nil, 0, &grad))
	// Output: 4.8125, gradient [0.25 0.50]
}

func ExampleLogCosh() {
	var grad mat.Dense
	l := loss.LogCosh{}.Loss(&grad, column(0.1, 10), column(0, 0), nil)
	fmt.Printf("%.4f, gradient %.2f\n", l, mat.Col(nil, 0, &grad))
	// Output: 4.6559, gradient [0.05 0.50]
}

// Too low costs nine times as much as too high.
func ExampleQuantile() {
	q := loss.Quantile{Tau: 0.9}
	fmt.Printf("%.1f %.1f\n", q.Loss(nil, column(9), column(10), nil), q.Loss(nil, column(11), column(10), nil))
	// Output: 0.9 0.1
}

// The prediction is the logarithm of the mean. Here it is that of the counts,
// so the gradients of the samples cancel.
func ExamplePoisson() {
	var grad mat.Dense
	f := math.Log(3)
	loss.Poisson{}.Loss(&grad, column(f, f), column(2, 4), nil)
	fmt.Printf("%.2f\n", mat.Col(nil, 0, &grad))
	// Output: [0.50 -0.50]
}

// A score of 0 is a probability of ½, which costs log 2. Certainty in the wrong
// answer costs its score, and never overflows.
func ExampleBinaryCrossEntropy() {
	bce := loss.BinaryCrossEntropy{}
	fmt.Printf("%.4f\n", bce.Loss(nil, column(0), column(1), nil))
	fmt.Printf("%.4f\n", bce.Loss(nil, column(-10000), column(1), nil))

	rare := loss.BinaryCrossEntropy{PositiveWeight: []float64{9}} // one 1 for nine 0s
	fmt.Printf("%.4f\n", rare.Loss(nil, column(0), column(1), nil))
	// Output:
	// 0.6931
	// 10000.0000
	// 6.2383
}

// A good answer has lost its interest long before it is perfect.
func ExampleFocal() {
	for _, f := range []float64{-2, 0, 2} {
		fmt.Printf("score %2.0f: cross-entropy %.4f, focal %.4f\n", f,
			loss.BinaryCrossEntropy{}.Loss(nil, column(f), column(1), nil),
			loss.NewFocal().Loss(nil, column(f), column(1), nil))
	}
	// Output:
	// score -2: cross-entropy 2.1269, focal 0.4125
	// score  0: cross-entropy 0.6931, focal 0.0433
	// score  2: cross-entropy 0.1269, focal 0.0005
}

// The target is a column with the number of each row's class. Smoothing asks
// the model not to be certain.
func ExampleCrossEntropy() {
	scores := mat.NewDense(2, 3, []float64{
		2, 0, 0,
		0, 0, 5,
	})
	classes := column(0, 2)
	fmt.Printf("%.4f\n", loss.CrossEntropy{}.Loss(nil, scores, classes, nil))
	fmt.Printf("%.4f with smoothing\n", loss.CrossEntropy{LabelSmoothing: 0.1}.Loss(nil, scores, classes, nil))
	fmt.Printf("%.4f if class 0 matters more\n",
		loss.CrossEntropy{ClassWeight: []float64{5, 1, 1}}.Loss(nil, scores, classes, nil))
	// Output:
	// 0.1265
	// 0.3598 with smoothing
	// 0.2019 if class 0 matters more
}

func ExampleKLDivergence() {
	scores := mat.NewDense(1, 2, []float64{0, 0}) // a fair coin
	fmt.Printf("%.4f\n", loss.KLDivergence{}.Loss(nil, scores, mat.NewDense(1, 2, []float64{0.5, 0.5}), nil))
	fmt.Printf("%.4f\n", loss.KLDivergence{}.Loss(nil, scores, mat.NewDense(1, 2, []float64{0.9, 0.1}), nil))
	// Output:
	// 0.0000
	// 0.3681
}

func ExampleHinge() {
	for _, f := range []float64{-1, 0.5, 3} {
		fmt.Println(loss.Hinge{}.Loss(nil, column(f), column(1), nil))
	}
	// Output:
	// 2
	// 0.5
	// 0
}

func ExampleSquaredHinge() {
	for _, f := range []float64{-1, 0.5, 3} {
		fmt.Println(loss.SquaredHinge{}.Loss(nil, column(f), column(1), nil))
	}
	// Output:
	// 4
	// 0.25
	// 0
}

func ExampleMulticlassHinge() {
	scores := mat.NewDense(1, 3, []float64{1, 1.5, -2})
	fmt.Println(loss.MulticlassHinge{}.Loss(nil, scores, column(1), nil)) // ahead by ½, should be 1
	// Output: 0.5
}

func ExampleTargetChecker() {
	err := loss.BinaryCrossEntropy{}.CheckTarget(column(1, -1, 1), 1)
	fmt.Println(err)
	// Output: loss: the target in row 1, column 0 is -1, want 0 or 1 (or a probability between): recode the labels
}

// For f = xW on data whose XᵀX/m has the largest eigenvalue 5, gradient descent
// is stable below this learning rate.
func ExampleSmooth() {
	const lambda = 5.0
	for _, l := range []loss.Smooth{loss.MSE{}, loss.BinaryCrossEntropy{}, loss.CrossEntropy{}} {
		fmt.Printf("%T: %.2f\n", l, 2/(l.Curvature()*lambda))
	}
	// Output:
	// loss.MSE: 0.20
	// loss.BinaryCrossEntropy: 1.60
	// loss.CrossEntropy: 0.80
}

func ExampleAsSeparable() {
	l, _ := loss.AsSeparable(loss.MSE{})
	pred, target := column(1, 2, 3), column(0, 0, 0)
	part := func(m *mat.Dense, i, j int) *mat.Dense { return m.Slice(i, j, 0, 1).(*mat.Dense) }
	a := l.Loss(nil, part(pred, 0, 1), part(target, 0, 1), nil)
	b := l.Loss(nil, part(pred, 1, 3), part(target, 1, 3), nil)
	fmt.Printf("%.4g and %.4g make %.4g\n", a, b, (1*a+2*b)/l.Total(target, nil))
	fmt.Printf("at once %.4g\n", l.Loss(nil, pred, target, nil))
	// Output:
	// 1 and 6.5 make 4.667
	// at once 4.667
}

func ExampleSeparable() {
	var l loss.Separable = loss.CrossEntropy{ClassWeight: []float64{1, 5}}
	fmt.Println(l.Total(column(0, 1, 1), nil)) // the classes' weights count
	// Output: 11
}

func ExamplePointwise() {
	var l loss.Pointwise = loss.NewHuber()
	for _, f := range []float64{0.5, 3} {
		value, slope := l.Point(f, 0)
		fmt.Println(value, slope)
	}
	// Output:
	// 0.125 0.5
	// 2.5 1
}

func column(v ...float64) *mat.Dense { return mat.NewDense(len(v), 1, v) }

// Class weights for data in which one class is rare, and a row whose class nobody
// knows.
func ExampleBalancedWeights() {
	target := mat.NewDense(6, 1, []float64{0, 0, 0, 0, 1, -1})
	v, err := loss.BalancedWeights(target, 2, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("weights", v)
	l := loss.CrossEntropy{ClassWeight: v, AllowUnlabelled: true}
	fmt.Printf("loss %.4f\n", l.Loss(nil, mat.NewDense(6, 2, nil), target, nil))
	// Output:
	// weights [0.625 2.5]
	// loss 0.6931
}

// The gradient of the logistic loss changes most where the score is undecided.
func ExampleSmooth_newton() {
	pred, target := mat.NewDense(3, 1, []float64{-4, 0, 4}), mat.NewDense(3, 1, []float64{0, 1, 1})
	v := mat.NewDense(3, 1, []float64{1, 1, 1})
	var change mat.Dense
	loss.BinaryCrossEntropy{}.HessianProduct(&change, pred, target, nil, v)
	fmt.Printf("%.4f\n", change.RawMatrix().Data)
	// Output: [0.0059 0.0833 0.0059]
}
