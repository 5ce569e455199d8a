package metric_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/metric"
)

// rows are random rows of every kind a metric takes.
type rows struct {
	label, guess, binary []int
	score, truth, pred   []float64 // score is in [0, 1], with ties
	logit                []float64 // three for each row
	weight               []float64
}

func randomRows(r *rand.Rand, n int) rows {
	var d rows
	for range n {
		d.append(r.IntN(3), r.IntN(3), r.IntN(2), math.Round(r.Float64()*8)/8, r.NormFloat64(), r.NormFloat64(),
			[]float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}, 1)
	}
	d.binary[0], d.binary[1] = 0, 1 // both classes
	return d
}

func (d *rows) append(label, guess, binary int, score, truth, pred float64, logit []float64, weight float64) {
	d.label, d.guess, d.binary = append(d.label, label), append(d.guess, guess), append(d.binary, binary)
	d.score, d.truth, d.pred = append(d.score, score), append(d.truth, truth), append(d.pred, pred)
	d.logit, d.weight = append(d.logit, logit...), append(d.weight, weight)
}

// written gives the rows without weights, each as often as its weight says.
func (d *rows) written() rows {
	var out rows
	for i, w := range d.weight {
		for range int(w) {
			out.append(d.label[i], d.guess[i], d.binary[i], d.score[i], d.truth[i], d.pred[i], d.logit[3*i:3*i+3], 1)
		}
	}
	out.weight = nil
	return out
}

func (d *rows) logits() *mat.Dense { return mat.NewDense(len(d.label), 3, d.logit) }

// weighted are all metrics that take weights.
var weighted = map[string]func(d rows) (float64, error){
	"Accuracy":         func(d rows) (float64, error) { return metric.Accuracy(d.label, d.guess, d.weight), nil },
	"BalancedAccuracy": func(d rows) (float64, error) { return metric.BalancedAccuracy(d.label, d.guess, d.weight), nil },
	"Precision binary": func(d rows) (float64, error) { return metric.Precision(d.label, d.guess, metric.Binary, d.weight), nil },
	"Precision macro":  func(d rows) (float64, error) { return metric.Precision(d.label, d.guess, metric.Macro, d.weight), nil },
	"Precision weighted": func(d rows) (float64, error) {
		return metric.Precision(d.label, d.guess, metric.Weighted, d.weight), nil
	},
	"Recall macro":     func(d rows) (float64, error) { return metric.Recall(d.label, d.guess, metric.Macro, d.weight), nil },
	"F1 macro":         func(d rows) (float64, error) { return metric.F1(d.label, d.guess, metric.Macro, d.weight), nil },
	"F1 micro":         func(d rows) (float64, error) { return metric.F1(d.label, d.guess, metric.Micro, d.weight), nil },
	"TopKAccuracy":     func(d rows) (float64, error) { return metric.TopKAccuracy(d.label, d.logits(), 2, d.weight) },
	"ROCAUC":           func(d rows) (float64, error) { return metric.ROCAUC(d.binary, d.score, d.weight) },
	"AveragePrecision": func(d rows) (float64, error) { return metric.AveragePrecision(d.binary, d.score, d.weight) },
	"LogLoss":          func(d rows) (float64, error) { return metric.LogLoss(d.binary, column(d.score), d.weight) },
	"LogLossLogits":    func(d rows) (float64, error) { return metric.LogLossLogits(d.label, d.logits(), d.weight) },
	"LogLossLogits, one column": func(d rows) (float64, error) {
		return metric.LogLossLogits(d.binary, column(d.truth), d.weight)
	},
	"Brier":    func(d rows) (float64, error) { return metric.Brier(d.binary, d.score, d.weight) },
	"MAE":      func(d rows) (float64, error) { return metric.MAE(d.truth, d.pred, d.weight), nil },
	"MSE":      func(d rows) (float64, error) { return metric.MSE(d.truth, d.pred, d.weight), nil },
	"RMSE":     func(d rows) (float64, error) { return metric.RMSE(d.truth, d.pred, d.weight), nil },
	"MAPE":     func(d rows) (float64, error) { return metric.MAPE(d.truth, d.pred, d.weight), nil },
	"MedianAE": func(d rows) (float64, error) { return metric.MedianAE(d.truth, d.pred, d.weight), nil },
	// Near 0 the digits of R² are those that are left of 1, so its complement is compared.
	"1 − R2": func(d rows) (float64, error) { return 1 - metric.R2(d.truth, d.pred, d.weight), nil },
}

