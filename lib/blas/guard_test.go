//go:build linux

package blas

import (
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/raced"
)

// A fence is memory between two pages that must not be touched.
type fence struct{ data []byte }

// newFence maps a number of pages with one forbidden page on each side.
func newFence(t *testing.T, pages int) fence {
	page := syscall.Getpagesize()
	all, err := syscall.Mmap(-1, 0, (pages+2)*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(all) })
	for _, guard := range [][]byte{all[:page], all[(pages+1)*page:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return fence{all[page : (pages+1)*page]}
}

// inside copies a slice to the end of the memory, or to its start.
func inside[T element | int](f fence, v []T, end bool) []T {
	if len(v) == 0 {
		return v
	}
	size := len(v) * int(unsafe.Sizeof(v[0]))
	at := 0
	if end {
		at = len(f.data) - size
	}
	w := unsafe.Slice((*T)(unsafe.Pointer(&f.data[at])), len(v))
	copy(w, v)
	return w
}

// No routine touches memory before or after its arguments: if it did, the
// process would die.
func TestBounds(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		testBounds(t, doubles)
		testBounds(t, singles)
	})
}

func testBounds[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y, z := newFence(t, 64), newFence(t, 64), newFence(t, 64)
	for i := range 1500 {
		if testing.Short() && i%3 != 0 { // where the processor is emulated
			continue
		}
		end := i%2 == 0
		s := shape{[]Transpose{NoTrans, Trans}[i/2%2], []Transpose{NoTrans, Trans}[i/4%2], 1 + r.IntN(80), 1 + r.IntN(80), 1 + r.IntN(80), r.IntN(3)}
		if i%50 == 0 {
			s.m, s.n, s.k = 100, 150, 130
		}
		a, b, c, lda, ldb, ldc := matrices[T](r, s)
		a, b, c = inside(x, a, end), inside(y, b, end), inside(z, c, end)
		f.gemm(s.tA, s.tB, s.m, s.n, s.k, 1, a, lda, b, ldb, T(i%3), c, ldc)

		m, n := 1+r.IntN(80), 1+r.IntN(80)
		lda = n + r.IntN(3)
		k := max(m, n)
		a = inside(x, random[T](r, (m-1)*lda+n), end)
		for _, tA := range []Transpose{NoTrans, Trans} {
			lenX, lenY := n, m
			if tA == Trans {
				lenX, lenY = m, n
			}
			f.ger(m, n, 1, inside(y, random[T](r, 2*m-1), end), -2, inside(z, random[T](r, 3*n-2), end), -3, a, lda)
			v, w := inside(y, random[T](r, lenX), end), inside(z, random[T](r, lenY), end)
			f.gemv(tA, m, n, 1, a, lda, v, 1, T(i%3), w, 1)
		}
		f.ger(m, n, 1, inside(y, random[T](r, m), end), 1, inside(z, random[T](r, n), end), 1, a, lda)
		f.ger(m, n, 1, inside(y, random[T](r, 2*m-1), end), -2, inside(z, random[T](r, 3*n-2), end), -3, a, lda)
		v, w := inside(y, random[T](r, k), end), inside(z, random[T](r, k), end)
		testDotsBounds(r, x, y, z, end)
		n = 1 + r.IntN(60)
		lda, ldc = s.k+r.IntN(3), n+r.IntN(3)
		f.syrk([]blas.Uplo{blas.Upper, blas.Lower}[i/2%2], NoTrans, n, s.k, 1, inside(y, random[T](r, (n-1)*lda+s.k), end), lda,
			T(i%3), inside(z, random[T](r, (n-1)*ldc+n), end), ldc)
		f.nrm2(k, v, 1)
		f.dot(k, v, 1, w, 1)
		f.axpy(k, 2, v, 1, w, 1)
		f.scal(k, 2, v, 1)
		testFunctionBounds(v, w, x, y, z, end)
	}
}

// Likewise where the kernels read A and B in ways that depend on how many rows,
// columns and steps there are.
func TestFewColumnsBounds(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testFewColumnsBounds(t, doubles)
		testFewColumnsBounds(t, singles)
	})
}

