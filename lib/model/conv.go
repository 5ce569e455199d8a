package model

import (
	"fmt"
	"runtime"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/blas"
)

// Conv2D slides filters over an image and computes how well each matches the
// pixels under it:
//
//	y[f, i, j] = b[f] + Σ_c Σ_u Σ_v W[f, c, u, v] · x[c, i·s + u·d − p, j·s + v·d − p]
//
// with stride s, dilation d, padding p and 0 outside the image. (Strictly this is
// a correlation, but it is always called a convolution.) With g groups each
// filter sees only the channels of its group: filters and channels are divided
// into g equal parts, in order. As many groups as channels make a depthwise
// convolution. Its parameters are "weights" of shape (filters, channels/g,
// kernel, kernel) and "biases" of shape (filters), as in torch.nn.Conv2d.
//
// The section on convolutions in the package comment says how it is computed.
//
// Source: LeCun et al., Gradient-Based Learning Applied to Document
// Recognition, 1998; Chellapilla, Puri and Simard, High Performance
// Convolutional Neural Networks for Document Processing, 2006; Yu and Koltun,
// Multi-Scale Context Aggregation by Dilated Convolutions, 2016; Krizhevsky,
// Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural
// Networks, 2012 (groups).
type Conv2D struct {
	Filters  int
	Kernel   int         // height and width of a filter, in pixels
	Stride   int         // pixels between neighbouring positions; 0 means 1
	Padding  int         // pixels of 0 around the image; Dilation·(Kernel−1)/2 keeps the size
	Dilation int         // pixels between neighbouring weights of a filter; 0 means 1
	Groups   int         // number of separate groups of channels and filters; 0 means 1
	NoBias   bool        // omit b, as before a BatchNorm, whose shift replaces it
	Init     Initializer // of W; nil chooses by the activation that follows
}

// conv works on groups of adjacent images, so that the rows of its matrices are
// long. (These are groups of a batch, not the groups of Conv2D.) For each row r of
// the padded images, channel c and column v of the kernel, the band of a group
// holds the pixels that column v covers for a row of the output, image after image:
//
//	band[r, c, v] = x[c, r − p, v·d − p], x[c, r − p, s + v·d − p], x[c, r − p, 2s + v·d − p], …
//
// Then row i of the output is W times the rows of the band from (i·s, 0, 0) on, one
// for each element (u, c, v) of the kernel, which form a matrix. A pixel is copied
// once for each column of the kernel, and not for each element, as with im2col. A
// dilated kernel covers the rows i·s + u·d. So that these are adjacent, the band is
// sorted by r mod d.
type conv[T element] struct {
	window               // its channels are those that the filters see
	dilation             int
	filters              int
	allChannels, channel int // of the image, and the first one of the window's
	allFilters, filter   int // of the layer, and the first one of these
	order                convOrder
	group                int // adjacent images
	w, b                 *view[T]

	crew            crew.Crew
	forth, back     func(worker, part int) // forwardPart and backwardPart, bound once
	rows, parts     int
	training, input bool
	x, y, dy, dx    []T
	kernel          []T               // W as (filter)×(u, c, v)
	turned          []T               // W as (u turned, filter)×(c, v)
	biases          []T               // b, repeated for each pixel of a row
	bands           []T               // of each group in training, unless the short cut does without
	shares          []convShare[T]    // of the parts
	scratch         []*convScratch[T] // of the workers
	direct          convShortCut[T]   // nil where it does not apply
}

// convShare is what a part adds to the gradient, dw as turned.
type convShare[T element] struct{ dw, db []T }

// convScratch is the memory of a worker.
type convScratch[T element] struct {
	band       []T // of a group that is not kept
	out        []T // y or ∂L/∂y of a group, as (row, filter)×(image, column)
	row        []T // ∂L/∂ a row of the band
	ones, sums []T
}

// convShortCut is directConv. As an interface it is not linked where nothing makes one.
type convShortCut[T element] interface {
	prepare(workers int)
	outputs(m *conv[T], worker, g int) bool
	turn(m *conv[T])
	part(m *conv[T], worker, part, lo, hi int)
}

// convParts is the largest number of parts of a batch. Each has its own
// gradient, and these are added in order.
const convParts = 8

