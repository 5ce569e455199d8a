package order

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// samples are columns of many kinds, with n elements each.
func samples(n int) map[string][]float64 {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	make := func(f func(i int) float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = f(i)
		}
		return v
	}
	return map[string][]float64{
		"normal":      make(func(int) float64 { return r.NormFloat64() }),
		"exponential": make(func(int) float64 { return math.Exp(300 * r.NormFloat64()) }),
		"wild":        make(func(i int) float64 { return r.Float64() + 1e300*float64(i/(n-1)) }),
		"few values":  make(func(int) float64 { return float64(r.IntN(3)) }),
		"late times":  make(func(int) float64 { return 1.6e9 + r.Float64() }),
		"one value":   make(func(int) float64 { return 7 }),
		"falling":     make(func(i int) float64 { return float64(-i) }),
		"whole range": make(func(i int) float64 { return math.MaxFloat64 * (2*r.Float64() - 1) }),
		"tiny":        make(func(i int) float64 { return float64(r.IntN(9)) * 5e-324 }),
		"infinite":    make(func(i int) float64 { return []float64{math.Inf(-1), 1, 2, math.Inf(1)}[r.IntN(4)] }),
	}
}

// TestPlaceIsSorting compares each rank with the sorted column.
func TestPlaceIsSorting(t *testing.T) {
	for _, n := range []int{2, 10, 255, 256, 5000} {
		for name, v := range samples(n) {
			sorted := slices.Sorted(slices.Values(v))
			ranks := []int{0, n / 4, n/4 + 1, n/2 - 1, n / 2, n * 3 / 4, n - 1}
			got := slices.Clone(v)
			Place(got, ranks...)
			for _, r := range ranks {
				if got[r] != sorted[r] {
					t.Errorf("%s: element %d of %d is %g, sorted it is %g", name, r, n, got[r], sorted[r])
				}
			}
		}
	}
}

func BenchmarkPlace(b *testing.B) {
	for _, n := range []int{1e4, 1e5, 1e6} {
		v, scratch := samples(n)["normal"], make([]float64, n)
		b.Run(fmt.Sprintf("%d", n), func(b *testing.B) {
			b.SetBytes(int64(8 * n))
			for b.Loop() {
				copy(scratch, v)
				Place(scratch, n/4, n/2, n*3/4)
			}
		})
	}
}

// TestSortIsSorting compares the digits' order with the one of comparisons.
func TestSortIsSorting(t *testing.T) {
	for _, n := range []int{2, 100, fewKeys, 5000} {
		for name, v := range samples(n) {
			got, want := slices.Clone(v), slices.Sorted(slices.Values(v))
			Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d elements are not sorted", name, n)
			}
		}
	}
}

// TestDescendingIsStable: equal scores stay in the order they had, and −0 is 0.
func TestDescendingIsStable(t *testing.T) {
	for _, n := range []int{2, 100, fewKeys, 5000} {
		all := samples(n)
		all["zeros"] = make([]float64, n)
		for i := range n {
			all["zeros"][i] = math.Copysign(0, float64(i%3)-1)
		}
		for name, v := range all {
			rows := make([]int, n)
			for i := range rows {
				rows[i] = i
			}
			want := slices.Clone(rows)
			slices.SortStableFunc(want, func(a, b int) int { return cmp.Compare(v[b], v[a]) })
			Descending(rows, v)
			if !slices.Equal(rows, want) {
				t.Errorf("%s: %d rows are in another order", name, n)
			}
		}
	}
}

func BenchmarkSort(b *testing.B) {
	for _, n := range []int{1e4, 1e5, 1e6} {
		v, scratch := samples(n)["normal"], make([]float64, n)
		b.Run(fmt.Sprintf("floats/%d", n), func(b *testing.B) {
			b.SetBytes(int64(8 * n))
			for b.Loop() {
				copy(scratch, v)
				Sort(scratch)
			}
		})
		rows := make([]int, n)
		b.Run(fmt.Sprintf("rows/%d", n), func(b *testing.B) {
			b.SetBytes(int64(8 * n))
			for b.Loop() {
				for i := range rows {
					rows[i] = i
				}
				Descending(rows, v)
			}
		})
	}
}
