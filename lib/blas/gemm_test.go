package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/raced"
)

// A shape is one call of Gemm, with pad elements after each row.
type shape struct {
	tA, tB  Transpose
	m, n, k int
	pad     int
}

func (s shape) String() string {
	return fmt.Sprintf("%c%c m=%d n=%d k=%d pad=%d", s.tA, s.tB, s.m, s.n, s.k, s.pad)
}

// matrices returns operands of a shape, and their leading dimensions.
func matrices[T element](r *rand.Rand, s shape) (a, b, c []T, lda, ldb, ldc int) {
	fill := func(t Transpose, rows, cols int) ([]T, int) {
		if t != NoTrans {
			rows, cols = cols, rows
		}
		ld := max(1, cols) + s.pad
		return random[T](r, max(0, (rows-1)*ld+cols)), ld
	}
	a, lda = fill(s.tA, s.m, s.k)
	b, ldb = fill(s.tB, s.k, s.n)
	c, ldc = fill(NoTrans, s.m, s.n)
	return a, b, c, lda, ldb, ldc
}

// shapes sweeps each dimension from 0 to 130 while the others are drawn.
func shapes(r *rand.Rand) []shape {
	var all []shape
	for _, tA := range []Transpose{NoTrans, Trans} {
		for _, tB := range []Transpose{NoTrans, Trans, ConjTrans} {
			for i := range 131 {
				all = append(all,
					shape{tA, tB, i, r.IntN(131), r.IntN(131), r.IntN(4)},
					shape{tA, tB, r.IntN(131), i, r.IntN(131), r.IntN(4)},
					shape{tA, tB, r.IntN(40), r.IntN(40), i, r.IntN(4)})
			}
			all = append(all, shape{tA, tB, 70, 530, 300, 1}, shape{tA, tB, 530, 70, 520, 0}, shape{tA, tB, 3, 600, 700, 3})
		}
	}
	return all
}

// The bound is that of any order of summation, for both sides: with γ = (k+3)·ε,
// the difference is at most 2γ(|α|·|A||B| + |β|·|C|).
func TestGemm(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		testGemm(t, doubles)
		testGemm(t, singles)
	})
}

func testGemm[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(1, 2))
	scalars := []T{1, 0, -1, 0.75, -2.5}
	for i, s := range shapes(r) {
		if testing.Short() && i%7 != 0 && s.m*s.n*s.k > 30_000 {
			continue
		}
		alpha, beta := scalars[(i+i/5)%5], scalars[i%5]
		a, b, c, lda, ldb, ldc := matrices[T](r, s)
		if beta == 0 {
			for j := range c {
				c[j] = T(math.NaN()) // what must not be read
			}
		}
		got, want, bound := slices.Clone(c), slices.Clone(c), abs(c)
		f.gemm(s.tA, s.tB, s.m, s.n, s.k, alpha, a, lda, b, ldb, beta, got, ldc)
		f.gonumGemm(s.tA, s.tB, s.m, s.n, s.k, alpha, a, lda, b, ldb, beta, want, ldc)
		f.gonumGemm(s.tA, s.tB, s.m, s.n, s.k, T(math.Abs(float64(alpha))), abs(a), lda, abs(b), ldb, T(math.Abs(float64(beta))), bound, ldc)
		gamma := 2 * float64(s.k+3) * f.eps
		for j := range got {
			if j%ldc >= s.n {
				if bits(got[j]) != bits(c[j]) {
					t.Fatalf("%s %v: wrote between the rows of C, at %d", f.name, s, j)
				}
				continue
			}
			if !near(got[j], want[j], gamma*float64(bound[j])) {
				t.Fatalf("%s %v alpha=%v beta=%v: c[%d, %d] = %v, want %v", f.name, s, alpha, beta, j/ldc, j%ldc, got[j], want[j])
			}
		}
	}
}

// Infinities and NaNs stand where they stand in gonum's result, which skips the
// zeros of A unless the product is one of rows.
func TestGemmSpecialValues(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		testGemmSpecial(t, doubles)
		testGemmSpecial(t, singles)
	})
}

