package cells

import (
	"bytes"
	"io"
	"runtime"

	"github.com/descent-go/descent/internal/crew"
)

// A Reader splits a file into rows, on all cores. It stops at the end of the file
// and at the first record that needs an error message, and leaves the rest to a
// reader that can report it.
type Reader struct {
	in      io.Reader
	comma   byte
	begun   []byte // has been read and not been taken
	err     error  // of in
	chunk   int    // bytes to read for each core
	stopped bool
	buffers [][]byte // of the cores
	crew    crew.Crew
}

const (
	manyRows = 64      // that a chunk has at least, about
	maxHead  = 1 << 20 // bytes of a first record
	maxChunk = 1 << 26 // of text without the end of a record
)

// NewReader returns a reader of the text in.
func NewReader(in io.Reader, comma byte) *Reader {
	return &Reader{in: in, comma: comma, chunk: 1 << 18}
}

// Head returns the first record, with the empty lines before it, or nil if the
// record is too long to find its end.
func (r *Reader) Head() []byte {
	for size := 1 << 14; size <= maxHead; size *= 4 {
		r.begun = r.fill(r.begun, size)
		quoted := false
		for i, b := range r.begun {
			switch {
			case b == '"':
				quoted = !quoted
			case b == '\n' && !quoted && len(bytes.Trim(r.begun[:i], "\r\n")) > 0:
				head := bytes.Clone(r.begun[:i+1])
				r.begun = r.begun[i+1:]
				r.chunk = min(max(r.chunk, manyRows*len(head)), maxChunk)
				return head
			}
		}
		if r.err != nil {
			break
		}
	}
	r.stopped = true
	return nil
}

// fill reads until b has size bytes or nothing more is to be had.
func (r *Reader) fill(b []byte, size int) []byte {
	if cap(b) < size {
		b = append(make([]byte, 0, size), b...)
	}
	for len(b) < size && r.err == nil {
		n, err := r.in.Read(b[len(b):size])
		b, r.err = b[:len(b)+n], err
	}
	return b
}

// Next returns the next rows of width cells, a part for each core. It returns none
// at the end of the file and at a record that Cut declines.
func (r *Reader) Next(width int) []*Rows {
	if r.stopped {
		return nil
	}
	var texts [][]byte
	for k := range runtime.GOMAXPROCS(0) {
		text := r.whole(k)
		if len(text) == 0 {
			break
		}
		texts = append(texts, text)
	}
	rows, fine := make([]*Rows, len(texts)), make([]bool, len(texts))
	r.crew.Do(len(texts), len(texts), func(_, k int) {
		rows[k], fine[k] = Cut(texts[k], r.comma, width)
	})
	for k := range texts {
		if fine[k] && rows[k].keeps {
			r.buffers[k] = nil
		}
		if !fine[k] {
			r.begun = bytes.Join(append(texts[k:], r.begun), nil)
			r.stopped = true
			return rows[:k]
		}
	}
	return rows
}

// whole returns the next whole records, in buffer k, and nothing at the end of the
// file or where a record is too long.
func (r *Reader) whole(k int) []byte {
	if k == len(r.buffers) {
		r.buffers = append(r.buffers, nil)
	}
	for size := r.chunk; size <= maxChunk; size *= 2 {
		if cap(r.buffers[k]) < size {
			r.buffers[k] = make([]byte, 0, size)
		}
		text := r.fill(append(r.buffers[k][:0], r.begun...), size)
		r.buffers[k] = text
		end := len(text)
		if r.err == nil {
			end = End(text)
		}
		r.begun = text[end:]
		if end > 0 || r.err != nil {
			return text[:end]
		}
	}
	return nil
}

// Rest returns a reader of the text that Next has not returned. It ends with the
// error of the file's reader, if any.
func (r *Reader) Rest() io.Reader {
	if r.err != nil {
		return io.MultiReader(bytes.NewReader(r.begun), failed{r.err})
	}
	return io.MultiReader(bytes.NewReader(r.begun), r.in)
}

// failed is a reader that has nothing but an error.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }
