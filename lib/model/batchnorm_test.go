package model_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// TestBatchNormLongRuns holds the kernels for long runs of pixels to the formulas, with
// pixels far from 0, where sums in float32 would lose the variance.
func TestBatchNormLongRuns(t *testing.T) {
	const rows, channels, pixels = 3, 2, 80 * 80
	r := rand.New(rand.NewPCG(1, 2))
	x, d := mat.NewDense(rows, channels*pixels, nil), mat.NewDense(rows, channels*pixels, nil)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i], d.RawMatrix().Data[i] = 100+r.NormFloat64(), r.NormFloat64()
	}
	for name, c := range map[string]struct {
		build     func(model.Shape, uint64, ...model.Layer) (*model.Network, error)
		tolerance float64
	}{"float64": {model.NewNetwork, 1e-12}, "float32": {model.NewNetwork32, 2e-5}} {
		// The first layer's scale has the gradient that the second one passes on.
		n, err := c.build(model.Image(80, 80, channels), 1, model.NewBatchNorm(), model.NewBatchNorm())
		if err != nil {
			t.Fatal(err)
		}
		copy(n.Params(), []float64{1.5, 0.5})
		var pred mat.Dense
		n.Forward(&pred, x)
		grad := make([]float64, len(n.Params()))
		n.Backward(grad, d)
		dx := mat.NewDense(rows, channels*pixels, nil)
		for ch := range channels {
			var mean, variance, sum, cross float64
			each := func(f func(i, j int)) {
				for i := range rows {
					for j := ch * pixels; j < (ch+1)*pixels; j++ {
						f(i, j)
					}
				}
			}
			each(func(i, j int) { mean += x.At(i, j) / (rows * pixels) })
			each(func(i, j int) { variance += (x.At(i, j) - mean) * (x.At(i, j) - mean) / (rows * pixels) })
			first := []float64{1.5, 0.5}[ch] / math.Sqrt(variance+1e-5)
			second := 1 / math.Sqrt(first*first*variance+1e-5)
			worst := 0.0
			each(func(i, j int) {
				want := first * second * (x.At(i, j) - mean)
				worst = max(worst, math.Abs(pred.At(i, j)-want))
				sum, cross = sum+d.At(i, j), cross+d.At(i, j)*want
				dx.Set(i, j, want)
			})
			if worst > 10*c.tolerance {
				t.Errorf("%s: a prediction is off by %g", name, worst)
			}
			// ∂L/∂x of the second layer, and with it ∂L/∂scale and ∂L/∂shift of both.
			var scale, shift float64
			each(func(i, j int) {
				back := second * (d.At(i, j) - sum/(rows*pixels) - dx.At(i, j)*cross/(rows*pixels))
				scale, shift = scale+back*first*(x.At(i, j)-mean)/[]float64{1.5, 0.5}[ch], shift+back
			})
			for k, want := range map[int]float64{ch: scale, 2 + ch: shift, 4 + ch: cross, 6 + ch: sum} {
				if math.Abs(grad[k]-want) > c.tolerance*rows*pixels/10 {
					t.Errorf("%s: gradient %d is %g, want %g", name, k, grad[k], want)
				}
			}
		}
	}
}
