package train

import (
	"math"
	"runtime"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// A quadratic is squared error on all samples for a model that is linear in θ.
// Once G = Σ w x̃ᵀx̃ is known, the loss and its gradient follow from those at one
// place, the anchor a, without the data, in time n² instead of m·n:
//
//	L(θ)  = L(a) + δ·∇L(a) + ½c δ·Gδ,   δ = θ − a
//	∇L(θ) = ∇L(a) + cGδ,                c = 2/(k Σ w)
//
// The first line subtracts numbers that may be much larger than the result, so
// it is trusted only where their rounding errors cannot reach the 13th digit of
// L. Elsewhere the anchor moves to θ, which costs one pass over the data.
type quadratic struct {
	gram, abs blas64.General // G, and the same without signs
	factor    float64        // c
	outputs   int

	anchor []float64 // a, in the memory of checkpoints
	fresh  bool      // there is none yet
	loss   float64   // at the anchor
	grad   []float64

	delta, image, spread []float64 // δ, cGδ, c|G||δ|
}

const (
	maxGram   = 1024 // columns up to which G is formed: at most 8 MB
	smallGram = 16   // rows below which a call of BLAS is most of the time
	// maxCancelled is how much larger than the result the terms of a sum may be.
	maxCancelled = 1000
)

// newQuadratic returns nil unless training is full-batch least squares and G
// pays. G costs m·n² multiplications that run some 12 times as fast as those of
// a pass, which waits for memory; a few passes are for the anchor.
func newQuadratic(r *run) *quadratic {
	_, isSquared := r.opt.Loss.(loss.MSE)
	m, isQuadratic := r.state.Model.(model.Quadratic)
	_, isDense := r.batches.data.X.(mat.RawMatrixer)
	rows, cols := r.batches.data.X.Dims()
	if !isSquared || !isQuadratic || !isDense || r.batches.order != nil || cols > maxGram || rows < 4*cols {
		return nil
	}
	_, outputs := m.Dims()
	if r.opt.Epochs*outputs < cols/8+4 {
		return nil
	}
	dim := len(r.theta)
	side := dim / outputs
	q := &quadratic{
		outputs: outputs,
		gram:    blas64.General{Rows: side, Cols: side, Stride: side},
		abs:     blas64.General{Rows: side, Cols: side, Stride: side},
		grad:    make([]float64, dim),
		delta:   make([]float64, dim), image: make([]float64, dim), spread: make([]float64, dim),
	}
	q.anchor, q.fresh = r.state.Keep("train/anchor", dim)
	return q
}

// gradient sets the run's gradient and returns the loss.
func (q *quadratic) gradient(r *run) float64 {
	if q.gram.Data == nil {
		q.prepare(r)
	}
	for j, a := range q.anchor {
		q.delta[j] = r.theta[j] - a
	}
	q.multiply(q.image, q.gram)
	value := q.loss
	for j, d := range q.delta {
		r.grad[j] = q.grad[j] + q.image[j]
		value += d * (q.grad[j] + q.image[j]/2)
		q.delta[j] = math.Abs(d)
	}
	q.multiply(q.spread, q.abs)
	terms := q.loss
	for j, d := range q.delta {
		terms += d * q.spread[j] / 2
	}
	if !(terms <= maxCancelled*value) {
		q.moveAnchor(r)
		value = q.loss
	}
	return value
}

// multiply sets dst ← cGδ.
func (q *quadratic) multiply(dst []float64, g blas64.General) {
	switch {
	case q.outputs == 1 && g.Rows < smallGram:
		for i := range dst {
			sum := 0.0
			for j, v := range g.Data[i*g.Stride:][:g.Cols] {
				sum += v * q.delta[j]
			}
			dst[i] = q.factor * sum
		}
		return
	case q.outputs == 1:
		blas.Gemv(blas.NoTrans, q.factor, g, blas64.Vector{N: g.Cols, Inc: 1, Data: q.delta}, 0,
			blas64.Vector{N: g.Rows, Inc: 1, Data: dst})
		return
	}
	view := func(v []float64) blas64.General {
		return blas64.General{Rows: g.Rows, Cols: q.outputs, Stride: q.outputs, Data: v}
	}
	blas.Gemm(blas.NoTrans, blas.NoTrans, q.factor, g, view(q.delta), 0, view(dst))
}

// moveAnchor puts the anchor where θ is.
func (q *quadratic) moveAnchor(r *run) {
	copy(q.anchor, r.theta)
	q.loss = r.pass(0, r.batches.rows)
	copy(q.grad, r.grad)
}

// prepare forms G, and goes back to the anchor if training was resumed.
func (q *quadratic) prepare(r *run) {
	q.form(r)
	weight := loss.MSE{}.Total(r.batches.data.Y, r.batches.data.Weights)
	q.factor = 2 / (weight * float64(q.outputs))
	if q.fresh {
		q.moveAnchor(r)
		return
	}
	copy(q.delta, r.theta)
	copy(r.theta, q.anchor)
	q.moveAnchor(r)
	copy(r.theta, q.delta)
}

// form computes G in parts, as a pass does, and adds them in order.
func (q *quadratic) form(r *run) {
	m := r.state.Model.(model.Quadratic)
	rows, cols := r.batches.data.X.Dims()
	partRows := max(4*cols, (rows+maxParts-1)/maxParts, 64)
	side := q.gram.Rows
	sums := make([]blas64.Symmetric, (rows+partRows-1)/partRows)
	for i := range sums {
		sums[i] = blas64.Symmetric{N: side, Stride: side, Data: make([]float64, side*side), Uplo: gonum.Upper}
	}
	blocks := make([]block, len(sums))
	blockRows := max(64, blockElements/cols)
	new(crew.Crew).Do(workers(runtime.GOMAXPROCS(0), rows*cols*cols), len(sums), func(_, number int) {
		to := min((number+1)*partRows, rows)
		for lo := number * partRows; lo < to; lo += blockRows {
			b := &blocks[number]
			b.take(r.batches, lo, min(lo+blockRows, to))
			m.AddGram(sums[number], b.x.(mat.RawMatrixer), b.weights)
		}
	})
	q.gram.Data = sums[0].Data
	for _, s := range sums[1:] {
		for j, v := range s.Data {
			q.gram.Data[j] += v
		}
	}
	q.abs.Data = make([]float64, side*side)
	for i := range side {
		for j := range side {
			v := q.gram.Data[min(i, j)*side+max(i, j)]
			q.gram.Data[i*side+j], q.abs.Data[i*side+j] = v, math.Abs(v)
		}
	}
}
