package blas

import (
	"sync/atomic"

	"github.com/descent-go/descent/internal/crew"
)

// element is a precision.
type element interface{ float32 | float64 }

// tileOf computes a tile of C: c ← beta·c + alpha·a·b with k steps.
type tileOf[T element] func(k int, a *T, ra, ca int, b *T, rb int, c *T, rc, rows, cols int, alpha, beta T) bool

// kernels are the routines that a kind of CPU runs. Those of gonum's interface
// but for tile may be nil, and then gonum's do their work.
type kernels[T element] struct {
	name string

	// A tile of C has rows×cols elements. The kernel leaves C alone and returns
	// true if an element of A·B may be NaN.
	rows, cols int
	tile       tileOf[T]
	// tall is tile for the rows and columns of a whole tile with tallRows rows, or nil.
	tallRows int
	tall     tileOf[T]
	// masked says that tile reads no column of B beyond those asked for; vector, how many
	// columns it reads at a time where it is not masked. A tile has three times as many
	// then, and takes fewer where there are fewer. 0 stands for all.
	masked bool
	vector int
	// inPlace is how many tiles, one below the other, read B where it lies; for more it is
	// copied. 0 stands for 8.
	inPlace int

	// Tiles of ProductAt, cols and 3/2·cols wide, or nil.
	lookup2, lookup3 func(k int, a *T, ra int, b *T, at *int, c *T, rc, rows, cols int, start *T) bool

	transpose func(n int, dst *T, w int, src *T, ld int)

	dot   func(n int, x, y *T) T
	dot4  func(n int, a *T, lda int, x, y *T, alpha, beta T)
	dots  func(m, n int, a *T, lda int, x, y *T) // for Dots, of float64
	axpy  func(n int, alpha T, x, y *T)
	axpy4 func(n int, alpha T, x, a *T, lda int, y *T)
	axpy8 func(n int, alpha T, x, a *T, lda int, y *T)
	scal  func(n int, alpha T, x *T)

	functions[T]
}

// functions are the kernels on vectors that are not gonum's. Axpby, adam,
// logisticLoss, pointLosses, classLosses, moves and those of recurrent layers may be nil.
type functions[T element] struct {
	exp, log, tanh, sigmoid, softplus, relu func(n int, dst, x *T)

	reluGrad func(n int, dst, dy, x *T)
	biasReLU func(n int, y, b *T)
	axpby    func(n int, alpha, beta T, x, y *T)
	adam     func(n int, theta, grad, m, v *T, beta1, beta2, rate, root, epsilon, keep T)

	logisticLoss func(n int, l, d, f, y *T, weight T)

	pointLosses[T]
	classLosses[T]
	moves[T]

	max         func(n int, x *T) T
	expScaled   func(n int, dst, x *T, scale, shift T) T
	softmaxGrad func(n int, dst, p *T, mean, scale T)
	gelu        func(n int, dst, x *T)
	geluGrad    func(n int, dst, dy, x *T)

	swiGLU     func(n int, dst, g, u *T)
	swiGLUGrad func(n int, dg, du, d, g, u *T)
	rotate     func(n int, a, b, cos, sin *T)
	sum        func(n int, dst, a, b *T)

	lstm     func(n int, gates, before, after, squashed, h *T)
	lstmGrad func(n int, d, dc, dh, gates, before, squashed *T)
	gru      func(n int, gates, hidden, before, after *T)
	gruGrad  func(n int, d, dHidden, dh, gates, hidden, before *T)

	squares       func(n int, x *T, center T) (sum, squares T)
	normalize     func(n int, y, normal, x, scale, shift *T, mean, inverse T)
	normalizeGrad func(n int, dx, dScale, dShift, dy, normal, scale *T) (sum, cross T)
	center        func(n int, dx, normal *T, mean, cross, inverse T)

	normalSums    func(n int, dy, normal, scale *T) (sum, cross T) // these three may be nil
	centerScaled  func(n int, dx, dy, normal, scale *T, mean, cross, inverse T)
	normalColumns func(rows, n int, dScale, dShift, dy, normal *T, step int)

	addRuns        func(runs, n int, y *T, yStep int, x *T, xStep int)
	maxSquares     func(rows, n int, y, x *T, width int)
	maxSquaresGrad func(rows, n int, dx, dy, x, y *T, width int)

	narrow    func(n int, dst *float32, x *T) // of float64 only
	addNarrow func(n int, y *T, x *float32)   // likewise

	// likewise; may be nil
	adamNarrow func(n int, theta *T, grad *float32, m, v *T, rounded *float32, beta1, beta2, rate, root, epsilon, keep T)

	sumProducts func(n int, x, y *T) (high, low T)      // likewise
	addProducts func(n int, a, aLow T, x, high, low *T) // likewise
}

// An engine is a set of kernels with what they need to work without allocating:
// tasks and buffers that wait for their next use.
type engine[T element] struct {
	kernels[T]
	tasks   chan *task[T]
	buffers chan *buffer[T]
	rates   [kinds]crew.Rate // of a multiplication, or of an element of a step; that of all products is the first
}

// waiting bounds the tasks and buffers that are kept.
const waiting = 32

func newEngine[T element](k kernels[T]) *engine[T] {
	e := &engine[T]{
		kernels: k,
		tasks:   make(chan *task[T], waiting),
		buffers: make(chan *buffer[T], waiting),
	}
	// Until they are measured, the rates are those of fast machines. A matrix and a
	// vector come from a cache.
	product, vector := 1.0/50, 1.0/5
	if k.dot4 == nil {
		product, vector = 0.5, 0.5
	}
	for kind := range e.rates {
		rate := vector
		if work(kind) >= firstStep {
			rate = 2 * vector
		}
		e.rates[kind].Assume(rate * float64(size[T]()) / 8)
	}
	e.rates[productRows].Assume(product * float64(size[T]()) / 8)
	return e
}

// The engines of this machine. That of float32 is made when it is first asked for: a program
// that computes in float64 alone is linked without it, which a page in a browser downloads.
var (
	engine64 = newEngine(available64()[0])
	engine32 atomic.Pointer[engine[float32]]
)

// single returns the engine of float32.
func single() *engine[float32] {
	if e := engine32.Load(); e != nil {
		return e
	}
	engine32.CompareAndSwap(nil, newEngine(available32()[0]))
	return engine32.Load()
}

// A buffer holds copies: rows of A or a vector, a block of B, and a tile of C.
type buffer[T element] struct{ a, b, c []T }

// buffer takes a buffer out of store, or makes one.
func (e *engine[T]) buffer() *buffer[T] {
	select {
	case b := <-e.buffers:
		return b
	default:
		return new(buffer[T])
	}
}

// release puts a buffer back, unless there are plenty.
func (e *engine[T]) release(b *buffer[T]) {
	select {
	case e.buffers <- b:
	default:
	}
}

// grow returns s with room for n elements.
func grow[T element](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
