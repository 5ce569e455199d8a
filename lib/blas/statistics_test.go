package blas

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// withAndWithoutKernels runs a test on the kernels of statistics and on their plain
// loops.
func withAndWithoutKernels(t *testing.T, test func(t *testing.T)) {
	test(t)
	if kernels := statisticsKernels(); kernels != nil && *kernels {
		*kernels = false
		defer func() { *kernels = true }()
		t.Run("plain", test)
	}
}

// TestFillAndWiden compares with loops.
func TestFillAndWiden(t *testing.T) {
	withAndWithoutKernels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for n := range 40 {
			x, fill, narrow := random[float64](r, n), random[float64](r, n), random[float32](r, n)
			want, wide := slices.Clone(x), make([]float64, n)
			for i := range x {
				switch r.IntN(3) {
				case 0:
					x[i], want[i] = math.NaN(), fill[i]
				case 1:
					x[i], want[i] = math.Inf(-1), math.Inf(-1)
					narrow[i] = math.SmallestNonzeroFloat32
				}
				wide[i] = -1
			}
			FillNaN(x, fill)
			Widen(wide, narrow)
			if !slices.Equal(x, want) {
				t.Errorf("%v is filled, want %v", x, want)
			}
			for i, v := range narrow {
				if wide[i] != float64(v) {
					t.Errorf("%g becomes %g", v, wide[i])
				}
			}
		}

	})
}

// TestStatistics compares with a loop over each column, to the bit.
func TestStatistics(t *testing.T) {
	withAndWithoutKernels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, rows := range []int{0, 1, 2, 7, 100} {
			for _, n := range []int{1, 3, Octet} {
				for _, stride := range []int{n, n + 1, 20} {
					x := random[float64](r, max(0, (rows-1)*stride+n*min(rows, 1)))
					for i := range x {
						if r.IntN(20) == 0 {
							x[i] = math.NaN()
						}
					}
					var low, high, sum, count, d, squares, center, inverse Statistic
					for j := range low {
						low[j], high[j], center[j], inverse[j] = math.Inf(1), math.Inf(-1), 0.1, 4
					}
					Ranges(x, stride, n, &low, &high, &sum, &count)
					Moments(x, stride, n, &center, &inverse, &d, &squares)
					for j := range n {
						want := [6]float64{math.Inf(1), math.Inf(-1)}
						for i := range rows {
							v := x[i*stride+j]
							if math.IsNaN(v) {
								continue
							}
							e := (v - 0.1) * 4
							want[0], want[1] = min(want[0], v), max(want[1], v)
							want[2], want[3] = want[2]+v, want[3]+1
							want[4], want[5] = want[4]+e, want[5]+float64(e*e)
						}
						if got := [6]float64{low[j], high[j], sum[j], count[j], d[j], squares[j]}; got != want {
							t.Errorf("%d rows, column %d of %d, stride %d:\ngot  %v\nwant %v", rows, j, n, stride, got, want)
						}
					}
				}
			}
		}
	})
}

func TestStandardize(t *testing.T) {
	withAndWithoutKernels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for n := range 40 {
			x, center, scale := random[float64](r, n), random[float64](r, n), random[float64](r, n)
			want := make([]float64, n)
			for j := range x {
				want[j] = (x[j] - center[j]) / scale[j]
			}
			Standardize(x, center, scale)
			quotient := random[float64](r, n)
			same := make([]float64, n)
			for j := range same {
				same[j] = quotient[j] / 0.7
			}
			Divide(quotient, 0.7)
			if !slices.Equal(x, want) || !slices.Equal(quotient, same) {
				t.Errorf("%d elements:\ngot  %v %v\nwant %v %v", n, x, quotient, want, same)
			}
		}
	})
}

// TestSumExactly compares with a sum that has all digits.
func TestSumExactly(t *testing.T) {
	withAndWithoutKernels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for n := range 100 {
			x, want := random[float64](r, n), new(big.Float).SetPrec(2000)
			for i := range x {
				x[i] *= math.Ldexp(1, r.IntN(40))
				want.Add(want, new(big.Float).SetFloat64(x[i]))
			}
			high, low := SumExactly(x)
			if exact, _ := want.Float64(); high+low != exact {
				t.Errorf("the sum of %d is %g + %g, want %g", n, high, low, exact)
			}
		}
		if high, _ := SumExactly([]float64{math.Inf(1), 1}); !math.IsInf(high, 1) {
			t.Errorf("a sum with an infinity is %g", high)
		}
	})
}

func BenchmarkStatistics(b *testing.B) {
	for _, rows := range []int{100, 1000, 10000} {
		r := rand.New(rand.NewPCG(1, 2))
		x := random[float64](r, rows*Octet)
		var s [4]Statistic
		scale := random[float64](r, len(x))
		for name, f := range map[string]func(){
			"ranges":      func() { Ranges(x, Octet, Octet, &s[0], &s[1], &s[2], &s[3]) },
			"moments":     func() { Moments(x, Octet, Octet, &s[0], &s[1], &s[2], &s[3]) },
			"standardize": func() { Standardize(x, scale, scale) },
			"sum":         func() { SumExactly(x) },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, rows), func(b *testing.B) {
				b.SetBytes(int64(8 * len(x)))
				for b.Loop() {
					f()
				}
			})
		}
	}
}
