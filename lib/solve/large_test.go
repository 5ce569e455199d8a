package solve

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// labelled returns samples in the order of their labels, with so many zeros that
// they are worth storing sparsely, too.
func labelled(rows, cols int) (x, y *mat.Dense) {
	r := rand.New(rand.NewPCG(3, 4))
	x, y = mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil)
	low, high := 0, rows-1
	row := make([]float64, cols)
	for range rows {
		score := 0.3
		for j := range row {
			row[j] = 0
			if r.Float64() < 0.2 {
				row[j] = r.NormFloat64()
			}
			score += row[j] * math.Sin(float64(j))
		}
		if r.Float64() < model.Sigmoid(score) {
			x.SetRow(high, row)
			y.Set(high, 0, 1)
			high--
		} else {
			x.SetRow(low, row)
			low++
		}
	}
	return x, y
}

// On large data Hessians are spared, and the optimum is that of plain Newton.
func TestLargeLogistic(t *testing.T) {
	raced.SkipValues(t)
	const rows, cols = 37000, 60
	x, y := labelled(rows, cols)
	weights := make([]float64, rows)
	for i := range weights {
		weights[i] = float64(i % 3)
	}
	none := make([]float64, rows) // all rows that the sample has are of weight 0
	for i := range none {
		none[i] = float64(min(i%11, 1))
	}
	for _, test := range []struct {
		name string
		x    mat.Matrix
		opt  NewtonOptions
	}{
		{"dense", x, NewtonOptions{Lambda: 1e-3}},
		{"no penalty", x, NewtonOptions{}},
		{"sparse", sparse.FromDense(x), NewtonOptions{Lambda: 1e-3, SampleWeights: weights}},
		{"not in memory", struct{ mat.Matrix }{x}, NewtonOptions{SampleWeights: weights}},
		{"sample of no weight", x, NewtonOptions{Lambda: 1e-3, SampleWeights: none}},
	} {
		if testing.Short() && test.name != "dense" && test.name != "sample of no weight" {
			continue
		}
		plain := model.NewLogistic(cols)
		if err := test.opt.check(); err != nil {
			t.Fatal(err)
		}
		n := newNewton(plain, test.x, y, test.opt, 1, nil)
		want, err := n.run(test.opt, n.evaluate(n.theta, true))
		if err != nil {
			t.Fatal(test.name, err)
		}
		m := model.NewLogistic(cols)
		got, err := Logistic(m, test.x, y, test.opt)
		if err != nil {
			t.Fatal(test.name, err)
		}
		if got.GradNorm > 1e-10 {
			t.Errorf("%s: the gradient is %g", test.name, got.GradNorm)
		}
		for j, v := range m.Params() {
			if math.Abs(v-plain.Params()[j]) > 1e-7 {
				t.Fatalf("%s: θ[%d] = %v, plain Newton has %v", test.name, j, v, plain.Params()[j])
			}
		}
		if a, b := got.Objective[got.Iterations], want.Objective[want.Iterations]; math.Abs(a-b) > 1e-14 {
			t.Errorf("%s: the objective is %v, plain Newton's %v", test.name, a, b)
		}
	}
}

// With many columns the search begins without a Hessian, and the optimum is that of
// plain Newton, also from elsewhere and where the columns are of different sizes, so
// that a Hessian is needed after all.
func TestBroadLogistic(t *testing.T) {
	raced.SkipValues(t)
	const rows, cols = 600, 300
	x, y := labelled(rows, cols)
	uneven := mat.DenseCopyOf(x)
	uneven.Apply(func(_, j int, v float64) float64 { return v * math.Pow(1.03, float64(j)) }, uneven)
	for _, test := range []struct {
		name  string
		x     *mat.Dense
		start float64
		spare bool // no Hessian is computed
	}{{"even", x, 0, true}, {"from elsewhere", x, 0.1, true}, {"uneven", uneven, 0, false}} {
		opt := NewtonOptions{Lambda: 0.1, Tolerance: 1e-9}
		if err := opt.check(); err != nil {
			t.Fatal(err)
		}
		plain, m := model.NewLogistic(cols), model.NewLogistic(cols)
		n := newNewton(plain, test.x, y, opt, 1, nil)
		if _, err := n.run(opt, n.evaluate(n.theta, true)); err != nil {
			t.Fatal(test.name, err)
		}
		for j := range m.Params() {
			m.Params()[j] = test.start
		}
		quick := newNewton(m, test.x, y, opt, 1, nil)
		quick.thrifty, quick.steps = true, quick.afford()
		if quick.steps < fewSteps {
			t.Fatalf("%d steps are not worth it", quick.steps)
		}
		report, err := quick.run(opt, quick.flat())
		if err != nil || report.GradNorm > opt.Tolerance {
			t.Errorf("%s: %v, the gradient is %g", test.name, err, report.GradNorm)
		}
		if spared := quick.hessian == nil; spared != test.spare {
			t.Errorf("%s: the Hessian was spared: %v after %d steps", test.name, spared, report.Iterations)
		}
		again := model.NewLogistic(cols)
		copy(again.Params(), slices.Repeat([]float64{test.start}, cols+1))
		if _, err := Logistic(again, test.x, y, opt); err != nil || !slices.Equal(again.Params(), m.Params()) {
			t.Errorf("%s: Logistic goes another way, %v", test.name, err)
		}
		for j, v := range m.Params() {
			if math.Abs(v-plain.Params()[j]) > 1e-7 {
				t.Fatalf("%s: θ[%d] = %v, plain Newton has %v", test.name, j, v, plain.Params()[j])
			}
		}
	}
}

// The optimum's bits do not depend on the number of cores.
func TestSolversCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer crew.Fix(1)() // everything is shared
	x, y := labelled(37000, 60)
	var first [2][]float64
	for _, cores := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(cores)
		logistic, lasso := model.NewLogistic(60), model.NewLinear(60, 1)
		if _, err := Logistic(logistic, x, y, NewtonOptions{Lambda: 1e-3}); err != nil {
			t.Fatal(err)
		}
		if _, err := ElasticNet(lasso, x, y, ElasticNetOptions{Lambda: 1e-2, L1Ratio: 1}); err != nil {
			t.Fatal(err)
		}
		got := [2][]float64{slices.Clone(logistic.Params()), slices.Clone(lasso.Params())}
		if first[0] == nil {
			first = got
		}
		for i, name := range []string{"Logistic", "ElasticNet"} {
			if !slices.Equal(first[i], got[i]) {
				t.Errorf("%s: the result on %d cores differs from that on one", name, cores)
			}
		}
	}
}

func BenchmarkLogistic(b *testing.B) {
	x, y := labelled(50000, 60)
	for b.Loop() {
		if _, err := Logistic(model.NewLogistic(60), x, y, NewtonOptions{Lambda: 1e-3, Tolerance: 1e-8}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}

func BenchmarkPath(b *testing.B) {
	x, y := labelled(5000, 200)
	for b.Loop() {
		if _, err := Path(x, y, PathOptions{L1Ratio: 1, Tolerance: 1e-4}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}
