package loss_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
)

// tolerance is relative. Both sides round each operation to 1.1e-16, and the
// sums have a few dozen terms.
const tolerance = 1e-13

// A goldenCase is a line of testdata/golden.json, where golden.py says what it is.
type goldenCase struct {
	Name         string
	Pred, Target [][]float64
	Weight       []float64
	Loss         float64
	Grad         [][]float64
}

// lossName is the name without the variants of the input.
func (c goldenCase) lossName() string {
	return strings.TrimSuffix(strings.TrimSuffix(c.Name, ", weighted"), ", extreme")
}

// goldenLosses are the losses that the names in the file stand for.
var goldenLosses = func() map[string]loss.Loss {
	v := []float64{0.5, 1, 3, 0.25}
	return map[string]loss.Loss{
		"MSE":           loss.MSE{},
		"MAE":           loss.MAE{},
		"Huber 1.0":     loss.Huber{Delta: 1},
		"Huber 0.3":     loss.Huber{Delta: 0.3},
		"LogCosh":       loss.LogCosh{},
		"Quantile 0.9":  loss.Quantile{Tau: 0.9},
		"Quantile 0.25": loss.Quantile{Tau: 0.25},
		"Poisson":       loss.Poisson{},
		"Poisson full":  loss.Poisson{Full: true},

		"BinaryCrossEntropy":              loss.BinaryCrossEntropy{},
		"BinaryCrossEntropy soft":         loss.BinaryCrossEntropy{},
		"BinaryCrossEntropy v=3":          loss.BinaryCrossEntropy{PositiveWeight: []float64{3}},
		"BinaryCrossEntropy v=3 soft":     loss.BinaryCrossEntropy{PositiveWeight: []float64{3}},
		"BinaryCrossEntropy v=0.5,4":      loss.BinaryCrossEntropy{PositiveWeight: []float64{0.5, 4}},
		"BinaryCrossEntropy v=0.5,4 soft": loss.BinaryCrossEntropy{PositiveWeight: []float64{0.5, 4}},

		"Focal 2.0 0.25": loss.Focal{Gamma: 2, Alpha: 0.25},
		"Focal 0.5 0.7":  loss.Focal{Gamma: 0.5, Alpha: 0.7},
		"Focal 0.0 0.5":  loss.Focal{Gamma: 0, Alpha: 0.5},

		"Hinge":           loss.Hinge{},
		"SquaredHinge":    loss.SquaredHinge{},
		"MulticlassHinge": loss.MulticlassHinge{},

		"CrossEntropy":                loss.CrossEntropy{},
		"CrossEntropy soft":           loss.CrossEntropy{},
		"CrossEntropy eps=0.1":        loss.CrossEntropy{LabelSmoothing: 0.1},
		"CrossEntropy eps=0.1 soft":   loss.CrossEntropy{LabelSmoothing: 0.1},
		"CrossEntropy v":              loss.CrossEntropy{ClassWeight: v},
		"CrossEntropy v soft":         loss.CrossEntropy{ClassWeight: v},
		"CrossEntropy v eps=0.1":      loss.CrossEntropy{ClassWeight: v, LabelSmoothing: 0.1},
		"CrossEntropy v eps=0.1 soft": loss.CrossEntropy{ClassWeight: v, LabelSmoothing: 0.1},

		"KLDivergence": loss.KLDivergence{},
	}
}()

func loadGoldens(t *testing.T) []goldenCase {
	t.Helper()
	cases := golden.Load[[]goldenCase](t, "testdata/golden.json")
	for _, c := range cases {
		if goldenLosses[c.lossName()] == nil {
			t.Fatalf("no loss for the golden case %q", c.Name)
		}
	}
	return cases
}

