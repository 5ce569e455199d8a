package solve_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/sparse"
)

// words returns a sparse matrix of which a twentieth is not 0, with more columns
// than rows, and a target that depends on a few of them.
func words(rows, cols int) (x *mat.Dense, y *mat.Dense) {
	r := rand.New(rand.NewPCG(5, 6))
	x, y = mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil)
	for i := range rows {
		for j := range cols {
			if r.Float64() < 0.05 {
				x.Set(i, j, 1+r.Float64())
			}
		}
		row := x.RawRowView(i)
		y.Set(i, 0, 10+3*row[0]-2*row[1]+row[2]+0.3*r.NormFloat64())
	}
	return x, y
}

// kkt returns by how much θ = (b, w) misses the conditions of the minimum of the
// mean squared error plus λ‖w‖₁: with g the gradient of the error, |gⱼ| ≤ λ where
// wⱼ is 0 and gⱼ = −λ·sign(wⱼ) elsewhere.
func kkt(x mat.Matrix, y *mat.Dense, intercept float64, w []float64, lambda float64) float64 {
	rows, cols := x.Dims()
	worst, sum := 0.0, 0.0
	residuals := make([]float64, rows)
	for i := range residuals {
		residuals[i] = intercept - y.At(i, 0)
		for j, v := range w {
			residuals[i] += v * x.At(i, j)
		}
		sum += residuals[i]
	}
	worst = math.Abs(2 * sum / float64(rows))
	for j := range cols {
		g := 0.0
		for i, r := range residuals {
			g += 2 * r * x.At(i, j) / float64(rows)
		}
		if w[j] == 0 {
			worst = max(worst, math.Abs(g)-lambda)
		} else {
			worst = max(worst, math.Abs(g+math.Copysign(lambda, w[j])))
		}
	}
	return worst
}

// Many columns and few rows, dense and sparse, and few columns and many rows go
// different ways to the same conditions.
func TestPathSatisfiesKKT(t *testing.T) {
	wide, wideY := words(80, 200)
	tall, tallY := linearData(200)
	for _, test := range []struct {
		name string
		x    mat.Matrix
		y    *mat.Dense
	}{
		{"wide", wide, wideY}, {"wide, sparse", sparse.FromDense(wide), wideY}, {"tall", tall, tallY},
	} {
		path, err := solve.Path(test.x, test.y, solve.PathOptions{L1Ratio: 1, N: 20, Eps: 0.01, Tolerance: 1e-13})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		for i, lambda := range path.Lambdas {
			if miss := kkt(test.x, test.y, path.Intercepts[i], path.Coefficients[i], lambda); miss > 1e-6*path.Lambdas[0] {
				t.Errorf("%s: λ = %g misses the KKT conditions by %g", test.name, lambda, miss)
			}
		}
		counts := path.NonZeros()
		if counts[0] != 0 || counts[1] == 0 || !slices.IsSortedFunc(path.Lambdas, func(a, b float64) int { return int(math.Copysign(1, b-a)) }) {
			t.Errorf("%s: λ = %v with %v weights that are not 0", test.name, path.Lambdas, counts)
		}
		if got := path.Lambdas[19] / path.Lambdas[0]; math.Abs(got-0.01) > 1e-15 {
			t.Errorf("%s: the path ends at %g of its start", test.name, got)
		}
		if slices.Max(path.Gaps) > 1e-13 || slices.Min(path.Cycles) < 1 {
			t.Errorf("%s: gaps %v, cycles %v", test.name, path.Gaps, path.Cycles)
		}
	}
}

// At the largest λ all weights are exactly 0, whatever the data, and just below
// it they are not.
func TestPathBeginsAtZero(t *testing.T) {
	for seed := range uint64(50) {
		x, y := normal(15, 6, seed), normal(15, 1, seed+100)
		path, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 0.3 + 0.7*float64(seed%7)/6, N: 2, Eps: 0.999})
		if err != nil {
			t.Fatal(err)
		}
		if n := path.NonZeros(); n[0] != 0 || n[1] == 0 {
			t.Errorf("seed %d: %v weights are not 0", seed, n)
		}
	}
}

