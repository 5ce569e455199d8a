package model

import (
	"math"

	"github.com/descent-go/descent/lib/blas"
)

// attention is the scaled dot-product attention of one head on one sequence:
//
//	Attention(Q, K, V) = softmax(QKᵀ/√d + M)·V
//
// Q has a row of d numbers for each query, K and V have a row for each key. M is 0
// where a query sees a key and −∞ elsewhere: where the key is hidden, and, if
// attention is causal, where the key comes after the query. A query that sees no
// key has the output 0.
//
// The rows of the softmax are computed in blocks, so that no matrix of all queries
// and keys exists. Forward keeps ln Σ e^{qk/√d} of each query, from which backward
// computes a block of the softmax again.
//
// Sources: Vaswani and others, Attention Is All You Need, 2017, equation 1; Dao,
// Fu, Ermon, Rudra and Ré, FlashAttention: Fast and Memory-Efficient Exact
// Attention with IO-Awareness, 2022, for the backward pass by blocks.
type attention[T element] struct {
	causal bool
	first  int // position of the first query among the keys: 0, but when a cache holds earlier keys
}

// attentionBlock is how many queries are computed at a time.
const attentionBlock = 32

// attentionScratch holds a block of the softmax, of ∂L/∂softmax, and 1/Σ for each
// query.
type attentionScratch[T element] struct{ p, dp, inverse []T }

// forward sets y to the attention of q to k and v. If logs is not nil, it keeps
// there what backward needs: a number for each query. hidden may be nil.
func (a attention[T]) forward(y, q, k, v matrix[T], hidden []bool, logs []T, s *attentionScratch[T]) {
	scale := attentionScale[T](q.cols)
	s.inverse = grow(s.inverse, attentionBlock)
	for lo := 0; lo < q.rows; lo += attentionBlock {
		hi := min(lo+attentionBlock, q.rows)
		p := a.scores(q, k, lo, hi, s)
		for i := lo; i < hi; i++ {
			row := p.row(i - lo)
			seen := a.mask(row, i, hidden)
			clear(row[seen:])
			if blind(row[:seen]) {
				clear(row)
				s.inverse[i-lo] = 0
				continue
			}
			largest := blas.Max(row[:seen])
			sum := blas.ExpScaled(row[:seen], row[:seen], scale, -scale*largest)
			s.inverse[i-lo] = 1 / sum
			if logs != nil {
				logs[i] = scale*largest + T(math.Log(float64(sum)))
			}
		}
		out := y.part(lo, hi)
		gemm(blas.NoTrans, blas.NoTrans, p, v.part(0, p.cols), 0, out)
		for i := range out.rows {
			scaleBy(out.row(i), s.inverse[i])
		}
	}
}

// backward sets dq, dk and dv, given ∂L/∂y and what forward computed. With P the
// softmax,
//
//	∂L/∂V = Pᵀ·∂L/∂y,  ∂L/∂P = ∂L/∂y·Vᵀ
//	∂L/∂S = P∘(∂L/∂P − Σⱼ yⱼ·∂L/∂yⱼ)/√d
//	∂L/∂Q = ∂L/∂S·K,  ∂L/∂K = ∂L/∂Sᵀ·Q
//
// where Σⱼ is over the numbers of a row of y: it equals Σ P·∂L/∂P over the keys.
// The last block, which sees all keys, goes first.
func (a attention[T]) backward(dq, dk, dv, dy, y, q, k, v matrix[T], hidden []bool, logs []T, s *attentionScratch[T]) {
	scale := attentionScale[T](q.cols)
	beta := T(0)
	for lo := (q.rows - 1) / attentionBlock * attentionBlock; lo >= 0; lo -= attentionBlock {
		hi := min(lo+attentionBlock, q.rows)
		p := a.scores(q, k, lo, hi, s)
		for i := lo; i < hi; i++ {
			row := p.row(i - lo)
			seen := a.mask(row, i, hidden)
			clear(row[seen:])
			if blind(row[:seen]) {
				clear(row)
				continue
			}
			blas.ExpScaled(row[:seen], row[:seen], scale, -logs[i])
		}
		dOut, keys := dy.part(lo, hi), v.part(0, p.cols)
		gemm(blas.Trans, blas.NoTrans, p, dOut, beta, dv.part(0, p.cols))
		s.dp = grow(s.dp, p.rows*p.cols)
		ds := asMatrix(s.dp, p.rows, p.cols)
		gemm(blas.NoTrans, blas.Trans, dOut, keys, 0, ds)
		for i := range p.rows {
			mean := T(dot(dOut.row(i), y.row(lo+i)))
			blas.SoftmaxGrad(ds.row(i), p.row(i), mean, scale)
		}
		gemm(blas.NoTrans, blas.NoTrans, ds, k.part(0, p.cols), 0, dq.part(lo, hi))
		gemm(blas.Trans, blas.NoTrans, ds, q.part(lo, hi), beta, dk.part(0, p.cols))
		beta = 1
	}
}

// scores returns QKᵀ for the queries lo to hi and the keys that any of them sees.
func (a attention[T]) scores(q, k matrix[T], lo, hi int, s *attentionScratch[T]) matrix[T] {
	keys := k.rows
	if a.causal {
		keys = min(a.first+hi, keys)
	}
	s.p = grow(s.p, (hi-lo)*keys)
	p := asMatrix(s.p, hi-lo, keys)
	gemm(blas.NoTrans, blas.Trans, q.part(lo, hi), k.part(0, keys), 0, p)
	return p
}

// mask adds M to the scores of query i, and returns how many of them can be seen.
func (a attention[T]) mask(scores []T, i int, hidden []bool) (seen int) {
	seen = len(scores)
	if a.causal {
		seen = min(a.first+i+1, seen)
	}
	if hidden != nil {
		for j, h := range hidden[:seen] {
			if h {
				scores[j] = T(math.Inf(-1))
			}
		}
	}
	return seen
}

// blind tells whether a query with these scores sees nothing.
func blind[T element](scores []T) bool {
	for _, v := range scores {
		if !math.IsInf(float64(v), -1) {
			return false
		}
	}
	return true
}

// attentionScale is 1/√d: a score is a sum of d products, whose variance it keeps
// at 1.
func attentionScale[T element](d int) T { return T(1 / math.Sqrt(float64(d))) }