// eachWeighted tests every metric of weighted, always in the same order.
func eachWeighted(t *testing.T, test func(t *testing.T, f func(d rows) (float64, error))) {
	for _, name := range slices.Sorted(maps.Keys(weighted)) {
		t.Run(name, func(t *testing.T) { test(t, weighted[name]) })
	}
}

func TestWeights(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	eachWeighted(t, func(t *testing.T, f func(d rows) (float64, error)) {
		for range 50 {
			d := randomRows(r, 2+r.IntN(30))
			one, err := f(d)
			if err != nil {
				t.Fatal(err)
			}
			d.weight = nil
			none, err := f(d)
			check(t, "without weights", none, err, one)

			d.weight = make([]float64, len(d.label))
			for i := range d.weight {
				d.weight[i] = float64(r.IntN(4))
			}
			d.weight[0], d.weight[1] = 1, 2
			want, err := f(d.written())
			if err != nil {
				t.Fatal(err)
			}
			got, err := f(d)
			check(t, "with weights", got, err, want)
		}
	})
}

func TestWeightZeroHidesAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	nan := math.NaN()
	eachWeighted(t, func(t *testing.T, f func(d rows) (float64, error)) {
		d := randomRows(r, 20)
		want, err := f(d)
		if err != nil {
			t.Fatal(err)
		}
		d.append(9, -5, 7, nan, nan, nan, []float64{nan, nan, nan}, 0)
		got, err := f(d)
		check(t, "with a bad row of weight 0", got, err, want)
	})
}

func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	eachWeighted(t, func(t *testing.T, f func(d rows) (float64, error)) {
		d := randomRows(r, 25)
		want, err := f(d)
		if err != nil {
			t.Fatal(err)
		}
		var shuffled rows
		for _, i := range r.Perm(25) {
			shuffled.append(d.label[i], d.guess[i], d.binary[i], d.score[i], d.truth[i], d.pred[i], d.logit[3*i:3*i+3], 1)
		}
		got, err := f(shuffled)
		check(t, "shuffled", got, err, want)
	})
}

func TestAUCSeesOnlyTheOrder(t *testing.T) {
	monotone := map[string]func(float64) float64{
		"affine":  func(x float64) float64 { return 3*x - 7 },
		"exp":     math.Exp,
		"logit":   func(x float64) float64 { return math.Log((x + 1) / (2 - x)) },
		"cube":    func(x float64) float64 { return (x - 0.5) * (x - 0.5) * (x - 0.5) },
		"falling": func(x float64) float64 { return -x },
	}
	r := rand.New(rand.NewPCG(7, 8))
	for name, f := range monotone {
		t.Run(name, func(t *testing.T) {
			for range 30 {
				d := randomRows(r, 2+r.IntN(40))
				mapped := make([]float64, len(d.score))
				for i, s := range d.score {
					mapped[i] = f(s)
				}
				want, _ := metric.ROCAUC(d.binary, d.score, nil)
				if name == "falling" {
					want = 1 - want
				}
				got, err := metric.ROCAUC(d.binary, mapped, nil)
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(got-want) > tol { // absolute: 1 − want may be a rounding error away from 0
					t.Errorf("AUC = %v, want %v", got, want)
				}
			}
		})
	}
}

func TestConfusionSums(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 50 {
		d := randomRows(r, 2+r.IntN(30))
		for i := range d.weight {
			d.weight[i] = r.Float64()
		}
		m := metric.NewConfusion(d.label, d.guess, d.weight)
		total := 0.0
		for i, label := range m.Labels {
			fact, predicted := 0.0, 0.0
			for k, w := range d.weight {
				if d.label[k] == label {
					fact += w
				}
				if d.guess[k] == label {
					predicted += w
				}
			}
			golden.Close(t, "row sum", mat.Sum(m.Count.RowView(i)), fact, tol)
			golden.Close(t, "column sum", mat.Sum(m.Count.ColView(i)), predicted, tol)
			golden.Close(t, "support", m.Support()[i], fact, tol)
			total += fact
		}
		golden.Close(t, "sum", mat.Sum(m.Count), total, tol)

		accuracy := metric.Accuracy(d.label, d.guess, d.weight)
		golden.Close(t, "micro precision", metric.Precision(d.label, d.guess, metric.Micro, d.weight), accuracy, tol)
		golden.Close(t, "micro recall", metric.Recall(d.label, d.guess, metric.Micro, d.weight), accuracy, tol)
		golden.Close(t, "micro F1", metric.F1(d.label, d.guess, metric.Micro, d.weight), accuracy, tol)
		golden.Close(t, "weighted recall", metric.Recall(d.label, d.guess, metric.Weighted, d.weight), accuracy, tol)
	}
}

