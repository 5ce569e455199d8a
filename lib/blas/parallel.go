package blas

import (
	"runtime"

	"github.com/descent-go/descent/internal/crew"
)

// A task is the work of one routine, in chunks that a crew divides among its
// members.
type task[T element] struct {
	engine *engine[T]
	crew   crew.Crew
	work   work
	size   int // of a chunk: rows or columns
	run    func(worker, chunk int)

	product[T]     // of a product
	x, y       []T // of a matrix and a vector

	vectors  vectors[T] // of a step
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
	t.product, t.x, t.y, t.vectors = product[T]{}, nil, nil, vectors[T]{}
	select {
	case t.engine.tasks <- t:
	default:
	}
}

// chunk does the work of one chunk.
func (t *task[T]) chunk(_, number int) {
	e, from := t.engine, number*t.size
	if t.work >= firstStep {
		e.stepPart(t.work, &t.vectors, &t.settings, from, min(from+t.size, len(t.vectors[0])))
		return
	}
	buf := e.buffer()
	switch t.work {
	case productRows:
		e.multiply(&t.product, buf, from, min(from+t.size, t.m), 0, t.n)
	case productCols:
		e.multiply(&t.product, buf, 0, t.m, from, min(from+t.size, t.n))
	case productTriangle:
		e.triangle(&t.product, buf, from, min(from+t.size, t.m))
	case matrixVector:
		e.gemvRows(&t.product, t.x, t.y, from, min(from+t.size, t.m))
	case transposedVector:
		e.gemvCols(&t.product, t.x, t.y, from, min(from+t.size, t.n))
	case rowDots:
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
// so that a core's part of C is contiguous. A triangle, whose rows differ in
// length, has more chunks than workers.
func (e *engine[T]) parallelProduct(p *product[T]) bool {
	work := p.m * p.n * p.k
	if p.triangle != 0 {
		work /= 2
	}
	n := e.workers(productRows, work)
	if n == 1 {
		return false
	}
	kind, length, tile, parts := productCols, p.n, e.cols, n
	switch {
	case p.triangle != 0:
		kind, tile, parts = productTriangle, e.rows, 4*n
	case p.m >= p.n:
		kind, length, tile = productRows, p.m, e.rows
	}
	size := chunkSize(length, tile, parts)
	if size >= length {
		return false
	}
	t := e.newTask()
	t.product = *p
	t.work, t.size = kind, size
	t.do(&e.rates[productRows], n, (length+size-1)/size, work)
	return true
}

// chunkSize divides a length among workers, in whole tiles.
func chunkSize(length, tile, workers int) int {
	size := (length + workers - 1) / workers
	return (size + tile - 1) / tile * tile
}