// A solution of the path is that of ElasticNet, and Set gives it to a model.
func TestPathIsElasticNet(t *testing.T) {
	dense, y := words(80, 200)
	for _, x := range []mat.Matrix{dense, sparse.FromDense(dense)} {
		for _, intercept := range []bool{true, false} {
			path, err := solve.Path(x, y, solve.PathOptions{
				L1Ratio: 0.7, Lambdas: []float64{0.02, 0.5, 0.1}, NoIntercept: !intercept, Tolerance: 1e-13,
			})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(path.Lambdas, []float64{0.5, 0.1, 0.02}) {
				t.Errorf("λ = %v, want them falling", path.Lambdas)
			}
			for i, lambda := range path.Lambdas {
				got, want := model.NewLinear(200, 1), model.NewLinear(200, 1)
				if !intercept {
					got, want = model.NewLinearNoIntercept(200, 1), model.NewLinearNoIntercept(200, 1)
				}
				path.Set(got, i)
				report, err := solve.ElasticNet(want, dense, y, solve.ElasticNetOptions{Lambda: lambda, L1Ratio: 0.7, Tolerance: 1e-13})
				if err != nil || report.Gap > 1e-13 || report.Cycles < 2 {
					t.Fatal(report, err)
				}
				golden.CloseSlice(t, "θ", got.Params(), want.Params(), 1e-6)
			}
		}
	}
}

// A constant column has weight 0, and a constant target all weights.
func TestConstants(t *testing.T) {
	x, y := linearData(30)
	for i := range 30 {
		x.Set(i, 3, 0.1)
	}
	m := model.NewLinear(5, 1)
	if _, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 0.01, L1Ratio: 1}); err != nil || m.Params()[4] != 0 || m.Params()[1] == 0 {
		t.Errorf("θ = %v, %v", m.Params(), err)
	}
	for i := range 30 {
		y.Set(i, 0, 4)
	}
	report, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 0.01, L1Ratio: 1})
	if want := []float64{4, 0, 0, 0, 0, 0}; err != nil || report.Gap != 0 || !floats.EqualApprox(m.Params(), want, 1e-15) {
		t.Errorf("θ = %v, want %v (%v, %v)", m.Params(), want, report, err)
	}
}

func TestElasticNetErrors(t *testing.T) {
	x, y := linearData(20)
	for _, test := range []struct {
		opt  solve.ElasticNetOptions
		want string
	}{
		{solve.ElasticNetOptions{Lambda: -1}, "λ = -1"},
		{solve.ElasticNetOptions{Lambda: 1, L1Ratio: 1.5}, "L1Ratio is 1.5"},
		{solve.ElasticNetOptions{Lambda: 1, L1Ratio: 1, Tolerance: -1}, "Tolerance is -1"},
		{solve.ElasticNetOptions{Lambda: 1, L1Ratio: 1, MaxIterations: -1}, "MaxIterations is -1"},
		{solve.ElasticNetOptions{Lambda: 1, L1Ratio: 1, SampleWeights: []float64{1}}, "1 sample weights for 20 rows"},
		{solve.ElasticNetOptions{Lambda: 0.01, L1Ratio: 1, MaxIterations: 1}, "not converged in 1 cycles at λ = 0.01"},
	} {
		m := model.NewLinear(5, 1)
		_, err := solve.ElasticNet(m, x, y, test.opt)
		wantError(t, err, test.want)
	}
}

