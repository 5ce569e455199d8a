package solve_test

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
)

// orthonormal returns a matrix with orthonormal columns.
func orthonormal(r, c int, seed uint64) *mat.Dense {
	var qr mat.QR
	qr.Factorize(normal(r, c, seed))
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, r, 0, c))
}

// Data built backwards: x = U·diag(s)·Vᵀ and y = xθ + a residual orthogonal to
// x, so that θ is the answer whatever the condition number.
func TestLeastSquaresOfKnownAnswer(t *testing.T) {
	const rows, cols = 50, 8
	u := orthonormal(rows, cols+1, 1)
	v := orthonormal(cols, cols, 2)
	for _, condition := range []float64{1, 1e3, 1e6, 1e9} {
		var x, y mat.Dense
		s := make([]float64, cols)
		for j := range s {
			s[j] = math.Pow(condition, -float64(j)/(cols-1))
		}
		x.Mul(u.Slice(0, rows, 0, cols), mat.NewDiagDense(cols, s))
		x.Mul(&x, v.T())
		theta := mat.NewDense(cols, 1, []float64{1, -2, 3, -4, 5, -6, 7, -8})
		y.Mul(&x, theta)
		y.Add(&y, u.Slice(0, rows, cols, cols+1))
		m := model.NewLinearNoIntercept(cols, 1)
		if err := solve.LeastSquares(m, &x, &y, nil); err != nil {
			t.Fatal(err)
		}
		// x and y are rounded themselves, which costs κ² digits with a residual of 1.
		golden.CloseSlice(t, "θ", m.Params(), theta.RawMatrix().Data, 1e-14*condition+1e-16*condition*condition)
		if condition < 1e9 { // the 9 columns of rationals take their time
			golden.CloseSlice(t, "θ, exactly", m.Params(), exact(&x, &y, false), 1e-15)
		}
	}
}

func TestRidgeTendsToLeastSquares(t *testing.T) {
	x, y := linearData(40)
	want := model.NewLinear(5, 1)
	if err := solve.LeastSquares(want, x, y, nil); err != nil {
		t.Fatal(err)
	}
	before := math.Inf(1)
	for _, lambda := range []float64{1, 1e-3, 1e-6, 1e-9, 0} {
		m := model.NewLinear(5, 1)
		if err := solve.Ridge(m, x, y, nil, lambda); err != nil {
			t.Fatal(err)
		}
		var d mat.VecDense
		d.SubVec(mat.NewVecDense(6, m.Params()), mat.NewVecDense(6, want.Params()))
		distance := mat.Norm(&d, 2)
		if !(distance <= lambda*10 && distance < before) {
			t.Errorf("λ = %g is %g from least squares", lambda, distance)
		}
		before = distance
	}
	if before != 0 {
		t.Errorf("ridge with λ = 0 is %g from least squares", before)
	}
}

// Ridge has one minimum where least squares has many, or too few samples.
func TestRidgeOfDependentColumns(t *testing.T) {
	x, y := linearData(4)
	m := model.NewLinear(5, 1)
	if err := solve.Ridge(m, x, y, nil, 0.1); err != nil {
		t.Fatal(err)
	}
	for j := range 4 { // two equal columns share their weight
		x.Set(j, 1, x.At(j, 0))
	}
	if err := solve.Ridge(m, x, y, nil, 0.1); err != nil {
		t.Fatal(err)
	}
	if w := m.Params(); math.Abs(w[1]-w[2]) > 1e-14 {
		t.Errorf("weights of equal columns are %g and %g", w[1], w[2])
	}
}

func TestLeastSquaresErrors(t *testing.T) {
	x, y := linearData(20)
	replace := func(j int, f func(row []float64) float64) *mat.Dense {
		c := mat.DenseCopyOf(x)
		for i := range 20 {
			c.Set(i, j, f(c.RawRowView(i)))
		}
		return c
	}
	nan := mat.DenseCopyOf(x)
	nan.Set(7, 2, math.NaN())
	zeros := make([]float64, 20)
	few := append([]float64{1, 1, 1, 1, 1}, make([]float64, 15)...)
	infY := mat.DenseCopyOf(y)
	infY.Set(3, 0, math.Inf(1))
	for _, test := range []struct {
		name    string
		x       mat.Matrix
		y       *mat.Dense
		weights []float64
		want    string
	}{
		{"equal columns", replace(1, func(r []float64) float64 { return r[3] }), y, nil, "linearly dependent"},
		{"sum of columns", replace(1, func(r []float64) float64 { return r[0] - 3*r[4] }), y, nil, "linearly dependent"},
		{"constant column", replace(2, func([]float64) float64 { return 0.1 }), y, nil, "linearly dependent"},
		{"zero column", replace(2, func([]float64) float64 { return 0 }), y, nil, "linearly dependent"},
		{"few samples", x.Slice(0, 5, 0, 5), y.Slice(0, 5, 0, 1).(*mat.Dense), nil, "5 samples cannot determine 6 parameters"},
		{"few weights", x, y, few, "5 samples cannot determine 6 parameters"},
		{"NaN", nan, y, nil, "x is NaN in row 7, column 2"},
		{"infinite y", x, infY, nil, "y is +Inf in row 3, column 0"},
		{"columns", x.Slice(0, 20, 0, 4), y, nil, "x has 4 columns, the model takes 5"},
		{"rows", x, y.Slice(0, 19, 0, 1).(*mat.Dense), nil, "x has 20 rows, y has 19"},
		{"outputs", x, mat.NewDense(20, 2, nil), nil, "the target has 2 columns and the model 1 outputs"},
		{"nil", nil, nil, nil, "x or y is nil"},
		{"weights", x, y, few[:19], "19 sample weights for 20 rows"},
		{"zero weights", x, y, zeros, "all sample weights are 0"},
		{"negative weight", x, y, append([]float64{1, -1}, zeros[2:]...), "the sample weight of row 1 is -1"},
		{"empty", new(mat.Dense), new(mat.Dense), nil, "there are no samples"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := model.NewLinear(5, 1)
			m.Params()[0] = 42
			wantError(t, solve.LeastSquares(m, test.x, test.y, test.weights), test.want)
			if m.Params()[0] != 42 {
				t.Error("the model was changed")
			}
		})
	}
	for _, lambda := range []float64{-1, math.NaN(), math.Inf(1)} {
		wantError(t, solve.Ridge(model.NewLinear(5, 1), x, y, nil, lambda), "want a finite number ≥ 0")
	}
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) || !strings.HasPrefix(err.Error(), "solve: ") {
		t.Errorf("error %v, want one that says %q", err, part)
	}
}
