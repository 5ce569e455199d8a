package cells

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/descent-go/descent/lib/blas"
)

// Rows holds lines of a file, split into cells.
type Rows struct {
	block block // of all columns
	jumps []Jump
	lines int
	keeps bool // the memory of the text that was cut
}

// A Jump says that the rows from Row on are on consecutive lines, beginning with
// Line. Both are counted from 0.
type Jump struct{ Row, Line int }

// Len returns the number of rows.
func (r *Rows) Len() int { return r.block.count() }

// Jumps returns the lines of the rows, relative to the first row and the first
// line.
func (r *Rows) Jumps() []Jump { return r.jumps }

// Lines returns the number of lines.
func (r *Rows) Lines() int { return r.lines }

// Take appends the cells of r to the columns. There must be as many columns as
// cells in a row.
func Take(columns []Column, r *Rows) {
	count := r.Len()
	for j := range columns {
		b := r.block
		b.first, b.column = columns[j].length, j
		columns[j].blocks = append(columns[j].blocks, b)
		columns[j].length += count
	}
}

// End returns the length of the whole records at the start of text: up to and
// including the last newline that is not within quotes. It is 0 if there is none.
func End(text []byte) int {
	quotes := bytes.Count(text, []byte{'"'})
	for len(text) > 0 {
		at := bytes.LastIndexByte(text, '\n')
		if at < 0 {
			return 0
		}
		quotes -= bytes.Count(text[at:], []byte{'"'})
		if quotes%2 == 0 {
			return at + 1
		}
		text = text[:at]
	}
	return 0
}

// Cut splits text into rows of width cells. The text must be whole records; the
// last newline may be missing. The cells are those of encoding/csv. Cut returns
// false if encoding/csv would return an error or if the text is not UTF-8. The rows
// may keep the memory of text.
func Cut(text []byte, comma byte, width int) (*Rows, bool) {
	if !utf8.Valid(text) || len(text) >= maxText {
		return nil, false
	}
	if rows := inPlace(text, comma, width); rows != nil {
		return rows, true
	}
	c := cutter{text: text, comma: comma, width: width}
	if !c.records() {
		return nil, false
	}
	return c.gather(), true
}

// inPlace is Cut for text that has neither quotes nor empty lines, as most files: the
// cells are what is between the commas and the ends of the lines. It returns nil for any
// other.
func inPlace(text []byte, comma byte, width int) *Rows {
	if len(text) == 0 || text[len(text)-1] != '\n' || bytes.IndexByte(text, '"') >= 0 {
		return nil
	}
	keeps := cap(text)-len(text) <= len(text)/4
	if bytes.IndexByte(text, '\r') >= 0 {
		keeps, text = false, bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		if bytes.IndexByte(text, '\r') >= 0 {
			return nil
		}
	} else if !keeps {
		text = bytes.Clone(text)
	}
	rows := bytes.Count(text, []byte{'\n'})
	if rows > len(text)/width { // a cell has at least the byte behind it
		return nil
	}
	if width == 1 && (text[0] == '\n' || bytes.Contains(text, []byte("\n\n"))) {
		return nil
	}
	ends := make([]uint32, 1+rows*width+1) // with room for one more, which there must not be
	ends[0] = beforeFirst
	if blas.Places(ends[1:], text, comma, '\n') != rows*width {
		return nil
	}
	ends = ends[:1+rows*width]
	for k := width; k < len(ends); k += width {
		if text[ends[k]] != '\n' {
			return nil
		}
	}
	return &Rows{block: block{text: text, ends: ends, width: width}, jumps: []Jump{{}}, lines: rows, keeps: keeps}
}

// A span is where a cell stands in the text, or behind that in what is copied.
type span struct{ from, to uint32 }

type cutter struct {
	text   []byte
	comma  byte
	width  int
	cells  []span // row by row
	copied []byte // cells with doubled quotes or ends of lines
	jumps  []Jump
	line   int // where the record that is read begins
	within int // how many lines end within its quotes
}

