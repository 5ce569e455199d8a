package loss_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/loss"
)

// A subject is a loss with the targets that it is for.
type subject struct {
	name      string
	loss      loss.Loss
	cols      int                          // of predictions
	target    func(r *rand.Rand) []float64 // draws a row
	nonConvex bool
	overflows bool // for large scores, in truth
}

func numbers(r *rand.Rand) []float64 { return []float64{r.NormFloat64(), r.NormFloat64()} }
func counts(r *rand.Rand) []float64  { return []float64{float64(r.IntN(5)), float64(r.IntN(5))} }
func bits(r *rand.Rand) []float64    { return []float64{float64(r.IntN(2)), float64(r.IntN(2))} }
func chances(r *rand.Rand) []float64 { return []float64{r.Float64(), r.Float64()} }
func class(r *rand.Rand) []float64   { return []float64{float64(r.IntN(3))} }
func distribution(r *rand.Rand) []float64 {
	a, b := r.Float64(), r.Float64()
	return []float64{a, (1 - a) * b, (1 - a) * (1 - b)}
}

// subjects lists every exported loss; each property below holds for each.
var subjects = []subject{
	{name: "MSE", loss: loss.MSE{}, cols: 2, target: numbers},
	{name: "MAE", loss: loss.MAE{}, cols: 2, target: numbers},
	{name: "Huber", loss: loss.Huber{Delta: 0.7}, cols: 2, target: numbers},
	{name: "LogCosh", loss: loss.LogCosh{}, cols: 2, target: numbers},
	{name: "Quantile", loss: loss.Quantile{Tau: 0.8}, cols: 2, target: numbers},
	{name: "Poisson", loss: loss.Poisson{}, cols: 2, target: counts, overflows: true},
	{name: "Poisson full", loss: loss.Poisson{Full: true}, cols: 2, target: counts, overflows: true},
	{name: "BinaryCrossEntropy", loss: loss.BinaryCrossEntropy{}, cols: 2, target: bits},
	{name: "BinaryCrossEntropy soft", loss: loss.BinaryCrossEntropy{}, cols: 2, target: chances},
	{name: "BinaryCrossEntropy weighted", loss: loss.BinaryCrossEntropy{PositiveWeight: []float64{3, 0.5}}, cols: 2, target: bits},
	{name: "Focal", loss: loss.NewFocal(), cols: 2, target: bits, nonConvex: true},
	{name: "Hinge", loss: loss.Hinge{}, cols: 2, target: bits},
	{name: "SquaredHinge", loss: loss.SquaredHinge{}, cols: 2, target: bits},
	{name: "MulticlassHinge", loss: loss.MulticlassHinge{}, cols: 3, target: class},
	{name: "CrossEntropy", loss: loss.CrossEntropy{}, cols: 3, target: class},
	{name: "CrossEntropy soft", loss: loss.CrossEntropy{}, cols: 3, target: distribution},
	{name: "CrossEntropy weighted", loss: loss.CrossEntropy{ClassWeight: []float64{0.5, 2, 1}, LabelSmoothing: 0.2}, cols: 3, target: class},
	{name: "CrossEntropy soft weighted", loss: loss.CrossEntropy{ClassWeight: []float64{0.5, 2, 1}, LabelSmoothing: 0.2}, cols: 3, target: distribution},
	{name: "KLDivergence", loss: loss.KLDivergence{}, cols: 3, target: distribution},
}

// draw returns a random batch; the scale is that of the predictions.
func (s subject) draw(seed uint64, rows int, scale float64) (pred, target *mat.Dense) {
	r := rand.New(rand.NewPCG(seed, 1))
	pred = mat.NewDense(rows, s.cols, nil)
	var y [][]float64
	for i := range rows {
		for j := range s.cols {
			pred.Set(i, j, scale*r.NormFloat64())
		}
		y = append(y, s.target(r))
	}
	return pred, dense(y)
}

func each(t *testing.T, f func(t *testing.T, s subject)) {
	for _, s := range subjects {
		t.Run(s.name, func(t *testing.T) { f(t, s) })
	}
}

// TestEveryLossIsListed compares the list with the package's source: no
// exported type with a method Loss may be missing.
func TestEveryLossIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, s := range subjects {
		listed[reflect.TypeOf(s.loss).Name()] = true
	}
	found := 0
	for name := range exportedLosses(t) {
		found++
		if !listed[name] {
			t.Errorf("%s is not among the subjects of the properties", name)
		}
	}
	if found != len(listed) {
		t.Errorf("the source has %d losses, the list %d", found, len(listed))
	}
}

