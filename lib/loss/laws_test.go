package loss_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
)

// TestSameLoss holds losses that are special cases of each other together:
// a = factor·b for the same predictions and targets.
func TestSameLoss(t *testing.T) {
	quarter := []float64{0.25, 0.25, 0.25}
	for _, c := range []struct {
		name   string
		of     string // whose batch it is computed on
		a, b   loss.Loss
		factor float64
	}{
		{"Huber with a large δ is MSE/2", "MSE", loss.Huber{Delta: 1e6}, loss.MSE{}, 0.5},
		{"Huber with an infinite δ is MSE/2", "MSE", loss.Huber{Delta: math.Inf(1)}, loss.MSE{}, 0.5},
		{"Huber with a small δ is δ·MAE, nearly", "MAE", loss.Huber{Delta: 1e-14}, loss.MAE{}, 1e-14},
		{"the median is MAE/2", "MAE", loss.Quantile{Tau: 0.5}, loss.MAE{}, 0.5},
		{"focal with γ = 0 and α = ½ is BCE/2", "Focal", loss.Focal{Gamma: 0, Alpha: 0.5}, loss.BinaryCrossEntropy{}, 0.5},
		{"a positive weight of 1 is none", "BinaryCrossEntropy", loss.BinaryCrossEntropy{PositiveWeight: []float64{1}}, loss.BinaryCrossEntropy{}, 1},
		{"smoothing 0 is none", "CrossEntropy", loss.CrossEntropy{LabelSmoothing: 0, ClassWeight: []float64{1, 1, 1}}, loss.CrossEntropy{}, 1},
		{"class weights for numbers are relative", "CrossEntropy", loss.CrossEntropy{ClassWeight: quarter}, loss.CrossEntropy{}, 1},
		{"class weights for probabilities are absolute", "KLDivergence", loss.CrossEntropy{ClassWeight: quarter}, loss.CrossEntropy{}, 0.25},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, s := range subjects {
				if s.name != c.of {
					continue
				}
				pred, target := s.draw(11, 6, 1.5)
				var got, want mat.Dense
				v := c.a.Loss(&got, pred, target, nil)
				w := c.b.Loss(&want, pred, target, nil)
				compare(t, "loss", v, c.factor*w, &got, &want, []int{0, 1, 2, 3, 4, 5}, c.factor, 1e-13)
			}
		})
	}
}

func TestSoftmaxIgnoresAConstant(t *testing.T) {
	for _, s := range subjects {
		if s.cols != 3 {
			continue
		}
		pred, target := s.draw(12, 5, 1.5)
		// Multiples of 1/8 are shifted without rounding, so nothing may change.
		pred.Apply(func(_, _ int, v float64) float64 { return math.Round(8*v) / 8 }, pred)
		var want mat.Dense
		w := s.loss.Loss(&want, pred, target, nil)
		for _, shift := range []float64{1, -37, 1e4, -1e4} {
			var moved, got mat.Dense
			moved.Apply(func(_, _ int, v float64) float64 { return v + shift }, pred)
			v := s.loss.Loss(&got, &moved, target, nil)
			compare(t, fmt.Sprintf("%s shifted by %g", s.name, shift), v, w, &got, &want, []int{0, 1, 2, 3, 4}, 1, 1e-14)
		}
		for i := range 5 {
			sum := 0.0
			for _, d := range want.RawRowView(i) {
				sum += d
			}
			if math.Abs(sum) > 1e-15 {
				t.Errorf("%s: the gradient of row %d sums to %g, want 0", s.name, i, sum)
			}
		}
	}
}

func TestTwoClassesAreBinary(t *testing.T) {
	for _, f := range []float64{-1e4, -40, -1, 0, 0.3, 2, 40, 1e4} {
		for _, y := range []float64{0, 1} {
			var got, want mat.Dense
			v := loss.CrossEntropy{}.Loss(&got, row(0, f), row(y), nil)
			w := loss.BinaryCrossEntropy{}.Loss(&want, row(f), row(y), nil)
			golden.Close(t, fmt.Sprintf("loss for f = %g, y = %g", f, y), v, w, 1e-15)
			golden.Close(t, fmt.Sprintf("1 + gradient for f = %g, y = %g", f, y), 1+got.At(0, 1), 1+want.At(0, 0), 1e-15)
		}
	}
}