func newConv[T element](l Conv2D, in Shape, b *builder[T]) (module[T], Shape, error) {
	for _, setting := range []*int{&l.Stride, &l.Dilation, &l.Groups} {
		if *setting == 0 {
			*setting = 1
		}
	}
	w, err := newConvWindow(l, in)
	if err != nil {
		return nil, nil, err
	}
	area, channels, filters := l.Kernel*l.Kernel, w.channels/l.Groups, l.Filters/l.Groups
	weights := b.param("weights", true, b.weights(l.Init, channels*area, l.Filters*area),
		l.Filters, channels, l.Kernel, l.Kernel)
	var biases *view[T]
	if !l.NoBias {
		biases = b.param("biases", false, constant(0), l.Filters)
	}
	all := &groupedConv[T]{outputs: l.Filters * w.places(), inputs: in.Size()}
	w.channels = channels
	for g := range l.Groups {
		m := &conv[T]{
			window: w, dilation: l.Dilation, filters: filters,
			allChannels: in[0], channel: g * channels, allFilters: l.Filters, filter: g * filters,
			order: newConvOrder(w, l.Dilation), w: weights, b: biases,
			group: 1, shares: make([]convShare[T], convParts),
		}
		for m.group*w.outWidth < 128 {
			m.group *= 2
		}
		m.forth, m.back = m.forwardPart, m.backwardPart
		m.direct = newDirectConv(m)
		all.convs = append(all.convs, m)
	}
	out := Shape{l.Filters, w.outHeight, w.outWidth}
	if l.Groups == 1 {
		return all.convs[0], out, nil
	}
	return all, out, nil
}

// newConvWindow checks the settings and returns the places of a kernel.
func newConvWindow(l Conv2D, in Shape) (window, error) {
	what := "kernel"
	switch {
	case l.Dilation < 1 || l.Groups < 1:
		return window{}, fmt.Errorf("has dilation %d and %d groups, want at least 1 of both (0 means 1)", l.Dilation, l.Groups)
	case l.Kernel >= 1 && l.Dilation > 1:
		what = fmt.Sprintf("kernel, dilated by %d,", l.Dilation)
	}
	extent := l.Kernel
	if l.Kernel >= 1 {
		extent = (l.Kernel-1)*l.Dilation + 1
	}
	w, err := newWindow(in, what, extent, l.Stride, l.Padding)
	if err != nil {
		return w, err
	}
	if l.Filters < 1 {
		return w, fmt.Errorf("has %d filters, want at least 1", l.Filters)
	}
	if w.channels%l.Groups != 0 || l.Filters%l.Groups != 0 {
		return w, fmt.Errorf("has %d groups, which do not divide %d channels and %d filters: choose a divisor of both", l.Groups, w.channels, l.Filters)
	}
	w.size = l.Kernel
	return w, nil
}

// groupedConv is a convolution for each group of channels, on one image and into
// one output.
type groupedConv[T element] struct {
	convs           []*conv[T]
	inputs, outputs int // of one image
	rows            int
	y, dx           []T
}

func (m *groupedConv[T]) forward(x []T, rows int, training bool) []T {
	m.rows, m.y = rows, grow(m.y, rows*m.outputs)
	for _, c := range m.convs {
		c.into(m.y, x, rows, training)
	}
	return m.y
}

func (m *groupedConv[T]) backward(grad, dy []T, input bool) []T {
	if input {
		m.dx = grow(m.dx, m.rows*m.inputs)
	}
	for _, c := range m.convs {
		c.outOf(m.dx, grad, dy, input)
	}
	return m.dx
}

func (m *conv[T]) forward(x []T, rows int, training bool) []T {
	m.y = grow(m.y, rows*m.filters*m.places())
	m.into(m.y, x, rows, training)
	return m.y
}

func (m *conv[T]) backward(grad, dy []T, input bool) []T {
	if input {
		m.dx = grow(m.dx, m.rows*m.channels*m.pixels())
	}
	m.outOf(m.dx, grad, dy, input)
	return m.dx
}

