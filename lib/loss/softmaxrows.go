package loss

import (
	"sync"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/blas"
)

// A softmaxLoss is a loss of p = softmax(f): row returns ℓ and finds p in d, which it replaces
// by ∂ℓ/∂f, the largest score of the row and log Σ e^{f−top}, with which
// log p_j = (f_j − top) − logZ. block does so for a block of rows.
type softmaxLoss interface {
	row(d, f, target []float64, top, logZ float64, room *softmaxRoom) float64
	block(s *blockRoom, target blas64.General, classes int)
}

// softmaxRows is rowwise for a softmaxLoss.
func softmaxRows[L softmaxLoss](dPred, pred, target blas64.General, weight []float64, total float64, of L) float64 {
	if pred.Rows*pred.Cols >= shared {
		return sharedRows(dPred, pred, target, weight, total, of)
	}
	return mean(sumSoftmax(dPred, pred, target, weight, total, of), total)
}

// sharedRows is softmaxRows on several cores.
func sharedRows[L softmaxLoss](dPred, pred, target blas64.General, weight []float64, total float64, of L) float64 {
	return mean(rowsInParts(dPred, pred, target, weight, func(dPred, pred, target blas64.General, weight []float64) accurate.Sum {
		return sumSoftmax(dPred, pred, target, weight, total, of)
	}), total)
}

// sumSoftmax returns the sum of a softmaxLoss over the rows: in blocks, and what they leave row by row.
func sumSoftmax[L softmaxLoss](dPred, pred, target blas64.General, weight []float64, total float64, of L) (sum accurate.Sum) {
	s := softmaxPool.Get().(*softmaxRoom)
	defer softmaxPool.Put(s)
	if blas.HasKernels && fewClasses(pred) && total != 0 {
		done := addBlocks(&sum, &s.block, dPred, pred, target, weight, total, of)
		if done == pred.Rows {
			return sum
		}
		dPred, pred, target, weight = rowsFrom(dPred, pred, target, weight, done)
	}
	addSoftmax(&sum, s, dPred, pred, target, weight, total, of)
	return sum
}

// addSoftmax is addRows for a softmaxLoss. Exponentials and logarithms of some rows are computed at
// once.
func addSoftmax[L softmaxLoss](sum *accurate.Sum, s *softmaxRoom, dPred, pred, target blas64.General, weight []float64, total float64, of L) {
	most := min(max(1, softmaxElements/max(pred.Cols, 1)), len(s.top))
	first, end := 0, 0 // of the rows that s holds
	addRows(sum, dPred, pred, target, weight, total, func(i int, d, f, target []float64) float64 {
		if i >= end {
			first, end = i, min(i+most, pred.Rows)
			s.fill(pred, first, end)
		}
		k := i - first
		if d != nil {
			for j, e := range s.e[k*len(f):][:len(f)] {
				d[j] = e / (1 + s.rest[k])
			}
		}
		return of.row(d, f, target, s.top[k], s.logZ[k], s)
	})
}

// softmaxElements are computed at once: they stay in the first cache.
const softmaxElements = 1024

var softmaxPool = sync.Pool{New: func() any { return new(softmaxRoom) }}

// softmaxRoom is for some rows.
type softmaxRoom struct {
	e                  []float64 // e^{f−top}, one row after the other
	top, rest, u, logZ [128]float64
	logs               []float64
	block              blockRoom
}

// logsOf returns the logarithms of t.
func (s *softmaxRoom) logsOf(t []float64) []float64 {
	if cap(s.logs) < len(t) {
		s.logs = make([]float64, len(t))
	}
	s.logs = s.logs[:len(t)]
	blas.Log(s.logs, t)
	return s.logs
}

// fill computes the rows from lo to hi. The largest term of a row is exactly 1, and kept out
// of the sum: that a class is nearly certain does not cost the digits of what is missing.
func (s *softmaxRoom) fill(f blas64.General, lo, hi int) {
	n := f.Cols
	if cap(s.e) < (hi-lo)*n {
		s.e = make([]float64, (hi-lo)*n)
	}
	s.e = s.e[:(hi-lo)*n]
	var largest [len(s.top)]int
	for k := range hi - lo {
		from, to, at := row(f, lo+k), s.e[k*n:][:n], 0
		top := blas.Max(from)
		for at < n-1 && !(from[at] >= top) { // NaN, which may not be the largest, is none of these
			at++
		}
		for j, v := range from {
			to[j] = v - top
		}
		s.top[k], largest[k] = top, at
	}
	blas.Exp(s.e, s.e)
	for k, at := range largest[:hi-lo] {
		e, rest := s.e[k*n:][:n], 0.0
		e[at] = 0
		for _, v := range e {
			rest += v
		}
		e[at] = 1
		s.rest[k] = rest
	}
	log1p(s.logZ[:hi-lo], s.u[:hi-lo], s.rest[:hi-lo])
}

// log1p sets dst to log(1 + x). What rounding takes from u = 1 + x, log u is multiplied by:
// it is in proportion to x where x is small. (The formula is William Kahan's.)
func log1p(dst, u, x []float64) {
	for i, v := range x {
		u[i] = 1 + v
	}
	blas.Log(dst, u)
	for i, v := range x {
		if d := u[i] - 1; d != 0 && d != v {
			dst[i] *= v / d
		} else if d == 0 {
			dst[i] = v
		}
	}
}
