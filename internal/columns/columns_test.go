package columns

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas/blas64"
)

// random returns a matrix of rows that are two elements longer than they seem.
func random(rows, cols int) blas64.General {
	r := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
	x := blas64.General{Rows: rows, Cols: cols, Stride: cols + 2, Data: make([]float64, rows*(cols+2)-2)}
	for i := range x.Data {
		x.Data[i] = 3 + r.NormFloat64()
	}
	return x
}

// TestColumnByColumn compares every statistic with a plain loop over the column,
// to the bit, on one core and on several.
func TestColumnByColumn(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 3} {
		runtime.GOMAXPROCS(cores)
		for _, size := range [][2]int{{1, 1}, {7, 5}, {1000, 4}, {999, 7}, {1000, 8}, {5000, 33}} {
			x := random(size[0], size[1])
			center, inverse := make([]float64, x.Cols), make([]float64, x.Cols)
			for j := range center {
				center[j], inverse[j] = 3+float64(j)/100, 0.25
			}
			summary := Ranges(x)
			again, squares := Moments(x, center, inverse)
			columns := make([][]float64, x.Cols)
			Each(x, func(j int, column []float64) { columns[j] = slices.Clone(column) })
			for j := range x.Cols {
				var s, d, q float64
				column := make([]float64, x.Rows)
				for i := range column {
					v := x.Data[i*x.Stride+j]
					column[i] = v
					s += v
					e := (v - center[j]) * inverse[j]
					d += e
					q += float64(e * e)
				}
				if !slices.Equal(columns[j], column) {
					t.Errorf("%d×%d: column %d is not what it is", x.Rows, x.Cols, j)
				}
				got := []float64{summary.Low[j], summary.High[j], summary.Sum[j], summary.Count[j], again[j], squares[j]}
				want := []float64{slices.Min(column), slices.Max(column), s, float64(x.Rows), d, q}
				if !slices.Equal(got, want) {
					t.Errorf("%d×%d on %d cores, column %d:\ngot  %v\nwant %v", x.Rows, x.Cols, cores, j, got, want)
				}
			}
		}
	}
}

func BenchmarkColumns(b *testing.B) {
	for _, rows := range []int{1e3, 1e4, 1e5} {
		x := random(rows, 32)
		center, inverse := make([]float64, x.Cols), make([]float64, x.Cols)
		for name, f := range map[string]func(){
			"ranges":  func() { Ranges(x) },
			"moments": func() { Moments(x, center, inverse) },
			"each":    func() { Each(x, func(int, []float64) {}) },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, rows), func(b *testing.B) {
				b.SetBytes(int64(8 * x.Rows * x.Cols))
				for b.Loop() {
					f()
				}
			})
		}
	}
}

// TestDistinctIsSorting compares with sorting and leaving out what is twice there,
// and looks every value up.
func TestDistinctIsSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	x := random(5000, 11)
	for i := range x.Data {
		switch i % x.Stride % 4 {
		case 0:
			x.Data[i] = float64(r.IntN(20))
		case 1:
			x.Data[i] = float64(r.IntN(3000) - 1000)
		case 2:
			x.Data[i] = float64(r.IntN(20)) / 2
		}
	}
	for j, got := range Distinct(x) {
		column := make([]float64, x.Rows)
		for i := range column {
			column[i] = x.Data[i*x.Stride+j]
		}
		want := slices.Compact(slices.Sorted(slices.Values(column)))
		if !slices.Equal(got, want) {
			t.Errorf("column %d has %d values, want %d", j, len(got), len(want))
		}
		f := NewFinder(got)
		for _, v := range append(column[:100], 0, -1, 0.25, 19, 1e300) {
			place, found := slices.BinarySearch(want, v)
			if !found {
				place = Unknown
			}
			if f.Find(v) != int32(place) {
				t.Errorf("column %d: %g is found at %d, want %d", j, v, f.Find(v), place)
			}
		}
	}
}
