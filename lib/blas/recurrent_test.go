package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRecurrentKernels compares the steps of recurrent layers, for all lengths up to
// two vectors and more, with their formulas in float64.
func TestRecurrentKernels(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testRecurrentKernels[float64](t, 0x1p-53)
		testRecurrentKernels[float32](t, 0x1p-24)
	})
}

func testRecurrentKernels[T element](t *testing.T, eps float64) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := 1; n < 70; n++ {
		// what is computed has a guard at the end
		row := func(blocks int) []T {
			v := random[T](r, blocks*n+1)
			for i := range v {
				v[i] *= 3
			}
			v[blocks*n] = 42
			return v[:blocks*n]
		}
		check := func(what string, got []T, want func(i int) float64) {
			t.Helper()
			for i, v := range got {
				if w := want(i); !near(float64(v), w, 16*eps*(1+math.Abs(w))) {
					t.Errorf("%T, n = %d: %s of element %d is %g, want %g", v, n, what, i, v, w)
				}
			}
			if got[:len(got)+1][len(got)] != 42 {
				t.Fatalf("n = %d: %s: writes beyond the end", n, what)
			}
		}
		f := func(v []T, block, i int) float64 { return float64(v[block*n+i]) }
		σ := func(v []T, block, i int) float64 { return sigmoid(f(v, block, i)) }

		gates, before, after, squashed, h := row(4), row(1), row(1), row(1), row(1)
		pre := slices.Clone(gates)
		if declined(t, !LSTM(gates, before, after, squashed, h)) {
			return
		}
		check("a gate", gates, func(i int) float64 {
			if i/n == 2 {
				return math.Tanh(float64(pre[i]))
			}
			return sigmoid(float64(pre[i]))
		})
		check("c", after, func(i int) float64 { return σ(pre, 1, i)*f(before, 0, i) + σ(pre, 0, i)*math.Tanh(f(pre, 2, i)) })
		check("tanh(c)", squashed, func(i int) float64 { return math.Tanh(float64(after[i])) })
		check("h", h, func(i int) float64 { return f(gates, 3, i) * f(squashed, 0, i) })

		d, dc, dh := row(4), row(1), row(1)
		oldC := slices.Clone(dc)
		LSTMGrad(d, dc, dh, gates, before, squashed)
		ofC := func(i int) float64 {
			s := f(squashed, 0, i)
			return f(oldC, 0, i) + f(dh, 0, i)*f(gates, 3, i)*(1-s*s)
		}
		check("the gradient of a gate", d, func(i int) float64 {
			block, i := i/n, i%n
			y, c := f(gates, block, i), ofC(i)
			return []float64{
				c * f(gates, 2, i) * y * (1 - y),
				c * f(before, 0, i) * y * (1 - y),
				c * f(gates, 0, i) * (1 - y*y),
				f(dh, 0, i) * f(squashed, 0, i) * y * (1 - y),
			}[block]
		})
		check("the gradient of c", dc, func(i int) float64 { return ofC(i) * f(gates, 1, i) })

		gates, hidden := row(3), row(3)
		pre = slices.Clone(gates)
		GRU(gates, hidden, before, after)
		check("a gate of a GRU", gates, func(i int) float64 {
			block, i := i/n, i%n
			if block == 2 {
				return math.Tanh(f(pre, 2, i) + f(gates, 0, i)*f(hidden, 2, i))
			}
			return sigmoid(f(pre, block, i) + f(hidden, block, i))
		})
		check("the state of a GRU", after, func(i int) float64 {
			z := f(gates, 1, i)
			return (1-z)*f(gates, 2, i) + z*f(before, 0, i)
		})

		d, dHidden, old := row(3), row(3), slices.Clone(dh)
		GRUGrad(d, dHidden, dh, gates, hidden, before)
		slope := func(i int) float64 {
			block, i := i/n, i%n
			r, z, a := f(gates, 0, i), f(gates, 1, i), f(gates, 2, i)
			g := f(old, 0, i)
			c := g * (1 - z) * (1 - a*a)
			return []float64{c * f(hidden, 2, i) * r * (1 - r), g * (f(before, 0, i) - a) * z * (1 - z), c}[block]
		}
		check("the gradient of a gate of a GRU", d, slope)
		check("the gradient of a part of the state", dHidden, func(i int) float64 {
			if i/n == 2 {
				return slope(i) * f(gates, 0, i%n)
			}
			return slope(i)
		})
		check("the gradient of the state of a GRU", dh, func(i int) float64 { return f(old, 0, i) * f(gates, 1, i) })
	}
}

func TestCopyTransposed(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, c := range [][2]int{{1, 1}, {1, 7}, {3, 5}, {4, 4}, {5, 9}, {33, 18}, {64, 130}, {3, 5001}, {30, 1003}, {5001, 3}, {1003, 66}} {
			rows, cols := c[0], c[1]
			src, dst := random[float32](r, rows*cols), random[float32](r, rows*cols+1)
			last := dst[rows*cols]
			CopyTransposed(dst[:rows*cols], src, rows, cols)
			for i := range rows {
				for j := range cols {
					if dst[j*rows+i] != src[i*cols+j] {
						t.Fatalf("%d×%d: element (%d, %d) is %g, want %g", rows, cols, i, j, dst[j*rows+i], src[i*cols+j])
					}
				}
			}
			if dst[rows*cols] != last {
				t.Fatalf("%d×%d: writes beyond the end", rows, cols)
			}
		}
	})
}

func TestRecurrentKernelsPanic(t *testing.T) {
	two, six, eight := make([]float64, 2), make([]float64, 6), make([]float64, 8)
	for name, f := range map[string]func(){
		"LSTM":           func() { LSTM(six, two, two, two, two) },
		"LSTMGrad":       func() { LSTMGrad(eight, two, two, eight, two, six) },
		"GRU":            func() { GRU(six, eight, two, two) },
		"GRUGrad":        func() { GRUGrad(six, six, two, six, six, six) },
		"CopyTransposed": func() { CopyTransposed(six, six, 2, 4) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s accepts other lengths", name)
				}
			}()
			f()
		}()
	}
	if n := testing.AllocsPerRun(5, func() { LSTM(eight, two, two, two, two) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if got := fmt.Sprint(blockOf(six, 4), blockOf(eight, 4)); got != "-1 2" {
		t.Errorf("blocks of %s elements, want -1 2", got)
	}
}
