package model

import (
	"fmt"
	"math"
)

// MaxPool keeps the largest value of each Size×Size square of each channel: a
// smaller picture that says whether something is there, and not quite where.
// The gradient goes to that pixel, the first one among equals. Padding never
// wins. As torch.nn.MaxPool2d.
type MaxPool struct {
	Size    int
	Stride  int // 0 means Size: squares side by side
	Padding int // at most Size/2
}

// AvgPool takes the mean of each Size×Size square of each channel. Pixels of
// the padding count as 0 and are counted, as torch.nn.AvgPool2d does by
// default. AvgPool of the size of the image is global average pooling.
type AvgPool struct {
	Size    int
	Stride  int // 0 means Size: squares side by side
	Padding int // at most Size/2
}

// Flatten makes features of an image or of a sequence. It changes no number.
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

type maxPool struct {
	window
	rows  int
	from  []int // index in x of each element of y
	y, dx []float64
}

func (l MaxPool) build(in Shape, _ *builder) (module, Shape, error) {
	w, err := poolWindow(in, l.Size, l.Stride, l.Padding)
	if err != nil {
		return nil, nil, err
	}
	return &maxPool{window: w}, w.output(), nil
}

func (m *maxPool) forward(x []float64, rows int, _ bool) []float64 {
	n := rows * m.channels * m.places()
	m.rows, m.y, m.from = rows, grow(m.y, n), grow(m.from, n)
	m.each(rows, func(place, start, top, bottom, left, right int) {
		best, from := math.Inf(-1), start+top*m.width+left
		for i := top; i < bottom; i++ {
			for j := left; j < right; j++ {
				at := start + i*m.width + j
				if v := x[at]; v > best || v != v { // NaN must not go unseen
					best, from = v, at
				}
			}
		}
		m.y[place], m.from[place] = best, from
	})
	return m.y
}

func (m *maxPool) backward(_, dy []float64, input bool) []float64 {
	if input {
		m.dx = grow(m.dx, m.rows*m.channels*m.pixels())
		clear(m.dx)
		for place, from := range m.from {
			m.dx[from] += dy[place]
		}
	}
	return m.dx
}

type avgPool struct {
	window
	rows  int
	y, dx []float64
}

func (l AvgPool) build(in Shape, _ *builder) (module, Shape, error) {
	w, err := poolWindow(in, l.Size, l.Stride, l.Padding)
	if err != nil {
		return nil, nil, err
	}
	return &avgPool{window: w}, w.output(), nil
}

func (m *avgPool) forward(x []float64, rows int, _ bool) []float64 {
	m.rows, m.y = rows, grow(m.y, rows*m.channels*m.places())
	area := float64(m.size * m.size)
	m.each(rows, func(place, start, top, bottom, left, right int) {
		sum := 0.0
		for i := top; i < bottom; i++ {
			sum += total(x[start+i*m.width+left : start+i*m.width+right])
		}
		m.y[place] = sum / area
	})
	return m.y
}

func (m *avgPool) backward(_, dy []float64, input bool) []float64 {
	if !input {
		return nil
	}
	m.dx = grow(m.dx, m.rows*m.channels*m.pixels())
	clear(m.dx)
	area := float64(m.size * m.size)
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

type flatten struct{}

func (Flatten) build(in Shape, _ *builder) (module, Shape, error) {
	return flatten{}, Features(in.Size()), nil
}

func (flatten) forward(x []float64, _ int, _ bool) []float64 { return x }
func (flatten) backward(_, dy []float64, _ bool) []float64   { return dy }