// into computes the filters' part of y.
func (m *conv[T]) into(y, x []T, rows int, training bool) {
	m.y, m.x, m.rows, m.training = y, x, rows, training
	m.parts = min(m.groups(), convParts)
	if rows*m.filters*m.places()*m.size*m.deep() < 1<<18 {
		m.parts = 1 // not worth a goroutine
	}
	if m.keeps() {
		m.bands = grow(m.bands, m.groups()*m.group*m.bandSize())
	}
	for len(m.scratch) < min(runtime.GOMAXPROCS(0), convParts) {
		m.scratch = append(m.scratch, new(convScratch[T]))
	}
	if blas.HasKernels && m.direct != nil {
		m.direct.prepare(len(m.scratch))
	}
	m.arrange()
	m.crew.Do(runtime.GOMAXPROCS(0), m.parts, m.forth)
}

// weightsOf and biasesOf return what belongs to the filters of all W and b.
func (m *conv[T]) weightsOf(w []T) []T {
	n := m.channels * m.size * m.size
	return w[m.filter*n : (m.filter+m.filters)*n]
}

func (m *conv[T]) biasesOf(b []T) []T { return b[m.filter : m.filter+m.filters] }

// arrange copies W and b as the products want them.
func (m *conv[T]) arrange() {
	w := m.weightsOf(m.w.values)
	m.kernel, m.turned = grow(m.kernel, len(w)), grow(m.turned, len(w))
	m.eachWeight(func(kernel, turned, from int) {
		m.kernel[kernel], m.turned[turned] = w[from], w[from]
	})
	wide := m.group * m.outWidth
	m.biases = grow(m.biases, m.filters*wide)
	if m.b == nil {
		clear(m.biases)
		return
	}
	for f, b := range m.biasesOf(m.b.values) {
		fill(m.biases[f*wide:(f+1)*wide], b)
	}
}

// forwardPart computes the output of the images of a part.
func (m *conv[T]) forwardPart(worker, part int) {
	s := m.scratch[worker]
	lo, hi := share(part, m.parts, m.groups())
	kernel := asMatrix(m.kernel, m.filters, m.size*m.deep())
	for g := lo; g < hi; g++ {
		if blas.HasKernels && m.direct != nil && m.direct.outputs(m, worker, g) {
			continue
		}
		band, wide := m.band(s, g)
		m.gather(band, g)
		s.out = grow(s.out, m.outHeight*m.filters*wide)
		for i := range m.outHeight {
			y := s.out[m.order.out[i]*m.filters*wide:][:m.filters*wide]
			for f := range m.filters {
				copy(y[f*wide:(f+1)*wide], m.biases[f*m.group*m.outWidth:])
			}
			under := asMatrix(band[m.order.band[i*m.stride]*m.deep()*wide:], kernel.cols, wide)
			gemm(blas.NoTrans, blas.NoTrans, kernel, under, 1, asMatrix(y, m.filters, wide))
			m.eachRow(g, i, func(batch, grouped, images int) {
				blas.CopyRuns(m.y[batch:], m.allFilters*m.places(), s.out[grouped:], m.outWidth, images, m.outWidth)
			})
		}
	}
}

// outOf adds the filters' part of ∂L/∂θ to grad, and computes ∂L/∂x of their
// channels if input is wanted.
func (m *conv[T]) outOf(dx, grad, dy []T, input bool) {
	m.dx, m.dy, m.input = dx, dy, input
	if blas.HasKernels && m.direct != nil && input {
		m.direct.turn(m)
	}
	m.crew.Do(runtime.GOMAXPROCS(0), m.parts, m.back)
	dw := m.weightsOf(m.w.in(grad))
	for p := range m.parts {
		s := &m.shares[p]
		m.eachWeight(func(_, turned, from int) { dw[from] += s.dw[turned] })
		if m.b != nil {
			addScaled(m.biasesOf(m.b.in(grad)), 1, s.db)
		}
	}
}

// backwardPart computes ∂L/∂x of the images of a part, and what they add to
// the gradient.
func (m *conv[T]) backwardPart(worker, part int) {
	s, sums := m.scratch[worker], &m.shares[part]
	sums.dw, sums.db = grow(sums.dw, len(m.turned)), grow(sums.db, m.filters)
	clear(sums.dw)
	clear(sums.db)
	lo, hi := share(part, m.parts, m.groups())
	if blas.HasKernels && m.direct != nil {
		m.direct.part(m, worker, part, lo, hi)
		return
	}
	for g := lo; g < hi; g++ {
		m.backwardGroup(s, sums, g)
	}
}

