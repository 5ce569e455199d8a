package solve_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/sparse"
)

// exactCase is a problem of testdata/exact.py with its solution.
type exactCase struct {
	Name      string
	X         [][]float64
	Y         []float64
	Weights   []float64
	Lambda    float64
	Intercept bool
	Theta     []float64
}

func (c exactCase) data() (m *model.Linear, x, y *mat.Dense) {
	x = mat.NewDense(len(c.X), len(c.X[0]), nil)
	for i, row := range c.X {
		x.SetRow(i, row)
	}
	m = model.NewLinearNoIntercept(len(c.X[0]), 1)
	if c.Intercept {
		m = model.NewLinear(len(c.X[0]), 1)
	}
	return m, x, mat.NewDense(len(c.Y), 1, c.Y)
}

type exactCases struct{ Linear, Logistic []exactCase }

// TestLinearExactly: least squares and ridge have every digit, whatever the
// weights and the sizes of the numbers.
func TestLinearExactly(t *testing.T) {
	for _, c := range golden.Load[exactCases](t, "testdata/exact.json").Linear {
		m, x, y := c.data()
		if err := solve.Ridge(m, x, y, c.Weights, c.Lambda); err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		for j, want := range c.Theta {
			golden.Close(t, c.Name+": θ", m.Params()[j], want, 1e-15)
		}
	}
}

// TestLogisticExactly: Newton's method has the digits that the gradient's
// tolerance promises, however far from 0 the columns are and in which size.
func TestLogisticExactly(t *testing.T) {
	for _, c := range golden.Load[exactCases](t, "testdata/exact.json").Logistic {
		for _, as := range []string{"dense", "sparse"} {
			m, x, y := c.data()
			var data mat.Matrix = x
			if as == "sparse" {
				data = sparse.FromDense(x)
			}
			_, err := solve.Logistic(m, data, y, solve.NewtonOptions{Lambda: c.Lambda, SampleWeights: c.Weights, Tolerance: 1e-15})
			if err != nil {
				t.Errorf("%s, %s: %v", c.Name, as, err)
				continue
			}
			for j, want := range c.Theta {
				golden.Close(t, c.Name+", "+as+": θ", m.Params()[j], want, 1e-13)
			}
		}
	}
}

// TestLogisticOfOneClass: the intercept, which no penalty holds, has no minimum.
func TestLogisticOfOneClass(t *testing.T) {
	x := mat.NewDense(4, 1, []float64{1, 2, 3, 5})
	for _, label := range []float64{0, 1} {
		y := mat.NewDense(4, 1, []float64{label, label, label, 1 - label})
		for _, lambda := range []float64{0, 1} {
			opt := solve.NewtonOptions{Lambda: lambda, SampleWeights: []float64{1, 2, 1, 0}}
			_, err := solve.Logistic(model.NewLogistic(1), x, y, opt)
			wantError(t, err, fmt.Sprintf("all targets are %g", label))
		}
		opt := solve.NewtonOptions{Lambda: 1, SampleWeights: []float64{1, 2, 1, 0}}
		m := model.NewLinearNoIntercept(1, 1)
		if _, err := solve.Logistic(m, x, y, opt); err != nil || !(math.Abs(m.Params()[0]) < 1) {
			t.Errorf("label %g without an intercept: weight %v, error %v", label, m.Params(), err)
		}
	}
}

// Where a penalty cannot be seen beside the numbers, the error says what helps.
func TestLogisticSaysCentre(t *testing.T) {
	x, y := mat.NewDense(6, 2, nil), mat.NewDense(6, 1, []float64{0, 0, 1, 0, 1, 1})
	for i := range 6 {
		x.SetRow(i, []float64{1e9 + float64(i), 1e9 + float64(i*i%5)})
	}
	_, err := solve.Logistic(model.NewLinearNoIntercept(2, 1), x, y, solve.NewtonOptions{Lambda: 0.01})
	wantError(t, err, "centre and scale the columns")
}

// TestObjectiveOfManyRows: what a solver reports is the mean over the rows, to
// the last digits.
func TestObjectiveOfManyRows(t *testing.T) {
	const n = 100_000
	x, y, weights := mat.NewDense(n, 1, nil), mat.NewDense(n, 1, nil), make([]float64, n)
	for i := range n {
		x.Set(i, 0, float64(i%2))
		y.Set(i, 0, float64(i/2%2))
		weights[i] = 0.3
	}
	for _, w := range [][]float64{nil, weights} {
		report, err := solve.Logistic(model.NewLogistic(1), x, y, solve.NewtonOptions{SampleWeights: w})
		if err != nil {
			t.Fatal(err)
		}
		golden.Close(t, "objective at the start", report.Objective[0], math.Ln2, 1e-15)
	}
}