func testGemmSpecial[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(3, 4))
	special := []T{T(math.NaN()), T(math.Inf(1)), T(math.Inf(-1)), 0, 0, 0, 0}
	sprinkle := func(v []T, every int) {
		for i := r.IntN(every); i < len(v); i += 1 + r.IntN(every) {
			v[i] = special[r.IntN(len(special))]
		}
	}
	for i := range 600 {
		s := shape{[]Transpose{NoTrans, Trans}[i%2], []Transpose{NoTrans, Trans}[i/2%2], 1 + r.IntN(70), 1 + r.IntN(70), 1 + r.IntN(40), r.IntN(3)}
		switch i % 7 { // products that have kernels of their own
		case 0:
			s.m = 1
		case 1:
			s.n = 1
		case 2:
			s.n = 6 + r.IntN(7)
		}
		a, b, c, lda, ldb, ldc := matrices[T](r, s)
		sprinkle(a, 40)
		sprinkle(b, 200)
		sprinkle(c, 100)
		alpha := []T{1, -2, T(math.NaN()), T(math.Inf(1)), 0, 0.5}[i%6]
		beta := []T{1, 0, 0.5, T(math.Inf(1)), T(math.NaN())}[i%5]
		got, want := slices.Clone(c), slices.Clone(c)
		f.gemm(s.tA, s.tB, s.m, s.n, s.k, alpha, a, lda, b, ldb, beta, got, ldc)
		f.gonumGemm(s.tA, s.tB, s.m, s.n, s.k, alpha, a, lda, b, ldb, beta, want, ldc)
		for j := range got {
			if !near(got[j], want[j], 1e-3) {
				t.Fatalf("%s %v alpha=%v beta=%v: c[%d, %d] = %v, want %v", f.name, s, alpha, beta, j/ldc, j%ldc, got[j], want[j])
			}
		}
	}
}

// An element of C depends on its row of A and its column of B alone: a product of
// few columns, for which the kernels go another way, has the bits of a wide one.
func TestGemmFewColumns(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		testGemmFewColumns(t, doubles)
		testGemmFewColumns(t, singles)
	})
}

func testGemmFewColumns[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, tA := range []Transpose{NoTrans, Trans} {
		for _, k := range []int{1, 7, 8, 9, 31, 64, 256, 512, 1024, 1030} {
			for n := 2; n <= 17; n++ {
				s := shape{tA, NoTrans, 2 + r.IntN(20), 40, k, r.IntN(3) % 2}
				a, b, c, lda, ldb, ldc := matrices[T](r, s)
				wide, few := slices.Clone(c), slices.Clone(c)
				f.gemm(tA, NoTrans, s.m, s.n, k, 1.5, a, lda, b, ldb, 0.5, wide, ldc)
				f.gemm(tA, NoTrans, s.m, n, k, 1.5, a, lda, b, ldb, 0.5, few, ldc)
				for j, got := range few {
					want := c[j]
					if j%ldc < n {
						want = wide[j]
					}
					if bits(got) != bits(want) {
						t.Fatalf("%s %v: c[%d, %d] = %v of %d columns, want %v", f.name, s, j/ldc, j%ldc, got, n, want)
					}
				}
			}
		}
	}
}

// So has a product in several blocks, of which A and B are copied and tiles are tall, the
// bits of its rows a few at a time, infinities and NaNs included.
func TestGemmBlocks(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		testGemmBlocks(t, doubles)
		testGemmBlocks(t, singles)
	})
}

func testGemmBlocks[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(13, 14))
	shapes := []shape{
		{NoTrans, NoTrans, 61, 530, 512, 0}, {Trans, NoTrans, 61, 530, 515, 0}, {NoTrans, Trans, 47, 400, 1030, 1},
		{Trans, NoTrans, 40, 1024, 515, 984}, {NoTrans, NoTrans, 44, 70, 9, 0}, {Trans, Trans, 36, 131, 1, 0},
		{Trans, NoTrans, aBlock + 13, 260, 40, aBlock - 13}, {NoTrans, NoTrans, aBlock + 13, 260, 40, 984},
	}
	if testing.Short() {
		shapes = shapes[:6]
	}
	for _, s := range shapes {
		for _, special := range []bool{false, true} {
			a, b, c, lda, ldb, ldc := matrices[T](r, s)
			if special {
				a[r.IntN(len(a))], b[r.IntN(len(b))] = T(math.Inf(1)), T(math.NaN())
			}
			whole, few := slices.Clone(c), slices.Clone(c)
			f.gemm(s.tA, s.tB, s.m, s.n, s.k, 1.5, a, lda, b, ldb, 0.5, whole, ldc)
			for i := 0; i < s.m; i += 8 {
				rows := a[i:]
				if s.tA == NoTrans {
					rows = a[i*lda:]
				}
				f.gemm(s.tA, s.tB, min(8, s.m-i), s.n, s.k, 1.5, rows, lda, b, ldb, 0.5, few[i*ldc:], ldc)
			}
			for j, got := range whole {
				if bits(got) != bits(few[j]) && (got == got || few[j] == few[j]) {
					t.Fatalf("%s %v: c[%d, %d] = %v, and %v of few rows", f.name, s, j/ldc, j%ldc, got, few[j])
				}
			}
		}
	}
}

