package model_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// TestSweep compares with one row after the other by Predict, dense and sparse,
// also where the weights shrink so fast that the factor is multiplied out, to
// nothing, or across 0.
func TestSweep(t *testing.T) {
	const n = 20
	r := rand.New(rand.NewPCG(1, 2))
	x := fill(30, n, func() float64 { return max(0, r.NormFloat64()) })
	rows := r.Perm(30)
	for _, keep := range []float64{1, 0.99, 0.3, 0, -0.5} {
		for _, build := range []func() *model.Linear{
			func() *model.Linear { return model.NewLinear(n, 1) },
			func() *model.Linear { return model.NewLinearNoIntercept(n, 1) },
		} {
			want := build()
			want.Init(1)
			var f, norms []float64
			for _, i := range rows {
				row := mat.NewDense(1, n, mat.Row(nil, i, x))
				f = append(f, forward(want, row).At(0, 0))
				norm2, w := 0.0, want.Weights()
				for j := range n {
					norm2 += w.At(j, 0) * w.At(j, 0)
					w.Set(j, 0, keep*w.At(j, 0)+0.1*row.At(0, j))
				}
				norms = append(norms, norm2)
				for j := range want.Intercept() {
					want.Intercept()[j] += 0.1
				}
			}
			for kind, in := range map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x)} {
				for _, withNorms := range []bool{false, true} {
					got := build()
					got.Init(1)
					got.Sweep(in, rows, withNorms, func(k int, value, norm2 float64) (float64, float64, bool) {
						golden.Close(t, fmt.Sprintf("%s, keep %g, row %d", kind, keep, k), value, f[k], 1e-12)
						if withNorms {
							golden.Close(t, fmt.Sprintf("%s, keep %g, norm %d", kind, keep, k), norm2, norms[k], 1e-11)
						}
						return keep, 0.1, true
					})
					golden.CloseSlice(t, fmt.Sprintf("%s, keep %g: θ", kind, keep), got.Params(), want.Params(), 1e-12)
				}
			}
		}
	}
}

func TestSweepEnds(t *testing.T) {
	x := fill(5, 3, func() float64 { return 1 })
	for kind, in := range map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x)} {
		l, visits := model.NewLinear(3, 1), 0
		l.Sweep(in, []int{0, 1, 2}, false, func(int, float64, float64) (float64, float64, bool) {
			visits++
			return 1, 1, visits < 2
		})
		golden.CloseSlice(t, kind, l.Params(), []float64{1, 1, 1, 1}, 0)
	}
	none := func(int, float64, float64) (float64, float64, bool) { return 1, 0, true }
	mustPanic(t, "needs a model with 1 output", func() { model.NewLinear(3, 2).Sweep(x, nil, false, none) })
	mustPanic(t, "not a mat.Transpose", func() { model.NewLinear(5, 1).Sweep(x.T(), []int{0}, false, none) })
	mustPanic(t, "x has 3 columns, want 4", func() { model.NewLinear(4, 1).Sweep(x, nil, false, none) })
}

// TestShare lets two shares remember Forwards of their own; their gradients add
// up to that of all rows.
func TestShare(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	x, d := fill(9, 20, r.NormFloat64), fill(9, 1, r.NormFloat64)
	l := model.NewLinear(20, 1)
	l.Init(2)
	a, b := l.Share(), l.Share()
	if &a.Params()[0] != &l.Params()[0] {
		t.Fatal("a share has parameters of its own")
	}
	forward(a, x.Slice(0, 4, 0, 20))
	forward(b, x.Slice(4, 9, 0, 20))
	got, want := make([]float64, 21), make([]float64, 21)
	b.Backward(got, d.Slice(4, 9, 0, 1).(*mat.Dense))
	a.Backward(got, d.Slice(0, 4, 0, 1).(*mat.Dense))
	forward(l, x)
	l.Backward(want, d)
	golden.CloseSlice(t, "gradient", got, want, 1e-14)
}

func TestAddGram(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	x := fill(40, 5, r.NormFloat64)
	weight := make([]float64, 40)
	for i := range weight {
		weight[i] = max(0, r.NormFloat64())
	}
	for _, l := range []*model.Linear{model.NewLinear(5, 2), model.NewLinearNoIntercept(5, 2)} {
		side := len(l.Params()) / 2
		for _, w := range [][]float64{nil, weight} {
			g := blas64.Symmetric{N: side, Stride: side, Data: make([]float64, side*side), Uplo: blas.Upper}
			l.AddGram(g, x.Slice(0, 15, 0, 5).(*mat.Dense), head(w, 0, 15))
			l.AddGram(g, x.Slice(15, 40, 0, 5).(*mat.Dense), head(w, 15, 40))
			for a := range side {
				for b := a; b < side; b++ {
					want := 0.0
					for i := range 40 {
						at := func(j int) float64 {
							if j += 5 - side; j < 0 {
								return 1
							}
							return x.At(i, j)
						}
						v := at(a) * at(b)
						if w != nil {
							v *= w[i]
						}
						want += v
					}
					golden.Close(t, fmt.Sprintf("G[%d, %d]", a, b), g.Data[a*side+b], want, 1e-13)
				}
			}
		}
	}
}

func head(w []float64, i, j int) []float64 {
	if w == nil {
		return nil
	}
	return w[i:j]
}

// One epoch of stochastic gradient descent on three samples of y = 2x.
func ExampleSweeper() {
	x := mat.NewDense(3, 1, []float64{1, 2, 3})
	m := model.NewLinearNoIntercept(1, 1)
	m.Sweep(x, []int{2, 0, 1}, false, func(k int, f, _ float64) (keep, add float64, ok bool) {
		y := []float64{6, 2, 4}[k]
		fmt.Printf("predicted %.3f for %g\n", f, y)
		return 1, -0.1 * (f - y), true
	})
	fmt.Printf("slope %.3f\n", m.Params()[0])
	// Output:
	// predicted 0.000 for 6
	// predicted 1.800 for 2
	// predicted 3.640 for 4
	// slope 1.892
}

func ExampleSharer() {
	m := model.NewLinear(1, 1)
	a, b := m.Share(), m.Share()
	a.Params()[1] = 2
	var pred mat.Dense
	b.Predict(&pred, mat.NewDense(1, 1, []float64{3}))
	fmt.Println(pred.At(0, 0))
	// Output: 6
}

func ExampleQuadratic() {
	var m model.Quadratic = model.NewLinear(1, 1)
	g := blas64.Symmetric{N: 2, Stride: 2, Data: make([]float64, 4), Uplo: blas.Upper}
	m.AddGram(g, mat.NewDense(3, 1, []float64{1, 2, 3}), nil)
	fmt.Println(g.Data) // Σ1, Σx; –, Σx²
	// Output: [3 6 0 14]
}