func exportedLosses(t *testing.T) map[string]bool {
	sources := func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }
	//lint:ignore SA1019 one directory of plain files needs no build system
	packages, err := parser.ParseDir(token.NewFileSet(), ".", sources, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range packages {
		ast.Inspect(p, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Loss" {
				names[f.Recv.List[0].Type.(*ast.Ident).Name] = true
			}
			return true
		})
	}
	return names
}

func TestGradientIsTheSlope(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(1, 7, 1.5)
		weight := []float64{1, 0.3, 2, 0, 1, 4, 0.5}
		var grad mat.Dense
		s.loss.Loss(&grad, pred, target, weight)
		for i := range 7 {
			for j := range s.cols {
				const h = 1e-6
				v := pred.At(i, j)
				pred.Set(i, j, v+h)
				up := s.loss.Loss(nil, pred, target, weight)
				pred.Set(i, j, v-h)
				down := s.loss.Loss(nil, pred, target, weight)
				pred.Set(i, j, v)
				if slope := (up - down) / (2 * h); math.Abs(slope-grad.At(i, j)) > 1e-8 {
					t.Errorf("∂L/∂f(%d,%d) = %g, slope %g", i, j, grad.At(i, j), slope)
				}
			}
		}
	})
}

// compare fails the test unless both batches have the same loss, and rows
// at[i] of gradient a are factor times rows i of b.
func compare(t *testing.T, name string, gotLoss, wantLoss float64, got, want *mat.Dense, at []int, factor, tolerance float64) {
	t.Helper()
	golden.Close(t, name+": loss", gotLoss, wantLoss, tolerance)
	for i, row := range at {
		scaled := mat.Row(nil, i, want)
		for j := range scaled {
			scaled[j] *= factor
		}
		golden.CloseSlice(t, fmt.Sprintf("%s: gradient of row %d", name, row), got.RawRowView(row), scaled, tolerance)
	}
}

func TestMeanOverWeights(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(2, 4, 1.5)
		var grad, g mat.Dense
		want := s.loss.Loss(&grad, pred, target, nil)

		got := s.loss.Loss(&g, pred, target, []float64{3, 3, 3, 3})
		compare(t, "weights of 3", got, want, &g, &grad, []int{0, 1, 2, 3}, 1, 1e-14)

		var twice, twiceTarget mat.Dense
		twice.Stack(pred, pred)
		twiceTarget.Stack(target, target)
		g.Reset()
		got = s.loss.Loss(&g, &twice, &twiceTarget, nil)
		compare(t, "batch repeated", got, want, &g, &grad, []int{0, 1, 2, 3}, 0.5, 1e-14)
	})
}

func TestWeightZeroIsARemovedRow(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(3, 5, 1.5)
		less, lessTarget := s.draw(3, 4, 1.5) // the same first rows
		for _, poison := range []float64{1, math.NaN(), math.Inf(1)} {
			for j := range s.cols {
				pred.Set(4, j, poison)
			}
			for j := range target.RawRowView(4) {
				target.Set(4, j, poison)
			}
			var grad, want mat.Dense
			got := s.loss.Loss(&grad, pred, target, []float64{1, 0.3, 2, 1, 0})
			loss := s.loss.Loss(&want, less, lessTarget, []float64{1, 0.3, 2, 1})
			compare(t, fmt.Sprint("poison ", poison), got, loss, &grad, &want, []int{0, 1, 2, 3}, 1, 0)
			for j, v := range grad.RawRowView(4) {
				if v != 0 {
					t.Errorf("the removed row's gradient in column %d is %g", j, v)
				}
			}
		}
	})
}

func TestWeightTwoIsARowTwice(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(4, 3, 1.5)
		var more, moreTarget, grad, want mat.Dense
		more.Stack(pred, pred.Slice(2, 3, 0, s.cols))
		moreTarget.Stack(target, target.Slice(2, 3, 0, len(target.RawRowView(0))))
		loss := s.loss.Loss(&grad, pred, target, []float64{1, 1, 2})
		again := s.loss.Loss(&want, &more, &moreTarget, nil)
		compare(t, "two", loss, again, &grad, &want, []int{0, 1}, 1, 1e-14)
		compare(t, "two", loss, again, grad.Slice(2, 3, 0, s.cols).(*mat.Dense), want.Slice(3, 4, 0, s.cols).(*mat.Dense), []int{0}, 2, 1e-14)
	})
}

