package model

import (
	"fmt"
	"runtime"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/blas"
)

// MaxPool keeps the largest value of each Size×Size square of each channel: a
// smaller image that says whether a feature is present, but not exactly
// where. The gradient goes to that pixel, the first of several that are
// equal. Padding is never the largest. It works as torch.nn.MaxPool2d.
type MaxPool struct {
	Size    int
	Stride  int // 0 means Size, so that squares do not overlap
	Padding int // at most Size/2
}

// AvgPool takes the mean of each Size×Size square of each channel. Padding
// pixels are 0 and count in the mean, as in torch.nn.AvgPool2d by default.
// With the Size of the image it is global average pooling.
type AvgPool struct {
	Size    int
	Stride  int // 0 means Size, so that squares do not overlap
	Padding int // at most Size/2
}

// Flatten turns an image or a sequence into a vector of features. It changes
// no number.
type Flatten struct{}

func poolWindow(in Shape, size, stride, padding int) (window, error) {
	if stride == 0 {
		stride = size
	}
	w, err := newWindow(in, "square", size, stride, padding)
	if err == nil && 2*padding > size {
		err = fmt.Errorf("has padding %d, want at most half of its size %d", padding, size)
	}
	return w, err
}

func (w window) output() Shape { return Shape{w.channels, w.outHeight, w.outWidth} }

// each calls f for each place of the window, in all channels of rows images,
// with the index of the place in the output, that of the channel's first pixel
// in the input, and the pixels that the window covers.
func (w window) each(rows int, f func(place, start, top, bottom, left, right int)) {
	place := 0
	for channel := range rows * w.channels {
		for i := range w.outHeight {
			top, bottom := w.clip(i, w.height)
			for j := range w.outWidth {
				left, right := w.clip(j, w.width)
				f(place, channel*w.pixels(), top, bottom, left, right)
				place++
			}
		}
	}
}

type maxPool[T element] struct {
	window
	crew        crew.Crew
	forth, back func(worker, part int) // forwardPart and backwardPart, bound once
	squares     bool                   // 2×2 pixels side by side, the usual window
	planes      int                    // channels of all images
	parts       int                    // into which the planes are divided
	from        []int32                // where in its channel each element of y is, unless of squares
	x, y        []T
	dy, dx      []T
}

func newMaxPool[T element](l MaxPool, in Shape) (module[T], Shape, error) {
	w, err := poolWindow(in, l.Size, l.Stride, l.Padding)
	if err != nil {
		return nil, nil, err
	}
	m := &maxPool[T]{window: w, squares: w.size == 2 && w.stride == 2 && w.padding == 0}
	m.forth, m.back = m.forwardPart, m.backwardPart
	return m, w.output(), nil
}

func (m *maxPool[T]) forward(x []T, rows int, _ bool) []T {
	m.x, m.planes = x, rows*m.channels
	m.y = grow(m.y, m.planes*m.places())
	if !m.squares {
		m.from = grow(m.from, len(m.y))
	}
	m.parts = partsOf(len(x))
	m.crew.Do(runtime.GOMAXPROCS(0), m.parts, m.forth)
	return m.y
}

func (m *maxPool[T]) forwardPart(_, part int) {
	lo, hi := share(part, m.parts, m.planes)
	if m.squares {
		m.eachRun(lo, hi, func(y, yEnd, x, xEnd int) {
			blas.MaxSquares(m.y[y:yEnd], m.outWidth, m.x[x:xEnd], m.width)
		})
		return
	}
	for p := lo; p < hi; p++ {
		x := m.x[p*m.pixels() : (p+1)*m.pixels()]
		y, from := m.y[p*m.places():(p+1)*m.places()], m.from[p*m.places():(p+1)*m.places()]
		for i := range m.outHeight {
			yi, at := y[i*m.outWidth:(i+1)*m.outWidth], from[i*m.outWidth:(i+1)*m.outWidth]
			for j := range yi {
				yi[j], at[j] = m.largest(x, i, j)
			}
		}
	}
}

