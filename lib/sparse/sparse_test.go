package sparse_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
)

// shapes are the matrices on which the properties are checked: usual ones, and
// those with nothing in a row, in a column or at all.
var shapes = []struct {
	name       string
	rows, cols int
	density    float64
}{
	{"usual", 7, 5, 0.3},
	{"wide", 4, 90, 0.05},
	{"tall", 90, 4, 0.05},
	{"one row", 1, 6, 0.5},
	{"one column", 6, 1, 0.5},
	{"full", 5, 5, 1},
	{"all zero", 3, 4, 0},
}

func random(rows, cols int, density float64, seed uint64) *mat.Dense {
	r := rand.New(rand.NewPCG(seed, 1))
	x := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			if r.Float64() < density {
				x.Set(i, j, r.NormFloat64())
			}
		}
	}
	return x
}

func must(t *testing.T, rows, cols int, ptr, columns []int, values []float64) *sparse.CSR {
	t.Helper()
	s, err := sparse.NewCSR(rows, cols, ptr, columns, values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNewCSR(t *testing.T) {
	values := []float64{5, 6, 7}
	s := must(t, 3, 4, []int{0, 2, 2, 3}, []int{0, 3, 1}, values)
	want := mat.NewDense(3, 4, []float64{
		5, 0, 0, 6,
		0, 0, 0, 0,
		0, 7, 0, 0,
	})
	if !mat.Equal(s, want) {
		t.Errorf("got\n%v\nwant\n%v", mat.Formatted(s), mat.Formatted(want))
	}
	if s.NNZ() != 3 {
		t.Errorf("NNZ = %d, want 3", s.NNZ())
	}
	values[0] = -1
	if s.At(0, 0) != -1 {
		t.Error("the matrix copied its values, it should keep them")
	}
}

func TestNewCSRWithoutRowsOrColumns(t *testing.T) {
	for _, c := range []struct{ rows, cols int }{{0, 3}, {2, 0}, {0, 0}} {
		s := must(t, c.rows, c.cols, make([]int, c.rows+1), nil, nil)
		if r, k := s.Dims(); r != c.rows || k != c.cols || s.NNZ() != 0 {
			t.Errorf("%d×%d with %d elements, want %d×%d with none", r, k, s.NNZ(), c.rows, c.cols)
		}
	}
}

func TestNewCSRRefuses(t *testing.T) {
	one, two := []float64{1}, []float64{1, 2}
	tests := []struct {
		name       string
		rows, cols int
		ptr, at    []int
		values     []float64
		want       string
	}{
		{"negative rows", -1, 2, nil, nil, nil, "negative shape -1×2"},
		{"negative columns", 2, -1, []int{0, 0, 0}, nil, nil, "negative shape 2×-1"},
		{"no pointers", 0, 2, nil, nil, nil, "0 row pointers"},
		{"too few pointers", 2, 2, []int{0, 1}, []int{0}, one, "2 row pointers"},
		{"too many pointers", 1, 2, []int{0, 1, 1}, []int{0}, one, "3 row pointers"},
		{"start other than 0", 1, 2, []int{1, 1}, []int{0}, one, "do not make a matrix"},
		{"end before the values", 1, 2, []int{0, 1}, []int{0, 1}, two, "do not make a matrix"},
		{"end beyond the values", 1, 2, []int{0, 2}, []int{0}, one, "do not make a matrix"},
		{"fewer columns than values", 1, 2, []int{0, 2}, []int{0}, two, "1 columns and 2 values"},
		{"falling pointers", 3, 2, []int{0, 2, 1, 2}, []int{0, 1}, two, "row 1 has bad pointers 2..1"},
		{"pointer beyond the end", 2, 2, []int{0, 9, 1}, []int{0}, one, "row 0 has bad pointers 0..9"},
		{"negative pointer", 2, 2, []int{0, -1, 1}, []int{0}, one, "row 0 has bad pointers 0..-1"},
		{"column too large", 2, 2, []int{0, 0, 1}, []int{2}, one, "row 1 has column 2"},
		{"negative column", 1, 2, []int{0, 1}, []int{-1}, one, "row 0 has column -1"},
		{"column twice", 1, 2, []int{0, 2}, []int{1, 1}, two, "row 0 has column 1 after column 1"},
		{"columns out of order", 1, 2, []int{0, 2}, []int{1, 0}, two, "row 0 has column 0 after column 1"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			s, err := sparse.NewCSR(c.rows, c.cols, c.ptr, c.at, c.values)
			if s != nil || err == nil {
				t.Fatalf("got %v and error %v, want an error", s, err)
			}
			if !strings.HasPrefix(err.Error(), "sparse: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q does not say %q", err, c.want)
			}
		})
	}
}

