package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/crew"
)

// Dots adds what gonum's products are, for all lengths and strides.
func TestDots(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for n := 1; n < 70; n++ {
			for m := range 5 {
				a := blas64.General{Rows: m, Cols: n, Stride: n + m%3, Data: random[float64](r, m*(n+2))}
				x, y := random[float64](r, n), random[float64](r, m+1)
				want, sizes := make([]float64, m+1), make([]float64, m+1)
				copy(want, y)
				for i := range m {
					row := a.Data[i*a.Stride:][:n]
					want[i] += reference.Ddot(n, row, 1, x, 1)
					sizes[i] = math.Abs(y[i]) + reference.Ddot(n, abs(row), 1, abs(x), 1)
				}
				Dots(a, x, y)
				for i := range y {
					if !near(y[i], want[i], 0x1p-52*float64(n+1)*sizes[i]) {
						t.Fatalf("%d×%d: element %d is %v, want %v", m, n, i, y[i], want[i])
					}
				}
			}
		}
	})
}

// TestDotsOnCores: the bits do not depend on how many cores multiply.
func TestDotsOnCores(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
		defer crew.Fix(1)() // everything is shared
		r := rand.New(rand.NewPCG(17, 18))
		a := blas64.General{Rows: 1003, Cols: 21, Stride: 22, Data: random[float64](r, 1003*22)}
		x, y := random[float64](r, 21), random[float64](r, 1003)
		var first []float64
		for _, cores := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(cores)
			got, before := slices.Clone(y), crew.Shared()
			Dots(a, x, got)
			if shared := crew.Shared() > before; shared != (cores > 1) && engine64.dot != nil {
				t.Errorf("on %d cores: shared is %t", cores, shared)
			}
			if first == nil {
				first = got
			}
			if !same(first, got) {
				t.Errorf("the result on %d cores differs from that on one", cores)
			}
		}
	})
}

func TestDotsPanics(t *testing.T) {
	a := blas64.General{Rows: 2, Cols: 3, Stride: 4, Data: make([]float64, 7)}
	three, two := make([]float64, 3), make([]float64, 2)
	short := a
	short.Data = short.Data[:6]
	for name, f := range map[string]func(){
		"x too short":      func() { Dots(a, two, two) },
		"y too short":      func() { Dots(a, three, two[:1]) },
		"matrix too short": func() { Dots(short, three, two) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "blas: a matrix of 2×3") {
					t.Errorf("panics with %q", got)
				}
			}()
			f()
		})
	}
	Dots(a, three, two)
	Dots(blas64.General{}, nil, nil)
}
