// Package blas multiplies matrices and vectors at the speed of the machine: it
// implements gonum's blas.Float64 and blas.Float32 with kernels for AVX-512 and
// for AVX2 with FMA, without cgo, and functions of vectors beside them. The best that the CPU and the system run is
// chosen at start. On other machines, and with the build tag noasm, the same
// algorithms run in Go.
//
// # Use
//
// One line makes all of gonum faster, gonum/mat and gonum/lapack included:
//
//	blas64.Use(blas.Implementation{})
//	blas32.Use(blas.Implementation{})
//
// The packages of this library do not register anything in a user's program:
// they call [Gemm] and [Gemv], which take gonum's blas64 types.
//
// # What is faster
//
// Gemm, Syrk, Trsm, Gemv, Ger, Dot, Nrm2, Axpy and Scal, in both precisions; all
// other routines are gonum's, and so is Trsm with the triangle on the right or an
// alpha that is not 1. Dot, Nrm2, Axpy, Scal and Gemv take increments of 1 and
// leave others to gonum, too.
//
// A product is formed in tiles of C whose sums stay in registers: 8×16 elements
// of float64 with AVX-512, 4×12 with AVX2. A step of the innermost loop loads
// one row of B and multiplies it with one element of each row of A. A block of
// B of up to 512 rows and 1024 columns is copied so that a tile reads it in
// sequence, if it is used often enough. Rows of A are read where they are, unless
// they lie so that the first cache cannot hold them side by side. The sums are
// added to C with alpha and beta in one go.
// With AVX-512, a vector holds eight rows of one column where there are up to 16
// columns; one column, or one row, is a product of a matrix and a vector.
// (Goto and van de Geijn, Anatomy of high-performance matrix multiplication,
// ACM Transactions on Mathematical Software 34, 2008; Van Zee and van de Geijn,
// BLIS, ibid. 41, 2015.)
//
// # Functions of vectors
//
// [Exp], [Log], [Tanh], [Sigmoid] and [Softplus] compute 4 to 16 elements at a
// time, to 1 or 2 units in the last place of the result, from the smallest
// number to the largest, and so does [LogisticLoss] with its derivative. [ReLU],
// [ReLUGrad], [BiasReLU], [Axpby], [Narrow], [AddNarrow], [MaxSquares],
// [MaxSquaresGrad] and [Adam] are the passes over memory that a step of training
// consists of besides products. They run on the caller's goroutine alone, and so
// does [Dots], a Gemv for matrices that come from memory, and [SumProducts] and
// [AddProducts], sums in twice the precision. [CopyRuns] copies many
// short rows, and [AddRuns] adds them.
//
// # Cores
//
// Work is divided among GOMAXPROCS goroutines where that pays: a product by rows
// or columns of C, never along the sum. How long products take is measured, and so
// is how long it takes until a helper has come: a product that takes one core less
// than four times as long, or less than ten microseconds, is not divided. A
// goroutine that has helped looks for more work for a fifth of a millisecond before
// it ends, since to wake a core takes longer than many a product. Nothing is allocated
// once the buffers have grown: they, and the goroutines' tasks, are kept for
// the next call.
//
// # Results
//
// On one machine a result depends on the arguments alone, not on the number of
// cores. Between kinds of CPU, and against gonum, the last bits differ: sums
// are formed in another order, and a multiply-add rounds once. Any order of k
// products has an error of at most γ·Σ|a||b|, γ ≈ k·ε (Higham, Accuracy and
// stability of numerical algorithms, section 3.1), and the tests hold both
// sides to it.
//
// Infinities and NaNs come out as from gonum, whose Gemm skips the zeros of
// A unless B alone is transposed, so that 0·∞ adds nothing: a tile whose sums
// may be NaN is formed again in Go, by that rule. Data full of NaNs is
// therefore slow. C is not read when beta is 0. Wrong arguments panic with
// gonum's messages.
//
// In one place gonum's result is not followed: its assembly for Ger is wrong
// for negative increments on amd64 (v0.17), and this one is not.
//
// # Limits
//
// A product of two to seven rows costs as much as one of eight. The complex
// routines are gonum's.
// The tiles were chosen by measuring on a Zen 4; a README beside the source
// has the figures.
package blas