// A row starts again at any column, also one below the last of the row before.
func TestNewCSRColumnsStartAgain(t *testing.T) {
	s := must(t, 2, 3, []int{0, 1, 2}, []int{2, 0}, []float64{1, 2})
	if s.At(0, 2) != 1 || s.At(1, 0) != 2 {
		t.Errorf("got\n%v", mat.Formatted(s))
	}
}

func TestFromDense(t *testing.T) {
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			x := random(c.rows, c.cols, c.density, 3)
			s := sparse.FromDense(x)
			if !mat.Equal(s, x) {
				t.Errorf("got\n%v\nwant\n%v", mat.Formatted(s), mat.Formatted(x))
			}
			again := must(t, c.rows, c.cols, s.Ptr, s.Cols, s.Values) // its parts are well formed
			if again.NNZ() != nonZeros(x) {
				t.Errorf("%d elements are stored, %d are not 0", again.NNZ(), nonZeros(x))
			}
		})
	}
}

func TestFromDenseKeepsNaN(t *testing.T) {
	s := sparse.FromDense(mat.NewDense(1, 4, []float64{0, math.NaN(), math.Copysign(0, -1), math.Inf(-1)}))
	if cols, values := s.Row(0); !slices.Equal(cols, []int{1, 3}) || !math.IsNaN(values[0]) || !math.IsInf(values[1], -1) {
		t.Errorf("columns %v with values %v, want NaN in 1 and -Inf in 3", cols, values)
	}
}

func nonZeros(x mat.Matrix) int {
	rows, cols := x.Dims()
	n := 0
	for i := range rows {
		for j := range cols {
			if x.At(i, j) != 0 {
				n++
			}
		}
	}
	return n
}

// At is the one method that gonum's own code relies on, so the products with
// it must be those of the dense matrix, in either orientation.
func TestStandsForADenseMatrix(t *testing.T) {
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			x := random(c.rows, c.cols, c.density, 5)
			s := sparse.FromDense(x)
			if !mat.Equal(s.T(), x.T()) {
				t.Errorf("the transpose is\n%v\nwant\n%v", mat.Formatted(s.T()), mat.Formatted(x.T()))
			}
			if !mat.Equal(s.T().T(), x) {
				t.Error("the transpose of the transpose is another matrix")
			}
			w := random(c.cols, 3, 1, 6)
			var got, want mat.Dense
			got.Mul(s, w)
			want.Mul(x, w)
			if !mat.EqualApprox(&got, &want, 1e-14) {
				t.Errorf("x·w is\n%v\nwant\n%v", mat.Formatted(&got), mat.Formatted(&want))
			}
		})
	}
}

func TestTransposeIsAView(t *testing.T) {
	s := sparse.FromDense(mat.NewDense(1, 2, []float64{0, 4}))
	s.Values[0] = 9
	if got := s.T().At(1, 0); got != 9 {
		t.Errorf("the transpose has %g, want 9 as in the matrix", got)
	}
}

func TestAtPanics(t *testing.T) {
	s := sparse.FromDense(mat.NewDense(2, 3, nil))
	for _, at := range [][2]int{{-1, 0}, {2, 0}, {0, -1}, {0, 3}} {
		func() {
			defer func() {
				message, _ := recover().(string)
				if !strings.HasPrefix(message, "sparse: element (") || !strings.Contains(message, "2×3") {
					t.Errorf("At%v panics with %q, want both shapes", at, message)
				}
			}()
			s.At(at[0], at[1])
		}()
	}
}

func TestRow(t *testing.T) {
	s := must(t, 3, 4, []int{0, 2, 2, 3}, []int{0, 3, 1}, []float64{5, 6, 7})
	cols, values := s.Row(0)
	if !slices.Equal(cols, []int{0, 3}) || !slices.Equal(values, []float64{5, 6}) {
		t.Errorf("row 0 has %v in %v, want [5 6] in [0 3]", values, cols)
	}
	values[1] = -6
	if s.At(0, 3) != -6 {
		t.Error("the values of a row are a copy, they should alias the matrix")
	}
	if cols, values := s.Row(1); len(cols) != 0 || len(values) != 0 {
		t.Errorf("row 1 has %v in %v, want nothing", values, cols)
	}
}

