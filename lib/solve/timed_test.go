package solve_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/stream"
)

// timedRows are n rows of 20 columns of different scales, with a target of the first ten
// columns and noise; or with its sign as a label.
func timedRows(n int, label bool) (x, y *mat.Dense) {
	r := rand.New(rand.NewPCG(uint64(n), 5))
	x, y = mat.NewDense(n, 20, nil), mat.NewDense(n, 1, nil)
	for i := range n {
		row, sum := x.RawRowView(i), 3*r.NormFloat64()
		for j := range row {
			row[j] = r.NormFloat64() * float64(1+j%3)
			if j < 10 {
				sum += row[j] / float64(1+j)
			}
		}
		if label {
			sum = float64(min(1, max(0, int(sum+1))))
		}
		y.Set(i, 0, sum)
	}
	return x, y
}

// regressions and classifications make a benchmark of a solver, which begins at 0.
func regressions(run func(m *model.Linear, x, y *mat.Dense) error) func(n int) func() {
	return timedSolver(false, run)
}

func classifications(run func(m *model.Linear, x, y *mat.Dense) error) func(n int) func() {
	return timedSolver(true, run)
}

func timedSolver(label bool, run func(m *model.Linear, x, y *mat.Dense) error) func(n int) func() {
	return func(n int) func() {
		x, y := timedRows(n, label)
		return func() {
			if err := run(model.NewLinear(20, 1), x, y); err != nil {
				panic(err)
			}
		}
	}
}

// fails returns only the error.
func fails[T any](_ T, err error) error { return err }

var benchmarks = timed.List{
	"LeastSquares": regressions(func(m *model.Linear, x, y *mat.Dense) error { return solve.LeastSquares(m, x, y, nil) }),
	"Ridge":        regressions(func(m *model.Linear, x, y *mat.Dense) error { return solve.Ridge(m, x, y, nil, 0.1) }),
	"ElasticNet": regressions(func(m *model.Linear, x, y *mat.Dense) error {
		return fails(solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 0.1, L1Ratio: 0.5}))
	}),
	"Path": regressions(func(_ *model.Linear, x, y *mat.Dense) error {
		return fails(solve.Path(x, y, solve.PathOptions{L1Ratio: 1, N: 20}))
	}),
	"StreamLeastSquares": regressions(func(m *model.Linear, x, y *mat.Dense) error {
		return fails(solve.StreamLeastSquares(m, stream.Of(stream.Batch{X: x, Y: y}, 1000), solve.StreamOptions{}))
	}),
	"ISTA": regressions(func(m *model.Linear, x, y *mat.Dense) error { // twenty steps
		return fails(solve.ISTA(context.Background(), m, x, y, solve.ProximalOptions{Loss: loss.MSE{}, Proximal: regularizer.L1{Lambda: 0.1}, MaxIterations: 20}))
	}),
	"FISTA": classifications(func(m *model.Linear, x, y *mat.Dense) error { // twenty steps
		return fails(solve.FISTA(context.Background(), m, x, y, solve.ProximalOptions{
			Loss: loss.BinaryCrossEntropy{}, Proximal: regularizer.L1{Lambda: 0.01}, MaxIterations: 20}))
	}),
	"StepBound": regressions(func(m *model.Linear, x, _ *mat.Dense) error { return fails(solve.StepBound(m, x, nil, loss.MSE{})) }),
	"Logistic": classifications(func(m *model.Linear, x, y *mat.Dense) error {
		return fails(solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: 0.01}))
	}),
	"StreamLogistic": classifications(func(m *model.Linear, x, y *mat.Dense) error {
		return fails(solve.StreamLogistic(m, stream.Of(stream.Batch{X: x, Y: y}, 1000), solve.NewtonOptions{Lambda: 0.01}))
	}),
	"Minimize": classifications(func(m *model.Linear, x, y *mat.Dense) error {
		return fails(solve.Minimize(context.Background(), m, x, y, solve.MinimizeOptions{Loss: loss.BinaryCrossEntropy{}, Regularizer: regularizer.L2{Lambda: 0.01}}))
	}),
	"NewtonCG": classifications(func(m *model.Linear, x, y *mat.Dense) error {
		return fails(solve.NewtonCG(context.Background(), m, x, y, solve.NewtonCGOptions{Loss: loss.BinaryCrossEntropy{}, Regularizer: regularizer.L2{Lambda: 0.01}}))
	}),
}

func BenchmarkSolve(b *testing.B) { benchmarks.Run(b) }

// TestEverySolverIsTimed: each has a benchmark at three sizes.
func TestEverySolverIsTimed(t *testing.T) {
	benchmarks.Check(t, "RegularizationPath") // reads what Path found
	benchmarks.Once()
}