func testFewColumnsBounds[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(3, 4))
	x, y, z := newFence(t, 2), newFence(t, 2), newFence(t, 2)
	for m := 2; m <= 9; m++ {
		for n := 2; n <= 17; n++ {
			for k := 1; k <= 17; k++ {
				for _, s := range []shape{{NoTrans, NoTrans, m, n, k, 0}, {Trans, NoTrans, m, n, k, 0}} {
					a, b, c, lda, ldb, ldc := matrices[T](r, s)
					for _, end := range []bool{false, true} {
						f.gemm(s.tA, s.tB, m, n, k, 1, inside(x, a, end), lda, inside(y, b, end), ldb, 1, inside(z, c, end), ldc)
					}
				}
			}
		}
	}
}

func testFunctionBounds[T element](v, w []T, x, y, z fence, end bool) {
	a := inside(x, v, end)
	for _, f := range elementaries {
		f.apply(any(w), any(a))
	}
	Axpby(2, a, 3, w)
	BiasReLU(a, w)
	ReLUGrad(w, a, inside(y, v, end))
	LogisticLoss(w, a, a, inside(y, v, end), 2)
	m, u := inside(y, abs(v), end), inside(z, abs(v), end)
	Adam(a, m, u, u, 0.9, 0.9, 1, 1, 1, 1)
	testPointBounds(len(v), x, y, z, end)
	testConversionBounds(len(v), x, y, end)
	testAccurateBounds(len(v), x, y, z, end)
	testSquareBounds[T](len(v), x, y, z, end)
	AddRuns(inside(x, v, end), len(v), inside(y, v, end), 0, 1, len(v))
}

func testPointBounds(n int, x, y, z fence, end bool) {
	a, b, c := inside(x, make([]float64, n), end), inside(y, make([]float64, n), end), inside(z, make([]float64, n), end)
	for _, k := range pointKernels {
		k.many(a, a, b, c)
		k.many(b, c, a, a)
	}
	Adagrad(a, b, c, 1, 1)
	Adadelta(a, b, c, c, 0.5, 1, 1)
	Adamax(a, b, c, c, 0.5, 0.5, 1, 1)
	AdaBelief(a, b, c, c, 0.5, 0.5, 1, 1, 1)
	AMSGrad(a, b, c, c, c, 0.5, 0.5, 1, 1, 1, 1)
	Lion(a, b, c, 0.5, 0.5, 1)
	Momentum(a, b, c, 0.5, 1, 1)
	Nesterov(a, b, c, 0.5, 1, 1)
	NAdam(a, b, c, c, 0.5, 0.5, 1, 1, 1, 1)
	Rprop(a, b, c, c, 0.5, 2, 0, 1)
}

func testConversionBounds(n int, x, y fence, end bool) {
	wide, narrow := inside(x, make([]float64, n), end), inside(y, make([]float32, n), end)
	Narrow(narrow, wide)
	AddNarrow(wide, narrow)
	AdamNarrow(wide, narrow, wide, wide, narrow, 0.5, 0.5, 1, 1, 1, 1)
}

func testAccurateBounds(n int, x, y, z fence, end bool) {
	a, high, low := inside(x, make([]float64, n), end), inside(y, make([]float64, n), end), inside(z, make([]float64, n), end)
	SumProducts(a, high)
	AddProducts(high, low, 1, 1, a)
}

func testSquareBounds[T element](n int, x, y, z fence, end bool) {
	pixels, largest := inside(x, make([]T, 8*n), end), inside(y, make([]T, 2*n), end)
	MaxSquares(largest, n, pixels, 2*n)
	MaxSquaresGrad(inside(z, make([]T, 8*n), end), largest, pixels, largest, n, 2*n)
}

func testDotsBounds(r *rand.Rand, x, y, z fence, end bool) {
	m, n := 1+r.IntN(20), 1+r.IntN(80)
	a := blas64.General{Rows: m, Cols: n, Stride: n + r.IntN(3)}
	a.Data = inside(x, random[float64](r, (m-1)*a.Stride+n), end)
	Dots(a, inside(y, random[float64](r, n), end), inside(z, random[float64](r, m), end))
}

// Asking for memory reads none of it and changes none of it.
func TestPrefetch(t *testing.T) {
	f := newFence(t, 1)
	for n := range 200 {
		want := make([]int, n)
		for i := range want {
			want[i] = i
		}
		for _, end := range []bool{false, true} {
			x := inside(f, want, end)
			Prefetch(x)
			PrefetchL2(x)
			if !slices.Equal(x, want) {
				t.Fatalf("%d elements have changed", n)
			}
		}
	}
}