// The same bits come out whatever the number of cores.
func TestGemmCores(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testGemmCores(t, doubles)
		testGemmCores(t, singles)
	})
}

func testGemmCores[T element](t *testing.T, f routines[T]) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer crew.Fix(1)() // everything is shared
	r := rand.New(rand.NewPCG(5, 6))
	for _, s := range []shape{
		{NoTrans, NoTrans, 301, 203, 270, 1}, {Trans, NoTrans, 203, 301, 130, 0},
		{NoTrans, Trans, 40, 700, 300, 2}, {Trans, Trans, 700, 17, 300, 0},
	} {
		a, b, c, lda, ldb, ldc := matrices[T](r, s)
		var first []T
		for _, cores := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(cores)
			got := slices.Clone(c)
			f.gemm(s.tA, s.tB, s.m, s.n, s.k, 1.5, a, lda, b, ldb, 0.5, got, ldc)
			if first == nil {
				first = got
			}
			if !same(first, got) {
				t.Errorf("%s %v: the result on %d cores differs from that on one", f.name, s, cores)
			}
		}
	}
}

// Routines allocate nothing once their buffers exist.
func TestAllocations(t *testing.T) {
	raced.SkipAllocations(t)
	forEachSet(t, func(t *testing.T) {
		testAllocations(t, doubles)
		testAllocations(t, singles)
	})
}

func testAllocations[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, tA := range []Transpose{NoTrans, Trans} {
		for _, tB := range []Transpose{NoTrans, Trans} {
			for _, s := range []shape{{tA, tB, 5, 7, 9, 0}, {tA, tB, 64, 128, 784, 0}, {tA, tB, 150, 150, 300, 1}} {
				if testing.Short() && s.m*s.n*s.k > 1_000_000 {
					continue
				}
				a, b, c, lda, ldb, ldc := matrices[T](r, s)
				if n := testing.AllocsPerRun(5, func() {
					f.gemm(s.tA, s.tB, s.m, s.n, s.k, 1, a, lda, b, ldb, 1, c, ldc)
				}); n != 0 {
					t.Errorf("%s Gemm %v allocates %v times", f.name, s, n)
				}
			}
		}
	}
	a, c, x, y := random[T](r, 1000*300), random[T](r, 300*300), random[T](r, 1000), random[T](r, 1000)
	for name, run := range map[string]func(){
		"Gemv":  func() { f.gemv(NoTrans, 1000, 300, 1, a, 300, x, 1, 1, y, 1) },
		"GemvT": func() { f.gemv(Trans, 1000, 300, 1, a, 300, x, 1, 1, y, 1) },
		"Syrk":  func() { f.syrk(blas.Lower, Trans, 300, 1000, 1, a, 300, 0, c, 300) },
		"Thin":  func() { f.gemm(NoTrans, NoTrans, 1000, 1, 300, 1, a, 300, x, 1, 0, y, 1) },
		"Nrm2":  func() { f.nrm2(1000, x, 1) },
		"Ger":   func() { f.ger(1000, 300, 1e-3, x, 1, y, 1, a, 300) },
		"Dot":   func() { f.dot(1000, x, 1, y, 1) },
		"Axpy":  func() { f.axpy(1000, 1e-3, x, 1, y, 1) },
		"Scal":  func() { f.scal(1000, 1, x, 1) },
	} {
		if n := testing.AllocsPerRun(5, run); n != 0 {
			t.Errorf("%s %s allocates %v times", f.name, name, n)
		}
	}
}

// AllocsPerRun allows one core only, so the products on several are counted here.
func TestAllocationsParallel(t *testing.T) {
	if testing.Short() {
		t.Skip("600 large products take a minute where the processor is emulated")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	defer crew.Fix(1)() // everything is shared
	s := shape{NoTrans, Trans, 130, 140, 300, 1}
	a, b, c, lda, ldb, ldc := matrices[float64](rand.New(rand.NewPCG(9, 10)), s)
	const runs = 300 // enough that new threads of the runtime do not count
	var before, after runtime.MemStats
	for i := range 2 * runs {
		if i == runs {
			runtime.ReadMemStats(&before)
		}
		ours.Dgemm(s.tA, s.tB, s.m, s.n, s.k, 1, a, lda, b, ldb, 0, c, ldc)
	}
	runtime.ReadMemStats(&after)
	if n := (after.Mallocs - before.Mallocs) / runs; n != 0 {
		t.Errorf("a product on four cores allocates %d times", n)
	}
}
