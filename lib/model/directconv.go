package model

import "github.com/descent-go/descent/lib/blas"

// directConv is the short cut of conv for kernels whose rows of a matrix may lie
// anywhere. Then a pixel is copied once, not for each column of the filters: a band has
// a row for each row r of the padded images, each channel c and each rest q of a column
// by the stride, with the pixels that are the stride s apart. Row (u, c, v) of the matrix for row i of
// the output is that of (i·s+u, c, v mod s) from element ⌊v/s⌋ on. An image shares its padding with the
// next one:
//
//	band[r, c, q] = 0 … x[0, c, r − p, q − p], x[0, c, r − p, q + s − p] … 0 … x[1, c, r − p, q − p] …
//
// Where the size of images stays, ∂L/∂y lies in such a band, too, and the turned filters make ∂L/∂x of it.
// For ∂L/∂W it is multiplied by a band of x that has the channels of a pixel side by side:
// size·C numbers from a pixel on are what a row of a filter sees. All sums are formed in the order in
// which conv forms them, so that the bits are the same.
type directConv[T element] struct {
	turns   bool // makes ∂L/∂x, too
	flipped []T  // W as (v, channel)×(u turned, filter)
	zeros   []T
	scratch []*directScratch[T] // of the workers
	shares  [][]T               // ∂L/∂W of the parts, as (u turned, filter)×(v, channel)
}

// directScratch is the memory of a worker.
type directScratch[T element] struct {
	x, dy, pixels padded[T]
	at            []int
	flat          []T // a row of y or ∂L/∂x, images side by side, unless it is stored where it belongs
	before        []T // the part's share before a group
}

// padded is a band. Its padding is cleared when its size changes.
type padded[T element] struct{ data []T }

func (p *padded[T]) of(n int) []T {
	if len(p.data) != n {
		p.data = grow(p.data, n)
		clear(p.data)
	}
	return p.data
}

const (
	straight = 32  // pixels: rows of a multiple of these are stored where they belong
	longSum  = 512 // steps: a longer product is formed in pieces
)

// newDirectConv returns the short cut of m, or nil.
func newDirectConv[T element](m *conv[T]) convShortCut[T] {
	if !blas.HasKernels || !blas.HasProductAt[T]() || m.dilation != 1 || m.stride > m.size ||
		m.filters < 8 || m.deep() < 8 || m.group*bandPitch(m) > longSum || 4*m.outWidth*m.stride < 3*bandPitch(m) {
		return nil
	}
	d := &directConv[T]{zeros: make([]T, max(m.filters, m.channels)), shares: make([][]T, convParts)}
	d.turns = m.stride == 1 && 2*m.padding == m.size-1 && m.channels >= 8 && m.size*m.filters <= longSum
	return d
}

// bandPitch is from one image of a band to the next, before its pixels are divided by their
// rest; bandLine is the length of a row.
func bandPitch[T element](m *conv[T]) int {
	return (m.width + m.padding + m.stride - 1) / m.stride * m.stride
}
func bandLine[T element](m *conv[T], images int) int {
	return (m.padding+m.stride-1)/m.stride*m.stride + images*bandPitch(m)
}

// spreadImages copies the first rows of the images of group g to a band, with the given rows of padding
// before them: those channels of all from the given one on.
func spreadImages[T element](m *conv[T], band, x []T, g, channels, all, channel, before, rows int) {
	first, images := m.images(g)
	line := bandLine(m, images)
	for image := range images {
		for c := range channels {
			from := x[((first+image)*all+channel+c)*m.pixels():][:m.pixels()]
			to := band[(before*channels+c)*line:]
			if m.stride == 1 {
				blas.CopyRuns(to[m.padding+image*bandPitch(m):], channels*line, from, m.width, rows, m.width)
				continue
			}
			for q := range m.stride {
				left := ((q-m.padding)%m.stride + m.stride) % m.stride // the first pixel of this rest
				to := to[(q*line+m.padding+left+image*bandPitch(m))/m.stride:]
				for y := range rows {
					row := to[y*channels*line:]
					for j, at := 0, y*m.width+left; at < (y+1)*m.width; j, at = j+1, at+m.stride {
						row[j] = from[at]
					}
				}
			}
		}
	}
}

