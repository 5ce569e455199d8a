package blas

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A task is one routine's work in chunks, which goroutines take in turn. It is
// used again and again, since to start a goroutine with arguments allocates.
type task[T element] struct {
	engine *engine[T]
	work   work
	chunks int
	size   int // of a chunk: rows or columns
	next   atomic.Int64
	wait   sync.WaitGroup
	run    func() // take, bound once

	product[T]     // of a product
	x, y       []T // of a matrix and a vector
}

// work says what a task does to its chunks.
type work int

const (
	productRows work = iota
	productCols
	productTriangle
	matrixVector
	transposedVector
	rankOne
)

// newTask takes a task out of store, or makes one.
func (e *engine[T]) newTask() *task[T] {
	select {
	case t := <-e.tasks:
		return t
	default:
		t := &task[T]{engine: e}
		t.run = func() {
			t.take()
			t.wait.Done()
		}
		return t
	}
}

// do runs the chunks on as many goroutines, this one included, and puts the
// task back.
func (t *task[T]) do(workers int) {
	t.next.Store(0)
	t.wait.Add(workers - 1)
	for range workers - 1 {
		go t.run()
	}
	t.take()
	t.wait.Wait()
	t.product, t.x, t.y = product[T]{}, nil, nil
	select {
	case t.engine.tasks <- t:
	default:
	}
}

// take works on chunks until none is left.
func (t *task[T]) take() {
	buf := t.engine.buffer()
	for {
		c := int(t.next.Add(1)) - 1
		if c >= t.chunks {
			break
		}
		t.chunk(buf, c*t.size)
	}
	t.engine.release(buf)
}

// chunk does the work from a row or column.
func (t *task[T]) chunk(buf *buffer[T], from int) {
	e := t.engine
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
	case rankOne:
		e.gerRows(&t.product, t.x, t.y, from, min(from+t.size, t.m))
	}
}

// productWork is the number of multiplications that is worth a goroutine.
const productWork = 1 << 18

// workers returns on how many cores work of a size runs, where least is worth
// a goroutine.
func workers(work, least int) int {
	if work < 2*least {
		return 1
	}
	return min(runtime.GOMAXPROCS(0), work/least)
}

// parallelProduct multiplies on several cores, or returns false if the product
// is too small for that. It divides the longer side of C, and a triangle, whose
// rows are of all lengths, into more chunks than there are workers.
func (e *engine[T]) parallelProduct(p *product[T]) bool {
	work := p.m * p.n * p.k
	if p.triangle != 0 {
		work /= 2
	}
	n := workers(work, productWork)
	if n == 1 {
		return false
	}
	kind, length, tile, parts := productCols, p.n, e.cols, n
	switch {
	case p.triangle != 0:
		kind, tile, parts = productTriangle, e.rows, 4*n
	case p.m > p.n:
		kind, length, tile = productRows, p.m, e.rows
	}
	size := chunkSize(length, tile, parts)
	if size >= length {
		return false
	}
	t := e.newTask()
	t.product = *p
	t.work, t.size, t.chunks = kind, size, (length+size-1)/size
	t.do(min(n, t.chunks))
	return true
}

// chunkSize divides a length among workers, in whole tiles.
func chunkSize(length, tile, workers int) int {
	size := (length + workers - 1) / workers
	return (size + tile - 1) / tile * tile
}
