package model

import (
	"fmt"
	"runtime"

	"github.com/descent-go/descent/internal/crew"
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
// A row of the output, of several images at once, is one matrix product: see
// the package's chapter on convolutions.
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

// conv works on groups of images that lie side by side, so that the rows of its
// matrices are long. For each row r of the padded images, channel c and column
// v of the kernel, the band of a group holds the pixels that column v meets at
// the places of a row of the output, image after image:
//
//	band[r, c, v] = x[c, r − p, v − p], x[c, r − p, s + v − p], x[c, r − p, 2s + v − p], …
//
// Then row i of the output is W times the rows of the band from (i·s, 0, 0) on,
// one for each element (u, c, v) of the kernel: they lie there as a matrix. A
// pixel is copied as often as the kernel is wide, and not once for each of its
// elements, as with im2col.
type conv[T element] struct {
	window
	filters int
	group   int // images side by side
	w, b    *view[T]

	crew            crew.Crew
	forth, back     func(worker, part int) // forwardPart and backwardPart, bound once
	rows, parts     int
	training, input bool
	x, y, dy, dx    []T
	kernel          []T // W as (filter)×(u, c, v)
	turned          []T // W as (u turned, filter)×(c, v)
	biases          []T // b, once for each place in a row
	bands           []T // of each group in training, else of each part
	scratch         []convScratch[T]
}

// convScratch is the memory of a part.
type convScratch[T element] struct {
	out        []T // y or ∂L/∂y of a group, as (row, filter)×(image, column)
	row        []T // ∂L/∂ a row of the band
	dw, db     []T // the part's share of the gradient, dw as turned
	ones, sums []T
}

// convParts is into how many parts a batch is divided at most. Each has a
// gradient of its own, and they are added in order.
const convParts = 8

func newConv[T element](l Conv2D, in Shape, b *builder[T]) (module[T], Shape, error) {
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
	m := &conv[T]{window: w, filters: l.Filters, group: 1, scratch: make([]convScratch[T], convParts)}
	for m.group*w.outWidth < 128 {
		m.group *= 2
	}
	m.forth, m.back = m.forwardPart, m.backwardPart
	area := l.Kernel * l.Kernel
	m.w = b.param("weights", true, b.weights(l.Init, w.channels*area, l.Filters*area),
		l.Filters, w.channels, l.Kernel, l.Kernel)
	if !l.NoBias {
		m.b = b.param("biases", false, constant(0), l.Filters)
	}
	return m, Shape{l.Filters, w.outHeight, w.outWidth}, nil
}

func (m *conv[T]) forward(x []T, rows int, training bool) []T {
	m.x, m.rows, m.training = x, rows, training
	m.y = grow(m.y, rows*m.filters*m.places())
	m.parts = min(m.groups(), convParts)
	if len(m.y)*m.size*m.deep() < 1<<18 {
		m.parts = 1 // not worth a goroutine
	}
	bands := m.parts
	if training {
		bands = m.groups()
	}
	m.bands = grow(m.bands, bands*m.group*m.bandSize())
	m.arrange()
	m.crew.Do(runtime.GOMAXPROCS(0), m.parts, m.forth)
	return m.y
}

// arrange copies W and b as the products want them.
func (m *conv[T]) arrange() {
	m.kernel, m.turned = grow(m.kernel, len(m.w.values)), grow(m.turned, len(m.w.values))
	m.eachWeight(func(kernel, turned, from int) {
		m.kernel[kernel], m.turned[turned] = m.w.values[from], m.w.values[from]
	})
	wide := m.group * m.outWidth
	m.biases = grow(m.biases, m.filters*wide)
	if m.b == nil {
		clear(m.biases)
		return
	}
	for f, b := range m.b.values {
		fill(m.biases[f*wide:(f+1)*wide], b)
	}
}

// forwardPart computes the output of the images of a part.
func (m *conv[T]) forwardPart(_, part int) {
	s := &m.scratch[part]
	lo, hi := share(part, m.parts, m.groups())
	kernel := asMatrix(m.kernel, m.filters, m.size*m.deep())
	for g := lo; g < hi; g++ {
		band, wide := m.band(part, g)
		m.gather(band, g)
		s.out = grow(s.out, m.outHeight*m.filters*wide)
		for i := range m.outHeight {
			y := s.out[i*m.filters*wide : (i+1)*m.filters*wide]
			for f := range m.filters {
				copy(y[f*wide:(f+1)*wide], m.biases[f*m.group*m.outWidth:])
			}
			under := asMatrix(band[i*m.stride*m.deep()*wide:], kernel.cols, wide)
			gemm(blas.NoTrans, blas.NoTrans, kernel, under, 1, asMatrix(y, m.filters, wide))
			m.eachRow(g, i, func(batch, grouped, images int) {
				blas.CopyRuns(m.y[batch:], m.filters*m.places(), s.out[grouped:], m.outWidth, images, m.outWidth)
			})
		}
	}
}

func (m *conv[T]) backward(grad, dy []T, input bool) []T {
	m.dy, m.input = dy, input
	if input {
		m.dx = grow(m.dx, m.rows*m.channels*m.pixels())
	}
	m.crew.Do(runtime.GOMAXPROCS(0), m.parts, m.back)
	dw := m.w.in(grad)
	for p := range m.parts {
		s := &m.scratch[p]
		m.eachWeight(func(_, turned, from int) { dw[from] += s.dw[turned] })
		if m.b != nil {
			addScaled(m.b.in(grad), 1, s.db)
		}
	}
	return m.dx
}

// backwardPart computes ∂L/∂x of the images of a part, and what they add to
// the gradient, row by row of the band. Row r is under row u of the kernel in
// row i of the output if r = i·s + u: a sum over all such i is one product.
func (m *conv[T]) backwardPart(_, part int) {
	s := &m.scratch[part]
	s.dw, s.db = grow(s.dw, len(m.turned)), grow(s.db, m.filters)
	clear(s.dw)
	clear(s.db)
	deep := m.deep()
	lo, hi := share(part, m.parts, m.groups())
	for g := lo; g < hi; g++ {
		band, wide := m.band(part, g)
		s.out, s.row = grow(s.out, m.outHeight*m.filters*wide), grow(s.row, deep*wide)
		for i := range m.outHeight {
			m.eachRow(g, i, func(batch, grouped, images int) {
				blas.CopyRuns(s.out[grouped:], m.outWidth, m.dy[batch:], m.filters*m.places(), images, m.outWidth)
			})
		}
		m.addBiases(s, wide)
		if m.input {
			m.clearImages(g)
		}
		for r := range m.bandRows() {
			first, n, at := m.meets(r)
			if n == 0 {
				continue
			}
			d := asMatrix(s.out[first*m.filters*wide:], n*m.filters, wide)
			dw := asMatrix(s.dw[at*m.filters*deep:], n*m.filters, deep)
			s.addWeights(dw, d, asMatrix(band[r*deep*wide:], deep, wide))
			if m.input {
				w := asMatrix(m.turned[at*m.filters*deep:], n*m.filters, deep)
				gemm(blas.Trans, blas.NoTrans, w, d, 0, asMatrix(s.row, deep, wide))
				m.scatter(s.row, g, r)
			}
		}
	}
}

// meets returns the rows of the output from first on, n in number, that depend
// on row r of the band, and the place of the first one's row of the kernel in
// turned.
func (m *conv[T]) meets(r int) (first, n, at int) {
	if r >= m.size {
		first = (r - m.size + m.stride) / m.stride
	}
	last := min(r/m.stride, m.outHeight-1)
	if last < first {
		return 0, 0, 0
	}
	return first, last - first + 1, m.turn(r - first*m.stride)
}

// addWeights adds d times the transposed rows of a band to dw. In a product of
// few columns the best kernel of Gemm is mostly idle: the first layer takes them
// one by one.
func (s *convScratch[T]) addWeights(dw, d, rows matrix[T]) {
	if rows.rows >= 8 {
		gemm(blas.NoTrans, blas.Trans, d, rows, 1, dw)
		return
	}
	for k := range rows.rows {
		row := asMatrix(rows.data[k*rows.cols:], rows.cols, 1)
		gemm(blas.NoTrans, blas.NoTrans, d, row, 0, asMatrix(s.sums, d.rows, 1))
		for i, v := range s.sums[:d.rows] {
			dw.data[i*dw.stride+k] += v
		}
	}
}

// addBiases adds Σ ∂L/∂y of each filter to the part's share.
func (m *conv[T]) addBiases(s *convScratch[T], wide int) {
	n := m.outHeight * m.filters
	s.ones, s.sums = grow(s.ones, wide), grow(s.sums, n)
	fill(s.ones, 1)
	gemm(blas.NoTrans, blas.NoTrans, asMatrix(s.out, n, wide), asMatrix(s.ones, wide, 1), 0, asMatrix(s.sums, n, 1))
	for i := 0; i < n; i += m.filters {
		addScaled(s.db, 1, s.sums[i:i+m.filters])
	}
}

// clearImages sets ∂L/∂x of group g to 0.
func (m *conv[T]) clearImages(g int) {
	first, images := m.images(g)
	n := m.channels * m.pixels()
	clear(m.dx[first*n : (first+images)*n])
}

// gather fills the band of group g.
func (m *conv[T]) gather(band []T, g int) {
	image, width, stride := m.channels*m.pixels(), m.outWidth, m.stride
	for r := range m.bandRows() {
		m.eachColumn(g, r, func(from, images, left, right int) {
			runs := band[:images*width]
			band = band[len(runs):]
			if right-left < width {
				clear(runs)
			}
			if stride == 1 {
				blas.CopyRuns(runs[left:], width, m.x[from:], image, images, right-left)
				return
			}
			for at := left; at < len(runs); at += width {
				for j := range right - left {
					runs[at+j] = m.x[from+j*stride]
				}
				from += image
			}
		})
	}
}

// scatter is the transpose of gather: it adds each element of row r of the band
// to the pixel it came from.
func (m *conv[T]) scatter(row []T, g, r int) {
	image, width, stride := m.channels*m.pixels(), m.outWidth, m.stride
	m.eachColumn(g, r, func(from, images, left, right int) {
		runs := row[:images*width]
		row = row[len(runs):]
		if stride == 1 {
			blas.AddRuns(m.dx[from:], image, runs[left:], width, images, right-left)
			return
		}
		for at := left; at < len(runs); at += width {
			for j, v := range runs[at:][:right-left] {
				m.dx[from+j*stride] += v
			}
			from += image
		}
	})
}

// eachColumn calls f for each channel and column of the kernel, with what they
// put into row r of group g's band: a run of outWidth elements for each image.
// Those from left to right are pixels, in the first image from index from of the
// batch on, in steps of the stride; the others are padding.
func (m *conv[T]) eachColumn(g, r int, f func(from, images, left, right int)) {
	first, images := m.images(g)
	y := r - m.padding
	for c := range m.channels {
		for v := range m.size {
			left, right, from := 0, 0, 0
			if 0 <= y && y < m.height {
				left, right = m.span(v, m.width, m.outWidth)
			}
			if left < right {
				from = ((first*m.channels+c)*m.height+y)*m.width + left*m.stride + v - m.padding
			}
			f(from, images, left, right)
		}
	}
}

// eachRow calls f for row i of the output of each filter of group g, with its
// place in the first image of the batch, and among the rows of the group, where
// the images follow each other.
func (m *conv[T]) eachRow(g, i int, f func(batch, grouped, images int)) {
	first, images := m.images(g)
	for filter := range m.filters {
		batch := ((first*m.filters+filter)*m.outHeight + i) * m.outWidth
		f(batch, (i*m.filters+filter)*images*m.outWidth, images)
	}
}

// eachWeight calls f with the places of each weight in kernel, in turned and in
// W. The rows of turned are those of the kernel from the last to the first, so
// that they fit the rows of the output from the first to the last; with a
// stride s, first those that are multiples of s, then those one above, …
func (m *conv[T]) eachWeight(f func(kernel, turned, from int)) {
	kernel := 0
	for filter := range m.filters {
		for u := range m.size {
			turned := (m.turn(u)*m.filters + filter) * m.deep()
			for c := range m.channels {
				for v := range m.size {
					f(kernel, turned, ((filter*m.channels+c)*m.size+u)*m.size+v)
					kernel++
					turned++
				}
			}
		}
	}
}

// turn is the place of row u of the kernel in turned.
func (m *conv[T]) turn(u int) int {
	start, count := 0, 0
	for rest := range u%m.stride + 1 {
		start += count
		count = (m.size - rest + m.stride - 1) / m.stride
	}
	return start + count - 1 - u/m.stride
}

// groups is how many groups the batch has, and images which ones are in group g.
func (m *conv[T]) groups() int { return (m.rows + m.group - 1) / m.group }
func (m *conv[T]) images(g int) (first, n int) {
	return g * m.group, min(m.group, m.rows-g*m.group)
}

// band is the band of a group and the length of its rows. Only training keeps
// it for backward.
func (m *conv[T]) band(part, g int) (band []T, wide int) {
	slot := part
	if m.training {
		slot = g
	}
	_, images := m.images(g)
	at := slot * m.group * m.bandSize()
	return m.bands[at : at+images*m.bandSize()], images * m.outWidth
}

// bandRows is how many rows of the padded image the kernel meets, deep how many
// rows of the band each of them has, and bandSize the size for one image.
func (m *conv[T]) bandRows() int { return (m.outHeight-1)*m.stride + m.size }
func (m *conv[T]) deep() int     { return m.channels * m.size }
func (m *conv[T]) bandSize() int { return m.bandRows() * m.deep() * m.outWidth }
