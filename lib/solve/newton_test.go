package solve_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
)

func TestLogisticReport(t *testing.T) {
	x, y := linearData(50)
	y = labels(y)
	m := model.NewLogistic(5)
	report, err := solve.Logistic(m, x, y, solve.NewtonOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Objective) != report.Iterations+1 || report.GradNorm > 1e-10 {
		t.Errorf("report %+v", report)
	}
	golden.Close(t, "objective at θ = 0", report.Objective[0], math.Ln2, 1e-15)
	for i, f := range report.Objective[1:] {
		if f > report.Objective[i]*(1+1e-15) {
			t.Errorf("the objective rose from %g to %g", report.Objective[i], f)
		}
	}
	again, err := solve.Logistic(m, x, y, solve.NewtonOptions{})
	if err != nil || again.Iterations != 0 {
		t.Errorf("from the solution: %+v, %v", again, err)
	}
	// A full Newton step from far away overshoots, and must be halved.
	far := model.NewLogistic(5)
	far.Params()[1], far.Params()[3] = 6, -6
	if _, err := solve.Logistic(far, x, y, solve.NewtonOptions{MaxIterations: 200}); err != nil {
		t.Fatal(err)
	}
	golden.CloseSlice(t, "from far away", far.Params(), m.Params(), 1e-8)
}

// A probability as target is as good as that many samples of each class.
func TestLogisticOfProbabilities(t *testing.T) {
	x := mat.NewDense(3, 1, []float64{0, 1, 2})
	a, b := model.NewLogistic(1), model.NewLogistic(1)
	if _, err := solve.Logistic(a, x, mat.NewDense(3, 1, []float64{0.25, 0.5, 1}), solve.NewtonOptions{}); err != nil {
		t.Fatal(err)
	}
	x = mat.NewDense(6, 1, []float64{0, 0, 1, 1, 2, 2})
	y := mat.NewDense(6, 1, []float64{1, 0, 1, 0, 1, 0})
	if _, err := solve.Logistic(b, x, y, solve.NewtonOptions{SampleWeights: []float64{0.25, 0.75, 0.5, 0.5, 1, 0}}); err != nil {
		t.Fatal(err)
	}
	golden.CloseSlice(t, "θ", a.Params(), b.Params(), 1e-9)
}

func TestLogisticErrors(t *testing.T) {
	line := mat.NewDense(6, 1, []float64{0, 1, 2, 3, 4, 5})
	mixed := column([]float64{0, 0, 1, 0, 1, 1})
	equal := mat.NewDense(6, 2, []float64{0, 0, 1, 2, 2, 4, 3, 6, 4, 8, 5, 10})
	nan := model.NewLogistic(1)
	nan.Params()[1] = math.NaN()
	for _, test := range []struct {
		name string
		m    *model.Linear
		x    mat.Matrix
		y    *mat.Dense
		opt  solve.NewtonOptions
		want string
	}{
		{"separable", model.NewLogistic(1), line, column([]float64{0, 0, 0, 1, 1, 1}), solve.NewtonOptions{}, "a plane separates the classes"},
		{"separable, no intercept", model.NewLinearNoIntercept(1, 1), mat.NewDense(2, 1, []float64{-1, 2}), column([]float64{0, 1}), solve.NewtonOptions{}, "a plane separates the classes"},
		{"sample on the plane", model.NewLogistic(1), mat.NewDense(6, 1, []float64{0, 1, 2, 2, 4, 5}), column([]float64{0, 0, 0, 1, 1, 1}), solve.NewtonOptions{}, "a plane separates the classes"},
		{"separable but for weight 0", model.NewLogistic(1), line, mixed, solve.NewtonOptions{SampleWeights: []float64{1, 1, 0, 1, 1, 1}}, "a plane separates the classes"},
		{"one class", model.NewLogistic(1), line, column([]float64{1, 1, 1, 1, 1, 1}), solve.NewtonOptions{}, "all targets are 1"},
		{"separable, few iterations", model.NewLogistic(1), line, column([]float64{0, 0, 0, 1, 1, 1}), solve.NewtonOptions{MaxIterations: 2}, "not converged in 2 iterations"},
		{"dependent", model.NewLogistic(2), equal, mixed, solve.NewtonOptions{}, "linearly dependent"},
		{"zero column", model.NewLogistic(1), mat.NewDense(6, 1, nil), mixed, solve.NewtonOptions{}, "linearly dependent"},
		{"label", model.NewLogistic(1), line, column([]float64{0, 0, 2, 0, 1, 1}), solve.NewtonOptions{}, "the target in row 2 is 2"},
		{"outputs", model.NewLinear(1, 2), line, mat.NewDense(6, 2, nil), solve.NewtonOptions{}, "this model has 2"},
		{"rows", model.NewLogistic(1), line, column([]float64{1}), solve.NewtonOptions{}, "x has 6 rows, y has 1"},
		{"λ", model.NewLogistic(1), line, mixed, solve.NewtonOptions{Lambda: -1}, "λ = -1"},
		{"tolerance", model.NewLogistic(1), line, mixed, solve.NewtonOptions{Tolerance: -1}, "Tolerance is -1"},
		{"iterations", model.NewLogistic(1), line, mixed, solve.NewtonOptions{MaxIterations: -1}, "MaxIterations is -1"},
		{"NaN at the start", nan, line, mixed, solve.NewtonOptions{}, "parameter 1 is NaN at the start"},
		{"not converged", model.NewLogistic(1), line, mixed, solve.NewtonOptions{MaxIterations: 1}, "not converged in 1 iterations"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := solve.Logistic(test.m, test.x, test.y, test.opt)
			wantError(t, err, test.want)
		})
	}
	// With a penalty there is a minimum, separable or not, dependent or not.
	m := model.NewLogistic(2)
	if _, err := solve.Logistic(m, equal, column([]float64{0, 0, 0, 1, 1, 1}), solve.NewtonOptions{Lambda: 0.01}); err != nil {
		t.Error(err)
	}
}

// The gradient of a small column is small everywhere, also far from the minimum.
func TestLogisticOfSmallColumns(t *testing.T) {
	y := mat.NewDense(6, 1, []float64{0, 1, 0, 1, 0, 1})
	for _, size := range []float64{1e-7, 1e-10, 1e-17, 1e-100, 1e-200} {
		x := mat.NewDense(6, 1, nil)
		for i := range 6 {
			x.Set(i, 0, float64(i)*size)
		}
		// Without a penalty, the solution for the size 1.
		m := model.NewLogistic(1)
		if _, err := solve.Logistic(m, x, y, solve.NewtonOptions{}); err != nil {
			t.Fatal(err)
		}
		if b, w := m.Params()[0], m.Params()[1]*size; math.Abs(b+0.9033019059673402) > 1e-12 || math.Abs(w-0.3613207623869361) > 1e-12 {
			t.Errorf("size %g: intercept %v, weight times size %v", size, b, w)
		}
		// With one that is much larger than x, a first step from 0 is all: w = mean((y − ½)(x − x̄))/λ.
		if size < 1e-20 {
			continue
		}
		for _, lambda := range []float64{0.01, 2} {
			if _, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: lambda}); err != nil {
				t.Fatal(err)
			}
			if got, want := m.Params()[1], 0.25*size/lambda; math.Abs(got-want) > 1e-8*want {
				t.Errorf("size %g, λ %g: weight %g, want %g", size, lambda, got, want)
			}
		}
	}
}
