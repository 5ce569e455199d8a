package objective

import (
	"math"
	"runtime"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// A gram is for squared error on all samples and a model f = b + xW = x̃Θ, where Θ
// is θ as a matrix with a column for each output, and x̃ is (1, x) if there are
// intercepts. Once G = Σ w x̃ᵀx̃ is known, the loss and its gradient follow from
// those at one place, the anchor a, without the data, in time n² instead of m·n:
//
//	L(θ)  = L(a) + δ·∇L(a) + ½c δ·Gδ,   δ = θ − a
//	∇L(θ) = ∇L(a) + cGδ,                c = 2/(k Σ w)
//
// The first line subtracts numbers that may be much larger than the result, so
// it is trusted only where their rounding errors cannot reach the 13th digit of
// L. Elsewhere the anchor moves to θ, which costs one pass over the data.
type gram struct {
	objective *Objective
	gram, abs blas64.General // G, and the same without signs
	factor    float64        // c
	outputs   int

	theta  []float64 // of the model
	anchor []float64 // a, in memory that is saved
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

// newGram returns nil unless the problem is full-batch least squares and G pays.
// G costs m·n² multiplications that run some 12 times as fast as those of a pass,
// which waits for memory; a few passes are for the anchor.
func newGram(o *Objective, opt Options) *gram {
	_, isSquared := o.Loss.(loss.MSE)
	m, isAffine := o.Model.(model.Affine)
	_, isDense := rows.Of(o.Data.X).Dense()
	_, cols := o.Data.X.Dims()
	if !isSquared || !isAffine || !isDense || opt.Order != nil || cols > maxGram || o.rows < 4*cols || !isMatrix(m) {
		return nil
	}
	_, outputs := m.Dims()
	if opt.Gradients*outputs < cols/8+4 {
		return nil
	}
	dim := len(m.Params())
	side, room := dim/outputs, make([]float64, 4*dim)
	q := &gram{
		objective: o,
		theta:     m.Params(),
		outputs:   outputs,
		gram:      blas64.General{Rows: side, Cols: side, Stride: side},
		abs:       blas64.General{Rows: side, Cols: side, Stride: side},
		grad:      room[:dim],
		delta:     room[dim : 2*dim], image: room[2*dim : 3*dim], spread: room[3*dim:],
	}
	if opt.Keep != nil {
		q.anchor, q.fresh = opt.Keep("train/anchor", dim)
	} else {
		q.anchor, q.fresh = make([]float64, dim), true
	}
	return q
}

// isMatrix reports that θ is Θ row by row: intercepts, then weights, without gaps.
func isMatrix(m model.Affine) bool {
	theta := m.Params()
	bias, w := m.Affine(theta)
	first := w.Data
	if len(bias) > 0 {
		first = bias
	}
	return w.Stride == w.Cols && len(bias)+w.Rows*w.Cols == len(theta) && &first[0] == &theta[0] &&
		&w.Data[0] == &theta[len(bias)]
}

// gradient is [Objective.Gradient] for all rows.
func (q *gram) gradient(grad []float64, lo, hi int) (value float64, ok bool) {
	if q == nil || hi-lo != q.objective.rows {
		return 0, false
	}
	theta := q.theta
	if q.gram.Data == nil {
		q.prepare(theta)
	}
	for j, a := range q.anchor {
		q.delta[j] = theta[j] - a
	}
	q.multiply(q.image, q.gram)
	value = q.loss
	for j, d := range q.delta {
		grad[j] = q.grad[j] + q.image[j]
		value += d * (q.grad[j] + q.image[j]/2)
		q.delta[j] = math.Abs(d)
	}
	q.multiply(q.spread, q.abs)
	terms := q.loss
	for j, d := range q.delta {
		terms += d * q.spread[j] / 2
	}
	if !(terms <= maxCancelled*value) {
		q.moveAnchor(theta)
		value = q.loss
		copy(grad, q.grad)
	}
	return value, true
}

// multiply sets dst ← cGδ.
func (q *gram) multiply(dst []float64, g blas64.General) {
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
func (q *gram) moveAnchor(theta []float64) {
	copy(q.anchor, theta)
	q.loss = q.objective.pass(q.grad, 0, q.objective.rows)
}

// prepare forms G, and goes back to the anchor if training was resumed.
func (q *gram) prepare(theta []float64) {
	q.form()
	weight := float64(q.objective.rows)
	if w := q.objective.Data.SampleWeights; w != nil {
		weight = floats.Sum(w)
	}
	q.factor = 2 / (weight * float64(q.outputs))
	if q.fresh {
		q.moveAnchor(theta)
		return
	}
	copy(q.delta, theta)
	copy(theta, q.anchor)
	q.moveAnchor(theta)
	copy(theta, q.delta)
}

// form computes G in parts, as blocks does, and adds them in order.
func (q *gram) form() {
	o := q.objective
	_, cols := o.Data.X.Dims()
	side := q.gram.Rows
	var division rows.Parts
	division.Set(0, o.rows, max(4*cols, (o.rows+maxParts-1)/maxParts, 64), max(64, blockElements/cols))
	parts := make([]blas64.Symmetric, division.Count())
	for i := range parts {
		parts[i] = blas64.Symmetric{N: side, Stride: side, Data: make([]float64, side*side), Uplo: gonum.Upper}
	}
	taken := make([]block, len(parts))
	division.Do(rows.Workers(runtime.GOMAXPROCS(0), o.rows*cols*cols), func(_, part, lo, hi int) {
		b := &taken[part]
		b.take(o, lo, hi)
		x, _ := rows.Of(b.x).Dense()
		addGram(parts[part], x, b.weights)
	})
	q.gram.Data = parts[0].Data
	for _, s := range parts[1:] {
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

// addGram adds Σ w x̃ᵀx̃ over the rows of x to the upper triangle of g, where x̃ is
// (1, x) if g has a row more than x has columns.
func addGram(g blas64.Symmetric, x blas64.General, weight []float64) {
	ones := make([]float64, x.Rows)
	for i := range ones {
		ones[i] = 1
	}
	if weight != nil { // √w·x̃ takes the place of x̃
		scaled := blas64.General{Rows: x.Rows, Cols: x.Cols, Stride: x.Cols, Data: make([]float64, x.Rows*x.Cols)}
		for i, w := range weight {
			ones[i] = math.Sqrt(w)
			floats.ScaleTo(scaled.Data[i*scaled.Stride:][:scaled.Cols], ones[i], x.Data[i*x.Stride:][:x.Cols])
		}
		x = scaled
	}
	square := g
	if g.N > x.Cols {
		square.N, square.Data = g.N-1, g.Data[g.Stride+1:]
		g.Data[0] += floats.Dot(ones, ones)
		blas.Gemv(blas.Trans, 1, x, blas64.Vector{N: x.Rows, Inc: 1, Data: ones}, 1,
			blas64.Vector{N: x.Cols, Inc: 1, Data: g.Data[1:g.N]})
	}
	blas.Syrk(blas.Trans, 1, x, 1, square)
}
