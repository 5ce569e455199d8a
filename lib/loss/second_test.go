package loss_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
)

// TestHessianProduct compares with central differences of the gradient.
func TestHessianProduct(t *testing.T) {
	const rows, h = 7, 1e-5
	for _, c := range []struct {
		loss          loss.Smooth
		cols, columns int // of predictions and targets
		label         func(r *rand.Rand) float64
	}{
		{loss.MSE{}, 2, 2, (*rand.Rand).NormFloat64},
		{loss.NewHuber(), 2, 2, (*rand.Rand).NormFloat64},
		{loss.LogCosh{}, 2, 2, (*rand.Rand).NormFloat64},
		{loss.Poisson{}, 2, 2, (*rand.Rand).ExpFloat64},
		{loss.SquaredHinge{}, 1, 1, func(r *rand.Rand) float64 { return float64(r.IntN(2)) }},
		{loss.BinaryCrossEntropy{}, 2, 2, (*rand.Rand).Float64},
		{loss.BinaryCrossEntropy{PositiveWeight: []float64{2, 3}}, 2, 2, (*rand.Rand).Float64},
		{loss.CrossEntropy{}, 3, 1, func(r *rand.Rand) float64 { return float64(r.IntN(3)) }},
		{loss.CrossEntropy{ClassWeight: []float64{1, 2, 3}, LabelSmoothing: 0.1}, 3, 1, func(r *rand.Rand) float64 { return float64(r.IntN(3)) }},
		{loss.CrossEntropy{ClassWeight: []float64{1, 2, 3}}, 3, 3, (*rand.Rand).Float64},
		{loss.BinaryCrossEntropy{AllowUnlabelled: true}, 2, 2, func(r *rand.Rand) float64 { return float64(r.IntN(3) - 1) }},
		{loss.CrossEntropy{AllowUnlabelled: true}, 3, 1, func(r *rand.Rand) float64 { return float64(r.IntN(4) - 1) }},
		{loss.CrossEntropy{AllowUnlabelled: true, ClassWeight: []float64{1, 2, 3}}, 3, 1, func(r *rand.Rand) float64 { return float64(r.IntN(4) - 1) }},
		{loss.KLDivergence{}, 3, 3, (*rand.Rand).Float64},
	} {
		for _, weighted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%T/%v", c.loss, weighted), func(t *testing.T) {
				r := rand.New(rand.NewPCG(3, 4))
				pred, target, v := mat.NewDense(rows, c.cols, nil), mat.NewDense(rows, c.columns, nil), mat.NewDense(rows, c.cols, nil)
				pred.Apply(func(int, int, float64) float64 { return r.NormFloat64() }, pred)
				v.Apply(func(int, int, float64) float64 { return r.NormFloat64() }, v)
				target.Apply(func(int, int, float64) float64 { return c.label(r) }, target)
				var weight []float64
				if weighted {
					weight = []float64{1, 0, 2, 0.5, 1, 3, 0}
					pred.Set(1, 0, math.NaN()) // not looked at
				}
				var got, above, below, moved mat.Dense
				c.loss.HessianProduct(&got, pred, target, weight, v)
				moved.Scale(h, v)
				moved.Add(pred, &moved)
				c.loss.Loss(&above, &moved, target, weight)
				moved.Scale(-h, v)
				moved.Add(pred, &moved)
				c.loss.Loss(&below, &moved, target, weight)
				for i := range rows {
					for j := range c.cols {
						want := (above.At(i, j) - below.At(i, j)) / (2 * h)
						if d := got.At(i, j); !(math.Abs(d-want) <= 1e-9) {
							t.Errorf("row %d, column %d is %g, differences give %g", i, j, d, want)
						}
					}
				}
			})
		}
	}
}

// TestBinaryHessianProductOfManyScores: the way for many scores of one output is that for
// each row, which labels that may be missing ask for, up to the last bits.
func TestBinaryHessianProductOfManyScores(t *testing.T) {
	const rows = 700
	const most = 8 * 0x1p-52 // 2.1 ulp of the two exponentials, and six roundings after each
	r := rand.New(rand.NewPCG(5, 6))
	pred, target, v, weight := mat.NewDense(rows, 1, nil), mat.NewDense(rows, 1, nil), mat.NewDense(rows, 1, nil), make([]float64, rows)
	for i := range rows {
		pred.Set(i, 0, 10*r.NormFloat64())
		target.Set(i, 0, float64(r.IntN(2)))
		v.Set(i, 0, r.NormFloat64())
		weight[i] = float64(r.IntN(3))
	}
	for i, f := range []float64{0, 40, -40, 800, -800, math.Inf(1), math.Inf(-1), math.NaN()} {
		pred.Set(i, 0, f)
	}
	weight[7] = 0 // of the NaN
	for _, positive := range [][]float64{nil, {3}} {
		for _, weight := range [][]float64{weight, nil} {
			if weight == nil {
				pred.Set(7, 0, 1)
			}
			var got, want mat.Dense
			loss.BinaryCrossEntropy{PositiveWeight: positive}.HessianProduct(&got, pred, target, weight, v)
			loss.BinaryCrossEntropy{PositiveWeight: positive, AllowUnlabelled: true}.HessianProduct(&want, pred, target, weight, v)
			for i := range rows {
				if g, w := got.At(i, 0), want.At(i, 0); !(math.Abs(g-w) <= most*math.Abs(w)) {
					t.Errorf("positive %v, row %d of score %g: %g, want %g", positive, i, pred.At(i, 0), g, w)
				}
			}
			pred.Set(7, 0, math.NaN())
		}
	}
	v = mat.NewDense(rows-1, 1, nil)
	defer func() {
		if recover() == nil {
			t.Error("a direction of other rows does not panic")
		}
	}()
	loss.BinaryCrossEntropy{}.HessianProduct(new(mat.Dense), pred, target, nil, v)
}
