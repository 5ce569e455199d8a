package blas_test

import (
	"math"
	"math/rand/v2"
	"testing"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/blas"
)

// timedNumbers returns n numbers between −1 and 1.
func timedNumbers[T float32 | float64](n int, seed uint64) []T {
	r, x := rand.New(rand.NewPCG(uint64(n), seed)), make([]T, n)
	for i := range x {
		x[i] = T(2*r.Float64() - 1)
	}
	return x
}

// vectors makes a benchmark of what is done with up to four vectors of n numbers, of
// which the first may be written.
func vectors[T float32 | float64](run func(a, b, c, d []T)) func(n int) func() {
	return func(n int) func() {
		a, b, c, d := timedNumbers[T](n, 1), timedNumbers[T](n, 2), timedNumbers[T](n, 3), timedNumbers[T](n, 4)
		return func() { run(a, b, c, d) }
	}
}

// maps makes a benchmark of an elementwise function.
func maps(f func(dst, x []float64)) func(n int) func() {
	return vectors(func(a, b, _, _ []float64) { f(a, b) })
}

// timedColumns is the number of columns of the matrices of n rows.
const timedColumns = 64

// timedMatrices are A of n rows, B that is square, and C that is a product of the two.
type timedMatrices[T float32 | float64] struct{ a, b, c []T }

func matrices[T float32 | float64](run func(n int, m timedMatrices[T])) func(n int) func() {
	return func(n int) func() {
		m := timedMatrices[T]{timedNumbers[T](n*timedColumns, 1), timedNumbers[T](timedColumns*timedColumns, 2), make([]T, n*timedColumns)}
		clear(m.c) // so that its pages are there
		return func() { run(n, m) }
	}
}

// blockClasses is the number of classes of the blocks of about n rows.
const blockClasses = 8

func blocks(run func(b, x blas.Block, own []float64, r blas.SoftmaxRows)) func(n int) func() {
	return func(n int) func() {
		rows := max(blas.Octet, n&^(blas.Octet-1))
		b, x, own := make(blas.Block, rows*blockClasses), timedNumbers[float64](rows*blockClasses, 1), make([]float64, rows)
		r := blas.SoftmaxRows{Loss: make([]float64, rows), Scale: timedNumbers[float64](rows, 2), Top: make([]float64, rows), LogZ: make([]float64, rows)}
		return func() {
			if blas.Blocks() {
				run(b, x, own, r)
			}
		}
	}
}

// unit makes B the triangle of a unit matrix: what is solved with it stays as large.
func unit[T float32 | float64](m timedMatrices[T]) []T {
	clear(m.b)
	for j := range timedColumns {
		m.b[j*timedColumns+j] = 1
	}
	return m.b
}

// timedPlaces are those of 64 rows of n numbers, one after the other.
func timedPlaces(n int) []int {
	at := make([]int, p)
	for l := range at {
		at[l] = l * n
	}
	return at
}

func general(rows int, data []float64) blas64.General {
	return blas64.General{Rows: rows, Cols: len(data) / rows, Stride: len(data) / rows, Data: data}
}

func vector(data []float64) blas64.Vector { return blas64.Vector{N: len(data), Inc: 1, Data: data} }

const (
	no, yes = gonum.NoTrans, gonum.Trans
	p       = timedColumns
)