// rowsSeen is how many rows of an image the filters meet.
func rowsSeen[T element](m *conv[T]) int { return min(m.height, m.bandRows()-m.padding) }

// outputs computes the output of a group, or declines.
func (d *directConv[T]) outputs(m *conv[T], worker, g int) bool {
	s := d.scratch[worker]
	first, images := m.images(g)
	line := bandLine(m, images)
	band := s.x.of(m.bandRows() * m.channels * line)
	spreadImages(m, band, m.x, g, m.channels, m.allChannels, m.channel, m.padding, rowsSeen(m))
	s.at = grow(s.at, m.size*m.deep())
	for l := range s.at {
		row, v := l/m.size, l%m.size
		s.at[l] = row*line + v%m.stride*line/m.stride + v/m.stride
	}
	start := d.zeros
	if m.b != nil {
		start = m.biasesOf(m.b.values)
	}
	for i := range m.outHeight {
		to := m.y[(first*m.allFilters+m.filter)*m.places()+i*m.outWidth:]
		if !s.row(m, to, m.allFilters, m.filters, images, m.kernel, band[i*m.stride*m.channels*line:], s.at, len(s.at), start, 1) {
			return false
		}
	}
	return true
}

// row computes a row of some of all channels of to, for each image: the sum of the
// products of each matrix of a, whose rows are aStep long, from start on, with what lies at
// these places of b. The places for the last matrix are those of b, and those for one before it
// are behind them.
func (s *directScratch[T]) row(m *conv[T], to []T, all, channels, images int, a, b []T, at []int, aStep int, start []T, matrices int) bool {
	pitch := bandPitch(m) / m.stride
	if m.outWidth%straight == 0 {
		for v := range matrices {
			for j := 0; j < m.outWidth; j += straight {
				if !blas.ProductAt(channels, straight, a[v*channels*aStep:], aStep, b[matrices-1-v+j:], at, start,
					to[j:], m.places(), images, pitch, all*m.places()) {
					return false
				}
			}
			start = nil
		}
		return true
	}
	n := (images-1)*pitch + m.outWidth
	s.flat = grow(s.flat, channels*n)
	for v := range matrices {
		if !blas.ProductAt(channels, n, a[v*channels*aStep:], aStep, b[matrices-1-v:], at, start, s.flat, n, 1, 0, 0) {
			return false
		}
		start = nil
	}
	for c := range channels {
		blas.CopyRuns(to[c*m.places():], all*m.places(), s.flat[c*n:], pitch, images, m.outWidth)
	}
	return true
}

// turn arranges W for ∂L/∂x.
func (d *directConv[T]) turn(m *conv[T]) {
	if !d.turns {
		return
	}
	d.flipped = grow(d.flipped, len(m.turned))
	deep, steps := m.deep(), m.size*m.filters
	for l := range steps {
		for i, w := range m.turned[l*deep : (l+1)*deep] {
			d.flipped[(i%m.size*m.channels+i/m.size)*steps+l] = w
		}
	}
}

// prepare makes memory for the workers.
func (d *directConv[T]) prepare(workers int) {
	for len(d.scratch) < workers {
		d.scratch = append(d.scratch, new(directScratch[T]))
	}
}

// part is backwardPart of conv. (If it had the same name, it would be linked everywhere.)
func (d *directConv[T]) part(m *conv[T], worker, part, lo, hi int) {
	s, sums := m.scratch[worker], &m.shares[part]
	d.shares[part] = grow(d.shares[part], len(m.turned))
	dw := d.shares[part]
	clear(dw)
	for g := lo; g < hi; g++ {
		if !d.gradients(m, worker, sums, dw, g) {
			exchange(m, sums.dw, dw, true)
			m.backwardGroup(s, sums, g)
			exchange(m, sums.dw, dw, false)
		}
	}
	exchange(m, sums.dw, dw, true)
}

