package rows

import (
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/sparse"
)

// kinds returns x as every kind of matrix.
func kinds(x *mat.Dense) map[string]mat.Matrix {
	rows, cols := x.Dims()
	wide := mat.NewDense(rows, cols+2, nil)
	strided := wide.Slice(0, rows, 1, cols+1).(*mat.Dense)
	strided.Copy(x)
	return map[string]mat.Matrix{
		"dense": x, "strided": strided, "sparse": sparse.FromDense(x), "other": mat.DenseCopyOf(x.T()).T(),
	}
}

func random(r *rand.Rand, rows, cols int) *mat.Dense {
	x := mat.NewDense(rows, cols, nil)
	x.Apply(func(int, int, float64) float64 { return max(0, r.NormFloat64()) }, x)
	return x
}

// TestEveryKindIsTheSame compares rows, products and rows taken together with
// those of gonum.
func TestEveryKindIsTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 3, 40} {
		for _, k := range []int{1, 3} {
			x := random(r, 9, n)
			for j := range n { // an empty row
				x.Set(4, j, 0)
			}
			w, d := random(r, n, k), random(r, 9, k)
			var xw, xd mat.Dense
			xw.Mul(x, w)
			xd.Mul(x.T(), d)
			for kind, in := range kinds(x) {
				name := fmt.Sprintf("%s, %d columns, %d outputs", kind, n, k)
				m := Of(in)
				row := make([]float64, n)
				for i := range 9 {
					for j := range row {
						row[j] = 7
					}
					m.Copy(row, i)
					golden.CloseSlice(t, name+": row", row, x.RawRowView(i), 0)
					sum := 0.0
					m.Each(i, row, func(_ int, v float64) { sum += v })
					golden.Close(t, name+": sum", sum, mat.Sum(x.RowView(i)), 1e-14)
				}
				several := make([]float64, 3*n)
				m.CopyRows(several, 3, 6)
				golden.CloseSlice(t, name+": rows", several, x.RawMatrix().Data[3*n:6*n], 0)
				f, g := mat.NewDense(9, k, nil), mat.NewDense(n, k, nil)
				m.AddProduct(f.RawMatrix(), w.RawMatrix())
				m.AddTransposed(g.RawMatrix(), d.RawMatrix())
				golden.CloseSlice(t, name+": product", f.RawMatrix().Data, xw.RawMatrix().Data, 1e-13)
				golden.CloseSlice(t, name+": transposed", g.RawMatrix().Data, xd.RawMatrix().Data, 1e-13)
				var b Buffer
				for _, order := range [][]int{nil, {5}, {8, 0, 4, 4}} {
					lo, hi := 2, 7
					want := x.Slice(lo, hi, 0, n)
					if order != nil {
						lo, hi = 0, len(order)
						picked := mat.NewDense(len(order), n, nil)
						for at, i := range order {
							picked.SetRow(at, x.RawRowView(i))
						}
						want = picked
					}
					if got := b.Take(m, order, lo, hi); !mat.Equal(got, want) {
						t.Errorf("%s: %v is\n%v", name, order, mat.Formatted(got))
					}
				}
				if b.Take(m, nil, 0, 9) != in {
					t.Errorf("%s: all rows are not the matrix", name)
				}
			}
		}
	}
}

func TestFinite(t *testing.T) {
	for _, n := range []int{1, 7, 100} {
		x := make([]float64, n)
		x[n/2] = math.MaxFloat64 // its square is infinite
		if !Finite(x) {
			t.Errorf("%d finite numbers are not", n)
		}
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			x[n-1] = bad
			if Finite(x) {
				t.Errorf("%d numbers, the last of them %g, are finite", n, bad)
			}
		}
	}
}

func TestFirstBad(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][2]int{{5, 4}, {300, 40}} {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			x := random(r, size[0], size[1])
			x.Set(0, 0, math.MaxFloat64) // its square is infinite
			for kind, in := range kinds(x) {
				if _, _, v, found := Of(in).FirstBad(false); found {
					t.Errorf("%s: %g is found in finite numbers", kind, v)
				}
			}
			x.Set(3, 2, bad)
			x.Set(4, 1, math.NaN())
			for kind, in := range kinds(x) {
				i, j, v, found := Of(in).FirstBad(false)
				if _, _, _, found := Of(in).FirstBad(true); found != !math.IsNaN(bad) {
					t.Errorf("%s: where NaN may be, %g is bad: %t", kind, bad, found)
				}
				if !found || i != 3 || j != 2 || v != bad && !math.IsNaN(bad) {
					t.Errorf("%s: %g in (%d, %d), %t, want %g in (3, 2)", kind, v, i, j, found, bad)
				}
			}
		}
	}
}

// TestParts visits every row once, the blocks of a part in order.
func TestParts(t *testing.T) {
	for _, workers := range []int{1, 4} {
		var p Parts
		p.Set(3, 100, 30, 8)
		if p.Count() != 4 {
			t.Fatalf("%d parts, want 4", p.Count())
		}
		next := []int{3, 33, 63, 93}
		p.Do(workers, func(_, part, lo, hi int) {
			if lo != next[part] || hi <= lo || hi > min(lo+8, 100) {
				t.Errorf("part %d has rows %d to %d, want them from %d on", part, lo, hi, next[part])
			}
			next[part] = hi
		})
		for part, end := range []int{33, 63, 93, 100} {
			if next[part] != end {
				t.Errorf("part %d ends at %d, want %d", part, next[part], end)
			}
		}
	}
}

// TestNobodyElseAsks: whether a matrix is sparse is asked here, and nowhere else
// in the library.
func TestNobodyElseAsks(t *testing.T) {
	asks := regexp.MustCompile(`\.\(\*sparse\.CSR\)|case \*sparse\.CSR`)
	err := filepath.WalkDir("../../lib", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && asks.Match(text) {
			t.Errorf("%s asks whether a matrix is a *sparse.CSR: use rows.Of", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
