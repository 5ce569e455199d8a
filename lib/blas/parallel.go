package blas

import (
	"math"
	"runtime"

	"gonum.org/v1/gonum/blas"

	"github.com/descent-go/descent/internal/crew"
)

// A task is the work of one routine, in chunks that a crew divides among its
// members.
type task[T element] struct {
	engine *engine[T]
	crew   crew.Crew
	work   work
	size   int // of a chunk: rows or columns; of a triangle, the number of chunks
	run    func(worker, chunk int)

	product[T]     // of a product
	x, y       []T // of a matrix and a vector

	vectors  vectors[T] // of a step
	narrow   narrow
	settings settings[T]
}

// work is what a task does with a chunk.
type work int

const (
	productRows work = iota
	productCols
	productTriangle
	matrixVector
	transposedVector
	rankOne
	rowDots
	firstStep // of an optimizer, see step.go
)

// newTask takes a task from store, or makes one.
func (e *engine[T]) newTask() *task[T] {
	select {
	case t := <-e.tasks:
		return t
	default:
		t := &task[T]{engine: e}
		t.run = t.chunk
		return t
	}
}

// do runs the chunks on at most the given number of goroutines, and returns
// the task to its store.
func (t *task[T]) do(rate *crew.Rate, workers, chunks, multiplications int) {
	t.crew.DoRated(rate, workers, chunks, multiplications, t.run)
	t.product, t.x, t.y = product[T]{}, nil, nil
	if HasKernels {
		t.vectors, t.narrow = vectors[T]{}, narrow{}
	}
	select {
	case t.engine.tasks <- t:
	default:
	}
}

// chunk does the work of one chunk.
func (t *task[T]) chunk(_, number int) {
	e, from := t.engine, number*t.size
	if HasKernels && t.work >= firstStep {
		e.stepPart(t.work, &t.vectors, &t.narrow, &t.settings, from, min(from+t.size, len(t.vectors[0])))
		return
	}
	buf := e.buffer()
	switch t.work {
	case productRows:
		e.multiply(&t.product, buf, from, min(from+t.size, t.m), 0, t.n)
	case productCols:
		e.multiply(&t.product, buf, 0, t.m, from, min(from+t.size, t.n))
	case productTriangle:
		if lo, hi := t.rowAt(number), t.rowAt(number+1); lo < hi {
			e.triangle(&t.product, buf, lo, hi)
		}
	case matrixVector:
		e.gemvRows(&t.product, t.x, t.y, from, min(from+t.size, t.m))
	case transposedVector:
		e.gemvCols(&t.product, t.x, t.y, from, min(from+t.size, t.n))
	case rowDots:
		if !HasKernels {
			break
		}
		e.rowDots(&t.product, t.x, t.y, from, min(from+t.size, t.m))
	case rankOne:
		e.gerRows(&t.product, t.x, t.y, from, min(from+t.size, t.m))
	}
	e.release(buf)
}

// workers returns the number of cores for work of a kind with the given number of
// multiplications.
func (e *engine[T]) workers(kind work, multiplications int) int {
	cost, _ := e.rates[kind].Cost(multiplications)
	return crew.Worth(runtime.GOMAXPROCS(0), cost)
}

// parallelProduct multiplies on several cores, or returns false if the product
// is too small. It divides the longer side of C, or the rows if both are equal,
// so that a core's part of C is contiguous. A triangle is divided into chunks of
// rows with equally many elements, two for each core, or if it is small into rows of tiles.
func (e *engine[T]) parallelProduct(p *product[T]) bool {
	work := p.m * p.n * p.k
	if p.triangle != 0 {
		work /= 2
	}
	n := e.workers(productRows, work)
	if n == 1 {
		return false
	}
	kind, length, tile := productCols, p.n, e.cols
	if p.m >= p.n {
		kind, length, tile = productRows, p.m, e.rows
	}
	size := chunkSize(length, tile, n)
	if size >= length {
		return false
	}
	chunks := (length + size - 1) / size
	if p.triangle != 0 {
		kind, chunks = productTriangle, 2*n
		if tiles := (p.m + e.rows - 1) / e.rows; tiles <= 4*n {
			chunks = tiles
		}
		size = chunks
	}
	t := e.newTask()
	t.product = *p
	t.work, t.size = kind, size
	t.do(&e.rates[productRows], n, chunks, work)
	return true
}

// rowAt is the first row of a chunk of a triangle. The rows above it have its number's share of
// the elements, but for whole tiles.
func (t *task[T]) rowAt(number int) int {
	rows := t.engine.rows
	if t.size*rows >= t.m { // a row of tiles for each
		return min(number*rows, t.m)
	}
	share := float64(number) / float64(t.size)
	row := math.Sqrt(share) // of a lower triangle
	if t.triangle == blas.Upper {
		row = 1 - math.Sqrt(1-share)
	}
	if number == t.size {
		return t.m
	}
	return min((int(row*float64(t.m))+rows/2)/rows*rows, t.m)
}

// chunkSize divides a length among workers, in whole tiles.
func chunkSize(length, tile, workers int) int {
	size := (length + workers - 1) / workers
	return (size + tile - 1) / tile * tile
}
