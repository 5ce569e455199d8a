package preprocess

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/descent-go/descent/internal/cells"
)

const (
	usualPart = 4 << 20 // bytes of text in a part
	mostPart  = 1 << 26 // up to which the end of a record is looked for

	leastBuffer = 1 << 16 // bytes to begin with
)

// Parts reads a table as [CSV.Read] does and yields its rows in parts, in order: tables
// of about size bytes of text each, 0 for 4 MB. Only a part is in memory. The header is
// that of all parts, and errors name the line in the file. An error is yielded last. The
// parts depend on the text and on size alone.
//
// Lines must end with LF or CRLF, and the text must be ASCII where it has commas, quotes
// and ends of lines, as in UTF-8 and Latin-1, but not UTF-16.
func (c CSV) Parts(r io.Reader, size int) iter.Seq2[*Table, error] {
	return func(yield func(*Table, error) bool) {
		if size <= 0 {
			size = usualPart
		}
		text, err := c.normalized(r)
		if err != nil {
			yield(nil, err)
			return
		}
		c.Encoding, c.Comment, c.SkipSpace = nil, 0, false // text needs them no more
		p := parts{csv: c, in: text, size: size}
		for {
			t, err := p.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// parts reads a file part by part: the header once more, then some whole records.
type parts struct {
	csv    CSV
	in     io.Reader
	size   int
	buffer []byte
	text   []byte // in it: has been read and not been yielded
	ended  bool
	head   []byte // the first record, with the lines before it
	names  []string
	lines  int // before text
}

// next returns the next part, and io.EOF after the last one.
func (p *parts) next() (*Table, error) {
	begin := p.names == nil
	part, err := p.cut()
	if err != nil {
		return nil, err
	}
	if !begin && len(bytes.TrimSpace(part)) == 0 {
		if len(part) == 0 {
			return nil, io.EOF
		}
		p.lines += bytes.Count(part, []byte{'\n'})
		return p.next()
	}
	t, err := p.csv.Read(io.MultiReader(bytes.NewReader(p.head), bytes.NewReader(part)))
	before := p.lines - bytes.Count(p.head, []byte{'\n'})
	if err != nil && before > 0 { // once more, for the number of the line
		_, err = p.csv.Read(io.MultiReader(bytes.NewReader(p.head), &emptyLines{before}, bytes.NewReader(part)))
	}
	if err != nil {
		return nil, err
	}
	for k := range t.lines {
		t.lines[k].Line += before
	}
	if begin {
		p.names = t.names
		if !p.csv.NoHeader {
			p.head = bytes.Clone(head(part))
		}
	} else if !slices.Equal(t.names, p.names) {
		return nil, fmt.Errorf("preprocess: reading CSV: line %d has %d fields, the first has %d", p.lines+1, len(t.names), len(p.names))
	}
	p.lines += bytes.Count(part, []byte{'\n'})
	return t, nil
}

// cut returns the next whole records.
func (p *parts) cut() ([]byte, error) {
	for size := p.size; ; size *= 2 {
		if err := p.fill(size); err != nil {
			return nil, err
		}
		end := len(p.text)
		if !p.ended {
			end = cells.End(p.text)
			if p.names == nil && end > 0 && len(head(p.text[:end])) == 0 {
				end = 0 // only empty lines
			}
		}
		if end > 0 || p.ended {
			part := p.text[:end:end]
			p.text = p.text[end:]
			return part, nil
		}
		if size > mostPart {
			return nil, fmt.Errorf("preprocess: reading CSV: no record ends within %d bytes after line %d: is a quote not closed, or do lines end with CR alone?", len(p.text), p.lines)
		}
	}
}

// fill reads until there are size bytes of text, or the end of the file. The part
// before is overwritten. The buffer grows with what is read.
func (p *parts) fill(size int) error {
	if len(p.text) >= size || p.ended {
		return nil
	}
	have := copy(p.buffer, p.text)
	for have < size && !p.ended {
		if have == len(p.buffer) {
			p.buffer = append(p.buffer, make([]byte, min(size, max(leastBuffer, 2*have))-have)...)
		}
		n, err := io.ReadFull(p.in, p.buffer[have:min(size, len(p.buffer))])
		have += n
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			p.ended = true
		case err != nil:
			return fmt.Errorf("preprocess: reading CSV: %w", err)
		}
	}
	p.text = p.buffer[:have]
	return nil
}

// head returns the first record of text, with the empty lines before it.
func head(text []byte) []byte {
	quoted, begun := false, false
	for i, b := range text {
		switch {
		case b == '"':
			quoted, begun = !quoted, true
		case b == '\n' && !quoted && begun:
			return text[:i+1]
		case b != '\n' && b != '\r':
			begun = true
		}
	}
	return nil
}

// emptyLines is a text of that many empty lines, which readers of CSV skip.
type emptyLines struct{ left int }

func (e *emptyLines) Read(b []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(b), e.left)
	for i := range b[:n] {
		b[i] = '\n'
	}
	e.left -= n
	return n, nil
}
