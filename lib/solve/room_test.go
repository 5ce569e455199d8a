package solve_test

import (
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/sparse"
)

// A dense matrix that no memory holds is an error, and does not end the program.
func TestWideProblemsAreBounded(t *testing.T) {
	const n = 60_000
	for name, rows := range map[string]int{"wide": 3, "square": n + 1} {
		x, err := sparse.NewCSR(rows, n, make([]int, rows+1), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		y := mat.NewDense(rows, 1, nil)
		y.Set(0, 0, 1)
		m := model.NewLinear(n, 1)
		_, logistic := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: 1})
		_, net := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 1})
		ridge := solve.Ridge(m, x, y, nil, 1)
		errs := map[string]error{"Logistic": logistic}
		if rows > n {
			errs["LeastSquares"], errs["Ridge"], errs["ElasticNet without L1"] = solve.LeastSquares(m, x, y, nil), ridge, net
		} else if ridge != nil || net != nil { // a matrix of the rows is enough
			t.Errorf("Ridge of a wide x: %v, ElasticNet: %v", ridge, net)
		}
		for solver, err := range errs {
			if err == nil || !strings.Contains(err.Error(), "larger than 536870912: use Minimize or FISTA") {
				t.Errorf("%s of a %s x: %v", solver, name, err)
			}
		}
	}
}
