package blas

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestProductAt expects the bits of Gemm, and that nothing beside C is touched.
func TestProductAt(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		if !HasProductAt[float32]() {
			if ProductAt(1, 1, []float32{1}, 1, []float32{1}, []int{0}, nil, []float32{0}, 1, 1, 0, 0) {
				t.Error("it multiplies without a kernel")
			}
			t.Skip("no kernel")
		}
		r := rand.New(rand.NewPCG(1, 2))
		for _, size := range [][3]int{{8, 32, 144}, {16, 48, 48}, {1, 1, 1}, {9, 47, 7}, {17, 33, 5}, {7, 16, 3}, {3, 17, 600}, {24, 100, 513}, {8, 143, 1025}} {
			for _, runs := range []int{1, 3} {
				testProductAt(t, r, size[0], size[1], size[2], runs, true)
				testProductAt(t, r, size[0], size[1], size[2], runs, false)
			}
		}
	})
}

func testProductAt(t *testing.T, r *rand.Rand, m, n, k, runs int, anew bool) {
	t.Helper()
	aStep, cStep, bRun := k+r.IntN(3), n+r.IntN(3), 2
	cRun := (m-1)*cStep + n + 1
	a, b := random[float32](r, (m-1)*aStep+k), random[float32](r, 500+n+(runs-1)*bRun)
	c := random[float32](r, runs*cRun-1)
	at := make([]int, k)
	for l := range at {
		at[l] = r.IntN(501)
	}
	start := random[float32](r, m)
	want := slices.Clone(c)
	for run := range runs {
		rows := make([]float32, 0, k*n)
		for _, place := range at {
			rows = append(rows, b[run*bRun+place:][:n]...)
		}
		to := want[run*cRun:]
		if anew {
			for i := range m {
				for j := range n {
					to[i*cStep+j] = start[i]
				}
			}
		}
		product := product[float32]{m: m, n: n, k: k, a: view[float32]{a, aStep, 1}, b: view[float32]{rows, n, 1}, c: to, ldc: cStep, alpha: 1, beta: 1}
		single().multiply(&product, new(buffer[float32]), 0, m, 0, n)
	}
	if !anew {
		start = nil
	}
	if !ProductAt(m, n, a, aStep, b, at, start, c, cStep, runs, bRun, cRun) {
		t.Fatalf("%d×%d×%d: it declines", m, n, k)
	}
	for i, v := range want {
		if math.Float32bits(v) != math.Float32bits(c[i]) {
			t.Fatalf("%d×%d×%d, %d times: element %d is %g, want %g", m, n, k, runs, i, c[i], v)
		}
	}
	a[len(a)-1], b[at[k-1]] = float32(math.Inf(1)), float32(math.NaN())
	if ProductAt(m, n, a, aStep, b, at, start, c, cStep, runs, bRun, cRun) {
		t.Errorf("%d×%d×%d: it multiplies a NaN", m, n, k)
	}
}

func TestProductAtPanics(t *testing.T) {
	if !HasProductAt[float32]() {
		t.Skip("no kernel")
	}
	v := func(n int) []float32 { return make([]float32, n) }
	for name, f := range map[string]func(){
		"A":              func() { ProductAt(2, 3, v(3), 2, v(9), []int{0, 5}, nil, v(6), 3, 1, 0, 0) },
		"B":              func() { ProductAt(2, 3, v(4), 2, v(7), []int{0, 5}, nil, v(6), 3, 1, 0, 0) },
		"B of a run":     func() { ProductAt(2, 3, v(4), 2, v(8), []int{0, 5}, nil, v(12), 3, 2, 1, 6) },
		"C":              func() { ProductAt(2, 3, v(4), 2, v(9), []int{0, 5}, nil, v(5), 3, 1, 0, 0) },
		"start":          func() { ProductAt(2, 3, v(4), 2, v(9), []int{0, 5}, v(1), v(6), 3, 1, 0, 0) },
		"negative place": func() { ProductAt(2, 3, v(4), 2, v(9), []int{-1, 5}, nil, v(6), 3, 1, 0, 0) },
		"step":           func() { ProductAt(2, 3, v(4), 2, v(9), []int{0, 5}, nil, v(6), 2, 1, 0, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func TestCopyTransposedRows(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		for _, size := range [][2]int{{1, 1}, {4, 4}, {16, 32}, {3, 9}, {9, 3}, {5, 7}, {0, 3}} {
			rows, cols := size[0], size[1]
			src := random[float32](rand.New(rand.NewPCG(1, 2)), rows*(cols+2))
			dst := make([]float32, cols*(rows+1))
			want := slices.Clone(dst)
			for i := range rows {
				for j := range cols {
					want[j*(rows+1)+i] = src[i*(cols+2)+j]
				}
			}
			CopyTransposedRows(dst, rows+1, src, cols+2, rows, cols)
			if !slices.Equal(dst, want) {
				t.Errorf("%d×%d: got %v, want %v", rows, cols, dst, want)
			}
		}
	})
	defer func() {
		if recover() == nil {
			t.Error("no panic where it does not fit")
		}
	}()
	CopyTransposedRows(make([]float32, 5), 2, make([]float32, 6), 3, 2, 3)
}