// gatherOut brings ∂L/∂y of group g into the order of scratch, and returns how long its rows are.
func (m *conv[T]) gatherOut(s *convScratch[T], g int) (wide int) {
	_, images := m.images(g)
	wide = images * m.outWidth
	s.out = grow(s.out, m.outHeight*m.filters*wide)
	for i := range m.outHeight {
		m.eachRow(g, i, func(batch, grouped, images int) {
			blas.CopyRuns(s.out[grouped:], m.outWidth, m.dy[batch:], m.allFilters*m.places(), images, m.outWidth)
		})
	}
	return wide
}

// backwardGroup does so for a group, row by row of the band. Row r is under row u of the kernel in
// row i of the output if r = i·s + u·d: a sum over all such i is one product.
func (m *conv[T]) backwardGroup(s *convScratch[T], sums *convShare[T], g int) {
	deep := m.deep()
	band, _ := m.band(s, g)
	if !m.keeps() {
		m.gather(band, g)
	}
	wide := m.gatherOut(s, g)
	if m.b != nil {
		m.addBiases(s, sums, wide)
	}
	for r := range m.bandRows() {
		over := m.order.overlaps[r]
		if over.n == 0 {
			continue
		}
		d := asMatrix(s.out[over.out*m.filters*wide:], over.n*m.filters, wide)
		dw := asMatrix(sums.dw[over.turned*m.filters*deep:], over.n*m.filters, deep)
		s.addWeights(dw, d, asMatrix(band[m.order.band[r]*deep*wide:], deep, wide))
	}
	if m.input {
		m.inputsOf(s, g, wide)
	}
}

// inputsOf computes ∂L/∂x of a group.
func (m *conv[T]) inputsOf(s *convScratch[T], g, wide int) {
	deep := m.deep()
	s.row = grow(s.row, deep*wide)
	m.clearImages(g)
	for r, over := range m.order.overlaps {
		if over.n == 0 {
			continue
		}
		d := asMatrix(s.out[over.out*m.filters*wide:], over.n*m.filters, wide)
		w := asMatrix(m.turned[over.turned*m.filters*deep:], over.n*m.filters, deep)
		gemm(blas.Trans, blas.NoTrans, w, d, 0, asMatrix(s.row, deep, wide))
		m.scatter(s.row, g, r)
	}
}

// convOrder holds the positions of rows, sorted so that rows that are used together
// are adjacent.
type convOrder struct {
	band     []int     // of the padded images, in a band: by r mod d
	out      []int     // of the output, in scratch: by i mod d', d' = d/gcd(s, d)
	turned   []int     // of the kernel, in turned: by u mod s', s' = s/gcd(s, d), from the last to the first
	overlaps []overlap // for each row of the padded images
}

// An overlap lists the pairs (i, u) of rows of the output and of the kernel with r =
// i·s + u·d, for a row r of the padded images: there are n, i increases by d' from
// the first one, and u decreases by s'.
type overlap struct{ out, n, turned int }

func newConvOrder(w window, dilation int) convOrder {
	common := gcd(w.stride, dilation)
	stride, every := w.stride/common, dilation/common
	rows := (w.outHeight-1)*w.stride + (w.size-1)*dilation + 1
	o := convOrder{
		band: byRest(rows, dilation), out: byRest(w.outHeight, every), turned: make([]int, w.size),
		overlaps: make([]overlap, rows),
	}
	start := 0
	for rest := range min(stride, w.size) {
		count := (w.size - rest + stride - 1) / stride
		for k := range count {
			o.turned[rest+k*stride] = start + count - 1 - k
		}
		start += count
	}
	for r := range rows {
		first := 0
		if last := (w.size - 1) * dilation; r > last {
			first = (r - last + w.stride - 1) / w.stride
		}
		for i := first; i < w.outHeight && i*w.stride <= r; i++ {
			if under := r - i*w.stride; under%dilation == 0 {
				u := under / dilation
				n := min(u/stride, (w.outHeight-1-i)/every) + 1
				o.overlaps[r] = overlap{out: o.out[i], n: n, turned: o.turned[u]}
				break
			}
		}
	}
	return o
}

