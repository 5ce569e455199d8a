package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/descent-go/descent/lib/blas"
)

// TestDirectConvAgainstThePlainWay expects the same bits, with rows that are stored where
// they belong and rows that are not, a last group of fewer images, and numbers for which
// the short cut declines.
func TestDirectConvAgainstThePlainWay(t *testing.T) {
	for _, c := range []struct {
		in    Shape
		layer Conv2D
		rows  int
	}{
		{Image(32, 32, 16), Conv2D{Filters: 16, Kernel: 3, Padding: 1}, 35},
		{Image(5, 64, 9), Conv2D{Filters: 11, Kernel: 3, Padding: 1, NoBias: true}, 3},
		{Image(16, 16, 32), Conv2D{Filters: 32, Kernel: 3, Padding: 1, NoBias: true}, 13},
		{Image(8, 8, 64), Conv2D{Filters: 64, Kernel: 3, Padding: 1}, 18},
		{Image(7, 11, 8), Conv2D{Filters: 13, Kernel: 5, Padding: 2}, 30},
		{Image(32, 32, 16), Conv2D{Filters: 32, Kernel: 3, Stride: 2, Padding: 1, NoBias: true}, 19},
		{Image(16, 16, 32), Conv2D{Filters: 64, Kernel: 3, Stride: 2, Padding: 1}, 35},
		{Image(11, 13, 3), Conv2D{Filters: 16, Kernel: 3, Padding: 1}, 30},
		{Image(19, 23, 5), Conv2D{Filters: 8, Kernel: 5, Stride: 3, Padding: 2}, 40},
		{Image(20, 64, 4), Conv2D{Filters: 9, Kernel: 2, Stride: 2}, 9},
		{Image(12, 30, 8), Conv2D{Filters: 10, Kernel: 4}, 9},
		{Image(6, 3, 10), Conv2D{Filters: 17, Kernel: 1}, 70},
		{Image(2, 9, 24), Conv2D{Filters: 32, Kernel: 5, Padding: 2, Groups: 2}, 40},
	} {
		for _, special := range []float32{0, float32(math.Inf(1)), float32(math.NaN()), 1e-30, 1e30} {
			t.Run(fmt.Sprintf("%v %+v %v", c.in, c.layer, special), func(t *testing.T) { testDirectConv(t, c.in, c.layer, c.rows, special) })
		}
	}
}

func testDirectConv(t *testing.T, in Shape, l Conv2D, rows int, special float32) {
	n, err := NewNetwork32(in, 1, l)
	if err != nil {
		t.Fatal(err)
	}
	n.training.load()
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float32 {
		v := make([]float64, n)
		normal(v, 1, r)
		return converted[float32](v)
	}
	x, dy := draw(rows*n.input.Size()), draw(rows*n.output.Size())
	switch {
	case special != special || math.IsInf(float64(special), 0):
		x[len(x)/2], dy[len(dy)/3] = special, special
	case special != 0:
		for _, v := range [][]float32{x, dy} {
			for i := range v {
				v[i] *= special
			}
		}
	}
	m := at[float32](n.training).modules[0]
	convs := []*conv[float32]{}
	switch m := m.(type) {
	case *conv[float32]:
		convs = append(convs, m)
	case *groupedConv[float32]:
		convs = m.convs
	}
	for _, c := range convs {
		if c.direct == nil {
			if blas.HasProductAt[float32]() {
				t.Fatal("the short cut does not apply")
			}
			t.Skip("there is no kernel for the short cut")
		}
	}
	run := func() []float32 {
		grad, bare := make([]float32, len(n.theta)), make([]float32, len(n.theta))
		out := slices.Clone(m.forward(x, rows, false))
		out = append(out, m.forward(x, rows, true)...)
		out = append(out, m.backward(grad, dy, true)...)
		m.backward(bare, dy, false)
		return slices.Concat(out, grad, bare)
	}
	got := run()
	for _, c := range convs {
		c.direct = nil
	}
	want := run()
	for i, v := range want {
		if a, b := math.Float32bits(got[i]), math.Float32bits(v); a != b && !(v != v && got[i] != got[i]) {
			t.Fatalf("number %d of %d is %g, want %g", i, len(want), got[i], v)
		}
	}
}
