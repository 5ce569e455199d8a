package solve_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
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
