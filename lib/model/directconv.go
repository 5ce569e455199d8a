package model

import "github.com/descent-go/descent/lib/blas"

// directConv is the short cut of conv where a filter meets each pixel and the size
// stays, for a kernel whose rows of a matrix may lie anywhere. Then a pixel is copied
// once, not for each column of the filters: a band has a row for each row r of the
// padded images and each channel c, and row (u, c, v) of the matrix for row i of the
// output is that of (i+u, c) from element v on. An image shares its padding with the
// next one:
//
//	band[r, c] = 0 … x[0, c, r − p] 0 … x[1, c, r − p] 0 … 0
//
// ∂L/∂y lies in such a band, too: the turned filters make ∂L/∂x of it. For ∂L/∂W it
// is multiplied by a band of x that has the channels of a pixel side by side, of which
// size·C numbers from a pixel on are what the filters see. All sums are formed in the order in
// which conv forms them, so that the bits are the same.
type directConv[T element] struct {
	flipped []T // W as (v, channel)×(u turned, filter)
	zeros   []T
	scratch []directScratch[T] // of the workers
	shares  [][]T              // ∂L/∂W of the parts, as (u turned, filter)×(v, channel)
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
func newDirectConv[T element](m *conv[T]) *directConv[T] {
	if !blas.HasKernels || !blas.HasProductAt[T]() || m.stride != 1 || m.dilation != 1 || 2*m.padding != m.size-1 ||
		m.filters < 8 || m.channels < 8 || m.size*m.filters > longSum || m.group*m.pitch() > longSum {
		return nil
	}
	return &directConv[T]{zeros: make([]T, max(m.filters, m.channels)), shares: make([][]T, convParts)}
}

// pitch is from one image of a band to the next, and line the length of a row.
func (m *conv[T]) pitch() int          { return m.width + m.padding }
func (m *conv[T]) line(images int) int { return m.padding + images*m.pitch() }

// lookups returns l·step + v for each l below n and v below each.
func lookups(at []int, n, step, each int) []int {
	if cap(at) < n*each {
		at = make([]int, n*each)
	}
	at = at[:n*each]
	for i := range at {
		at[i] = i/each*step + i%each
	}
	return at
}

// spread copies the images of group g to a band with so many rows of padding before
// them: those channels of all from the given one on.
func (m *conv[T]) spread(band, x []T, g, channels, all, channel, before int) {
	first, images := m.images(g)
	line := m.line(images)
	for image := range images {
		for c := range channels {
			blas.CopyRuns(band[(before*channels+c)*line+m.padding+image*m.pitch():], channels*line,
				x[((first+image)*all+channel+c)*m.pixels():], m.width, m.height, m.width)
		}
	}
}

// forward computes the output of a group, or declines.
func (d *directConv[T]) forward(m *conv[T], worker, g int) bool {
	s := &d.scratch[worker]
	first, images := m.images(g)
	line := m.line(images)
	band := s.x.of(m.bandRows() * m.channels * line)
	m.spread(band, m.x, g, m.channels, m.allChannels, m.channel, m.padding)
	s.at = lookups(s.at, m.size*m.channels, line, m.size)
	start := d.zeros
	if m.b != nil {
		start = m.biasesOf(m.b.values)
	}
	for i := range m.height {
		to := m.y[(first*m.allFilters+m.filter)*m.pixels()+i*m.width:]
		if !s.row(m, to, m.allFilters, m.filters, images, m.kernel, len(s.at), band[i*m.channels*line:], s.at, start, 1) {
			return false
		}
	}
	return true
}

// row computes a row of some of all channels of to, for each image: the sum of the
// products of each matrix of a, from start on, with what lies at these places of b. The
// places for the last matrix are those of b, and those for one before it are behind them.
func (s *directScratch[T]) row(m *conv[T], to []T, all, channels, images int, a []T, aStep int, b []T, at []int, start []T, matrices int) bool {
	straightOn := m.width%straight == 0
	n := images*m.pitch() - m.padding
	if !straightOn {
		s.flat = grow(s.flat, channels*n)
	}
	for v := range matrices {
		under := b[matrices-1-v:]
		if !straightOn {
			if !blas.ProductAt(channels, n, a, aStep, under, at, start, s.flat, n) {
				return false
			}
		} else {
			for image := range images {
				for j := 0; j < m.width; j += straight {
					if !blas.ProductAt(channels, straight, a, aStep, under[image*m.pitch()+j:], at, start, to[image*all*m.pixels()+j:], m.pixels()) {
						return false
					}
				}
			}
		}
		start = nil
		if v+1 < matrices {
			a = a[channels*aStep:]
		}
	}
	if !straightOn {
		for c := range channels {
			blas.CopyRuns(to[c*m.pixels():], all*m.pixels(), s.flat[c*n:], m.pitch(), images, m.width)
		}
	}
	return true
}

// turn arranges W for ∂L/∂x.
func (d *directConv[T]) turn(m *conv[T]) {
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
		d.scratch = append(d.scratch, directScratch[T]{})
	}
}