func TestDivergenceIsZeroForTheTargetItself(t *testing.T) {
	p := []float64{0.2, 0.5, 0.3}
	var grad mat.Dense
	l := loss.KLDivergence{}.Loss(&grad, row(math.Log(p[0]), math.Log(p[1]), math.Log(p[2])), row(p...), nil)
	if math.Abs(l) > 1e-15 || mat.Norm(&grad, 2) > 1e-15 {
		t.Errorf("loss %g, gradient %v", l, mat.Formatted(&grad))
	}
	entropy := -(0.2*math.Log(0.2) + 0.5*math.Log(0.5) + 0.3*math.Log(0.3))
	f := row(1, 2, 3)
	golden.Close(t, "cross-entropy − entropy", loss.KLDivergence{}.Loss(nil, f, row(p...), nil),
		loss.CrossEntropy{}.Loss(nil, f, row(p...), nil)-entropy, 1e-14)
}

// TestLimits has values known in closed form where float64 is at its limits.
func TestLimits(t *testing.T) {
	tiny := math.Exp(-40) // log(1+e⁻⁴⁰) to all digits
	for _, c := range []struct {
		name         string
		loss         loss.Loss
		pred, target []float64
		want         float64
		grad         []float64
	}{
		{"certain and right", loss.BinaryCrossEntropy{}, []float64{1e4}, []float64{1}, 0, []float64{0}},
		{"certain and wrong", loss.BinaryCrossEntropy{}, []float64{-1e4}, []float64{1}, 1e4, []float64{-1}},
		{"certain and wrong of class 0", loss.BinaryCrossEntropy{}, []float64{1e4}, []float64{0}, 1e4, []float64{1}},
		{"certain, weight 3", loss.BinaryCrossEntropy{PositiveWeight: []float64{3}}, []float64{-1e4}, []float64{1}, 3e4, []float64{-3}},
		{"positive weight 0 means 0", loss.BinaryCrossEntropy{PositiveWeight: []float64{0}}, []float64{-1e4}, []float64{1}, 0, []float64{0}},
		{"nearly certain", loss.BinaryCrossEntropy{}, []float64{40}, []float64{1}, tiny, []float64{-tiny}},
		{"nearly certain of class 0", loss.BinaryCrossEntropy{}, []float64{-40}, []float64{0}, tiny, []float64{tiny}},
		{"focal, right", loss.Focal{Gamma: 2, Alpha: 0.25}, []float64{1e4}, []float64{1}, 0, []float64{0}},
		{"focal, wrong", loss.Focal{Gamma: 2, Alpha: 0.25}, []float64{-1e4}, []float64{1}, 2500, []float64{-0.25}},
		{"focal, wrong of class 0", loss.Focal{Gamma: 2, Alpha: 0.25}, []float64{1e4}, []float64{0}, 7500, []float64{0.75}},
		{"class, right", loss.CrossEntropy{}, []float64{1e4, -1e4}, []float64{0}, 0, []float64{0, 0}},
		{"class, wrong", loss.CrossEntropy{}, []float64{1e4, -1e4}, []float64{1}, 2e4, []float64{1, -1}},
		{"class, a tie", loss.CrossEntropy{}, []float64{1e4, 1e4}, []float64{1}, math.Ln2, []float64{0.5, -0.5}},
		{"class, smoothed", loss.CrossEntropy{LabelSmoothing: 0.5}, []float64{1e4, -1e4}, []float64{0}, 5e3, []float64{0.25, -0.25}},
		{"class ruled out", loss.CrossEntropy{}, []float64{0, math.Inf(-1), 0}, []float64{0}, math.Ln2, []float64{-0.5, 0, 0.5}},
		{"divergence", loss.KLDivergence{}, []float64{1e4, -1e4}, []float64{0.5, 0.5}, 1e4 - math.Ln2, []float64{0.5, -0.5}},
		{"hinge, wrong", loss.Hinge{}, []float64{-1e4}, []float64{1}, 10001, []float64{-1}},
		{"hinge, on the margin", loss.Hinge{}, []float64{-1}, []float64{0}, 0, []float64{0}},
		{"hinge, squared", loss.SquaredHinge{}, []float64{1e4}, []float64{0}, 10001 * 10001, []float64{20002}},
		{"hinge, classes", loss.MulticlassHinge{}, []float64{1e4, 3, -1e4}, []float64{2}, 20001, []float64{1, 0, -1}},
		{"hinge, first of two rivals", loss.MulticlassHinge{}, []float64{2, 0, 2}, []float64{1}, 3, []float64{1, -1, 0}},
		{"hinge, margin kept", loss.MulticlassHinge{}, []float64{0, 1, -5}, []float64{1}, 0, []float64{0, 0, 0}},
		{"log-cosh, large", loss.LogCosh{}, []float64{1e4}, []float64{0}, 1e4 - math.Ln2, []float64{1}},
		{"log-cosh, small", loss.LogCosh{}, []float64{1e-9}, []float64{0}, 5e-19, []float64{1e-9}},
		{"absolute error 0", loss.MAE{}, []float64{2}, []float64{2}, 0, []float64{0}},
		{"quantile error 0", loss.Quantile{Tau: 0.9}, []float64{2}, []float64{2}, 0, []float64{0}},
		{"Huber at δ", loss.NewHuber(), []float64{-1}, []float64{0}, 0.5, []float64{-1}},
		{"Poisson of a mean of nearly 0", loss.Poisson{}, []float64{-1e4}, []float64{3}, 3e4, []float64{-3}},
		{"Poisson beyond float64", loss.Poisson{}, []float64{710}, []float64{3}, math.Inf(1), []float64{math.Inf(1)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var grad mat.Dense
			golden.Close(t, "loss", c.loss.Loss(&grad, row(c.pred...), row(c.target...), nil), c.want, 1e-15)
			for j, want := range c.grad {
				golden.Close(t, "gradient", grad.At(0, j), want, 1e-15)
			}
		})
	}
}