// exchange copies the gradient of a part to where conv has it, or back.
func exchange[T element](m *conv[T], plain, dw []T, to bool) {
	deep := m.deep()
	for l := 0; l < len(dw); l += deep {
		for c := range m.channels {
			for v, at := range plain[l+c*m.size:][:m.size] {
				if to {
					plain[l+c*m.size+v] = dw[l+v*m.channels+c]
				} else {
					dw[l+v*m.channels+c] = at
				}
			}
		}
	}
}

// gradients computes ∂L/∂x of a group if it is wanted, and adds to the gradient of the
// part, or declines and leaves the gradient alone.
func (d *directConv[T]) gradients(m *conv[T], worker int, sums *convShare[T], dw []T, g int) bool {
	s, plain := d.scratch[worker], m.scratch[worker]
	_, images := m.images(g)
	turns, wide := d.turns && m.input, 0
	s.before = append(s.before[:0], dw...)
	pixels := s.beside(m, g)
	ok := false
	if turns {
		dy := s.dy.of(m.height * m.filters * bandLine(m, images))
		spreadImages(m, dy, m.dy, g, m.filters, m.allFilters, m.filter, 0, m.height)
		s.at = grow(s.at, images*bandPitch(m)-m.padding)
		for i := range s.at {
			s.at[i] = i * m.channels
		}
		ok = s.weights(m, dw, dy[m.padding:], bandLine(m, images), pixels, images) && d.inputs(m, s, dy, g)
	} else {
		wide = m.gatherOut(plain, g)
		s.at = grow(s.at, wide)
		for i := range s.at {
			s.at[i] = (i/m.outWidth*bandPitch(m) + i%m.outWidth*m.stride) * m.channels
		}
		ok = s.weights(m, dw, plain.out, wide, pixels, images)
	}
	if !ok {
		copy(dw, s.before)
		return false
	}
	if m.b != nil {
		if turns {
			wide = m.gatherOut(plain, g)
		}
		m.addBiases(plain, sums, wide)
	}
	if m.input && !turns {
		m.inputsOf(plain, g, wide)
	}
	return true
}

// beside returns the band of x with the channels of a pixel side by side.
func (s *directScratch[T]) beside(m *conv[T], g int) []T {
	first, images := m.images(g)
	line := bandLine(m, images)
	x := s.pixels.of(m.bandRows() * line * m.channels)
	for image := range images {
		from := m.x[((first+image)*m.allChannels+m.channel)*m.pixels():]
		for y := range rowsSeen(m) {
			to := x[((y+m.padding)*line+m.padding+image*bandPitch(m))*m.channels:]
			blas.CopyTransposedRows(to, m.channels, from[y*m.width:], m.pixels(), m.channels, m.width)
		}
	}
	return x
}

// weights adds to dw the products of the rows of ∂L/∂y, step apart, with the rows of pixels that they have seen.
func (s *directScratch[T]) weights(m *conv[T], dw, dy []T, step int, pixels []T, images int) bool {
	line, deep := bandLine(m, images)*m.channels, m.deep()
	for r, over := range m.order.overlaps {
		if over.n > 0 && !blas.ProductAt(over.n*m.filters, deep, dy[over.out*m.filters*step:], step,
			pixels[r*line:], s.at, nil, dw[over.turned*m.filters*deep:], deep, 1, 0, 0) {
			return false
		}
	}
	return true
}

// inputs computes ∂L/∂x.
func (d *directConv[T]) inputs(m *conv[T], s *directScratch[T], dy []T, g int) bool {
	first, images := m.images(g)
	step, line := m.size*m.filters, bandLine(m, images)
	s.at = grow(s.at, step)
	for l := range s.at {
		s.at[l] = l * line
	}
	for y := range m.height {
		over := m.order.overlaps[y+m.padding]
		to := m.dx[(first*m.allChannels+m.channel)*m.pixels()+y*m.width:]
		if !s.row(m, to, m.allChannels, m.channels, images, d.flipped[over.turned*m.filters:],
			dy[over.out*m.filters*line:], s.at[:over.n*m.filters], step, d.zeros, m.size) {
			return false
		}
	}
	return true
}