func TestGather(t *testing.T) {
	const rows, cols = 9, 6
	x := random(rows, cols, 0.4, 7)
	s := sparse.FromDense(x)
	for _, c := range []struct {
		name string
		rows []int
	}{
		{"some", []int{4, 0, 7}},
		{"one", []int{8}},
		{"one twice", []int{3, 3, 1}},
		{"all, shuffled", rand.New(rand.NewPCG(1, 2)).Perm(rows)},
		{"none", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got sparse.CSR
			got.Gather(s, c.rows)
			if r, k := got.Dims(); r != len(c.rows) || k != cols {
				t.Fatalf("got %d×%d, want %d×%d", r, k, len(c.rows), cols)
			}
			for k, i := range c.rows {
				for j := range cols {
					if got.At(k, j) != x.At(i, j) {
						t.Errorf("element (%d, %d) is %g, want %g of row %d", k, j, got.At(k, j), x.At(i, j), i)
					}
				}
			}
			must(t, len(c.rows), cols, got.Ptr, got.Cols, got.Values)
		})
	}
	if !mat.Equal(s, x) {
		t.Error("Gather changed its source")
	}
}

// What was gathered is a copy: a batch may be scaled without touching the data.
func TestGatherCopies(t *testing.T) {
	s := sparse.FromDense(mat.NewDense(2, 2, []float64{1, 2, 3, 4}))
	var batch sparse.CSR
	batch.Gather(s, []int{1, 0})
	batch.Values[0], batch.Cols[1] = 100, 0
	if !mat.Equal(s, mat.NewDense(2, 2, []float64{1, 2, 3, 4})) {
		t.Errorf("the data became\n%v", mat.Formatted(s))
	}
}

func TestGatherReusesItsMemory(t *testing.T) {
	x := sparse.FromDense(random(40, 30, 0.2, 8))
	order := rand.New(rand.NewPCG(3, 4)).Perm(40)
	var batch sparse.CSR
	batch.Gather(x, order)
	first := &batch.Values[0]
	allocs := testing.AllocsPerRun(20, func() {
		for start := 0; start < len(order); start += 16 {
			batch.Gather(x, order[start:min(start+16, len(order))])
		}
	})
	if allocs != 0 {
		t.Errorf("an epoch of batches allocates %g times, want 0", allocs)
	}
	if &batch.Values[0] != first {
		t.Error("a smaller batch has other memory than the largest one")
	}
	if !slices.Equal(x.Ptr[:1], []int{0}) || batch.Ptr[0] != 0 {
		t.Error("the pointers do not start at 0")
	}
}

func TestAtAllocatesNothing(t *testing.T) {
	s := sparse.FromDense(random(5, 50, 0.3, 9))
	if n := testing.AllocsPerRun(20, func() {
		for j := range 50 {
			s.At(2, j)
		}
		s.Row(3)
	}); n != 0 {
		t.Errorf("At and Row allocate %g times, want 0", n)
	}
}

func TestView(t *testing.T) {
	x := sparse.FromDense(random(6, 5, 0.5, 9))
	before := slices.Clone(x.Values)
	var v sparse.CSR
	for _, at := range [][2]int{{0, 6}, {2, 5}, {4, 4}} {
		v.View(x, at[0], at[1])
		rows, cols := v.Dims()
		if rows != at[1]-at[0] || cols != 5 {
			t.Fatalf("%d×%d, want %d×5", rows, cols, at[1]-at[0])
		}
		for i := range rows {
			for j := range cols {
				if v.At(i, j) != x.At(at[0]+i, j) {
					t.Errorf("rows %v: element (%d, %d) is %g, want %g", at, i, j, v.At(i, j), x.At(at[0]+i, j))
				}
			}
		}
		must(t, rows, cols, v.Ptr, v.Cols, v.Values) // its parts are well formed
	}
	v.View(x, 1, 4)
	v.Gather(x, []int{5, 5, 0, 3, 2})
	if !slices.Equal(x.Values, before) {
		t.Error("Gather into a view changed what was viewed")
	}
	if n := testing.AllocsPerRun(10, func() { v.View(x, 0, 5) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestDotAndAxpy(t *testing.T) {
	for n := range 12 {
		x := sparse.FromDense(random(1, 2*n+1, 0.7, uint64(n)+1))
		cols, values := x.Row(0)
		w, want := make([]float64, 2*n+1), 0.0
		for j := range w {
			w[j] = float64(j*j) - 5
			want += w[j] * x.At(0, j)
		}
		if got := sparse.Dot(cols, values, w); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d elements: the product is %g, want %g", len(cols), got, want)
		}
		sparse.Axpy(w, 3, cols, values)
		for j := range w {
			if want := float64(j*j) - 5 + 3*x.At(0, j); math.Abs(w[j]-want) > 1e-13 {
				t.Errorf("%d elements: element %d is %g, want %g", len(cols), j, w[j], want)
			}
		}
	}
}
