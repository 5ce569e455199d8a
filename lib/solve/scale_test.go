package solve_test

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/sparse"
)

// TestElasticNetOfAnySize: in other units of x and y the solution is the same, in
// other units, and so is the path.
func TestElasticNetOfAnySize(t *testing.T) {
	wide, wideY := words(40, 60)
	tall, tallY := linearData(60)
	for name, data := range map[string]struct {
		x  *mat.Dense
		y  *mat.Dense
		as func(x *mat.Dense) mat.Matrix
	}{
		"tall":         {tall, tallY, func(x *mat.Dense) mat.Matrix { return x }},
		"wide":         {wide, wideY, func(x *mat.Dense) mat.Matrix { return x }},
		"wide, sparse": {wide, wideY, func(x *mat.Dense) mat.Matrix { return sparse.FromDense(x) }},
	} {
		_, cols := data.x.Dims()
		for _, ratio := range []float64{1, 0.7} {
			const lambda = 0.2
			plain := model.NewLinear(cols, 1)
			report, err := solve.ElasticNet(plain, data.as(data.x), data.y, solve.ElasticNetOptions{Lambda: lambda, L1Ratio: ratio})
			if err != nil {
				t.Fatal(err)
			}
			for _, unit := range [][2]float64{{1e160, 1}, {1e-165, 1}, {1, 1e160}, {1, 1e-165}, {1e100, 1e-200}, {1e160, 1e140}, {1e140, 1e140}, {1e-140, 1e-140}} {
				what := fmt.Sprintf("%s, ρ = %g, x in units of %g, y of %g", name, ratio, unit[0], unit[1])
				var x, y mat.Dense
				x.Scale(unit[0], data.x)
				y.Scale(unit[1], data.y)
				// λ(ρ‖w‖₁ + ½(1−ρ)‖w‖²), with w in units of unit[1]/unit[0], has two parts of
				// different units: other λ and ρ give the same.
				l1, l2 := lambda*ratio*unit[0]*unit[1], lambda*(1-ratio)*unit[0]*unit[0]
				if ratio != 1 && unit[0] != unit[1] {
					continue // 1 − ρ would be too near 0 or 1 for a float64
				}
				m := model.NewLinear(cols, 1)
				got, err := solve.ElasticNet(m, data.as(&x), &y, solve.ElasticNetOptions{Lambda: l1 + l2, L1Ratio: l1 / (l1 + l2)})
				if err != nil {
					t.Errorf("%s: %v", what, err)
					continue
				}
				if got.Gap > 2*report.Gap+1e-10 {
					t.Errorf("%s: the gap is %g, in other units %g", what, got.Gap, report.Gap)
				}
				scaled := make([]float64, cols)
				for j, w := range m.Weights().RawMatrix().Data {
					scaled[j] = w / unit[1] * unit[0]
				}
				golden.CloseSlice(t, what+": weights", scaled, plain.Weights().RawMatrix().Data, 1e-6)
				golden.Close(t, what+": intercept", m.Intercept()[0]/unit[1], plain.Intercept()[0], 1e-6)
			}
		}
		want, err := solve.Path(data.as(data.x), data.y, solve.PathOptions{L1Ratio: 1, N: 5, Eps: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range []float64{0x1p532, 0x1p-548, 0x1p-900} {
			var x mat.Dense
			x.Scale(unit, data.x)
			got, err := solve.Path(data.as(&x), data.y, solve.PathOptions{L1Ratio: 1, N: 5, Eps: 0.1})
			if err != nil {
				t.Errorf("%s, path, x in units of %g: %v", name, unit, err)
				continue
			}
			for i, lambda := range want.Lambdas {
				golden.Close(t, "λ", got.Lambdas[i]/unit, lambda, 1e-14)
				for j := range got.Coefficients[i] {
					got.Coefficients[i][j] *= unit
				}
				golden.CloseSlice(t, "path", got.Coefficients[i], want.Coefficients[i], 1e-6)
			}
		}
	}
}

// What cannot be had in a float64 is an error.
func TestElasticNetBeyondTheRange(t *testing.T) {
	x := mat.NewDense(4, 2, []float64{1, 1e-170, 2, 3e-170, 3, -1e-170, 5, 0})
	y := mat.NewDense(4, 1, []float64{1, 2, 3, 5})
	_, err := solve.ElasticNet(model.NewLinear(2, 1), x, y, solve.ElasticNetOptions{Lambda: 0.1, L1Ratio: 1})
	wantError(t, err, "column 1 of x is so small")
	_, err = solve.Path(x, y, solve.PathOptions{L1Ratio: 1})
	wantError(t, err, "column 1 of x is so small")
	var tiny, large mat.Dense
	tiny.Scale(1e-300, x.Slice(0, 4, 0, 1))
	large.Scale(1e200, y)
	_, err = solve.ElasticNet(model.NewLinear(1, 1), &tiny, &large, solve.ElasticNetOptions{Lambda: 1e-105, L1Ratio: 1})
	wantError(t, err, "beyond the range")
	_, err = solve.ElasticNet(model.NewLinear(1, 1), &tiny, y, solve.ElasticNetOptions{Lambda: 1, L1Ratio: 0.5})
	wantError(t, err, "scale the features")
	tiny.Scale(1e-20, &tiny)
	_, err = solve.Path(&tiny, y, solve.PathOptions{L1Ratio: 1})
	wantError(t, err, "scale the features")
	large.Scale(1e200, x.Slice(0, 4, 0, 1))
	y.Scale(1e200, y)
	_, err = solve.Path(&large, y, solve.PathOptions{L1Ratio: 1})
	wantError(t, err, "scale the features")
}
