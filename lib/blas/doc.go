// Package blas multiplies matrices and vectors at the speed of the machine. It
// implements gonum's blas.Float64 and blas.Float32 with kernels for AVX-512, for AVX2
// with FMA, and for NEON on arm64, without cgo, and has vectorised elementary
// functions. The best kernels that the CPU and the operating system support are chosen
// at start. On other machines, and with the build tag noasm, the same algorithms run
// in Go.
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
// other routines are gonum's. So is Trsm with an alpha other than 1. For increments
// other than 1, Dot, Nrm2, Axpy, Scal and Gemv are gonum's too.
//
// A product is computed in tiles of C whose sums stay in registers: 8×16 or 12×16 elements
// of float64 with AVX-512, 4×12 with AVX2 and NEON. Each step of the innermost loop loads
// one row of B and multiplies it by one element of each row of A. A block of B of
// up to 512 rows and 768 kB, as much as a second cache has room for, is copied so that
// a tile reads it in sequence, if it is used often enough. Rows of A are read in place, unless their addresses
// conflict in the first-level cache. Alpha, beta and the sums are applied to C in
// one pass. For up to 16 columns, AVX-512 vectors hold eight rows of one column;
// a single column or row is a product of a matrix and a vector. (Goto and van de
// Geijn, Anatomy of high-performance matrix multiplication, ACM Transactions on
// Mathematical Software 34, 2008; Van Zee and van de Geijn, BLIS, ibid. 41,
// 2015.)
//
// # Functions of vectors
//
// [Exp], [Log], [Tanh], [Sigmoid], [Softplus] and [LogisticLoss] compute 4 to 16
// elements at a time, to 1 or 2 units in the last place over the whole range of
// arguments. [ReLU], [ReLUGrad], [BiasReLU], [Axpby], [Narrow], [AddNarrow],
// [MaxSquares], [MaxSquaresGrad], [Adam] and [AdamNarrow] are the other operations of a
// training step. [Dots] is a Gemv for matrices that are not in the cache.
// [SumProducts] and [AddProducts] are sums in twice the precision.
// [Max], [ExpScaled] and [SoftmaxGrad] are the steps of a softmax, [Squares],
// [Normalize], [NormalizeGrad] and [Center] those of a normalisation; [GELU],
// [SwiGLU], their gradients, [Rotate] and [Sum] are the rest of a transformer.
// [LSTM], [GRU] and their gradients are the steps of recurrent layers.
// [CopyRuns] copies many short rows, and [AddRuns] adds them. All of these run
// on the caller's goroutine.
//
// # Cores
//
// Work is divided among GOMAXPROCS goroutines if that pays: a product by rows or
// columns of C, never along the sum. How long products take is measured, and so is
// how long it takes until a helper has come: a product that takes one core less
// than four times as long, or less than ten microseconds, is not divided. A
// helping goroutine waits for more work for a fifth of a millisecond before it
// ends, since waking a core takes longer than many products. Buffers and tasks are
// reused, so nothing is allocated once the buffers have grown.
//
// # Results
//
// On one machine a result depends only on the arguments, not on the number of
// cores. Between kinds of CPU, and compared with gonum, the last bits differ:
// sums are computed in another order, and a fused multiply-add rounds once.
// Any order of k products has an error of at most γ·Σ|a||b|, γ ≈ k·ε (Higham,
// Accuracy and stability of numerical algorithms, section 3.1), and the tests
// check both against it.
//
// Infinities and NaNs give the same results as gonum, whose Gemm skips the
// zeros of A unless only B is transposed, so that 0·∞ adds nothing. A tile
// whose sums may be NaN is computed again in Go by that rule, so data full of
// NaNs is slow. C is not read when beta is 0. Invalid arguments panic with
// gonum's messages.
//
// There is one exception: gonum's assembly for Ger is wrong for negative
// increments on amd64 (v0.17); this package is correct.
//
// # Limits
//
// A product of two to seven rows costs as much as one of eight. The complex
// routines are gonum's. The tiles were chosen by measuring on a Zen
// 4; README.md in this folder has the figures. Those of arm64 could only be tested on
// an emulator and their instructions counted. [MaxSquares], [AddRuns], [SumProducts],
// [AddProducts], the statistics and Prefetch have no kernel there.
package blas