func TestGolden(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range loadGoldens(t) {
		seen[c.lossName()] = true
		t.Run(c.Name, func(t *testing.T) {
			var grad mat.Dense
			got := goldenLosses[c.lossName()].Loss(&grad, dense(c.Pred), dense(c.Target), c.Weight)
			golden.Close(t, "loss", got, c.Loss, tolerance)
			golden.CloseSlice(t, "gradient", grad.RawMatrix().Data, dense(c.Grad).RawMatrix().Data, tolerance)
		})
	}
	for name := range goldenLosses {
		if !seen[name] {
			t.Errorf("%s has no golden case", name)
		}
	}
}

// TestUnlabelled compares losses with targets of −1 with PyTorch's ignore_index, and
// expects the same loss without these rows, and nothing of what is in them.
func TestUnlabelled(t *testing.T) {
	v := []float64{0.5, 1, 3, 0.25}
	losses := map[string]loss.Separable{
		"CrossEntropy":             loss.CrossEntropy{AllowUnlabelled: true},
		"CrossEntropy eps=0.1":     loss.CrossEntropy{AllowUnlabelled: true, LabelSmoothing: 0.1},
		"CrossEntropy v":           loss.CrossEntropy{AllowUnlabelled: true, ClassWeight: v},
		"CrossEntropy v eps=0.1":   loss.CrossEntropy{AllowUnlabelled: true, ClassWeight: v, LabelSmoothing: 0.1},
		"BinaryCrossEntropy":       loss.BinaryCrossEntropy{AllowUnlabelled: true},
		"BinaryCrossEntropy v=3":   loss.BinaryCrossEntropy{AllowUnlabelled: true, PositiveWeight: []float64{3}},
		"BinaryCrossEntropy v=0.5": loss.BinaryCrossEntropy{AllowUnlabelled: true, PositiveWeight: []float64{0.5, 4}},
	}
	for _, c := range golden.Load[[]goldenCase](t, "testdata/unlabelled.json") {
		t.Run(c.Name, func(t *testing.T) {
			name, _, _ := strings.Cut(c.Name, ",")
			l, ok := losses[name]
			if !ok {
				t.Fatal("no such loss")
			}
			pred, target := dense(c.Pred), dense(c.Target)
			if err := l.(loss.TargetChecker).CheckTarget(target, pred.RawMatrix().Cols); err != nil {
				t.Fatal(err)
			}
			var grad mat.Dense
			golden.Close(t, "loss", l.Loss(&grad, pred, target, c.Weight), c.Loss, tolerance)
			golden.CloseSlice(t, "gradient", grad.RawMatrix().Data, dense(c.Grad).RawMatrix().Data, tolerance)

			// Two parts, each with its total, make the whole.
			sum, total := 0.0, 0.0
			for _, part := range [][2]int{{0, 2}, {2, 6}} {
				cut := func(m *mat.Dense) *mat.Dense { return m.Slice(part[0], part[1], 0, m.RawMatrix().Cols).(*mat.Dense) }
				var weight []float64
				if c.Weight != nil {
					weight = c.Weight[part[0]:part[1]]
				}
				w := l.Total(cut(target), weight)
				sum, total = sum+w*l.Loss(nil, cut(pred), cut(target), weight), total+w
			}
			golden.Close(t, "loss of the parts", sum/total, c.Loss, tolerance)

			// What is predicted there does not matter.
			_, columns := target.Dims()
			for i := range c.Target {
				for j, y := range c.Target[i] {
					if y == -1 && columns == pred.RawMatrix().Cols {
						pred.Set(i, j, math.NaN())
					} else if y == -1 {
						pred.Set(i, 2, math.NaN())
					}
				}
			}
			golden.Close(t, "loss with NaN", l.Loss(&grad, pred, target, c.Weight), c.Loss, tolerance)
			golden.CloseSlice(t, "gradient with NaN", grad.RawMatrix().Data, dense(c.Grad).RawMatrix().Data, tolerance)
		})
	}
}

