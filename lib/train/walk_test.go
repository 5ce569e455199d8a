package train

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// TestWalk compares with one row after the other by Predict, dense and sparse,
// also where the weights shrink so fast that the factor is multiplied out, to
// nothing, or across 0.
func TestWalk(t *testing.T) {
	const n = 20
	r := rand.New(rand.NewPCG(1, 2))
	x := mat.NewDense(30, n, nil)
	x.Apply(func(int, int, float64) float64 { return max(0, r.NormFloat64()) }, x)
	order := r.Perm(30)
	for _, keep := range []float64{1, 0.99, 0.3, 0, -0.5} {
		for _, build := range []func(n, k int) *model.Linear{model.NewLinear, model.NewLinearNoIntercept} {
			want := build(n, 1)
			want.Init(1)
			var f, norms []float64
			for _, i := range order {
				row := mat.NewDense(1, n, mat.Row(nil, i, x))
				var pred mat.Dense
				want.Predict(&pred, row)
				f = append(f, pred.At(0, 0))
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
					got := build(n, 1)
					got.Init(1)
					walk(got, rows.Of(in), order, withNorms, func(k int, value, norm2 float64) (float64, float64, bool) {
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

func TestWalkEnds(t *testing.T) {
	x := mat.NewDense(5, 3, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
	for kind, in := range map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x)} {
		l, visits := model.NewLinear(3, 1), 0
		walk(l, rows.Of(in), []int{0, 1, 2}, false, func(int, float64, float64) (float64, float64, bool) {
			visits++
			return 1, 1, visits < 2
		})
		golden.CloseSlice(t, kind, l.Params(), []float64{1, 1, 1, 1}, 0)
	}
}