func TestNoWeightNoLoss(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(5, 2, 1)
		var grad mat.Dense
		if got := s.loss.Loss(&grad, pred, target, []float64{0, 0}); got != 0 || mat.Norm(&grad, 1) != 0 {
			t.Errorf("loss %g, gradient %v", got, mat.Formatted(&grad))
		}
	})
}

func TestGradientArgument(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(6, 4, 1.5)
		for _, weight := range [][]float64{nil, {1, 0.3, 2, 0}} {
			var grad mat.Dense
			want := s.loss.Loss(&grad, pred, target, weight)
			if got := s.loss.Loss(nil, pred, target, weight); got != want {
				t.Errorf("loss %.17g without a gradient, %.17g with", got, want)
			}
			used := mat.NewDense(4, s.cols, nil)
			used.Apply(func(i, j int, _ float64) float64 { return math.NaN() }, used)
			s.loss.Loss(used, pred, target, weight)
			if !mat.Equal(used, &grad) {
				t.Error("what stood in the gradient before matters")
			}

			// Views into wider matrices, with gaps between the rows.
			wide := func(m *mat.Dense) *mat.Dense {
				r, c := m.Dims()
				w := mat.NewDense(r, c+3, nil)
				w.Apply(func(i, j int, _ float64) float64 { return math.NaN() }, w)
				v := w.Slice(0, r, 1, 1+c).(*mat.Dense)
				v.Copy(m)
				return v
			}
			view := wide(used)
			got := s.loss.Loss(view, wide(pred), wide(target), weight)
			golden.Close(t, "loss of views", got, want, 1e-15)
			if !mat.EqualApprox(view, &grad, 1e-15) {
				t.Error("the gradient of views differs")
			}
		}
	})
}

func TestAllocatesNothing(t *testing.T) {
	raced.SkipAllocations(t)
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(7, 20, 1.5)
		grad := mat.NewDense(20, s.cols, nil)
		weight := make([]float64, 20)
		weight[3] = 1
		if n := testing.AllocsPerRun(20, func() {
			s.loss.Loss(grad, pred, target, nil)
			s.loss.Loss(nil, pred, target, weight)
		}); n != 0 {
			t.Errorf("%g allocations", n)
		}
	})
}

func TestShapesPanic(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(8, 4, 1)
		_, cols := target.Dims()
		panics := func(name string, f func(), want ...string) {
			t.Helper()
			defer func() {
				message := fmt.Sprint(recover())
				for _, w := range append(want, "loss: ") {
					if !strings.Contains(message, w) {
						t.Errorf("%s: panic %q does not say %q", name, message, w)
					}
				}
			}()
			f()
		}
		panics("rows", func() { s.loss.Loss(nil, pred, mat.NewDense(3, cols, nil), nil) },
			fmt.Sprintf("4×%d", s.cols), fmt.Sprintf("3×%d", cols))
		panics("columns", func() { s.loss.Loss(nil, pred, mat.NewDense(4, 7, nil), nil) },
			fmt.Sprintf("4×%d", s.cols), "4×7")
		panics("gradient", func() { s.loss.Loss(mat.NewDense(5, s.cols, nil), pred, target, nil) },
			fmt.Sprintf("5×%d", s.cols), fmt.Sprintf("4×%d", s.cols))
		panics("weights", func() { s.loss.Loss(nil, pred, target, []float64{1, 2}) }, "2 sample weights", "4 rows")
		if cols == 1 {
			for _, y := range []float64{3, -1, 0.5, math.NaN()} {
				target.Set(2, 0, y)
				panics("class", func() { s.loss.Loss(nil, pred, target, nil) }, fmt.Sprint(y), "3 columns")
			}
		}
	})
}

func TestFiniteForExtremeScores(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		for seed := range uint64(20) {
			pred, target := s.draw(seed, 8, 1)
			pred.Apply(func(_, _ int, v float64) float64 {
				if s.overflows {
					v = -math.Abs(v)
				}
				return math.Copysign(1e4, v)
			}, pred)
			var grad mat.Dense
			if got := s.loss.Loss(&grad, pred, target, nil); math.IsNaN(got) || math.IsInf(got, 0) {
				t.Errorf("loss %g", got)
			}
			for _, v := range grad.RawMatrix().Data {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("gradient %g", v)
				}
			}
		}
	})
}

