package model

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The kernels for squares of 2×2 give what the loop for all windows gives.
func TestPoolOfSquares(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, in := range []Shape{Image(2, 2, 1), Image(4, 6, 2), Image(5, 4, 3), Image(4, 7, 2), Image(9, 11, 2), Image(28, 28, 3)} {
		const rows = 5
		m, out, err := newMaxPool[float64](MaxPool{Size: 2}, in)
		if err != nil {
			t.Fatal(err)
		}
		pool := m.(*maxPool[float64])
		x, dy := make([]float64, rows*in.Size()), make([]float64, rows*out.Size())
		for i := range x {
			x[i] = float64(r.IntN(4)) // with equal ones
		}
		normal(dy, 1, r)
		y := slices.Clone(m.forward(x, rows, true))
		dx := slices.Clone(m.backward(nil, dy, true))
		pool.squares = false
		if !slices.Equal(y, m.forward(x, rows, true)) || !slices.Equal(dx, m.backward(nil, dy, true)) {
			t.Errorf("%v: squares differ from windows", in)
		}
	}
}