// Log loss of probabilities is log loss of logits, where clipping has no effect.
func TestLogLossOfLogits(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	d := randomRows(r, 40)
	prob := mat.NewDense(40, 3, nil)
	one := make([]float64, 40)
	for i := range 40 {
		sum := 0.0
		for j := range 3 {
			sum += math.Exp(d.logits().At(i, j))
		}
		for j := range 3 {
			prob.Set(i, j, math.Exp(d.logits().At(i, j))/sum)
		}
		one[i] = 1 / (1 + math.Exp(-d.truth[i]))
	}
	want, _ := metric.LogLoss(d.label, prob, nil)
	got, err := metric.LogLossLogits(d.label, d.logits(), nil)
	check(t, "three columns", got, err, want)
	want, _ = metric.LogLoss(d.binary, column(one), nil)
	got, err = metric.LogLossLogits(d.binary, column(d.truth), nil)
	check(t, "one column", got, err, want)

	// Where probabilities would be 0 and 1, logits still know how wrong they are.
	got, err = metric.LogLossLogits([]int{1, 0, 1}, column([]float64{-800, 800, 800}), nil)
	check(t, "one column, extreme", got, err, 1600.0/3)
	got, err = metric.LogLossLogits([]int{1, 0}, mat.NewDense(2, 2, []float64{900, -900, 900, -900}), nil)
	check(t, "two columns, extreme", got, err, 900)
}

func TestNMSKeepsApart(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 50 {
		boxes, scores := make([]metric.Box, 30), make([]float64, 30)
		for i := range boxes {
			x, y := float64(r.IntN(20)), float64(r.IntN(20))
			boxes[i] = metric.Box{X1: x, Y1: y, X2: x + 1 + float64(r.IntN(8)), Y2: y + 1 + float64(r.IntN(8))}
			scores[i] = r.Float64()
		}
		kept := metric.NMS(boxes, scores, 0.3)
		in := make(map[int]bool)
		for n, i := range kept {
			in[i] = true
			for _, k := range kept[:n] {
				if metric.IoU(boxes[i], boxes[k]) > 0.3 || scores[k] < scores[i] {
					t.Fatalf("boxes %d and %d are both kept, in this order", k, i)
				}
			}
		}
		for i := range boxes {
			dropped := in[i]
			for _, k := range kept {
				dropped = dropped || scores[k] >= scores[i] && metric.IoU(boxes[i], boxes[k]) > 0.3
			}
			if !dropped {
				t.Fatalf("box %d is dropped without a reason", i)
			}
		}
	}
}

func TestMetricsDoNotAllocate(t *testing.T) {
	raced.SkipAllocations(t)
	d := randomRows(rand.New(rand.NewPCG(15, 16)), 100)
	for name, f := range map[string]func(){
		"Accuracy": func() { metric.Accuracy(d.label, d.guess, d.weight) },
		"MAE":      func() { metric.MAE(d.truth, d.pred, d.weight) },
		"MSE":      func() { metric.MSE(d.truth, d.pred, d.weight) },
		"MAPE":     func() { metric.MAPE(d.truth, d.pred, d.weight) },
		"R2":       func() { metric.R2(d.truth, d.pred, d.weight) },
		"Brier":    func() { _, _ = metric.Brier(d.binary, d.score, d.weight) },
	} {
		if n := testing.AllocsPerRun(10, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// IoU(a, b) is IoU(b, a) to the bit, and IoU(a, a) is 1, also where the machine
// fuses the product of an area with the sum of two.
func TestIoUIsSymmetric(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		a := metric.Box{X1: r.Float64(), Y1: r.Float64(), X2: 1 + r.Float64(), Y2: 1 + r.Float64()}
		b := metric.Box{X1: r.Float64(), Y1: r.Float64(), X2: 1 + r.Float64(), Y2: 1 + r.Float64()}
		if ab, ba := metric.IoU(a, b), metric.IoU(b, a); ab != ba || metric.IoU(a, a) != 1 {
			t.Fatalf("IoU of %v and %v: %v one way, %v the other, %v of the first with itself", a, b, ab, ba, metric.IoU(a, a))
		}
	}
}