func TestPathErrors(t *testing.T) {
	x, y := linearData(20)
	constant := mat.NewDense(20, 1, nil)
	for _, test := range []struct {
		x    mat.Matrix
		y    *mat.Dense
		opt  solve.PathOptions
		want string
	}{
		{x, y, solve.PathOptions{}, "L1Ratio is 0"},
		{x, y, solve.PathOptions{L1Ratio: 1, N: -1}, "N is -1"},
		{x, y, solve.PathOptions{L1Ratio: 1, Eps: 1}, "Eps is 1"},
		{x, y, solve.PathOptions{L1Ratio: 1, Lambdas: []float64{1, 0}}, "Lambdas[1] is 0"},
		{x, y, solve.PathOptions{L1Ratio: 1, Tolerance: math.NaN()}, "Tolerance is NaN"},
		{nil, nil, solve.PathOptions{L1Ratio: 1}, "x or y is nil"},
		{x, mat.NewDense(20, 2, nil), solve.PathOptions{L1Ratio: 1}, "y has 2 columns"},
		{x, mat.NewDense(3, 1, nil), solve.PathOptions{L1Ratio: 1}, "x has 20 rows, y has 3"},
		{x, constant, solve.PathOptions{L1Ratio: 1}, "is the target constant?"},
	} {
		_, err := solve.Path(test.x, test.y, test.opt)
		wantError(t, err, test.want)
	}
	path, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 1, N: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*model.Linear{model.NewLinear(4, 1), model.NewLinear(5, 2), model.NewLinearNoIntercept(5, 1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("Set with a model of another shape did not panic")
				}
			}()
			path.Set(m, 0)
		}()
	}
}

// factors returns a design whose columns share three factors, as genes or
// prices do, and a target that depends on a few of them.
func factors(rows, cols int, seed uint64) (x, y *mat.Dense) {
	common, loadings := normal(rows, 3, seed), normal(3, cols, seed+1000)
	x, y = mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil)
	x.Mul(common, loadings)
	own := normal(rows, cols, seed+2000)
	own.Scale(0.1, own)
	x.Add(x, own)
	noise := normal(rows, 1, seed+3000)
	for i := range rows {
		y.Set(i, 0, x.At(i, 0)-2*x.At(i, 1)+x.At(i, 2)+0.5*noise.At(i, 0))
	}
	return x, y
}

// A path goes to its end on correlated columns, and says where it is not exact.
func TestPathOfCorrelatedColumns(t *testing.T) {
	failed, lambdas := 0, 0
	for seed := range uint64(40) {
		rows, cols := 20+int(seed)%21, 20+int(seed*7)%61
		x, y := factors(rows, cols, seed)
		path, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(path.Lambdas) != 100 || len(path.Coefficients) != 100 || len(path.Intercepts) != 100 ||
			len(path.Cycles) != 100 || len(path.Gaps) != 100 || len(path.Converged) != 100 {
			t.Fatalf("seed %d: the path has %d λ, want 100", seed, len(path.Lambdas))
		}
		for i, ok := range path.Converged {
			lambdas++
			if !ok {
				failed++
			}
			if ok != (path.Gaps[i] <= 1e-10) {
				t.Errorf("seed %d: converged %v at λ = %g with a gap of %g", seed, ok, path.Lambdas[i], path.Gaps[i])
			}
			if miss := kkt(x, y, path.Intercepts[i], path.Coefficients[i], path.Lambdas[i]); ok && miss > 1e-3*path.Lambdas[i] {
				t.Errorf("seed %d: λ = %g misses the KKT conditions by %g", seed, path.Lambdas[i], miss)
			}
		}
	}
	if failed > 0 {
		t.Errorf("%d of %d solutions have not converged", failed, lambdas)
	}
	x, y := factors(30, 60, 1)
	path, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 1, MaxIterations: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, ok := range path.Converged {
		if ok != (path.Gaps[i] <= 1e-10) || len(path.Converged) != 100 || !path.Converged[0] || path.Converged[99] {
			t.Fatalf("in one cycle each: converged %v with gaps %v", path.Converged, path.Gaps)
		}
	}
}
