package model

import (
	"math"
	"slices"
	"testing"
)

// TestBatchNormDoesTheWorkOfReLU expects the bits of two layers that know nothing of each
// other, with long runs and short ones, and with a pool that comes between them.
func TestBatchNormDoesTheWorkOfReLU(t *testing.T) {
	t.Run("float64", func(t *testing.T) { testRectifiedNorm[float64](t, NewNetwork) })
	t.Run("float32", func(t *testing.T) { testRectifiedNorm[float32](t, NewNetwork32) })
}

func testRectifiedNorm[T element](t *testing.T, build func(Shape, uint64, ...Layer) (*Network, error)) {
	for _, in := range []Shape{Image(9, 7, 5), Image(2, 2, 6), Image(16, 16, 3)} {
		for _, special := range []float64{0, math.NaN(), math.Inf(-1), math.Copysign(0, -1)} {
			for _, layers := range [][]Layer{
				{NewBatchNorm(), ReLU{}},
				{NewBatchNorm(), ReLU{}, MaxPool{Size: 2}},
				{Conv2D{Filters: 8, Kernel: 1}, NewBatchNorm(), ReLU{}, NewBatchNorm(), ReLU{}},
			} {
				run := func(apart bool) []float64 {
					n, err := build(in, 1, layers...)
					if err != nil {
						t.Fatal(err)
					}
					if apart {
						for _, m := range at[T](n.training).modules {
							if r, ok := m.(*rectifier[T]); ok {
								r.follow(nil)
							}
						}
					}
					x, y, dy := fillDense(11, in.Size()), fillDense(11, n.output.Size()), fillDense(11, n.output.Size())
					x.Set(3, 2, special)
					dy.Set(3, 2, special)
					grad := make([]float64, len(n.theta))
					n.Forward(y, x)
					n.Backward(grad, dy)
					predicted := fillDense(11, n.output.Size())
					n.Predict(predicted, x)
					dx := at[T](n.training).backward(make([]T, len(n.theta)), converted[T](dy.RawMatrix().Data), true)
					return slices.Concat(y.RawMatrix().Data, predicted.RawMatrix().Data, grad, converted[float64](dx))
				}
				got, want := run(false), run(true)
				for i, v := range want {
					if math.Float64bits(got[i]) != math.Float64bits(v) && !(v != v && got[i] != got[i]) {
						t.Fatalf("%v %v with %v: number %d is %v, want %v", in, layers, special, i, got[i], v)
					}
				}
			}
		}
	}
}
