package blas

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/raced"
)

// increments are the steps through vectors; what is not 1 is gonum's work.
var increments = []int{1, 1, 2, -1, -3}

// strided returns a vector of n elements with an increment.
func strided[T element](r *rand.Rand, n, inc int) []T {
	return random[T](r, max(0, (n-1)*max(inc, -inc)+1))
}

// equal compares elementwise, within a bound of γ times the sum of absolute
// values, which the caller computes with gonum's routine.
func equal[T element](t *testing.T, what string, got, want, bound []T, gamma float64) {
	t.Helper()
	for j := range got {
		if !near(got[j], want[j], gamma*float64(bound[j])) {
			t.Fatalf("%s: element %d is %v, want %v", what, j, got[j], want[j])
		}
	}
}

func TestVectors(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testVectors(t, doubles)
		testVectors(t, singles)
	})
}

func testVectors[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 131 {
		for i, incX := range increments {
			incY := increments[(i+n)%5]
			alpha := []T{1, 0, -0.75}[(n+i)%3]
			size := T(math.Abs(float64(alpha)))
			x, y := strided[T](r, n, incX), strided[T](r, n, incY)
			gamma := 2 * float64(n+3) * f.eps

			bound := []T{f.gonumDot(n, abs(x), incX, abs(y), incY)}
			equal(t, f.name+" Dot", []T{f.dot(n, x, incX, y, incY)}, []T{f.gonumDot(n, x, incX, y, incY)}, bound, gamma)

			got, want, limit := slices.Clone(y), slices.Clone(y), abs(y)
			f.axpy(n, alpha, x, incX, got, incY)
			f.gonumAxpy(n, alpha, x, incX, want, incY)
			f.gonumAxpy(n, size, abs(x), incX, limit, incY)
			equal(t, f.name+" Axpy", got, want, limit, 4*f.eps)

			got, want = slices.Clone(x), slices.Clone(x)
			f.scal(n, alpha, got, incX)
			f.gonumScal(n, alpha, want, incX)
			if !same(got, want) {
				t.Fatalf("%s Scal n=%d inc=%d: %v, want %v", f.name, n, incX, got, want)
			}
		}
	}
}

func TestMatrixVector(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testMatrixVector(t, doubles)
		testMatrixVector(t, singles)
	})
}

func testMatrixVector[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 3 * 131 {
		m, n := i%131, r.IntN(131)
		switch {
		case i >= 390:
			m, n = 700+i%7, 400-i%5
		case i >= 131:
			m, n = n, m
		}
		tA := []Transpose{NoTrans, Trans, ConjTrans}[r.IntN(3)]
		incX, incY := increments[r.IntN(5)], increments[r.IntN(5)]
		alpha, beta := []T{1, -0.75, 0}[r.IntN(3)], []T{0, 1, 0.5}[r.IntN(3)]
		lda := max(1, n) + r.IntN(3)
		lenX, lenY := m, n
		if tA == NoTrans {
			lenX, lenY = n, m
		}
		a, x, y := random[T](r, max(0, (m-1)*lda+n)), strided[T](r, lenX, incX), strided[T](r, lenY, incY)
		if beta == 0 && alpha != 0 && incY == 1 {
			for j := range y {
				y[j] = T(math.NaN()) // what must not be read
			}
		}
		size := T(math.Abs(float64(alpha)))
		gamma := 2 * float64(m+n+3) * f.eps

		got, want, bound := slices.Clone(y), slices.Clone(y), abs(y)
		f.gemv(tA, m, n, alpha, a, lda, x, incX, beta, got, incY)
		f.gonumGemv(tA, m, n, alpha, a, lda, x, incX, beta, want, incY)
		f.gonumGemv(tA, m, n, size, abs(a), lda, abs(x), incX, beta, bound, incY)
		equal(t, f.name+" Gemv", got, want, bound, gamma)

	}
}

// Ger is compared with its definition: gonum's assembly is wrong for negative
// increments.
func TestGer(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		testGer(t, doubles)
		testGer(t, singles)
	})
}

