package sketch_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sketch"
)

// sketched makes a benchmark of what is done with sketches that have seen n rows of 5
// columns: time grows with how many sizes of numbers there are, and not with n.
func sketched(run func(q *sketch.Quantiles, x *mat.Dense) error) func(n int) func() {
	return func(n int) func() {
		x := columns(n)
		q, err := sketch.NewQuantiles(0.001)
		if err == nil {
			err = q.PartialFit(x)
		}
		if err != nil {
			panic(err)
		}
		return func() {
			if err := run(q, x); err != nil {
				panic(err)
			}
		}
	}
}

var benchmarks = timed.List{
	"Quantiles.PartialFit": sketched(func(q *sketch.Quantiles, x *mat.Dense) error { return q.PartialFit(x) }), // does grow with n
	"Quantiles.At": sketched(func(q *sketch.Quantiles, _ *mat.Dense) error {
		_, err := q.At(0, 0.3)
		return err
	}),
	"Quantiles.Fit": sketched(func(q *sketch.Quantiles, _ *mat.Dense) error { return q.Fit(preprocess.NewRobustScaler()) }),
}

func BenchmarkSketch(b *testing.B) { benchmarks.Run(b) }

// TestAllOfSketchIsTimed: what takes time has a benchmark at three sizes.
func TestAllOfSketchIsTimed(t *testing.T) {
	benchmarks.Check(t, "NewQuantiles", "Quantiles.Columns")
	benchmarks.Once()
}
