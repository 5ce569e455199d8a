package model

import (
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// A worker computes a network, in either precision.
type worker interface {
	// load takes θ as it is now.
	load()
	// forward feeds rows lo to hi of x through the layers, into the same rows
	// of dst, or those of their tokens.
	forward(dst *mat.Dense, x mat.Matrix, lo, hi int, training bool)
	// forwardRows feeds the given rows of x through, in training.
	forwardRows(dst, x *mat.Dense, rows []int)
	// backward adds ∂L/∂θ to grad.
	backward(grad []float64, dPred *mat.Dense)
	// rounded is θ in float32, nil of a worker in float64.
	rounded() []float32
	// keep has the next load leave that as it is.
	keep()
	// narrow returns ∂L/∂θ of a worker in float32.
	narrow(dPred *mat.Dense) []float32
}

// A workspace is a worker: modules with their buffers, over the network's θ in
// precision T. In float64 that is the network's own memory.
type workspace[T element] struct {
	chain    *chain[T]
	source   []float64 // θ of the network, to be converted; nil if it is theta
	theta    []T
	input    []T  // rows of x, where they do not lie as they should
	gradient []T  // ∂L/∂f, likewise
	grad     []T  // ∂L/∂θ, where it is not float64
	current  bool // theta is that of the next load, if it is not float64

	samples struct {
		from   *mat.Dense
		rows   []int
		parts  rows.Parts
		gather func(worker, part, lo, hi int) // bound once
	}

	views   []*view[T] // of theta
	byRow   *view[T]   // a part of θ that is neither rounded nor added as a whole; nil for none
	kept    []*view[T] // frozen parameters, to be converted
	buffers []float64  // from these

	loads, inputs, outputs conversion[T]
	sums                   conversion[T]
}

func newWorkspace[T element](n *Network, c *chain[T], b *builder[T]) *workspace[T] {
	w := &workspace[T]{chain: c, views: b.views}
	if theta, ok := any(n.theta).([]T); ok {
		w.theta = theta
	} else {
		w.source = n.theta
		w.theta, w.grad = make([]T, len(n.theta)), make([]T, len(n.theta))
		for _, v := range b.views {
			if blas.HasKernels && v.byRow {
				w.byRow, v.source = v, n.theta[v.offset:v.offset+v.size]
			}
		}
	}
	bind(b.views, w.theta)
	bind(b.statistics, n.buffers)
	if buffers, ok := any(n.buffers).([]T); ok {
		bind(b.kept, buffers)
		return w
	}
	w.buffers = n.buffers
	for _, v := range b.kept {
		v.values = make([]T, v.size)
		if blas.HasKernels && v.byRow {
			v.source = n.buffers[v.offset : v.offset+v.size]
		} else {
			w.kept = append(w.kept, v)
		}
	}
	return w
}

// parts are the numbers of θ before and after those that are taken by row.
func (w *workspace[T]) parts() [2]struct{ lo, hi int } {
	n := len(w.theta)
	if !blas.HasKernels || w.byRow == nil {
		return [2]struct{ lo, hi int }{{0, n}, {n, n}}
	}
	return [2]struct{ lo, hi int }{{0, w.byRow.offset}, {w.byRow.offset + w.byRow.size, n}}
}

func (w *workspace[T]) load() {
	for _, p := range w.parts() {
		if w.source != nil && !w.current {
			w.loads.narrow(w.theta[p.lo:p.hi], w.source[p.lo:p.hi])
		}
	}
	w.current = false
	for _, v := range w.kept {
		convert(v.values, w.buffers[v.offset:v.offset+v.size])
	}
}

func (w *workspace[T]) forward(dst *mat.Dense, x mat.Matrix, lo, hi int, training bool) {
	w.copyOut(dst, lo, hi, w.run(x, lo, hi, training))
}

func (w *workspace[T]) forwardRows(dst, x *mat.Dense, rows []int) {
	_, cols := x.Dims()
	w.input = grow(w.input, len(rows)*cols)
	w.samples.from, w.samples.rows = x, rows
	if blas.HasKernels && len(w.input) >= scattered {
		if w.samples.gather == nil {
			w.samples.gather = w.gather
		}
		w.samples.parts.Set(0, len(rows), 2*rowsAhead, 2*rowsAhead)
		w.samples.parts.Do(runtime.GOMAXPROCS(0), w.samples.gather)
	} else {
		w.gather(0, 0, 0, len(rows))
	}
	w.samples.from, w.samples.rows = nil, nil
	w.copyOut(dst, 0, len(rows), w.chain.forward(w.input, len(rows), true))
}

// gather converts the samples from lo to hi.
func (w *workspace[T]) gather(_, _, lo, hi int) {
	x, rows := w.samples.from, w.samples.rows
	_, cols := x.Dims()
	for i, r := range rows[lo:hi] {
		i += lo
		if blas.HasKernels && i+rowsAhead < len(rows) {
			prefetchPages(x.RawRowView(rows[i+rowsAhead]))
		}
		convert(w.input[i*cols:(i+1)*cols], x.RawRowView(r))
	}
}

// scattered is the least number of elements in rows that two cores gather: they wait for
// memory, so that it is half of what it is elsewhere.
const scattered = 1 << 14

// rowsAhead is how many rows before its turn a row is asked for.
const rowsAhead = 4

// prefetchPages asks for the first numbers of each page of memory that a row may
// lie in. The processor fetches the others by itself, once it has seen them, but
// it does not go on from page to page.
func prefetchPages(row []float64) {
	const page = 4096 / 8
	for i := 0; i < len(row); i += page {
		blas.Prefetch(row[i : i+1])
	}
	blas.Prefetch(row[len(row)-1:])
}

// copyOut sets the rows of dst for samples lo to hi to y.
func (w *workspace[T]) copyOut(dst *mat.Dense, lo, hi int, y []T) {
	if lo == hi {
		return
	}
	d := dst.RawMatrix()
	rows := len(y) / d.Cols
	lo *= rows / (hi - lo) // a row for each token
	if d.Stride == d.Cols {
		w.outputs.widen(d.Data[lo*d.Cols:][:len(y)], y)
		return
	}
	for i := range rows {
		convert(d.Data[(lo+i)*d.Stride:][:d.Cols], y[i*d.Cols:(i+1)*d.Cols])
	}
}

func (w *workspace[T]) run(x mat.Matrix, lo, hi int, training bool) []T {
	if s := rows.Of(x).Sparse(); s != nil {
		if first, ok := w.chain.modules[0].(sparseModule[T]); ok {
			rest := chain[T]{modules: w.chain.modules[1:]}
			return rest.forward(first.forwardSparse(s, lo, hi), hi-lo, training)
		}
	}
	var v []T
	v, w.input = w.contiguous(w.input, x, lo, hi)
	return w.chain.forward(v, hi-lo, training)
}

func (w *workspace[T]) backward(grad []float64, dPred *mat.Dense) {
	if own, ok := any(grad).([]T); ok {
		w.chain.backward(own, w.slope(dPred), false)
		return
	}
	if v := w.byRow; blas.HasKernels && v != nil {
		v.sink = grad[v.offset : v.offset+v.size]
		defer func() { v.sink = nil }()
	}
	w.narrow(dPred)
	for _, p := range w.parts() {
		w.sums.add(grad[p.lo:p.hi], w.grad[p.lo:p.hi])
	}
}

// slope returns ∂L/∂f in the precision of the worker.
func (w *workspace[T]) slope(dPred *mat.Dense) (d []T) {
	count, _ := dPred.Dims()
	d, w.gradient = w.contiguous(w.gradient, dPred, 0, count)
	return d
}

// narrow leaves out the part of a view that has a sink.
func (w *workspace[T]) narrow(dPred *mat.Dense) []float32 {
	d := w.slope(dPred)
	for _, v := range w.views {
		if !v.written && v.sink == nil {
			clear(w.grad[v.offset:][:v.size])
		}
	}
	w.chain.backward(w.grad, d, false)
	grad, _ := any(w.grad).([]float32)
	return grad
}

func (w *workspace[T]) rounded() []float32 {
	theta, _ := any(w.theta).([]float32)
	return theta
}

func (w *workspace[T]) keep() { w.current = true }

// contiguous returns rows lo to hi of x: as they lie there, or else in the
// buffer, which it grows and returns.
func (w *workspace[T]) contiguous(buffer []T, x mat.Matrix, lo, hi int) (v, grown []T) {
	m := rows.Of(x)
	_, cols := m.Dims()
	if raw, ok := m.Dense(); ok && raw.Stride == cols {
		if data, ok := any(raw.Data).([]T); ok {
			return data[lo*cols : hi*cols], buffer
		}
	}
	buffer = grow(buffer, (hi-lo)*cols)
	if raw, ok := m.Dense(); ok && raw.Stride == cols {
		w.inputs.narrow(buffer, raw.Data[lo*cols:hi*cols])
		return buffer, buffer
	}
	for i := lo; i < hi; i++ {
		row := buffer[(i-lo)*cols:][:cols]
		columns, values := m.Row(i, nil)
		if m.Sparse() == nil {
			convert(row, values)
			continue
		}
		clear(row)
		for p, j := range columns {
			row[j] = T(values[p])
		}
	}
	return buffer, buffer
}

// A conversion takes numbers from one precision to the other, divided among the cores.
type conversion[T element] struct {
	shares shares
	wide   []float64
	own    []T
	work   func(lo, hi int) // bound once: a conversion is always of one kind
}

func (c *conversion[T]) do(wide []float64, own []T) {
	c.wide, c.own = wide[:len(own)], own
	c.shares.do(len(own), 1, c.work)
	c.wide, c.own = nil, nil
}

func (c *conversion[T]) narrow(dst []T, src []float64) {
	if !blas.HasKernels {
		convert(dst, src)
		return
	}
	if c.work == nil {
		c.work = func(lo, hi int) { convert(c.own[lo:hi], c.wide[lo:hi]) }
	}
	c.do(src, dst)
}

func (c *conversion[T]) widen(dst []float64, src []T) {
	if !blas.HasKernels {
		convert(dst, src)
		return
	}
	if c.work == nil {
		c.work = func(lo, hi int) { convert(c.wide[lo:hi], c.own[lo:hi]) }
	}
	c.do(dst, src)
}

func (c *conversion[T]) add(dst []float64, src []T) {
	if !blas.HasKernels {
		addWide(dst, src)
		return
	}
	if c.work == nil {
		c.work = func(lo, hi int) { addWide(c.wide[lo:hi], c.own[lo:hi]) }
	}
	c.do(dst, src)
}