// largest returns the largest pixel of a channel under the window at place
// (i, j), the first one among equals, and where it is.
func (m *maxPool[T]) largest(x []T, i, j int) (best T, at int32) {
	top, bottom := m.clip(i, m.height)
	left, right := m.clip(j, m.width)
	from := top*m.width + left
	best = x[from]
	for r := top; r < bottom; r++ {
		for k, v := range x[r*m.width+left : r*m.width+right] {
			if v > best || v != v { // NaN must not go unseen
				best, from = v, r*m.width+left+k
			}
		}
	}
	return best, int32(from)
}

func (m *maxPool[T]) backward(_, dy []T, input bool) []T {
	if input {
		m.dy, m.dx = dy, grow(m.dx, m.planes*m.pixels())
		m.crew.Do(runtime.GOMAXPROCS(0), m.parts, m.back)
	}
	return m.dx
}

func (m *maxPool[T]) backwardPart(_, part int) {
	lo, hi := share(part, m.parts, m.planes)
	if m.squares {
		if m.height%2 != 0 || m.width%2 != 0 { // not all pixels are in a square
			clear(m.dx[lo*m.pixels() : hi*m.pixels()])
		}
		m.eachRun(lo, hi, func(y, yEnd, x, xEnd int) {
			blas.MaxSquaresGrad(m.dx[x:xEnd], m.dy[y:yEnd], m.x[x:xEnd], m.y[y:yEnd], m.outWidth, m.width)
		})
		return
	}
	for p := lo; p < hi; p++ {
		dx := m.dx[p*m.pixels() : (p+1)*m.pixels()]
		clear(dx)
		dy := m.dy[p*m.places() : (p+1)*m.places()]
		for i, from := range m.from[p*m.places() : (p+1)*m.places()] {
			dx[from] += dy[i]
		}
	}
}

// eachRun calls f with where in y and x the rows of squares of planes from lo to
// hi lie: of all at once, or plane by plane where a row is left over in each.
func (m *maxPool[T]) eachRun(lo, hi int, f func(y, yEnd, x, xEnd int)) {
	planes := 1
	if m.height%2 == 0 {
		planes = hi - lo
	}
	for p := lo; p < hi; p += planes {
		y, x := p*m.places(), p*m.pixels()
		f(y, y+planes*m.places(), x, x+planes*2*m.outHeight*m.width)
	}
}

// partsOf is into how many parts a layer without products divides n numbers:
// as many as are worth a goroutine each.
func partsOf(n int) int { return min(max(n>>14, 1), 16) }

type avgPool[T element] struct {
	window
	rows  int
	y, dx []T
}

func newAvgPool[T element](l AvgPool, in Shape) (module[T], Shape, error) {
	w, err := poolWindow(in, l.Size, l.Stride, l.Padding)
	if err != nil {
		return nil, nil, err
	}
	return &avgPool[T]{window: w}, w.output(), nil
}

func (m *avgPool[T]) forward(x []T, rows int, _ bool) []T {
	m.rows, m.y = rows, grow(m.y, rows*m.channels*m.places())
	area := float64(m.size * m.size)
	m.each(rows, func(place, start, top, bottom, left, right int) {
		sum := 0.0
		for i := top; i < bottom; i++ {
			sum += total(x[start+i*m.width+left : start+i*m.width+right])
		}
		m.y[place] = T(sum / area)
	})
	return m.y
}

func (m *avgPool[T]) backward(_, dy []T, input bool) []T {
	if !input {
		return nil
	}
	m.dx = grow(m.dx, m.rows*m.channels*m.pixels())
	clear(m.dx)
	area := T(m.size * m.size)
	m.each(m.rows, func(place, start, top, bottom, left, right int) {
		share := dy[place] / area
		for i := top; i < bottom; i++ {
			for j := left; j < right; j++ {
				m.dx[start+i*m.width+j] += share
			}
		}
	})
	return m.dx
}

type flatten[T element] struct{}

func (flatten[T]) forward(x []T, _ int, _ bool) []T { return x }
func (flatten[T]) backward(_, dy []T, _ bool) []T   { return dy }
