package solve_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
)

func TestSmoke(t *testing.T) {
	x := mat.NewDense(6, 1, []float64{0, 1, 2, 3, 4, 5})
	y := mat.NewDense(6, 1, []float64{1, 3, 5, 7, 9, 11})
	m := model.NewLinear(1, 1)
	t.Log(solve.LeastSquares(m, x, y, nil), m.Params())
	t.Log(solve.Ridge(m, x, y, nil, 1), m.Params())
	l := model.NewLogistic(1)
	r, err := solve.Logistic(l, x, mat.NewDense(6, 1, []float64{0, 0, 1, 0, 1, 1}), solve.NewtonOptions{})
	t.Log(r, err, l.Params())
	l = model.NewLogistic(1)
	r, err = solve.Logistic(l, x, mat.NewDense(6, 1, []float64{0, 0, 0, 1, 1, 1}), solve.NewtonOptions{})
	t.Log(r, err, l.Params())
}
