package model

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/lib/blas"
)

// Conv2D slides Filters small pictures over an image and writes down how well
// each agrees with what is under it:
//
//	y[f, i, j] = b[f] + Σ_c Σ_u Σ_v W[f, c, u, v] · x[c, i·s + u − p, j·s + v − p]
//
// with stride s, padding p and 0 outside of the image. (Strictly this is a
// correlation; everyone calls it a convolution.) Its parameters are "weights"
// of shape (filters, channels, kernel, kernel) and "biases" of shape (filters),
// as in torch.nn.Conv2d.
//
// It lays the pixels under each place of the kernel side by side as the columns
// of a matrix, so that the sum is one matrix product for each image (im2col).
//
// Source: LeCun et al., Gradient-Based Learning Applied to Document
// Recognition, 1998; Chellapilla, Puri and Simard, High Performance
// Convolutional Neural Networks for Document Processing, 2006.
type Conv2D struct {
	Filters int
	Kernel  int         // height and width of a filter, in pixels
	Stride  int         // pixels from place to place; 0 means 1
	Padding int         // pixels of 0 around the image; (Kernel−1)/2 keeps the size
	NoBias  bool        // leave b out, as before a BatchNorm, which has its own
	Init    Initializer // of W; nil chooses by the activation that follows
}

type conv struct {
	window
	filters int
	w, b    *part

	rows          int
	x             []float64
	y, dx         []float64
	patch, dPatch []float64 // (channels·kernel²)×places, of one image; 0 outside of it
}

func (l Conv2D) build(in Shape, b *builder) (module, Shape, error) {
	if l.Stride == 0 {
		l.Stride = 1
	}
	w, err := newWindow(in, "kernel", l.Kernel, l.Stride, l.Padding)
	if err != nil {
		return nil, nil, err
	}
	if l.Filters < 1 {
		return nil, nil, fmt.Errorf("has %d filters, want at least 1", l.Filters)
	}
	m := &conv{window: w, filters: l.Filters}
	m.patch = make([]float64, m.depth()*m.places())
	area := l.Kernel * l.Kernel
	m.w = b.param("weights", true, b.weights(l.Init, w.channels*area, l.Filters*area),
		l.Filters, w.channels, l.Kernel, l.Kernel)
	if !l.NoBias {
		m.b = b.param("biases", false, constant(0), l.Filters)
	}
	return m, Shape{l.Filters, w.outHeight, w.outWidth}, nil
}

func (m *conv) forward(x []float64, rows int, _ bool) []float64 {
	m.x, m.rows = x, rows
	m.y = grow(m.y, rows*m.filters*m.places())
	if m.b == nil {
		clear(m.y)
	}
	for i := range rows {
		y := m.outputOf(m.y, i)
		if m.b != nil {
			for f, b := range m.b.values {
				fill(y[f*m.places():(f+1)*m.places()], b)
			}
		}
		m.gather(m.patch, m.inputOf(x, i))
		blas.Gemm(blas.NoTrans, blas.NoTrans, 1, m.weights(m.w.values), m.columns(m.patch), 1, m.images(y))
	}
	return m.y
}

func (m *conv) backward(grad, dy []float64, input bool) []float64 {
	dw := m.weights(m.w.In(grad))
	if input {
		m.dx = grow(m.dx, m.rows*m.channels*m.pixels())
		clear(m.dx)
		m.dPatch = grow(m.dPatch, m.depth()*m.places())
	}
	for i := range m.rows {
		d := m.outputOf(dy, i)
		if m.b != nil {
			for f := range m.filters {
				m.b.In(grad)[f] += total(d[f*m.places() : (f+1)*m.places()])
			}
		}
		m.gather(m.patch, m.inputOf(m.x, i))
		blas.Gemm(blas.NoTrans, blas.Trans, 1, m.images(d), m.columns(m.patch), 1, dw)
		if input {
			blas.Gemm(blas.Trans, blas.NoTrans, 1, m.weights(m.w.values), m.images(d), 0, m.columns(m.dPatch))
			m.scatter(m.inputOf(m.dx, i), m.dPatch)
		}
	}
	return m.dx
}

// gather is im2col: row (c, u, v) of patch holds pixel (u, v) of channel c
// under the kernel, for each place of the kernel. It writes nothing for pixels
// outside of the image: they are the same for all images, and 0 from the start.
func (m *conv) gather(patch, image []float64) {
	m.eachRun(func(at, place, n int) {
		dst := patch[place : place+n]
		if m.stride == 1 {
			copy(dst, image[at:])
			return
		}
		for j := range dst {
			dst[j] = image[at+j*m.stride]
		}
	})
}

// scatter is the transpose of gather: it adds each element of patch to the
// pixel it came from.
func (m *conv) scatter(image, patch []float64) {
	m.eachRun(func(at, place, n int) {
		for j, v := range patch[place : place+n] {
			image[at+j*m.stride] += v
		}
	})
}

// eachRun calls f for each run of n elements of patch, from index place on,
// that come from one row of the image, from index at on in steps of stride.
func (m *conv) eachRun(f func(at, place, n int)) {
	row := 0
	for c := range m.channels {
		for u := range m.size {
			top, bottom := m.span(u, m.height, m.outHeight)
			for v := range m.size {
				left, right := m.span(v, m.width, m.outWidth)
				for i := top; i < bottom; i++ {
					y, x := i*m.stride+u-m.padding, left*m.stride+v-m.padding
					f((c*m.height+y)*m.width+x, row+i*m.outWidth+left, right-left)
				}
				row += m.places()
			}
		}
	}
}

// depth is how many pixels a filter sees at once.
func (m *conv) depth() int { return m.channels * m.size * m.size }

// inputOf and outputOf are the part of sample i in a batch.
func (m *conv) inputOf(batch []float64, i int) []float64 {
	n := m.channels * m.pixels()
	return batch[i*n : (i+1)*n]
}

func (m *conv) outputOf(batch []float64, i int) []float64 {
	n := m.filters * m.places()
	return batch[i*n : (i+1)*n]
}

// The factors of images = weights · columns.
func (m *conv) weights(v []float64) blas64.General { return matrix(v, m.filters, m.depth()) }
func (m *conv) columns(v []float64) blas64.General { return matrix(v, m.depth(), m.places()) }
func (m *conv) images(v []float64) blas64.General  { return matrix(v, m.filters, m.places()) }

func fill(v []float64, c float64) {
	for i := range v {
		v[i] = c
	}
}

func total(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s
}