// byRest returns the places of 0 … n−1 when those that are multiples of d come
// first, then those one above, and so on.
func byRest(n, d int) []int {
	places := make([]int, n)
	place := 0
	for rest := range min(d, n) {
		for i := rest; i < n; i += d {
			places[i] = place
			place++
		}
	}
	return places
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// addWeights adds d times the transposed rows of a band to dw. In a product of
// few columns the best kernel of Gemm is mostly idle: the first layer takes them
// one by one.
func (s *convScratch[T]) addWeights(dw, d, rows matrix[T]) {
	if rows.rows >= 8 {
		gemm(blas.NoTrans, blas.Trans, d, rows, 1, dw)
		return
	}
	s.sums = grow(s.sums, d.rows)
	for k := range rows.rows {
		row := asMatrix(rows.data[k*rows.cols:], rows.cols, 1)
		gemm(blas.NoTrans, blas.NoTrans, d, row, 0, asMatrix(s.sums, d.rows, 1))
		for i, v := range s.sums[:d.rows] {
			dw.data[i*dw.stride+k] += v
		}
	}
}

// addBiases adds Σ ∂L/∂y of each filter to the part's share.
func (m *conv[T]) addBiases(s *convScratch[T], share *convShare[T], wide int) {
	n := m.outHeight * m.filters
	s.ones, s.sums = grow(s.ones, wide), grow(s.sums, n)
	fill(s.ones, 1)
	gemm(blas.NoTrans, blas.NoTrans, asMatrix(s.out, n, wide), asMatrix(s.ones, wide, 1), 0, asMatrix(s.sums, n, 1))
	for i := 0; i < n; i += m.filters {
		addScaled(share.db, 1, s.sums[i:i+m.filters])
	}
}

// clearImages sets ∂L/∂x of group g to 0.
func (m *conv[T]) clearImages(g int) {
	first, images := m.images(g)
	n := m.channels * m.pixels()
	if m.channels == m.allChannels {
		clear(m.dx[first*n : (first+images)*n])
		return
	}
	for image := first; image < first+images; image++ {
		clear(m.dx[(image*m.allChannels+m.channel)*m.pixels():][:n])
	}
}

// gather fills the band of group g.
func (m *conv[T]) gather(band []T, g int) {
	image, width, stride := m.allChannels*m.pixels(), m.outWidth, m.stride
	size := len(band) / m.bandRows()
	for r := range m.bandRows() {
		row := band[m.order.band[r]*size:][:size]
		m.eachColumn(g, r, func(from, images, left, right int) {
			runs := row[:images*width]
			row = row[len(runs):]
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
	image, width, stride := m.allChannels*m.pixels(), m.outWidth, m.stride
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
				left, right = m.span(v*m.dilation, m.width, m.outWidth)
			}
			if left < right {
				from = ((first*m.allChannels+m.channel+c)*m.height+y)*m.width + left*m.stride + v*m.dilation - m.padding
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
		batch := ((first*m.allFilters+m.filter+filter)*m.outHeight + i) * m.outWidth
		f(batch, (m.order.out[i]*m.filters+filter)*images*m.outWidth, images)
	}
}

// eachWeight calls f with the places of each weight in kernel, in turned and in the
// filters' part of W.
func (m *conv[T]) eachWeight(f func(kernel, turned, from int)) {
	kernel := 0
	for filter := range m.filters {
		for u := range m.size {
			turned := (m.order.turned[u]*m.filters + filter) * m.deep()
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

// groups is how many groups the batch has, and images which ones are in group g.
func (m *conv[T]) groups() int { return (m.rows + m.group - 1) / m.group }
func (m *conv[T]) images(g int) (first, n int) {
	return g * m.group, min(m.group, m.rows-g*m.group)
}

// keeps says whether the bands of all groups are kept for backward.
func (m *conv[T]) keeps() bool { return m.training && m.direct == nil }

// band is the band of a group and the length of its rows.
func (m *conv[T]) band(s *convScratch[T], g int) (band []T, wide int) {
	_, images := m.images(g)
	size := images * m.bandSize()
	if m.keeps() {
		at := g * m.group * m.bandSize()
		return m.bands[at : at+size], images * m.outWidth
	}
	s.band = grow(s.band, size)
	return s.band, images * m.outWidth
}

// bandRows is the number of rows of the padded image that the kernel covers,
// deep the number of rows of the band each of them has, and bandSize the size
// for one image.
func (m *conv[T]) bandRows() int { return len(m.order.band) }
func (m *conv[T]) deep() int     { return m.channels * m.size }
func (m *conv[T]) bandSize() int { return m.bandRows() * m.deep() * m.outWidth }
