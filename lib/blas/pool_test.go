package blas

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Squares of all widths, with elements that are equal, infinite or no number.
func TestMaxSquares(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testMaxSquares[float64](t)
		testMaxSquares[float32](t)
	})
}

func testMaxSquares[T float32 | float64](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	some := []float64{1, 1, 2, -3, 0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN()}
	for n := 1; n < 40; n++ {
		rows, width := r.IntN(4), 2*n+r.IntN(2)
		x := make([]T, 2*rows*width)
		for i := range x {
			x[i] = T(some[r.IntN(len(some)-1+r.IntN(2))])
		}
		y, dy := make([]T, rows*n+1), random[T](r, rows*n)
		dx := slices.Repeat([]T{7}, len(x)+1)
		MaxSquares(y[:rows*n], n, x, width)
		MaxSquaresGrad(dx[:len(x)], dy, x, y[:rows*n], n, width)
		for i, d := range dy {
			up := 2 * (i/n*width + i%n)
			at := up
			for _, k := range []int{up + 1, up + width, up + width + 1} {
				if x[at] == x[at] && (x[k] > x[at] || x[k] != x[k]) {
					at = k
				}
			}
			if !near(y[i], x[at], 0) {
				t.Fatalf("n=%d: y[%d] is %v, want %v", n, i, y[i], x[at])
			}
			dx[at] -= d // 0 if it is as it should be
		}
		for i, v := range dx {
			if want := T(0); i == len(x) || i%width >= 2*n {
				want = 7
				if v != want {
					t.Fatalf("n=%d: dx[%d], in no square, is %v", n, i, v)
				}
			} else if v != want {
				t.Fatalf("n=%d: dx[%d] is off by %v", n, i, v)
			}
		}
		if y[rows*n] != 0 {
			t.Fatalf("n=%d: writes beyond the end", n)
		}
	}
}

func TestMaxSquaresPanics(t *testing.T) {
	for name, call := range map[string]func(){
		"rows too narrow": func() { MaxSquares(make([]float32, 3), 3, make([]float32, 10), 5) },
		"half a row":      func() { MaxSquares(make([]float32, 4), 3, make([]float32, 12), 6) },
		"a row too many":  func() { MaxSquares(make([]float32, 3), 3, make([]float32, 18), 6) },
		"no columns":      func() { MaxSquares(nil, 0, make([]float32, 12), 6) },
		"other gradient": func() {
			MaxSquaresGrad(make([]float32, 12), make([]float32, 2), make([]float32, 12), make([]float32, 3), 3, 6)
		},
		"other ∂L/∂x": func() {
			MaxSquaresGrad(make([]float32, 11), make([]float32, 3), make([]float32, 12), make([]float32, 3), 3, 6)
		},
		"rows do not fit x": func() {
			MaxSquaresGrad(make([]float32, 6), make([]float32, 3), make([]float32, 6), make([]float32, 3), 3, 6)
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}
