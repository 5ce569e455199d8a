package blas

// packB copies a block of B into panels as wide as a tile, one after the other,
// each with its steps in sequence, unless its rows can be read as they are. It
// returns how many columns are left where they were.
func (e *engine[T]) packB(p *product[T], buf *buffer[T], rows, j, cols, l, steps int) int {
	whole := 0
	few := 8 * e.rows
	if e.inPlace > 0 && !collide[T](p.b.row) {
		few = e.inPlace * e.rows
	}
	if p.b.col == 1 && (rows < few || p.b.row <= e.cols) {
		if e.masked || cols%e.panel(1) == 0 {
			return cols
		}
		for next := e.across(cols); whole+next < cols; next = e.across(cols - whole) {
			whole += next // all but the last tile
		}
	}
	buf.b = grow(buf.b, (cols-whole+e.cols)*steps)
	across := view[T]{p.b.data, p.b.col, p.b.row}
	for q, width := whole, 0; q < cols; q += width {
		width = e.across(cols - q)
		e.pack(buf.b[(q-whole)*steps:], e.panel(width), across, j+q, width, l, steps)
	}
	return whole
}

// panel returns how wide a copy of width columns of B is: tiles read it in whole vectors.
func (e *engine[T]) panel(width int) int {
	if e.vector == 0 {
		return e.cols
	}
	return (width + e.vector - 1) / e.vector * e.vector
}

// strips are rows of A, as many in each strip as a tile has: element (r, s) of strip i is
// data[i*length+r*row+s*col]. If each is set, a strip is copied when its turn comes.
type strips[T element] struct {
	data                   []T
	rows, length, row, col int
	each                   bool
}

// packA returns the rows from i to end of A, with steps columns from l, for cols columns
// of C in blocks of width. They are read where they lie, unless they, or the columns of a
// transposed A, collide in the first cache, or each of several blocks would collect the
// columns anew.
func (e *engine[T]) packA(p *product[T], buf *buffer[T], i, end, cols, width, l, steps int) strips[T] {
	rows := e.rows
	if e.tall != nil && cols >= 4*e.cols && end-i >= 3*e.tallRows {
		rows = e.tallRows
	}
	s := strips[T]{data: p.a.data[i*p.a.row+l*p.a.col:], rows: rows, length: rows * p.a.row, row: p.a.row, col: p.a.col}
	switch {
	case cols < 8*e.cols:
	case e.copiesA(p, cols, width):
		s = strips[T]{rows: rows, length: rows * steps, row: 1, col: rows}
		buf.a = grow(buf.a, (end-i+rows-1)/rows*s.length)
		s.data = buf.a
		for r := i; r < end; r += rows {
			e.pack(s.data[(r-i)/rows*s.length:], rows, p.a, r, min(rows, end-r), l, steps)
		}
	case s.row == 1 && collide[T](s.col):
		s = strips[T]{rows: rows, row: 1, col: rows, each: true}
	case s.col == 1 && collide[T](s.row):
		s = strips[T]{rows: rows, row: kBlock + 64/size[T](), col: 1, each: true}
	}
	return s
}

// copiesA says whether rows of A are copied for several blocks of B.
func (e *engine[T]) copiesA(p *product[T], cols, width int) bool {
	return p.a.row == 1 && cols > width && cols >= 8*e.cols
}

// strip returns the strip of row i, the first one of which is of row i0.
func (e *engine[T]) strip(p *product[T], buf *buffer[T], s *strips[T], i0, i, rows, l, steps int) []T {
	if !s.each {
		return s.data[(i-i0)/s.rows*s.length:]
	}
	if s.row == 1 {
		buf.a = grow(buf.a, steps*s.rows)
		e.pack(buf.a, s.rows, p.a, i, rows, l, steps)
		return buf.a
	}
	buf.a = grow(buf.a, s.rows*s.row)
	for r := range rows {
		copy(buf.a[r*s.row:], p.a.data[(i+r)*p.a.row+l:][:steps])
	}
	return buf.a
}

// pack stores rows rows of v from row i, and steps columns from column l, in a
// panel of the given width: dst[s*width+r] is v(i+r, l+s), and 0 where there is
// no row, unless the kernel reads none.
func (e *engine[T]) pack(dst []T, width int, v view[T], i, rows, l, steps int) {
	if v.row == 1 {
		packRows(dst, width, v, i, rows, l, steps)
		return
	}
	if e.transpose != nil && v.col == 1 && rows >= 4 && steps >= 4 {
		e.packQuads(dst, width, v, i, rows, l, steps)
	} else {
		for r := range rows {
			for s := range steps {
				dst[s*width+r] = *v.at(i+r, l+s)
			}
		}
	}
	if rows < width && !e.masked {
		for s := range steps {
			clear(dst[s*width+rows : (s+1)*width])
		}
	}
}

// packQuads is pack for rows that lie in sequence, four rows and four steps at
// a time. What is left over is packed with some of what was there before.
func (e *engine[T]) packQuads(dst []T, width int, v view[T], i, rows, l, steps int) {
	whole := steps &^ 3
	for r := 0; r < rows; r += 4 {
		r := min(r, rows-4)
		e.transpose(whole, &dst[r], width, v.at(i+r, l), v.row)
		if whole < steps {
			s := steps - 4
			e.transpose(4, &dst[s*width+r], width, v.at(i+r, l+s), v.row)
		}
	}
}

// packRows is pack for panels whose steps lie in sequence already.
func packRows[T element](dst []T, width int, v view[T], i, rows, l, steps int) {
	if width == 8 && rows == 8 {
		for s := range steps {
			*(*[8]T)(dst[s*8:]) = *(*[8]T)(v.data[i+(l+s)*v.col:])
		}
		return
	}
	for s := range steps {
		from := v.data[i+(l+s)*v.col:][:rows]
		to := dst[s*width:][:width]
		clear(to[copy(to, from):])
	}
}