// records finds all cells.
func (c *cutter) records() bool {
	c.cells = make([]span, 0, len(c.text)/8+c.width)
	n := len(c.text)
	from, quotes := 0, bytes.IndexByte(c.text, '"') >= 0
	start := len(c.cells) // of the record
	comma := uint64(c.comma) * ones
	for at := 0; at < n; {
		if quotes && at == from && c.text[at] == '"' {
			// A cell within quotes, from the quote to the byte after it.
			next := c.quoted(at)
			if next < 0 {
				return false
			}
			if (next == n || c.text[next] == '\n') && !c.end(&start) {
				return false
			}
			at, from = next+1, next+1
			continue
		}
		var found uint64
		if at+8 <= n {
			w := binary.LittleEndian.Uint64(c.text[at:])
			found = zeroBytes(w^comma) | zeroBytes(w^'\n'*ones) | zeroBytes(w^'"'*ones)
		} else {
			for k, b := range c.text[at:] {
				if b == c.comma || b == '\n' || b == '"' {
					found |= 0x80 << (8 * k)
				}
			}
		}
		next := at + 8
		for found != 0 {
			k := at + bits.TrailingZeros64(found)/8
			found &= found - 1
			switch c.text[k] {
			case '"':
				if k != from {
					return false // a bare quote
				}
				next, found = k, 0 // to be read above
				continue
			case '\n':
				to := k
				if to > from && c.text[to-1] == '\r' {
					to--
				}
				if to == from && len(c.cells) == start { // an empty line
					c.line++
					from = k + 1
					continue
				}
				c.cells = append(c.cells, span{uint32(from), uint32(to)})
				if !c.end(&start) {
					return false
				}
			default:
				c.cells = append(c.cells, span{uint32(from), uint32(k)})
			}
			from = k + 1
		}
		at = next
	}
	if from < n || len(c.cells) > start { // the last line has no end
		to := n
		if to > from && c.text[to-1] == '\r' {
			to--
		}
		if to == from && len(c.cells) == start {
			return true
		}
		c.cells = append(c.cells, span{uint32(from), uint32(to)})
		return c.end(&start)
	}
	return true
}

const ones = 0x0101010101010101

// zeroBytes has the highest bit of each byte set that is 0 in w.
func zeroBytes(w uint64) uint64 {
	const low = 0x7f * ones
	return ^((w&low + low) | w | low)
}

// end ends a record that began with cell start.
func (c *cutter) end(start *int) bool {
	if len(c.cells)-*start != c.width {
		return false
	}
	row := *start / c.width
	if last := len(c.jumps) - 1; last < 0 || c.line-row != c.jumps[last].Line-c.jumps[last].Row {
		c.jumps = append(c.jumps, Jump{row, c.line})
	}
	c.line += 1 + c.within
	*start, c.within = len(c.cells), 0
	return true
}

// quoted appends the cell whose first quote stands at at. It returns where the
// comma or the end of the line behind it is, or −1 for an error.
func (c *cutter) quoted(at int) (next int) {
	text, from := c.text, at+1
	copied := len(c.copied)
	for i := from; ; {
		k := bytes.IndexByte(text[i:], '"')
		if k < 0 {
			return -1
		}
		c.within += bytes.Count(text[i:i+k], []byte{'\n'})
		i += k + 1
		if i < len(text) && text[i] == '"' { // a doubled quote means one
			c.copied = append(c.copied, text[from:i]...)
			i++
			from = i
			continue
		}
		cell := text[from : i-1]
		if len(c.copied) > copied || bytes.Contains(cell, []byte("\r\n")) {
			c.copied = append(c.copied, cell...)
			whole := bytes.ReplaceAll(c.copied[copied:], []byte("\r\n"), []byte("\n"))
			c.copied = append(c.copied[:copied], whole...)
			c.cells = append(c.cells, span{uint32(len(text) + copied), uint32(len(text) + len(c.copied))})
		} else {
			c.cells = append(c.cells, span{uint32(from), uint32(i - 1)})
		}
		if i < len(text) && text[i] == '\r' && (i+1 == len(text) || text[i+1] == '\n') {
			i++
		}
		if i == len(text) || text[i] == c.comma || text[i] == '\n' {
			return i
		}
		return -1
	}
}

// gather puts the cells one after the other, without what was around them.
func (c *cutter) gather() *Rows {
	total := len(c.cells)
	for _, s := range c.cells {
		total += int(s.to - s.from)
	}
	text, ends := make([]byte, 0, total), make([]uint32, 1, 1+len(c.cells))
	ends[0] = beforeFirst
	for _, s := range c.cells {
		if n := uint32(len(c.text)); s.from >= n {
			text = append(text, c.copied[s.from-n:s.to-n]...)
		} else {
			text = append(text, c.text[s.from:s.to]...)
		}
		ends = append(ends, uint32(len(text)))
		text = append(text, c.comma)
	}
	return &Rows{block: block{text: text, ends: ends, width: c.width}, jumps: c.jumps, lines: c.line}
}
