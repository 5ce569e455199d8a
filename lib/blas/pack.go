package blas

// packsA says whether copying a panel of A pays: it is then used for enough
// tiles.
func (e *engine[T]) packsA(p *product[T], cols, steps int) bool {
	return cols >= 8*e.cols && steps >= 64
}

// packB copies a block of B into panels as wide as a tile, one after the other,
// each with its steps in sequence, unless its rows can be read as they are. It
// returns how many columns are left where they were.
func (e *engine[T]) packB(p *product[T], buf *buffer[T], rows, j, cols, l, steps int) int {
	whole := 0
	inSequence := p.b.row <= e.cols // as far as it pays
	if p.b.col == 1 && (rows < 8*e.rows || inSequence) {
		if e.masked {
			return cols
		}
		whole = cols - cols%e.cols
		if whole == cols {
			return cols
		}
	}
	panels := (cols - whole + e.cols - 1) / e.cols
	buf.b = grow(buf.b, panels*e.cols*steps)
	across := view[T]{p.b.data, p.b.col, p.b.row}
	for q := whole; q < cols; q += e.cols {
		e.pack(buf.b[(q-whole)*steps:], e.cols, across, j+q, min(e.cols, cols-q), l, steps)
	}
	return whole
}

// pack stores rows rows of v from row i, and steps columns from column l, in a
// panel of the given width: dst[s*width+r] is v(i+r, l+s), and 0 where there is
// no row.
func (e *engine[T]) pack(dst []T, width int, v view[T], i, rows, l, steps int) {
	if v.row == 1 {
		packRows(dst, width, v, i, rows, l, steps)
		return
	}
	done := 0
	if e.transpose != nil && v.col == 1 && steps >= 4 {
		for ; done+4 <= rows; done += 4 {
			quads := steps &^ 3
			e.transpose(quads, &dst[done], width, v.at(i+done, l), v.row)
			for r := done; r < done+4; r++ {
				for s := quads; s < steps; s++ {
					dst[s*width+r] = *v.at(i+r, l+s)
				}
			}
		}
	}
	for r := done; r < width; r++ {
		if r >= rows {
			for s := range steps {
				dst[s*width+r] = 0
			}
			continue
		}
		for s := range steps {
			dst[s*width+r] = *v.at(i+r, l+s)
		}
	}
}

// packRows is pack for panels whose steps lie in sequence already.
func packRows[T element](dst []T, width int, v view[T], i, rows, l, steps int) {
	for s := range steps {
		from := v.data[i+(l+s)*v.col:][:rows]
		to := dst[s*width:][:width]
		clear(to[copy(to, from):])
	}
}
