package sparse_test

import (
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/sparse"
)

// rows makes a benchmark of what is done with n rows of 100 columns, of which a tenth
// are not 0, and with a vector of 100.
func rows(run func(x *sparse.CSR, w []float64)) func(n int) func() {
	return func(n int) func() {
		x, w := sparse.FromDense(random(n, 100, 0.1, 1)), random(1, 100, 1, 2).RawRowView(0)
		return func() { run(x, w) }
	}
}

var benchmarks = timed.List{
	"NewCSR": rows(func(x *sparse.CSR, _ []float64) {
		n, cols := x.Dims()
		if _, err := sparse.NewCSR(n, cols, x.Ptr, x.Cols, x.Values); err != nil {
			panic(err)
		}
	}),
	"FromDense": func(n int) func() {
		x := random(n, 100, 0.1, 1)
		return func() { sparse.FromDense(x) }
	},
	"CSR.Gather": func(n int) func() {
		x, order, dst := sparse.FromDense(random(n, 100, 0.1, 1)), rand.New(rand.NewPCG(1, 1)).Perm(n), new(sparse.CSR)
		return func() { dst.Gather(x, order) }
	},
	"CSR.At": rows(func(x *sparse.CSR, _ []float64) { // one number of each row
		n, cols := x.Dims()
		for i := range n {
			x.At(i, i%cols)
		}
	}),
	"Dot": rows(func(x *sparse.CSR, w []float64) { // of each row
		n, _ := x.Dims()
		for i := range n {
			cols, values := x.Row(i)
			sparse.Dot(cols, values, w)
		}
	}),
	"Axpy": rows(func(x *sparse.CSR, w []float64) { // of each row
		n, _ := x.Dims()
		for i := range n {
			cols, values := x.Row(i)
			sparse.Axpy(w, 1e-9, cols, values)
		}
	}),
}

func BenchmarkSparse(b *testing.B) { benchmarks.Run(b) }

// TestAllOfSparseIsTimed: what grows with the rows has a benchmark at three sizes.
func TestAllOfSparseIsTimed(t *testing.T) {
	benchmarks.Check(t, "CSR.Dims", "CSR.T", "CSR.NNZ", "CSR.Row", "CSR.View") // views
	benchmarks.Once()
}