func TestConvex(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		violated := false
		for seed := range uint64(2000) {
			a, target := s.draw(seed, 1, 4)
			b, _ := s.draw(seed+10000, 1, 4)
			var middle mat.Dense
			middle.Add(a, b)
			middle.Scale(0.5, &middle)
			mean := (s.loss.Loss(nil, a, target, nil) + s.loss.Loss(nil, b, target, nil)) / 2
			violated = violated || s.loss.Loss(nil, &middle, target, nil) > mean*(1+1e-12)
		}
		if violated != s.nonConvex {
			t.Errorf("convexity violated: %v, want %v", violated, s.nonConvex)
		}
	})
}

func TestCheckTargetAndValidate(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		checker, ok := s.loss.(loss.TargetChecker)
		if !ok {
			t.Fatal("is not a TargetChecker")
		}
		_, target := s.draw(9, 6, 1)
		if err := checker.CheckTarget(target, s.cols); err != nil {
			t.Errorf("its own targets: %v", err)
		}
		if err := checker.CheckTarget(mat.NewDense(6, 7, nil), s.cols); err == nil || !strings.Contains(err.Error(), "7 columns") {
			t.Errorf("a target of 7 columns: %v", err)
		}
		target.Set(4, 0, math.NaN())
		if err := checker.CheckTarget(target, s.cols); err == nil || !strings.Contains(err.Error(), "row 4") || !strings.Contains(err.Error(), "NaN") {
			t.Errorf("NaN in row 4: %v", err)
		}
		if v, ok := s.loss.(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestCurvature measures the second derivative along random directions.
func TestCurvature(t *testing.T) {
	smooth := 0
	each(t, func(t *testing.T, s subject) {
		l, ok := s.loss.(loss.Smooth)
		if !ok || math.IsInf(l.Curvature(), 1) {
			return
		}
		smooth++
		steepest := 0.0
		r := rand.New(rand.NewPCG(1, 2))
		for seed := range uint64(2000) {
			pred, target := s.draw(seed, 1, 1+float64(seed%3))
			steepest = max(steepest, secondDerivative(l, pred, target, r))
		}
		if bound := l.Curvature(); steepest > bound*(1+1e-6) {
			t.Errorf("second derivative %g, bound %g", steepest, bound)
		}
	})
	if smooth != 12 {
		t.Errorf("%d losses with a bounded second derivative, want 12", smooth)
	}
}

// secondDerivative returns uᵀHu for a random unit vector u.
func secondDerivative(l loss.Loss, pred, target *mat.Dense, r *rand.Rand) float64 {
	_, cols := pred.Dims()
	u := mat.NewDense(1, cols, nil)
	u.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, u)
	u.Scale(1/mat.Norm(u, 2), u)
	slope := func(h float64) float64 {
		var at, grad mat.Dense
		at.Scale(h, u)
		at.Add(&at, pred)
		l.Loss(&grad, &at, target, nil)
		return mat.Dot(grad.RowView(0), u.RowView(0))
	}
	const h = 1e-4
	return (slope(h) - slope(-h)) / (2 * h)
}

// TestCurvatureIsReached: a bound that is too large would make the largest
// learning rate too small.
func TestCurvatureIsReached(t *testing.T) {
	for name, c := range map[string]struct {
		loss         loss.Smooth
		pred, target []float64
		direction    []float64
	}{
		"MSE":                         {loss.MSE{}, []float64{1}, []float64{0}, []float64{1}},
		"Huber":                       {loss.Huber{Delta: 2}, []float64{1}, []float64{0}, []float64{1}},
		"LogCosh":                     {loss.LogCosh{}, []float64{0}, []float64{0}, []float64{1}},
		"SquaredHinge":                {loss.SquaredHinge{}, []float64{0}, []float64{1}, []float64{1}},
		"BinaryCrossEntropy":          {loss.BinaryCrossEntropy{}, []float64{0}, []float64{0}, []float64{1}},
		"BinaryCrossEntropy weighted": {loss.BinaryCrossEntropy{PositiveWeight: []float64{3}}, []float64{0}, []float64{1}, []float64{1}},
		"CrossEntropy":                {loss.CrossEntropy{}, []float64{0, -50, 0}, []float64{1}, []float64{math.Sqrt2 / 2, 0, -math.Sqrt2 / 2}},
		"KLDivergence":                {loss.KLDivergence{}, []float64{0, -50, 0}, []float64{0.2, 0.3, 0.5}, []float64{math.Sqrt2 / 2, 0, -math.Sqrt2 / 2}},
	} {
		const h = 1e-4
		slope := func(h float64) float64 {
			at := make([]float64, len(c.pred))
			for j := range at {
				at[j] = c.pred[j] + h*c.direction[j]
			}
			var grad mat.Dense
			c.loss.Loss(&grad, dense([][]float64{at}), dense([][]float64{c.target}), nil)
			return mat.Dot(grad.RowView(0), mat.NewVecDense(len(at), c.direction))
		}
		golden.Close(t, name, (slope(h)-slope(-h))/(2*h), c.loss.Curvature(), 1e-6)
	}
}

// TestSeparable puts a batch together from two parts.
func TestSeparable(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		l, ok := loss.AsSeparable(s.loss)
		if !ok {
			t.Fatal("it is not Separable")
		}
		const rows, cut = 21, 8
		pred, target := s.draw(11, rows, 1.5)
		r := rand.New(rand.NewPCG(12, 1))
		weight := make([]float64, rows)
		for i := range weight {
			weight[i] = max(0, r.Float64()-0.2)
		}
		for _, w := range [][]float64{nil, weight} {
			var whole mat.Dense
			want := l.Loss(&whole, pred, target, w)
			sum, total := 0.0, l.Total(target, w)
			for _, at := range [][2]int{{0, cut}, {cut, rows}} {
				part := func(m *mat.Dense) *mat.Dense {
					_, cols := m.Dims()
					return m.Slice(at[0], at[1], 0, cols).(*mat.Dense)
				}
				var d mat.Dense
				var pw []float64
				if w != nil {
					pw = w[at[0]:at[1]]
				}
				share := l.Total(part(target), pw) / total
				sum += share * l.Loss(&d, part(pred), part(target), pw)
				d.Scale(share, &d)
				if !mat.EqualApprox(&d, part(&whole), 1e-15) {
					t.Errorf("weighted=%t: the part's gradient is\n%v\nwant\n%v", w != nil, mat.Formatted(&d), mat.Formatted(part(&whole)))
				}
			}
			golden.Close(t, fmt.Sprintf("weighted=%t", w != nil), sum, want, 1e-14)
		}
	})
}

