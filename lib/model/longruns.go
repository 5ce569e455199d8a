package model

import (
	"runtime"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// LongRuns are the short cut of batchNorm for images, whose channels have runs of pixels that are
// long enough for kernels. It divides the channels among the cores, and does the work of a ReLU that
// follows while a run is in the first cache.
type longRuns[T element] struct {
	norm           *batchNorm[T]
	x, dy          []T
	dScale, dShift []T
	input          bool

	channels    rows.Parts
	forth, back func(worker, part, lo, hi int) // forthOf and backOf, bound once
	spread      []spread[T]                    // of the workers
}

// A spread has the scale and the shift of a channel, for each pixel.
type spread[T element] struct{ scale, shift []T }

// longPart is how many numbers are gone over again and again before the next: they stay in
// the second cache.
const longPart = 1 << 17

// long is a run of pixels that is long enough for a kernel.
const long = 16

// do has the channels worked on, or declines.
func (l *longRuns[T]) do(m *batchNorm[T], backward bool) bool {
	if m.pixels < long {
		return false
	}
	if l.norm == nil {
		l.norm, l.forth, l.back = m, l.forthOf, l.backOf
	}
	for len(l.spread) < runtime.GOMAXPROCS(0) {
		l.spread = append(l.spread, spread[T]{make([]T, m.pixels), make([]T, m.pixels)})
	}
	part := min(m.channels, max(1, longPart/(m.rows*m.pixels))) // neighbours in memory stay together
	if len(l.spread) > 1 {
		part = min(part, (m.channels+4*len(l.spread)-1)/(4*len(l.spread)))
	}
	l.channels.Set(0, m.channels, part, part)
	work := l.forth
	if backward {
		work = l.back
	}
	l.channels.Do(rows.Workers(len(l.spread), m.rows*m.channels*m.pixels), work)
	return true
}

// forward is batchNorm.forward in training, or declines.
func (l *longRuns[T]) forward(m *batchNorm[T], x []T) bool {
	l.x = x
	return l.do(m, false)
}

// forthOf normalises the channels from first to last.
func (l *longRuns[T]) forthOf(worker, _, first, last int) {
	m, x, s := l.norm, l.x, l.spread[worker]
	n, variance := float64(m.rows*m.pixels), m.inverse
	clear(m.mu[first:last])
	clear(variance[first:last])
	l.each(first, last, func(c, lo, hi int) {
		sum, _ := moments(x[lo:hi], 0)
		m.mu[c] += sum
	})
	for c := first; c < last; c++ {
		m.mu[c] /= n
	}
	l.each(first, last, func(c, lo, hi int) {
		_, squares := moments(x[lo:hi], T(m.mu[c]))
		variance[c] += squares
	})
	for c := first; c < last; c++ {
		m.learn(c, variance[c], n)
		fill(s.scale, m.scale.values[c])
		fill(s.shift, m.shift.values[c])
		for lo := c * m.pixels; lo < len(x); lo += m.channels * m.pixels {
			hi := lo + m.pixels
			blas.Normalize(m.y[lo:hi], m.normal[lo:hi], x[lo:hi], s.scale, s.shift, T(m.mu[c]), T(m.inverse[c]))
			if blas.HasKernels && m.rectify {
				blas.ReLU(m.y[lo:hi], m.y[lo:hi])
			}
		}
	}
}

// each calls f for each run of the channels from first to last, in the order of memory.
func (l *longRuns[T]) each(first, last int, f func(channel, lo, hi int)) {
	m := l.norm
	for image := range m.rows {
		for c := first; c < last; c++ {
			lo := (image*m.channels + c) * m.pixels
			f(c, lo, lo+m.pixels)
		}
	}
}

// backward is batchNorm.backward, or declines.
func (l *longRuns[T]) backward(m *batchNorm[T], dScale, dShift, dy []T, input bool) bool {
	l.dScale, l.dShift, l.dy, l.input = dScale, dShift, dy, input
	return l.do(m, true)
}

// backOf computes the derivatives of the channels from first to last.
func (l *longRuns[T]) backOf(_, _, first, last int) {
	m, dy := l.norm, l.dy
	clear(m.sum[first:last])
	clear(m.cross[first:last])
	rectified := blas.HasKernels && m.rectified
	if rectified {
		dy = m.dx
	}
	l.each(first, last, func(c, lo, hi int) {
		if rectified {
			blas.ReLUGrad(dy[lo:hi], l.dy[lo:hi], m.y[lo:hi])
		}
		sum, cross := along(dy[lo:hi], m.normal[lo:hi])
		m.sum[c], m.cross[c] = m.sum[c]+sum, m.cross[c]+cross
	})
	for c := first; c < last; c++ {
		l.dScale[c] += T(m.cross[c])
		l.dShift[c] += T(m.sum[c])
	}
	if !l.input {
		return
	}
	n := float64(m.rows * m.pixels)
	l.each(first, last, func(c, lo, hi int) {
		if !rectified {
			copy(m.dx[lo:hi], dy[lo:hi])
		}
		blas.Center(m.dx[lo:hi], m.normal[lo:hi], T(m.sum[c]/n), T(m.cross[c]/n), m.scale.values[c]*T(m.inverse[c]))
	})
}

// few is how many numbers of a run are added up in their own precision; the sums of
// parts are added up in float64.
const few = 1024

// moments returns Σ v and Σ (v − center)² of a long run.
func moments[T element](v []T, center T) (sum, squares float64) {
	for ; len(v) > 0; v = v[min(few, len(v)):] {
		s, q := blas.Squares(v[:min(few, len(v))], center)
		sum, squares = sum+s, squares+q
	}
	return sum, squares
}

// along returns Σ d and Σ d·normal of a long run.
func along[T element](d, normal []T) (sum, cross float64) {
	sum, _ = moments(d, 0)
	for ; len(d) > 0; d, normal = d[min(few, len(d)):], normal[min(few, len(d)):] {
		n := min(few, len(d))
		cross += float64(shortDot(d[:n], normal[:n]))
	}
	return sum, cross
}
