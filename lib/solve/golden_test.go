package solve_test

import (
	"context"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/sparse"
)

// regression is the diabetes data with the solutions of scikit-learn.
type regression struct {
	X     [][]float64
	Y, Y2 []float64
	W     []float64
	Cases []struct {
		Name, Kind    string
		Lambda, Ratio float64
		Weighted      bool
		Outputs       int
		Theta         []float64
	}
	Paths []struct {
		Ratio        float64
		Lambdas      []float64
		Coefficients [][]float64
		Intercepts   []float64
	}
}

func loadRegression(t testing.TB) (r regression, x *mat.Dense) {
	r = golden.Load[regression](t, "testdata/regression.json")
	return r, matrix(r.X)
}

func matrix(rows [][]float64) *mat.Dense {
	x := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		x.SetRow(i, row)
	}
	return x
}

func column(y []float64) *mat.Dense { return mat.NewDense(len(y), 1, y) }

// variants are the same numbers as a dense and a sparse matrix, one whose rows
// are not next to each other, and one that offers nothing but At.
func variants(x *mat.Dense) map[string]mat.Matrix {
	rows, cols := x.Dims()
	wide := mat.NewDense(rows, cols+3, nil)
	view := wide.Slice(0, rows, 2, cols+2).(*mat.Dense)
	view.Copy(x)
	var turned mat.Dense
	turned.CloneFrom(x.T())
	return map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x), "view": view, "transpose": turned.T()}
}

func TestRegressionGoldens(t *testing.T) {
	data, x := loadRegression(t)
	for _, test := range data.Cases {
		for kind, x := range variants(x) {
			t.Run(test.Name+"/"+kind, func(t *testing.T) {
				y := mat.NewDense(len(data.Y), test.Outputs, nil)
				y.SetCol(0, data.Y)
				if test.Outputs == 2 {
					y.SetCol(1, data.Y2)
				}
				var w []float64
				if test.Weighted {
					w = data.W
				}
				m := model.NewLinear(10, test.Outputs)
				var err error
				switch test.Kind {
				case "ls":
					err = solve.LeastSquares(m, x, y, w)
				case "ridge":
					err = solve.Ridge(m, x, y, w, test.Lambda)
				case "net":
					_, err = solve.ElasticNet(m, x, y, solve.ElasticNetOptions{
						Lambda: test.Lambda, L1Ratio: test.Ratio, SampleWeights: w, Tolerance: 1e-15, MaxIterations: 100000,
					})
				}
				if err != nil {
					t.Fatal(err)
				}
				golden.CloseSlice(t, "θ", m.Params(), test.Theta, 1e-9)
				for j, want := range test.Theta {
					if want == 0 && m.Params()[j] != 0 {
						t.Errorf("θ[%d] = %g, want exactly 0", j, m.Params()[j])
					}
				}
			})
		}
	}
}

func TestPathGoldens(t *testing.T) {
	data, x := loadRegression(t)
	for _, test := range data.Paths {
		for kind, x := range variants(x) {
			path, err := solve.Path(x, column(data.Y), solve.PathOptions{
				L1Ratio: test.Ratio, N: len(test.Lambdas), Tolerance: 1e-15, MaxIterations: 100000,
			})
			if err != nil {
				t.Fatal(err)
			}
			golden.CloseSlice(t, kind+" λ", path.Lambdas, test.Lambdas, 1e-12)
			golden.CloseSlice(t, kind+" intercepts", path.Intercepts, test.Intercepts, 1e-9)
			for i, want := range test.Coefficients {
				scale := floats.Norm(want, 2)
				if i == 0 { // at the largest λ rounding decides between 0 and nearly 0
					scale = 1
				}
				if d := floats.Distance(path.Coefficients[i], want, 2); !(d <= 1e-9*scale) {
					t.Errorf("%s, ρ = %g: coefficients at λ = %g are %v, want %v", kind, test.Ratio, test.Lambdas[i], path.Coefficients[i], want)
				}
			}
		}
	}
}

type classification struct {
	X      [][]float64
	Y, W   []float64
	Lambda float64
	Theta  []float64
	Cases  []struct {
		Name     string
		Lambda   float64
		Weighted bool
		Theta    []float64
	}
}

func TestLogisticGoldens(t *testing.T) {
	data := golden.Load[classification](t, "testdata/logistic.json")
	x, y := matrix(data.X), column(data.Y)
	for _, test := range data.Cases {
		t.Run(test.Name, func(t *testing.T) {
			var w []float64
			if test.Weighted {
				w = data.W
			}
			m := model.NewLogistic(5)
			report, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: test.Lambda, SampleWeights: w, Tolerance: 1e-12})
			if err != nil {
				t.Fatal(err)
			}
			golden.CloseSlice(t, "θ", m.Params(), test.Theta, 1e-9)
			if report.GradNorm > 1e-12 || report.Iterations < 3 || report.Iterations > 20 {
				t.Errorf("gradient %g after %d iterations", report.GradNorm, report.Iterations)
			}
		})
	}
}

// Softmax regression has no solver of its own: L-BFGS does it.
func TestSoftmaxGolden(t *testing.T) {
	data := golden.Load[classification](t, "testdata/softmax.json")
	m := model.NewSoftmax(4, 3)
	history, err := solve.Minimize(context.Background(), m, matrix(data.X), column(data.Y), solve.MinimizeOptions{
		Loss: loss.CrossEntropy{}, Regularizer: regularizer.L2{Lambda: data.Lambda}, GradTolerance: 1e-10,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(history, history.Last().Passes)
	// A constant added to all intercepts changes nothing.
	for _, theta := range [][]float64{m.Params(), data.Theta} {
		floats.AddConst(-floats.Sum(theta[:3])/3, theta[:3])
	}
	golden.CloseSlice(t, "θ", m.Params(), data.Theta, 1e-7)
}
