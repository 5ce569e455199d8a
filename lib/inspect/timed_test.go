package inspect_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/inspect"
)

func timedMatrix(n int) *mat.Dense {
	r, x := rand.New(rand.NewPCG(uint64(n), 1)), mat.NewDense(n, 5, nil)
	x.Apply(func(int, int, float64) float64 { return r.NormFloat64() }, x)
	return x
}

func built[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// corner is a score that costs nothing, so that the shuffling is what is timed.
func corner(x *mat.Dense) (float64, error) { return x.At(0, 0), nil }

// Of 5 columns each is shuffled twice, or set to 10 values, in n rows.
var benchmarks = timed.List{
	"Permutation": func(n int) func() {
		x := timedMatrix(n)
		return func() { built(inspect.Permutation(x, 2, 1, corner)) }
	},
	"Permute": func(n int) func() {
		return func() {
			built(inspect.Permute(n, 5, 2, 1, func(_ int, order []int) (float64, error) { return float64(len(order)), nil }))
		}
	},
	"PartialDependence": func(n int) func() {
		x := timedMatrix(n)
		grid := inspect.Quantiles(mat.Col(nil, 0, x), 10)
		return func() {
			built(inspect.PartialDependence(x, 0, grid, func(x *mat.Dense) ([]float64, error) { return mat.Col(nil, 0, x), nil }))
		}
	},
	"Depend": func(n int) func() {
		values := mat.Col(nil, 0, timedMatrix(n))
		return func() { built(inspect.Depend(n, 10, func(int) ([]float64, error) { return values, nil })) }
	},
	"Quantiles": func(n int) func() {
		values := mat.Col(nil, 0, timedMatrix(n))
		return func() { inspect.Quantiles(values, 20) }
	},
	// n features, each shuffled 5 times.
	"Importance.Mean": importances((*inspect.Importance).Mean),
	"Importance.Std":  importances((*inspect.Importance).Std),
}

func importances(run func(*inspect.Importance) []float64) func(n int) func() {
	return func(n int) func() {
		i := &inspect.Importance{Baseline: 1}
		x := timedMatrix(n)
		for j := range n {
			i.Scores = append(i.Scores, x.RawRowView(j))
		}
		return func() { run(i) }
	}
}

func BenchmarkInspect(b *testing.B) { benchmarks.Run(b) }

// TestAllOfInspectIsTimed: what grows with rows or features has a benchmark at three
// sizes.
func TestAllOfInspectIsTimed(t *testing.T) {
	benchmarks.Check(t)
	benchmarks.Once()
}