func testGer[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(9, 10))
	at := func(v []T, n, inc, i int) T {
		if inc < 0 {
			i -= n - 1
		}
		return v[i*inc]
	}
	for i := range 400 {
		if testing.Short() && i < 393 && i%4 != 0 { // where the processor is emulated
			continue
		}
		m, n := r.IntN(131), i%131
		if i >= 393 {
			m, n = 400+i, 300+i
		}
		incX, incY := increments[r.IntN(5)], increments[r.IntN(5)]
		alpha, lda := []T{1, -0.75, 0}[i%3], max(1, n)+r.IntN(3)
		a, x, y := random[T](r, max(0, (m-1)*lda+n)), strided[T](r, m, incX), strided[T](r, n, incY)
		got, want, bound := slices.Clone(a), slices.Clone(a), abs(a)
		f.ger(m, n, alpha, x, incX, y, incY, got, lda)
		for i := range m {
			for j := range n {
				v := alpha * at(x, m, incX, i) * at(y, n, incY, j)
				want[i*lda+j] += v
				bound[i*lda+j] += max(v, -v)
			}
		}
		equal(t, f.name+" Ger", got, want, bound, 4*f.eps)
	}
}

// The same bits come out whatever the number of cores.
func TestMatrixVectorCores(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testMatrixVectorCores(t, doubles)
		testMatrixVectorCores(t, singles)
	})
}

func testMatrixVectorCores[T element](t *testing.T, f routines[T]) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer crew.Fix(1)() // everything is shared
	r := rand.New(rand.NewPCG(5, 6))
	const m, n = 803, 603
	a, x, y := random[T](r, m*n), random[T](r, m), random[T](r, m)
	var first [3][]T
	for _, cores := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(cores)
		got := [3][]T{slices.Clone(y), slices.Clone(y), slices.Clone(a)}
		f.gemv(NoTrans, m, n, 1.5, a, n, x, 1, 0.5, got[0], 1)
		f.gemv(Trans, m, n, 1.5, a, n, x, 1, 0.5, got[1], 1)
		f.ger(m, n, 1.5, x, 1, y, 1, got[2], n)
		if first[0] == nil {
			first = got
		}
		for i, name := range []string{"Gemv", "Gemv of the transpose", "Ger"} {
			if !same(first[i], got[i]) {
				t.Errorf("%s %s: the result on %d cores differs from that on one", f.name, name, cores)
			}
		}
	}
}

// Infinities and NaNs come out as they do from gonum's routines.
func TestVectorSpecialValues(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testVectorSpecial(t, doubles)
		testVectorSpecial(t, singles)
	})
}

func testVectorSpecial[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(7, 8))
	special := []T{T(math.NaN()), T(math.Inf(1)), T(math.Inf(-1)), 0, 0}
	for i := range 500 {
		m, n := 1+r.IntN(40), 1+r.IntN(40)
		k := max(m, n)
		a, x, y := random[T](r, m*n), random[T](r, k), random[T](r, k)
		for _, v := range [][]T{a, x, y} {
			for range 1 + r.IntN(2) {
				v[r.IntN(len(v))] = special[r.IntN(len(special))]
			}
		}
		alpha := []T{1, 2, T(math.NaN()), T(math.Inf(1)), 0}[i%5]
		beta := []T{1, 0, 0.5, T(math.NaN()), T(math.Inf(-1)), 1, 1}[i%7]
		check := func(what string, got, want []T) {
			t.Helper()
			for j := range got {
				if !near(got[j], want[j], 1e-3) {
					t.Fatalf("%s %s m=%d n=%d alpha=%v beta=%v: element %d is %v, want %v", f.name, what, m, n, alpha, beta, j, got[j], want[j])
				}
			}
		}
		check("Dot", []T{f.dot(k, x, 1, y, 1)}, []T{f.gonumDot(k, x, 1, y, 1)})
		for what, run := range map[string][2]func(y []T){
			"Axpy":  {func(y []T) { f.axpy(k, alpha, x, 1, y, 1) }, func(y []T) { f.gonumAxpy(k, alpha, x, 1, y, 1) }},
			"Scal":  {func(y []T) { f.scal(k, alpha, y, 1) }, func(y []T) { f.gonumScal(k, alpha, y, 1) }},
			"GemvN": {func(y []T) { f.gemv(NoTrans, m, n, alpha, a, n, x, 1, beta, y, 1) }, func(y []T) { f.gonumGemv(NoTrans, m, n, alpha, a, n, x, 1, beta, y, 1) }},
			"GemvT": {func(y []T) { f.gemv(Trans, m, n, alpha, a, n, x, 1, beta, y[:n], 1) }, func(y []T) { f.gonumGemv(Trans, m, n, alpha, a, n, x, 1, beta, y[:n], 1) }},
		} {
			got, want := slices.Clone(y), slices.Clone(y)
			run[0](got)
			run[1](want)
			check(what, got, want)
		}
		got, want := slices.Clone(a), slices.Clone(a)
		f.ger(m, n, alpha, x, 1, y, 1, got, n)
		f.gonumGer(m, n, alpha, x, 1, y, 1, want, n)
		check("Ger", got, want)
	}
}