// Of functions for both precisions float64 is timed, which has half as many numbers in
// a register. Those that decline without a kernel take no time there.
var benchmarks = timed.List{
	// Products, of n rows and 64 columns.
	"Gemm": matrices(func(n int, m timedMatrices[float64]) {
		blas.Gemm(no, no, 1, general(n, m.a), general(p, m.b), 0, general(n, m.c))
	}),
	"Implementation.Dgemm": matrices(func(n int, m timedMatrices[float64]) { // AᵀA: a sum over the rows
		blas.Implementation{}.Dgemm(yes, no, p, p, n, 1, m.a, p, m.a, p, 0, m.b, p)
	}),
	"Implementation.Sgemm": matrices(func(n int, m timedMatrices[float32]) {
		blas.Implementation{}.Sgemm(no, yes, n, p, p, 1, m.a, p, m.b, p, 0, m.c, p)
	}),
	"Syrk": matrices(func(n int, m timedMatrices[float64]) {
		blas.Syrk(yes, 1, general(n, m.a), 0, blas64.Symmetric{N: p, Stride: p, Data: m.b, Uplo: gonum.Upper})
	}),
	"Implementation.Dsyrk": matrices(func(n int, m timedMatrices[float64]) {
		blas.Implementation{}.Dsyrk(gonum.Lower, yes, p, n, 1, m.a, p, 0, m.b, p)
	}),
	"Implementation.Ssyrk": matrices(func(n int, m timedMatrices[float32]) {
		blas.Implementation{}.Ssyrk(gonum.Upper, yes, p, n, 1, m.a, p, 0, m.b, p)
	}),
	"Trsm": matrices(func(n int, m timedMatrices[float64]) {
		blas.Trsm(gonum.Right, no, 1, blas64.Triangular{N: p, Stride: p, Data: unit(m), Uplo: gonum.Upper, Diag: gonum.NonUnit}, general(n, m.a))
	}),
	"Implementation.Dtrsm": matrices(func(n int, m timedMatrices[float64]) {
		blas.Implementation{}.Dtrsm(gonum.Left, gonum.Lower, no, gonum.NonUnit, p, n, 1, unit(m), p, m.a, n)
	}),
	"Implementation.Strsm": matrices(func(n int, m timedMatrices[float32]) {
		blas.Implementation{}.Strsm(gonum.Right, gonum.Upper, no, gonum.NonUnit, n, p, 1, unit(m), p, m.a, p)
	}),
	"Gemv": matrices(func(n int, m timedMatrices[float64]) {
		blas.Gemv(no, 1, general(n, m.a), vector(m.b[:p]), 0, vector(m.c[:n]))
	}),
	"Implementation.Dgemv": matrices(func(n int, m timedMatrices[float64]) {
		blas.Implementation{}.Dgemv(yes, n, p, 1, m.a, p, m.c[:n], 1, 0, m.b, 1)
	}),
	"Implementation.Sgemv": matrices(func(n int, m timedMatrices[float32]) {
		blas.Implementation{}.Sgemv(no, n, p, 1, m.a, p, m.b, 1, 0, m.c, 1)
	}),
	"Dots": matrices(func(n int, m timedMatrices[float64]) { blas.Dots(general(n, m.a), m.b[:p], m.c[:n]) }),
	"Implementation.Dger": matrices(func(n int, m timedMatrices[float64]) {
		blas.Implementation{}.Dger(n, p, 1e-9, m.a[:n], 1, m.b, 1, m.c, p)
	}),
	"Implementation.Sger": matrices(func(n int, m timedMatrices[float32]) {
		blas.Implementation{}.Sger(n, p, 1e-9, m.a[:n], 1, m.b, 1, m.c, p)
	}),
	"CopyTransposed":     matrices(func(n int, m timedMatrices[float64]) { blas.CopyTransposed(m.c, m.a, n, p) }),
	"CopyTransposedRows": matrices(func(n int, m timedMatrices[float64]) { blas.CopyTransposedRows(m.c, n, m.a, p, n, p) }),
	"ProductAt": matrices(func(n int, m timedMatrices[float32]) { // as many columns of the second matrix as n
		blas.ProductAt(p, n, m.b, p, m.a, timedPlaces(n), nil, m.c, n, 1, 0, 0)
	}),

	// Vectors of n numbers.
	"Implementation.Ddot":  vectors(func(a, b, _, _ []float64) { blas.Implementation{}.Ddot(len(a), a, 1, b, 1) }),
	"Implementation.Sdot":  vectors(func(a, b, _, _ []float32) { blas.Implementation{}.Sdot(len(a), a, 1, b, 1) }),
	"Implementation.Dnrm2": vectors(func(a, _, _, _ []float64) { blas.Implementation{}.Dnrm2(len(a), a, 1) }),
	"Implementation.Snrm2": vectors(func(a, _, _, _ []float32) { blas.Implementation{}.Snrm2(len(a), a, 1) }),
	"Implementation.Daxpy": vectors(func(a, b, _, _ []float64) { blas.Implementation{}.Daxpy(len(a), 1e-9, b, 1, a, 1) }),
	"Implementation.Saxpy": vectors(func(a, b, _, _ []float32) { blas.Implementation{}.Saxpy(len(a), 1e-9, b, 1, a, 1) }),
	"Implementation.Dscal": vectors(func(a, _, _, _ []float64) { blas.Implementation{}.Dscal(len(a), -1, a, 1) }),
	"Implementation.Sscal": vectors(func(a, _, _, _ []float32) { blas.Implementation{}.Sscal(len(a), -1, a, 1) }),
	"Axpby":                vectors(func(a, b, _, _ []float64) { blas.Axpby(0.1, b, 0.9, a) }),
	"AddScaled":            vectors(func(a, b, _, _ []float64) { blas.AddScaled(a, 1e-9, b) }),
	"Sum":                  vectors(func(a, b, c, _ []float64) { blas.Sum(a, b, c) }),
	"SumProducts":          vectors(func(a, b, _, _ []float64) { blas.SumProducts(a, b) }),
	"SumExactly":           vectors(func(a, _, _, _ []float64) { blas.SumExactly(a) }),
	"AddProducts":          vectors(func(a, b, c, _ []float64) { blas.AddProducts(a, b, 1e-9, 1e-26, c) }),
	"Max":                  vectors(func(a, _, _, _ []float64) { blas.Max(a) }),
	"Squares":              vectors(func(a, _, _, _ []float64) { blas.Squares(a, 0.1) }),
	"Divide":               vectors(func(a, _, _, _ []float64) { blas.Divide(a, -1) }),
	"Standardize":          vectors(func(a, b, c, _ []float64) { blas.Standardize(a, b, c) }),
	"FillNaN": func(n int) func() {
		x, fill := timedNumbers[float64](n, 1), timedNumbers[float64](n, 2)
		return func() {
			x[n/2] = math.NaN()
			blas.FillNaN(x, fill)
		}
	},
	"Prefetch":   vectors(func(a, _, _, _ []float64) { blas.Prefetch(a) }),
	"PrefetchL2": vectors(func(a, _, _, _ []float64) { blas.PrefetchL2(a) }),
	"Narrow": func(n int) func() {
		x, narrow := timedNumbers[float64](n, 1), make([]float32, n)
		return func() { blas.Narrow(narrow, x) }
	},
	"AddNarrow": func(n int) func() {
		x, narrow := make([]float64, n), timedNumbers[float32](n, 1)
		return func() { blas.AddNarrow(x, narrow) }
	},
	"Widen": func(n int) func() {
		x, narrow := make([]float64, n), timedNumbers[float32](n, 1)
		return func() { blas.Widen(x, narrow) }
	},
	"Places": func(n int) func() { // about one byte in eight
		text, places := make([]byte, n), make([]uint32, n)
		for i, v := range timedNumbers[float64](n, 1) {
			text[i] = "a,bcde\nfghijklmn"[int(8*(v+1))]
		}
		return func() { blas.Places(places, text, ',', '\n') }
	},

	// Functions of each of n numbers.
	"Exp": maps(blas.Exp[float64]), "Tanh": maps(blas.Tanh[float64]), "Sigmoid": maps(blas.Sigmoid[float64]),
	"Softplus": maps(blas.Softplus[float64]), "ReLU": maps(blas.ReLU[float64]), "GELU": maps(blas.GELU[float64]),
	"Log": func(n int) func() {
		dst, x := make([]float64, n), timedNumbers[float64](n, 1)
		for i := range x {
			x[i] += 1.001
		}
		return func() { blas.Log(dst, x) }
	},
	"ExpScaled":        vectors(func(a, b, _, _ []float64) { blas.ExpScaled(a, b, 2, -2) }),
	"LogisticLoss":     vectors(func(a, b, c, d []float64) { blas.LogisticLoss(a, b, c, d, 1) }),
	"SquaredLoss":      vectors(func(a, b, c, d []float64) { blas.SquaredLoss(a, b, c, d) }),
	"HuberLoss":        vectors(func(a, b, c, d []float64) { blas.HuberLoss(a, b, c, d, 1) }),
	"SidedLoss":        vectors(func(a, b, c, d []float64) { blas.SidedLoss(a, b, c, d, -1, 1) }),
	"HingeLoss":        vectors(func(a, b, c, d []float64) { blas.HingeLoss(a, b, c, d) }),
	"SquaredHingeLoss": vectors(func(a, b, c, d []float64) { blas.SquaredHingeLoss(a, b, c, d) }),
	"PoissonLoss":      vectors(func(a, b, c, d []float64) { blas.PoissonLoss(a, b, c, d) }),
	"LogCoshLoss":      vectors(func(a, b, c, d []float64) { blas.LogCoshLoss(a, b, c, d) }),
	"FocalLoss":        vectors(func(a, b, c, d []float64) { blas.FocalLoss(a, b, c, d, 2, 0.25) }),
	"ReLUGrad":         vectors(func(a, b, c, _ []float64) { blas.ReLUGrad(a, b, c) }),
	"GELUGrad":         vectors(func(a, b, c, _ []float64) { blas.GELUGrad(a, b, c) }),
	"SoftmaxGrad":      vectors(func(a, b, _, _ []float64) { blas.SoftmaxGrad(a, b, 0.1, 1) }),
	"SwiGLU":           vectors(func(a, b, c, _ []float64) { blas.SwiGLU(a, b, c) }),
	"Rotate": func(n int) func() {
		a, b, cos, sin := timedNumbers[float64](n, 1), timedNumbers[float64](n, 2), make([]float64, n), make([]float64, n)
		for i := range cos {
			sin[i], cos[i] = math.Sincos(float64(i))
		}
		return func() { blas.Rotate(a, b, cos, sin) }
	},
	"Center": vectors(func(a, b, _, _ []float64) { blas.Center(a, b, 0.1, 0.1, 1) }),
	"SwiGLUGrad": func(n int) func() {
		du := make([]float64, n)
		return vectors(func(a, b, c, d []float64) { blas.SwiGLUGrad(a, du, b, c, d) })(n)
	},
	"Normalize": func(n int) func() {
		normal := make([]float64, n)
		return vectors(func(a, b, c, d []float64) { blas.Normalize(a, normal, b, c, d, 0.1, 2) })(n)
	},
	"NormalSums": vectors(func(a, b, c, _ []float64) {
		if blas.DividesNormalizeGrad[float64]() {
			blas.NormalSums(a, b, c)
		}
	}),
	"CenterScaled": vectors(func(a, b, c, d []float64) {
		if blas.DividesNormalizeGrad[float64]() {
			blas.CenterScaled(a, b, c, d, 0.5, 0.5, 0.9)
		}
	}),
	"NormalColumns": matrices(func(n int, m timedMatrices[float64]) {
		if blas.DividesNormalizeGrad[float64]() {
			blas.NormalColumns(m.b[:p], m.b[p:2*p], m.a, m.c, p, n)
		}
	}),
	"NormalizeGrad": func(n int) func() {
		dScale, dShift := make([]float64, n), make([]float64, n)
		return vectors(func(a, b, c, d []float64) { blas.NormalizeGrad(a, dScale, dShift, b, c, d) })(n)
	},
	"Adam": stepOf(func(theta, grad, m, v []float64) { blas.Adam(theta, grad, m, v, 0.9, 0.999, 1e-6, 1, 1e-8, 1) }),
	"AdamNarrow": func(n int) func() {
		narrow, rounded := make([]float32, n), make([]float32, n)
		return stepOf(func(theta, grad, m, v []float64) {
			blas.Narrow(narrow, grad)
			blas.AdamNarrow(theta, narrow, m, v, rounded, 0.9, 0.999, 1e-6, 1, 1e-8, 1)
		})(n)
	},
	"AMSGrad": func(n int) func() {
		most := make([]float64, n)
		return stepOf(func(theta, grad, m, v []float64) { blas.AMSGrad(theta, grad, m, v, most, 0.9, 0.999, 1e-6, 1, 1e-8, 1) })(n)
	},
	"Adagrad":   stepOf(func(theta, grad, m, _ []float64) { blas.Adagrad(theta, grad, m, 1e-6, 1e-8) }),
	"Adadelta":  stepOf(func(theta, grad, m, v []float64) { blas.Adadelta(theta, grad, m, v, 0.9, 1e-6, 1e-8) }),
	"Adamax":    stepOf(func(theta, grad, m, v []float64) { blas.Adamax(theta, grad, m, v, 0.9, 0.999, 1e-6, 1e-8) }),
	"AdaBelief": stepOf(func(theta, grad, m, v []float64) { blas.AdaBelief(theta, grad, m, v, 0.9, 0.999, 1e-6, 1, 1e-8) }),
	"Lion":      stepOf(func(theta, grad, m, _ []float64) { blas.Lion(theta, grad, m, 0.9, 0.99, 1e-6) }),
	"Momentum":  stepOf(func(theta, grad, m, _ []float64) { blas.Momentum(theta, grad, m, 0.9, 1, 1e-6) }),
	"Nesterov":  stepOf(func(theta, grad, m, _ []float64) { blas.Nesterov(theta, grad, m, 0.9, 1, 1e-6) }),
	"NAdam":     stepOf(func(theta, grad, m, v []float64) { blas.NAdam(theta, grad, m, v, 0.9, 0.99, 1e-6, 1e-6, 1, 1e-8) }),
	"Rprop":     stepOf(func(theta, grad, m, v []float64) { blas.Rprop(theta, grad, m, v, 0.5, 1.2, 1e-9, 1e-6) }),

	// A step of n units.
	"LSTM": func(n int) func() {
		gates := timedNumbers[float64](4*n, 5)
		return vectors(func(a, b, c, d []float64) { blas.LSTM(gates, b, a, c, d) })(n)
	},
	"LSTMGrad": func(n int) func() {
		grad, gates := make([]float64, 4*n), timedNumbers[float64](4*n, 5)
		return vectors(func(a, b, c, d []float64) { blas.LSTMGrad(grad, a, b, gates, c, d) })(n)
	},
	"GRU": func(n int) func() {
		gates, hidden := timedNumbers[float64](3*n, 5), timedNumbers[float64](3*n, 6)
		return vectors(func(a, b, _, _ []float64) { blas.GRU(gates, hidden, b, a) })(n)
	},
	"GRUGrad": func(n int) func() { // with a copy of dh, which would go to 0
		grad, dHidden := make([]float64, 3*n), make([]float64, 3*n)
		gates, hidden := timedNumbers[float64](3*n, 5), timedNumbers[float64](3*n, 6)
		return vectors(func(a, b, c, _ []float64) {
			copy(a, b)
			blas.GRUGrad(grad, dHidden, a, gates, hidden, c)
		})(n)
	},

	// n rows of short runs, of squares, of columns.
	"BiasReLU": matrices(func(_ int, m timedMatrices[float64]) { blas.BiasReLU(m.a, m.b[:p]) }),
	"CopyRuns": matrices(func(n int, m timedMatrices[float64]) { blas.CopyRuns(m.c, p, m.a, p, n, 12) }),
	"AddRuns":  matrices(func(n int, m timedMatrices[float64]) { blas.AddRuns(m.c, p, m.a, p, n, 12) }),
	"MaxSquares": func(n int) func() {
		y, x := make([]float64, n*10), timedNumbers[float64](n*40, 1)
		return func() { blas.MaxSquares(y, 10, x, 20) }
	},
	"MaxSquaresGrad": func(n int) func() {
		y, dy, x, dx := make([]float64, n*10), timedNumbers[float64](n*10, 2), timedNumbers[float64](n*40, 1), make([]float64, n*40)
		blas.MaxSquares(y, 10, x, 20)
		return func() { blas.MaxSquaresGrad(dx, dy, x, y, 10, 20) }
	},
	"Ranges": matrices(func(_ int, m timedMatrices[float64]) {
		var low, high, sum, count blas.Statistic
		blas.Ranges(m.a, p, blas.Octet, &low, &high, &sum, &count)
	}),
	"Block.ToClasses": blocks(func(b, x blas.Block, _ []float64, _ blas.SoftmaxRows) {
		b.ToClasses(x, blockClasses, len(x)/blockClasses, blockClasses)
	}),
	"Block.FromClasses": blocks(func(b, x blas.Block, _ []float64, _ blas.SoftmaxRows) {
		b.FromClasses(x, blockClasses, len(x)/blockClasses, blockClasses)
	}),
	"Block.SoftmaxLoss":       blocks(func(b, x blas.Block, _ []float64, r blas.SoftmaxRows) { b.SoftmaxLoss(x, x, blockClasses, r) }),
	"Block.SoftmaxDivergence": blocks(func(b, x blas.Block, _ []float64, r blas.SoftmaxRows) { b.SoftmaxDivergence(x, x, blockClasses, r) }),
	"Block.SoftmaxClass":      blocks(func(b, x blas.Block, own []float64, r blas.SoftmaxRows) { b.SoftmaxClass(x, own, blockClasses, r) }),
	"Block.Rivals":            blocks(func(_, x blas.Block, own []float64, r blas.SoftmaxRows) { x.Rivals(r.Top, r.LogZ, own, blockClasses) }),
	"Moments": matrices(func(_ int, m timedMatrices[float64]) {
		var sum, squares blas.Statistic
		blas.Moments(m.a, p, blas.Octet, &blas.Statistic{}, &blas.Statistic{1, 1, 1, 1, 1, 1, 1, 1}, &sum, &squares)
	}),
}

// stepOf is a step of an optimizer whose means begin at 0.
func stepOf(step func(theta, grad, m, v []float64)) func(n int) func() {
	return func(n int) func() {
		m, v := make([]float64, n), make([]float64, n)
		return vectors(func(a, b, _, _ []float64) { step(a, b, m, v) })(n)
	}
}

func BenchmarkTimed(b *testing.B) { benchmarks.Run(b) }

// TestEveryKernelIsTimed: what is exported has a benchmark at three sizes.
func TestEveryKernelIsTimed(t *testing.T) {
	benchmarks.Check(t, "DividesNormalizeGrad", "HasProductAt", "BlockLen", "Blocks") // of no numbers
	benchmarks.Once()
}