// TestNaNIsSeen: training recognises divergence by the loss.
func TestNaNIsSeen(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		for j := range s.cols {
			pred, target := s.draw(13, 3, 1)
			pred.Set(1, j, math.NaN())
			if got := s.loss.Loss(nil, pred, target, nil); !math.IsNaN(got) {
				t.Errorf("a NaN in column %d gives the loss %g", j, got)
			}
		}
	})
}

func TestCheckTarget(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name    string
		loss    loss.TargetChecker
		target  [][]float64
		outputs int
		want    string // in the error; "" for none
	}{
		{"gap", loss.MSE{}, [][]float64{{1}, {nan}}, 1, "row 1, column 0 is NaN, want a finite number: fill the gap or drop the row"},
		{"infinite", loss.Quantile{}, [][]float64{{1, math.Inf(-1)}}, 2, "row 0, column 1 is -Inf"},
		{"width", loss.MAE{}, [][]float64{{1, 2}}, 1, "the target has 2 columns and the model 1 outputs"},
		{"negative count", loss.Poisson{}, [][]float64{{1}, {-2}}, 1, "row 1, column 0 is -2, want a count ≥ 0"},
		{"labels ±1", loss.BinaryCrossEntropy{}, [][]float64{{1}, {-1}}, 1, "row 1, column 0 is -1, want 0 or 1"},
		{"no label", loss.BinaryCrossEntropy{AllowUnlabelled: true}, [][]float64{{1}, {-1}}, 1, ""},
		{"less than no label", loss.BinaryCrossEntropy{AllowUnlabelled: true}, [][]float64{{1}, {-2}}, 1, "row 1, column 0 is -2, want 0 or 1"},
		{"no class", loss.CrossEntropy{}, [][]float64{{1}, {-1}}, 3, "row 1 is -1, want the number of a class, 0 to 2: only CrossEntropy with AllowUnlabelled, such as loss.NewTokenCrossEntropy, leaves -1 out"},
		{"no class, allowed", loss.CrossEntropy{AllowUnlabelled: true}, [][]float64{{1}, {-1}}, 3, ""},
		{"less than no class", loss.CrossEntropy{AllowUnlabelled: true}, [][]float64{{1}, {-2}}, 3, "row 1 is -2, want the number of a class"},
		{"labels 1 and 2", loss.Focal{}, [][]float64{{1}, {2}}, 1, "row 1, column 0 is 2, want 0 or 1"},
		{"probability for a margin", loss.Hinge{}, [][]float64{{0.5}}, 1, "row 0, column 0 is 0.5, want 0 or 1: recode the labels (−1 becomes 0)"},
		{"positive weights", loss.BinaryCrossEntropy{PositiveWeight: []float64{1, 2}}, [][]float64{{0, 1, 0}}, 3, "PositiveWeight has 2 elements and the model 3 outputs"},
		{"one positive weight for all", loss.BinaryCrossEntropy{PositiveWeight: []float64{2}}, [][]float64{{0, 1, 0}}, 3, ""},
		{"classes from 1", loss.CrossEntropy{}, [][]float64{{1}, {3}}, 3, "row 1 is 3, want the number of a class, 0 to 2"},
		{"half a class", loss.MulticlassHinge{}, [][]float64{{1}, {0.5}}, 3, "row 1 is 0.5"},
		{"several columns of classes", loss.MulticlassHinge{}, [][]float64{{0, 1, 0}}, 3, "3 columns, want 1"},
		{"one output for classes", loss.CrossEntropy{}, [][]float64{{1}, {0}}, 1, "use a binary loss"},
		{"class weights", loss.CrossEntropy{ClassWeight: []float64{1, 2}}, [][]float64{{1}}, 3, "ClassWeight has 2 elements and the model 3 outputs"},
		{"not summing to 1", loss.CrossEntropy{}, [][]float64{{1, 0}, {0.5, 0.4}}, 2, "row 1 sum to 0.9, want 1"},
		{"float32 thirds", loss.KLDivergence{}, [][]float64{{float64(float32(1. / 3)), float64(float32(1. / 3)), float64(float32(1. / 3))}}, 3, ""},
		{"negative probability", loss.KLDivergence{}, [][]float64{{1.5, -0.5}}, 2, "row 0, column 0 is 1.5, want a probability"},
	} {
		t.Run(c.name, func(t *testing.T) { checkError(t, c.loss.CheckTarget(dense(c.target), c.outputs), c.want) })
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		loss interface{ Validate() error }
		want string
	}{
		{loss.NewHuber(), ""},
		{loss.Huber{}, "Delta is 0"},
		{loss.Huber{}, "NewHuber"},
		{loss.Huber{Delta: math.NaN()}, "Delta is NaN"},
		{loss.Quantile{Tau: 0.5}, ""},
		{loss.Quantile{}, "Tau is 0"},
		{loss.Quantile{Tau: 1}, "Tau is 1"},
		{loss.NewFocal(), ""},
		{loss.Focal{Gamma: 0, Alpha: 0.5}, ""},
		{loss.Focal{Gamma: 2}, "NewFocal"},
		{loss.Focal{Gamma: 2, Alpha: 1}, "Alpha is 1"},
		{loss.Focal{Gamma: -1, Alpha: 0.5}, "Gamma is -1"},
		{loss.Focal{Gamma: math.Inf(1), Alpha: 0.5}, "Gamma is +Inf"},
		{loss.Focal{Alpha: 1.5}, "Alpha is 1.5"},
		{loss.BinaryCrossEntropy{}, ""},
		{loss.BinaryCrossEntropy{PositiveWeight: []float64{1, -2}}, "PositiveWeight[1] is -2"},
		{loss.CrossEntropy{LabelSmoothing: 1}, ""},
		{loss.CrossEntropy{LabelSmoothing: -0.1}, "LabelSmoothing is -0.1"},
		{loss.CrossEntropy{LabelSmoothing: math.NaN()}, "LabelSmoothing is NaN"},
		{loss.CrossEntropy{ClassWeight: []float64{1, math.NaN()}}, "ClassWeight[1] is NaN"},
	} {
		t.Run(fmt.Sprintf("%T%v", c.loss, c.loss), func(t *testing.T) { checkError(t, c.loss.Validate(), c.want) })
	}
}

func TestWeightsOfColumnsPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"2 positive weights for predictions of 3 columns": func() {
			loss.BinaryCrossEntropy{PositiveWeight: []float64{1, 2}}.Loss(nil, row(1, 2, 3), row(0, 1, 0), nil)
		},
		"2 class weights for predictions of 3 columns": func() {
			loss.CrossEntropy{ClassWeight: []float64{1, 2}}.Loss(nil, row(1, 2, 3), row(0), nil)
		},
		"wants one column": func() { loss.MulticlassHinge{}.Loss(nil, row(1, 2, 3), row(0, 1, 0), nil) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, name) {
					t.Errorf("panic %q, want %q", got, name)
				}
			}()
			f()
		}()
	}
}

func TestCurvatureOfWeightedClasses(t *testing.T) {
	for _, c := range []struct {
		weight []float64
		want   float64
	}{
		{nil, 0.5},
		{[]float64{1, 1}, 0.5},
		{[]float64{1, 4}, 2},      // a class counts for 4
		{[]float64{0.5, 0.25}, 1}, // and 0.5/0.25 if the other is rare
		{[]float64{2, 0}, 1},
	} {
		golden.Close(t, fmt.Sprint(c.weight), loss.CrossEntropy{ClassWeight: c.weight}.Curvature(), c.want, 0)
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "loss: ") {
		t.Errorf("error %v, want one that says %q", err, want)
	}
}

func row(v ...float64) *mat.Dense { return mat.NewDense(1, len(v), v) }

// The Poisson loss is finite wherever e^f is a float64.
func TestPoissonToTheEnd(t *testing.T) {
	for _, f := range []float64{709.4, 709.5, 709.78} {
		want := math.Exp(f-1) * math.E // 709.44 is as far as math.Exp goes on amd64
		l, d := loss.Poisson{}.Point(f, 0)
		if !(math.Abs(l-want) <= 1e-15*want && d == l) {
			t.Errorf("ℓ(%g, 0) = %g and ∂ℓ/∂f = %g, want %g", f, l, d, want)
		}
	}
}