// backwardPart is that of conv.
func (d *directConv[T]) backwardPart(m *conv[T], worker, part, lo, hi int) {
	s, sums := &m.scratch[worker], &m.shares[part]
	d.shares[part] = grow(d.shares[part], len(m.turned))
	dw := d.shares[part]
	clear(dw)
	for g := lo; g < hi; g++ {
		if !d.backward(m, &d.scratch[worker], dw, g) {
			m.exchange(sums.dw, dw, true)
			m.backwardGroup(s, sums, g)
			m.exchange(sums.dw, dw, false)
		} else if m.b != nil {
			m.addBiases(s, sums, m.gatherOut(s, g))
		}
	}
	m.exchange(sums.dw, dw, true)
}

// exchange copies the gradient of a part to where conv has it, or back.
func (m *conv[T]) exchange(plain, dw []T, to bool) {
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

// backward computes ∂L/∂x of a group if it is wanted, and adds to the gradient of the
// part, or declines and leaves the gradient alone.
func (d *directConv[T]) backward(m *conv[T], s *directScratch[T], dw []T, g int) bool {
	_, images := m.images(g)
	dy := s.dy.of(m.height * m.filters * m.line(images))
	m.spread(dy, m.dy, g, m.filters, m.allFilters, m.filter, 0)
	s.before = append(s.before[:0], dw...)
	if m.input && !d.inputs(m, s, dy, g) || !d.weights(m, s, dw, dy, g) {
		copy(dw, s.before)
		return false
	}
	return true
}

func (d *directConv[T]) inputs(m *conv[T], s *directScratch[T], dy []T, g int) bool {
	first, images := m.images(g)
	line := m.line(images)
	s.at = lookups(s.at, m.size*m.filters, line, 1)
	for y := range m.height {
		over := m.order.overlaps[y+m.padding]
		to := m.dx[(first*m.allChannels+m.channel)*m.pixels()+y*m.width:]
		if !s.row(m, to, m.allChannels, m.channels, images, d.flipped[over.turned*m.filters:], m.size*m.filters,
			dy[over.out*m.filters*line:], s.at[:over.n*m.filters], d.zeros, m.size) {
			return false
		}
	}
	return true
}

func (d *directConv[T]) weights(m *conv[T], s *directScratch[T], dw, dy []T, g int) bool {
	first, images := m.images(g)
	line, deep := m.line(images), m.deep()
	x := s.pixels.of(m.bandRows() * line * m.channels)
	for image := range images {
		from := m.x[((first+image)*m.allChannels+m.channel)*m.pixels():]
		for y := range m.height {
			to := x[((y+m.padding)*line+m.padding+image*m.pitch())*m.channels:]
			blas.CopyTransposedRows(to, m.channels, from[y*m.width:], m.pixels(), m.channels, m.width)
		}
	}
	s.at = lookups(s.at, line-2*m.padding, m.channels, 1)
	for r, over := range m.order.overlaps {
		if !blas.ProductAt(over.n*m.filters, deep, dy[over.out*m.filters*line+m.padding:], line,
			x[r*line*m.channels:], s.at, nil, dw[over.turned*m.filters*deep:], deep) {
			return false
		}
	}
	return true
}