// TestPoint compares single points with a column long enough for whatever is
// computed for many at once.
func TestPoint(t *testing.T) {
	found := 0
	each(t, func(t *testing.T, s subject) {
		l, ok := s.loss.(loss.Pointwise)
		if b, isBinary := l.(loss.BinaryCrossEntropy); !ok || isBinary && len(b.PositiveWeight) > 1 {
			return
		}
		found++
		const rows = 700
		for _, scale := range []float64{1.5, 30} {
			pred, target := s.draw(13, rows, scale)
			pred, target = mat.DenseCopyOf(pred.ColView(0)), mat.DenseCopyOf(target.ColView(0))
			var d mat.Dense
			got := l.Loss(&d, pred, target, nil)
			want, slopes := 0.0, make([]float64, rows)
			for i := range rows {
				var v float64
				v, slopes[i] = l.Point(pred.At(i, 0), target.At(i, 0))
				want += v / rows
				slopes[i] /= rows
			}
			golden.Close(t, "loss", got, want, 1e-13)
			golden.CloseSlice(t, "gradient", d.RawMatrix().Data, slopes, 1e-15)
			golden.Close(t, "loss without gradient", l.Loss(nil, pred, target, nil), got, 0)
		}
	})
	if found < 10 {
		t.Errorf("%d pointwise losses, want 10 or more", found)
	}
}

// TestMeanOfManyRows: the mean over a hundred thousand equal rows is the loss of
// one of them, to the last digit or two, with weights and without.
func TestMeanOfManyRows(t *testing.T) {
	const n = 100_000
	each(t, func(t *testing.T, s subject) {
		pred, target := s.draw(1, 1, 1.5)
		many, manyTarget := mat.NewDense(n, s.cols, nil), mat.NewDense(n, len(target.RawRowView(0)), nil)
		weights := make([]float64, n)
		for i := range n {
			many.SetRow(i, pred.RawRowView(0))
			manyTarget.SetRow(i, target.RawRowView(0))
			weights[i] = 0.3
		}
		want := s.loss.Loss(nil, pred, target, nil)
		for name, w := range map[string][]float64{"plain": nil, "weighted": weights} {
			golden.Close(t, name, s.loss.Loss(nil, many, manyTarget, w), want, 2*0x1p-52)
			var grad mat.Dense
			golden.Close(t, name+" with its gradient", s.loss.Loss(&grad, many, manyTarget, w), want, 4*0x1p-52)
		}
	})
}