// TestNothingIsLabelled: in a batch of which nothing is known, the loss is 0.
func TestNothingIsLabelled(t *testing.T) {
	for name, l := range map[string]loss.Separable{
		"classes": loss.CrossEntropy{AllowUnlabelled: true, ClassWeight: []float64{1, 2}},
		"binary":  loss.BinaryCrossEntropy{AllowUnlabelled: true},
	} {
		pred, target := mat.NewDense(1, 2, []float64{3, -1}), mat.NewDense(1, 1, []float64{-1})
		if name == "binary" {
			target = mat.NewDense(1, 2, []float64{-1, -1})
		}
		grad := mat.NewDense(1, 2, []float64{7, 7})
		if got := l.Loss(grad, pred, target, nil); got != 0 || l.Total(target, nil) != 0 || mat.Norm(grad, 1) != 0 {
			t.Errorf("%s: the loss is %g, the gradient %v", name, got, grad)
		}
		checkError(t, l.(loss.TargetChecker).CheckTarget(target, 2), "every target is -1")
	}
}

// TestBalanced compares class weights with scikit-learn, and what they do to a loss
// with its definition: all classes have the same part in it.
func TestBalanced(t *testing.T) {
	type balancedCase struct {
		Target           []float64
		Classes          int
		Weight, Balanced []float64
	}
	for _, c := range golden.Load[[]balancedCase](t, "testdata/balanced.json") {
		// Rows without a label change nothing.
		target := mat.NewDense(len(c.Target)+1, 1, append(slices.Clone(c.Target), -1))
		weight := slices.Clone(c.Weight)
		if weight != nil {
			weight = append(weight, 9)
		}
		v, err := loss.BalancedWeights(target, c.Classes, weight)
		if err != nil {
			t.Fatal(err)
		}
		golden.CloseSlice(t, "class weights", v, c.Balanced, 1e-14)

		parts := make([]float64, c.Classes)
		for i, y := range c.Target {
			w := 1.0
			if weight != nil {
				w = weight[i]
			}
			parts[int(y)] += w * v[int(y)]
		}
		for _, p := range parts {
			golden.Close(t, "part of a class", p, parts[0], 1e-14)
		}
		if c.Classes != 2 {
			continue
		}
		positive, err := loss.BalancedPositiveWeight(target, weight)
		if err != nil {
			t.Fatal(err)
		}
		golden.CloseSlice(t, "positive weight", positive, []float64{v[1] / v[0]}, 1e-14)
	}
	holes := dense([][]float64{{1, 0}, {-1, 1}, {0, -1}, {0, 0}})
	positive, err := loss.BalancedPositiveWeight(holes, []float64{1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	golden.CloseSlice(t, "positive weights of columns", positive, []float64{7, 2.5}, 1e-15)

	failure := func(_ any, err error) error { return err }
	checkError(t, failure(loss.BalancedWeights(dense([][]float64{{0}, {2}}), 3, nil)), "no row is of class 1")
	checkError(t, failure(loss.BalancedWeights(dense([][]float64{{0}, {1}}), 2, []float64{1, 0})), "no row is of class 1")
	checkError(t, failure(loss.BalancedWeights(dense([][]float64{{0}, {3}}), 3, nil)), "row 1 is 3, want the number of a class")
	checkError(t, failure(loss.BalancedWeights(dense([][]float64{{-1}}), 3, nil)), "every target is -1")
	checkError(t, failure(loss.BalancedPositiveWeight(dense([][]float64{{0, 1}, {1, 1}}), nil)), "column 1 of the target has 0 zeros and 2 ones")
	checkError(t, failure(loss.BalancedPositiveWeight(dense([][]float64{{0.5}}), nil)), "row 0, column 0 is 0.5, want 0 or 1")
}

// mutant is a loss with a typical bug.
type mutant struct {
	loss.Loss
	bug func(l loss.Loss, grad *mat.Dense, c goldenCase) float64
}

// TestGoldenDetectsBugs shows that the golden cases can fail: each bug must be
// seen in a case of its loss, far above the tolerance.
func TestGoldenDetectsBugs(t *testing.T) {
	scaled := func(factor func(c goldenCase) float64) func(loss.Loss, *mat.Dense, goldenCase) float64 {
		return func(l loss.Loss, grad *mat.Dense, c goldenCase) float64 {
			v := l.Loss(grad, dense(c.Pred), dense(c.Target), c.Weight)
			grad.Scale(factor(c), grad)
			return v * factor(c)
		}
	}
	constant := func(f float64) func(goldenCase) float64 { return func(goldenCase) float64 { return f } }
	columns := func(c goldenCase) float64 { return float64(len(c.Pred[0])) }
	with := func(change func(pred, target *mat.Dense, weight []float64) []float64) func(loss.Loss, *mat.Dense, goldenCase) float64 {
		return func(l loss.Loss, grad *mat.Dense, c goldenCase) float64 {
			p, y := dense(c.Pred), dense(c.Target)
			w := change(p, y, c.Weight)
			return l.Loss(grad, p, y, w)
		}
	}
	same := with(func(p, y *mat.Dense, w []float64) []float64 { return w })

	general := map[string]mutant{
		"sum and not mean": {bug: scaled(func(c goldenCase) float64 { return float64(len(c.Pred)) })},
		"mean over rows, not over their weights": {bug: scaled(func(c goldenCase) float64 {
			if c.Weight == nil {
				return 1
			}
			return floats.Sum(c.Weight) / float64(len(c.Weight))
		})},
		"sample weights ignored": {bug: with(func(p, y *mat.Dense, w []float64) []float64 { return nil })},
		"sign of the gradient": {bug: func(l loss.Loss, grad *mat.Dense, c goldenCase) float64 {
			v := l.Loss(grad, dense(c.Pred), dense(c.Target), c.Weight)
			grad.Scale(-1, grad)
			return v
		}},
		"target and prediction exchanged": {bug: func(l loss.Loss, grad *mat.Dense, c goldenCase) float64 {
			if len(c.Pred[0]) != len(c.Target[0]) {
				return math.NaN()
			}
			return l.Loss(grad, dense(c.Target), dense(c.Pred), c.Weight)
		}},
	}
	symmetric := map[string]bool{"MSE": true, "MAE": true, "Huber 1.0": true, "Huber 0.3": true, "LogCosh": true}
	for bug, m := range general {
		for name, l := range goldenLosses {
			// An even function of f − y changes only its gradient's sign.
			onGradient := bug == "sign of the gradient" || bug == "target and prediction exchanged" && symmetric[name]
			if name == "MulticlassHinge" && bug == "target and prediction exchanged" {
				continue // its target is not a prediction
			}
			mustFail(t, bug, name, mutant{l, m.bug}, onGradient)
		}
	}

	v := []float64{0.5, 1, 3, 0.25}
	specific := []struct {
		bug, of string
		mutant
	}{
		{"missing factor ½", "MSE", mutant{loss.MSE{}, scaled(constant(0.5))}},
		{"missing factor ½", "Huber 0.3", mutant{loss.Huber{Delta: 0.3}, scaled(constant(2))}},
		{"divided by δ (smooth L1)", "Huber 0.3", mutant{loss.Huber{Delta: 0.3}, scaled(constant(1 / 0.3))}},
		{"threshold ignored", "Huber 0.3", mutant{loss.Huber{Delta: 1}, same}},
		{"τ and 1−τ exchanged", "Quantile 0.9", mutant{loss.Quantile{Tau: 0.1}, same}},
		{"no log link", "Poisson", mutant{loss.MSE{}, same}},
		{"Stirling missing", "Poisson full", mutant{loss.Poisson{}, same}},
		{"sum over columns", "MSE", mutant{loss.MSE{}, scaled(columns)}},
		{"sum over columns", "BinaryCrossEntropy", mutant{loss.BinaryCrossEntropy{}, scaled(columns)}},
		{"positive weight ignored", "BinaryCrossEntropy v=3", mutant{loss.BinaryCrossEntropy{}, same}},
		{"normalised by the positive weights", "BinaryCrossEntropy v=3",
			mutant{loss.BinaryCrossEntropy{PositiveWeight: []float64{3}}, scaled(func(c goldenCase) float64 {
				return float64(len(c.Pred)) / (float64(len(c.Pred)) + 2*mat.Sum(dense(c.Target))/columns(c))
			})}},
		{"first positive weight for all", "BinaryCrossEntropy v=0.5,4", mutant{loss.BinaryCrossEntropy{PositiveWeight: []float64{0.5}}, same}},
		{"positive weight on the negatives", "BinaryCrossEntropy v=3",
			mutant{loss.BinaryCrossEntropy{PositiveWeight: []float64{1. / 3}}, scaled(constant(3))}},
		{"α and 1−α exchanged", "Focal 2.0 0.25", mutant{loss.Focal{Gamma: 2, Alpha: 0.75}, same}},
		{"γ ignored", "Focal 2.0 0.25", mutant{loss.Focal{Gamma: 0, Alpha: 0.25}, same}},
		{"labels 0 and 1 taken as signs", "Hinge", mutant{loss.Hinge{},
			with(func(p, y *mat.Dense, w []float64) []float64 {
				y.Apply(func(_, _ int, v float64) float64 { return (v + 1) / 2 }, y) // s = 2y − 1 becomes y
				return w
			})}},
		{"not squared", "SquaredHinge", mutant{loss.Hinge{}, same}},
		{"smoothing over the k−1 others", "CrossEntropy eps=0.1", mutant{loss.CrossEntropy{LabelSmoothing: 0.1 * 4 / 3}, same}},
		{"smoothing ignored", "CrossEntropy eps=0.1 soft", mutant{loss.CrossEntropy{}, same}},
		{"class weights ignored", "CrossEntropy v", mutant{loss.CrossEntropy{}, same}},
		{"not normalised by class weights", "CrossEntropy v", mutant{loss.CrossEntropy{ClassWeight: v}, scaled(func(c goldenCase) float64 {
			total := 0.0
			for _, y := range c.Target {
				total += v[int(y[0])]
			}
			return total / float64(len(c.Target))
		})}},
		{"normalised by class weights", "CrossEntropy v soft", mutant{loss.CrossEntropy{ClassWeight: v}, scaled(func(c goldenCase) float64 {
			total := 0.0
			for _, y := range c.Target {
				total += floats.Dot(v, y)
			}
			return float64(len(c.Target)) / total
		})}},
		{"mean over classes too", "KLDivergence", mutant{loss.KLDivergence{}, scaled(func(goldenCase) float64 { return 0.25 })}},
		{"entropy of the target missing", "KLDivergence", mutant{loss.CrossEntropy{}, same}},
		{"one rival of all (sum over classes)", "MulticlassHinge", mutant{loss.Hinge{}, func(_ loss.Loss, grad *mat.Dense, c goldenCase) float64 {
			hot := mat.NewDense(len(c.Pred), len(c.Pred[0]), nil)
			for i, y := range c.Target {
				hot.Set(i, int(y[0]), 1)
			}
			return loss.Hinge{}.Loss(grad, dense(c.Pred), hot, c.Weight)
		}}},
	}
	for _, m := range specific {
		mustFail(t, m.bug, m.of, m.mutant, false)
	}
}

// mustFail fails the test unless the bug changes the value (or, if onGradient,
// the gradient) of a golden case by more than a thousandth.
func mustFail(t *testing.T, bug, of string, m mutant, onGradient bool) {
	t.Helper()
	for _, c := range loadGoldens(t) {
		if c.lossName() != of {
			continue
		}
		var grad mat.Dense
		got := m.bug(m.Loss, &grad, c)
		if onGradient {
			want := dense(c.Grad)
			var diff mat.Dense
			diff.Sub(&grad, want)
			if mat.Norm(&diff, 2) > 1e-3*mat.Norm(want, 2) {
				return
			}
		} else if !(math.Abs(got-c.Loss) <= 1e-3*math.Abs(c.Loss)) {
			return
		}
	}
	t.Errorf("%s: no golden case sees the bug %q", of, bug)
}

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}
