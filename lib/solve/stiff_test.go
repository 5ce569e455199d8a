package solve_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/sparse"
)

// rooted returns the samples times the roots of their weights, which are powers
// of four, with the column of the intercept: all without rounding.
func rooted(x, y *mat.Dense, weights []float64, intercept bool) (a, b *mat.Dense) {
	rows, cols := x.Dims()
	first := 0
	if intercept {
		first = 1
	}
	a, b = mat.NewDense(rows, first+cols, nil), mat.NewDense(rows, 1, nil)
	for i := range rows {
		root := math.Sqrt(weights[i])
		if intercept {
			a.Set(i, 0, root)
		}
		for j := range cols {
			a.Set(i, first+j, root*x.At(i, j))
		}
		b.Set(i, 0, root*y.At(i, 0))
	}
	return a, b
}

// TestStiffWeights: however different the weights are, and however alike the
// columns, the solution has every digit. The weights are powers of four, whose
// roots a float64 has, so that rational numbers can tell.
func TestStiffWeights(t *testing.T) {
	for _, spread := range []int{0, 8, 24, 40, 60} { // of the weights, in powers of two
		for _, alike := range []float64{1, 1e-3, 1e-6, 1e-8} {
			for _, intercept := range []bool{true, false} {
				const rows, cols = 24, 4
				r := rand.New(rand.NewPCG(uint64(spread), 3))
				x, y, weights := mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil), make([]float64, rows)
				for i := range rows {
					common := r.NormFloat64()
					for j := range cols {
						x.Set(i, j, common+alike*r.NormFloat64())
					}
					y.Set(i, 0, common+r.NormFloat64())
					weights[i] = math.Ldexp(1, 2*r.IntN(spread/2+1)-spread/2)
				}
				a, b := rooted(x, y, weights, intercept)
				want := exact(a, b, false)
				for kind, x := range map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x)} {
					m := model.NewLinearNoIntercept(cols, 1)
					if intercept {
						m = model.NewLinear(cols, 1)
					}
					name := fmt.Sprintf("weights of 2^%d, columns alike to %g, intercept %t, %s", spread, alike, intercept, kind)
					if err := solve.LeastSquares(m, x, y, weights); err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					for j, v := range want {
						golden.Close(t, name+": θ", m.Params()[j], v, 1e-15)
					}
				}
			}
		}
	}
}

// TestWideRidgeIsExact: with fewer samples than columns, and next to no penalty,
// ridge has every digit, too. All roots are powers of two.
func TestWideRidgeIsExact(t *testing.T) {
	raced.SkipValues(t)
	const rows, cols = 7, 9
	weights := []float64{4, 1, 4, 1, 4, 1, 1} // of sum 16
	for _, power := range []int{0, 10, 20, 30} {
		for _, outputs := range []int{1, 2} {
			for _, intercept := range []bool{true, false} {
				mu := math.Ldexp(1, -2*power)
				lambda := mu / (16 * float64(outputs) / 2)
				x, y := normal(rows, cols, 11), normal(rows, outputs, 12)
				for i := range rows {
					x.Set(i, 2, 100+x.At(i, 2))
				}
				for kind, as := range map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x)} {
					m := model.NewLinearNoIntercept(cols, outputs)
					if intercept {
						m = model.NewLinear(cols, outputs)
					}
					name := fmt.Sprintf("μ = %g, %d outputs, intercept %t, %s", mu, outputs, intercept, kind)
					if err := solve.Ridge(m, as, y, weights, lambda); err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					for k := range outputs {
						a, b := rooted(x, mat.DenseCopyOf(y.Slice(0, rows, k, k+1)), weights, intercept)
						_, params := a.Dims()
						tall, tallB := mat.NewDense(rows+cols, params, nil), mat.NewDense(rows+cols, 1, nil)
						tall.Slice(0, rows, 0, params).(*mat.Dense).Copy(a)
						tallB.Slice(0, rows, 0, 1).(*mat.Dense).Copy(b)
						for j := range cols { // the penalty, as samples
							tall.Set(rows+j, params-cols+j, math.Sqrt(mu))
						}
						for j, want := range exact(tall, tallB, false) {
							golden.Close(t, name+": θ", m.Params()[j*outputs+k], want, 1e-15)
						}
					}
				}
			}
		}
	}
}
