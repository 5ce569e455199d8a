package preprocess

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// A csvText is the text of a CSV file as encoding/csv understands it: without
// the byte order mark that spreadsheets put first, and with LF where a CR alone
// ends a line, as some of them still write. Within quotes it changes nothing.
type csvText struct {
	r      *bufio.Reader
	quoted bool // the next byte is within quotes
}

func newCSVText(r io.Reader) (*csvText, error) {
	b := bufio.NewReader(r)
	start, _ := b.Peek(len(byteOrderMark))
	switch {
	case string(start) == byteOrderMark:
		b.Discard(len(start))
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, fmt.Errorf("preprocess: reading CSV: the text is UTF-16: set CSV's Encoding to unicode.UTF16, of golang.org/x/text/encoding/unicode")
	}
	return &csvText{r: b}, nil
}

func (t *csvText) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if bytes.IndexByte(p[:n], '\r') < 0 {
		if bytes.Count(p[:n], []byte{'"'})%2 == 1 {
			t.quoted = !t.quoted
		}
		return n, err
	}
	for i, b := range p[:n] {
		switch {
		case b == '"':
			t.quoted = !t.quoted // a doubled quote does it twice
		case b == '\r' && !t.quoted && !t.beforeLF(p[i+1:n]):
			p[i] = '\n'
		}
	}
	return n, err
}

// beforeLF reports whether an LF comes next, in rest or, if that is empty, in
// what is still to be read.
func (t *csvText) beforeLF(rest []byte) bool {
	if len(rest) == 0 {
		rest, _ = t.r.Peek(1)
	}
	return len(rest) > 0 && rest[0] == '\n'
}
