package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/blas"
)

// TestNormGrad compares the gradients of normalisations, whose rows and columns are divided
// among the cores, with those of row after row: the same bits on any number of cores.
func TestNormGrad(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer crew.Fix(1)() // everything is shared
	for _, cores := range []int{1, 3} {
		runtime.GOMAXPROCS(cores)
		for _, shape := range [][2]int{{1, 1}, {3, 5}, {700, 63}, {700, 200}, {9, 5000}, {40_000, 1}} {
			for _, input := range []bool{true, false} {
				of := fmt.Sprintf("%d cores, %d rows of %d, %v: ", cores, shape[0], shape[1], input)
				testNormGrad[float64](t, of+"float64", shape[0], shape[1], input)
				testNormGrad[float32](t, of+"float32", shape[0], shape[1], input)
			}
		}
	}
}

func testNormGrad[T element](t *testing.T, of string, rows, n int, input bool) {
	r := rand.New(rand.NewPCG(1, 2))
	values := func(n int) []T {
		v := make([]T, n)
		for i := range v {
			v[i] = T(r.NormFloat64())
		}
		return v
	}
	x, dy, theta, grad := values(rows*n), values(rows*n), values(2*n), values(2*n)
	x[rows*n/2], dy[rows*n/3] = T(math.Inf(1)), T(math.NaN())
	scale, shift := &view[T]{size: n}, &view[T]{offset: n, size: n}
	bind([]*view[T]{scale, shift}, theta)
	layer := &layerNorm[T]{epsilon: 1e-5, n: n, scale: scale, shift: shift}
	root := &rmsNorm[T]{epsilon: 1e-5, n: n, scale: scale, none: make([]T, n), unused: make([]T, n)}

	for name, m := range map[string]module[T]{"LayerNorm": layer, "RMSNorm": root} {
		m.forward(x, rows, true)
		got, want, dx := append([]T(nil), grad...), append([]T(nil), grad...), make([]T, rows*n)
		normal, inverse, dShift := layer.normal, layer.inverse, want[n:]
		if m == root {
			normal, inverse, dShift = root.normal, root.inverse, make([]T, n)
		}
		for i := range rows {
			lo, hi := i*n, (i+1)*n
			sum, cross := blas.NormalizeGrad(dx[lo:hi], want[:n], dShift, dy[lo:hi], normal[lo:hi], scale.values)
			if m == root {
				sum = 0
			}
			blas.Center(dx[lo:hi], normal[lo:hi], T(sum/float64(n)), T(cross/float64(n)), inverse[i])
		}
		back := m.backward(got, dy, input)
		same(t, of+", "+name+": ∂L/∂θ", converted[float64](got), converted[float64](want))
		if input {
			same(t, of+", "+name+": ∂L/∂x", converted[float64](back), converted[float64](dx))
		}
	}
}
