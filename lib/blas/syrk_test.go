package blas

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/raced"
)

// symmetric is one call of Syrk.
type symmetric struct {
	ul   blas.Uplo
	t    Transpose
	n, k int
	pad  int
}

// operands returns A and C, and their leading dimensions.
func operands[T element](r *rand.Rand, s symmetric) (a, c []T, lda, ldc int) {
	a, _, c, lda, _, ldc = matrices[T](r, shape{s.t, NoTrans, s.n, s.n, s.k, s.pad})
	return a, c, lda, ldc
}

// The other triangle is left alone, and the bound is that of Gemm.
func TestSyrk(t *testing.T) {
	raced.SkipValues(t)
	forEachSet(t, func(t *testing.T) {
		testSyrk(t, doubles)
		testSyrk(t, singles)
	})
}

func testSyrk[T element](t *testing.T, f routines[T]) {
	r := rand.New(rand.NewPCG(1, 2))
	scalars := []T{1, 0, -1, 0.75, -2.5}
	for i := range 4 * 131 {
		s := symmetric{[]blas.Uplo{blas.Upper, blas.Lower}[i%2], []Transpose{NoTrans, Trans}[i/2%2], i / 4, r.IntN(90), r.IntN(4)}
		if i < 4 {
			s.n, s.k = 300, 270
		}
		alpha, beta := scalars[(i+i/5)%5], scalars[i%5]
		a, c, lda, ldc := operands[T](r, s)
		got, want, bound := slices.Clone(c), slices.Clone(c), abs(c)
		f.syrk(s.ul, s.t, s.n, s.k, alpha, a, lda, beta, got, ldc)
		f.gonumSyrk(s.ul, s.t, s.n, s.k, alpha, a, lda, beta, want, ldc)
		f.gonumSyrk(s.ul, s.t, s.n, s.k, T(math.Abs(float64(alpha))), abs(a), lda, T(math.Abs(float64(beta))), bound, ldc)
		gamma := 2 * float64(s.k+3) * f.eps
		for j := range got {
			row, col := j/ldc, j%ldc
			if other := col < row == (s.ul == blas.Upper) && col != row; (other || col >= s.n) && bits(got[j]) != bits(c[j]) {
				t.Fatalf("%s %v: wrote at (%d, %d), outside of the triangle", f.name, s, row, col)
			}
			if !near(got[j], want[j], gamma*float64(bound[j])) {
				t.Fatalf("%s %v alpha=%v beta=%v: c[%d, %d] = %v, want %v", f.name, s, alpha, beta, row, col, got[j], want[j])
			}
		}
	}
}

// Infinities and NaNs stand where they stand in gonum's result.
func TestSyrkSpecialValues(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 0, 0, 0}
		for i := range 200 {
			s := symmetric{[]blas.Uplo{blas.Upper, blas.Lower}[i%2], []Transpose{NoTrans, Trans}[i/2%2], 1 + r.IntN(40), 1 + r.IntN(30), 1}
			a, c, lda, ldc := operands[float64](r, s)
			for j := r.IntN(60); j < len(a); j += 1 + r.IntN(60) {
				a[j] = special[r.IntN(len(special))]
			}
			got, want := slices.Clone(c), slices.Clone(c)
			ours.Dsyrk(s.ul, s.t, s.n, s.k, 0.5, a, lda, float64(i%3), got, ldc)
			reference.Dsyrk(s.ul, s.t, s.n, s.k, 0.5, a, lda, float64(i%3), want, ldc)
			for j := range got {
				if !near(got[j], want[j], 1e-12) {
					t.Fatalf("%v: c[%d, %d] = %v, want %v", s, j/ldc, j%ldc, got[j], want[j])
				}
			}
		}
	})
}

// The same bits come out whatever the number of cores, also where a tile across the
// diagonal is one beside it when the rows are divided otherwise.
func TestSyrkCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer crew.Fix(1)() // everything is shared
	forEachSet(t, func(t *testing.T) {
		for _, s := range []symmetric{{blas.Upper, NoTrans, 203, 100, 1}, {blas.Lower, Trans, 203, 100, 1}, {blas.Upper, NoTrans, 40, 100, 1}, {blas.Lower, NoTrans, 777, 9, 1}} {
			a, c, lda, ldc := operands[float64](rand.New(rand.NewPCG(5, 6)), s)
			var first []float64
			for _, cores := range []int{1, 2, 3, 8, 50} {
				runtime.GOMAXPROCS(cores)
				got := slices.Clone(c)
				ours.Dsyrk(s.ul, s.t, s.n, s.k, 1.7, a, lda, 0.3, got, ldc)
				if first == nil {
					first = got
				}
				if !same(first, got) {
					t.Errorf("%v: the result on %d cores differs from that on one", s, cores)
				}
			}
		}
	})
}

// Norms neither overflow nor lose digits on the way.
func TestNorm(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		testNorm(t, doubles, []float64{1, 0x1p-600, 0x1p600, 0x1p-1060, 0, math.Inf(1), math.NaN()})
		testNorm(t, singles, []float32{1, 0x1p-80, 0x1p80, 0x1p-140, 0, float32(math.Inf(-1)), float32(math.NaN())})
	})
}

func testNorm[T element](t *testing.T, f routines[T], scales []T) {
	r := rand.New(rand.NewPCG(7, 8))
	for n := range 131 {
		for _, scale := range scales {
			x := random[T](r, n)
			for i := range x {
				x[i] *= scale
			}
			got, want := f.nrm2(n, x, 1), f.gonumNrm2(n, x, 1)
			if !near(got, want, float64(n+3)*f.eps*float64(want)) {
				t.Fatalf("%s Nrm2 of %d numbers of size %v is %v, want %v", f.name, n, scale, got, want)
			}
		}
	}
}
