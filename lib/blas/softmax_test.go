package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestSoftmaxKernels compares each kernel, for all lengths up to two vectors and
// more, with its formula in float64.
func TestSoftmaxKernels(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testSoftmaxKernels[float64](t, 0x1p-53)
		testSoftmaxKernels[float32](t, 0x1p-24)
	})
}

func testSoftmaxKernels[T element](t *testing.T, eps float64) {
	r := rand.New(rand.NewPCG(1, 2))
	close := func(what string, got T, want, size float64) {
		t.Helper()
		if !near(float64(got), want, size*eps) {
			t.Errorf("%T: %s is %g, want %g", got, what, got, want)
		}
	}
	for n := 1; n < 70; n++ {
		x, p, d := random[T](r, n+1), random[T](r, n), random[T](r, n)
		x[n] = 100 // beyond the end
		x = x[:n]
		top := math.Inf(-1)
		for i := range x {
			x[i] *= 7
			top = max(top, float64(x[i]))
		}
		close(fmt.Sprintf("the largest of %d", n), Max(x), top, 0)

		scale, shift := T(0.3), T(-1.7)
		e := make([]T, n+1)
		e[n] = 42
		sum, total := ExpScaled(e[:n], x, scale, shift), 0.0
		for i, v := range x {
			want := math.Exp(float64(scale)*float64(v) + float64(shift))
			total += want
			close("e^(scale·x + shift)", e[i], want, 8*want)
		}
		close(fmt.Sprintf("the sum of %d", n), sum, total, float64(8+n)*total)

		want := make([]float64, n)
		for i := range d {
			want[i] = float64(scale) * float64(p[i]) * (float64(d[i]) - float64(shift))
		}
		SoftmaxGrad(d, p, shift, scale)
		for i := range d {
			close("scale·p·(d − mean)", d[i], want[i], 4*math.Abs(want[i]))
		}

		y, dy := make([]T, n+1), random[T](r, n)
		y[n] = 42
		GELU(y[:n], x)
		for i, v := range x {
			want := gelu(float64(v))
			close(fmt.Sprintf("GELU(%g)", v), y[i], want, 200*math.Abs(want))
		}
		GELUGrad(y[:n], dy, x)
		for i, v := range x {
			want := float64(dy[i]) * geluSlope(float64(v))
			close(fmt.Sprintf("the slope of GELU at %g", v), y[i], want, 200*math.Abs(float64(dy[i])))
		}
		if e[n] != 42 || y[n] != 42 {
			t.Fatalf("a kernel wrote beyond %d elements", n)
		}
	}
}

// TestSoftmaxSpecials: a NaN is no maximum but is in the sum, −∞ weighs nothing, and
// GELU is 0 or the identity far out.
func TestSoftmaxSpecials(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testSoftmaxSpecials[float64](t)
		testSoftmaxSpecials[float32](t)
	})
}

func testSoftmaxSpecials[T element](t *testing.T) {
	nan, inf := T(math.NaN()), T(math.Inf(1))
	for _, n := range []int{1, 5, 16, 33} {
		for at := range n {
			x := make([]T, n)
			for i := range x {
				x[i] = -inf
			}
			if got := Max(x); got != -inf {
				t.Errorf("the largest of −∞ is %g", got)
			}
			x[at] = -3
			if got := Max(x); got != -3 {
				t.Errorf("the largest of −3 and −∞ is %g", got)
			}
			if sum := ExpScaled(x, x, 2, 6); sum != 1 || x[at] != 1 || n > 1 && x[(at+1)%n] != 0 {
				t.Errorf("e^(2x+6) of −3 and −∞ is %v with the sum %g", x, sum)
			}
			x[at] = nan
			if got := Max(x); n > 1 && got != 0 || n == 1 && got != -inf {
				t.Errorf("the largest of 0 and NaN is %g", got)
			}
			if sum := ExpScaled(x, x, 1, 0); sum == sum {
				t.Errorf("a sum with NaN is %g", sum)
			}
			for _, c := range [][3]T{{1e30, 1e30, 1}, {-1e30, 0, 0}, {inf, inf, 1}, {-100, 0, 0}, {0, 0, 0.5}, {nan, nan, nan}} {
				d := make([]T, n)
				x[at], d[at] = c[0], 1
				y := make([]T, n)
				GELU(y, x)
				GELUGrad(d, d, x)
				if !near(y[at], c[1], 0) || !near(d[at], c[2], 0) {
					t.Errorf("GELU(%g) is %g with slope %g, want %g and %g", c[0], y[at], d[at], c[1], c[2])
				}
			}
		}
	}
	if Max([]T{}) != -inf || ExpScaled([]T{}, []T{}, 1, 1) != 0 {
		t.Error("nothing has a maximum or a sum")
	}
}

func TestSoftmaxPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"ExpScaled":   func() { ExpScaled(make([]float64, 2), make([]float64, 3), 1, 0) },
		"SoftmaxGrad": func() { SoftmaxGrad(make([]float64, 2), make([]float64, 3), 1, 0) },
		"GELU":        func() { GELU(make([]float32, 2), make([]float32, 3)) },
		"GELUGrad":    func() { GELUGrad(make([]float64, 3), make([]float64, 2), make([]float64, 3)) },
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
}
