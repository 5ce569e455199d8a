package preprocess

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// normalized returns the text of r as a file has it that needs no options: in UTF-8,
// without the lines of comments, which become empty, and without the spaces that
// SkipSpace skips. Lines keep their numbers. A file that needs none of it is r.
func (c CSV) normalized(r io.Reader) (io.Reader, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if c.Encoding != nil {
		r = &decodedText{r: transform.NewReader(r, c.Encoding.NewDecoder()), encoding: c.Encoding, line: 1}
	}
	if c.Comment == 0 && !c.SkipSpace {
		return r, nil
	}
	f := &csvFilter{r: bufio.NewReader(r), comma: string(c.Comma), skip: c.SkipSpace, begin: true, cell: true}
	if c.Comment != 0 {
		f.comment = string(c.Comment)
	}
	if start, _ := f.r.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		f.r.Discard(len(byteOrderMark))
	}
	return f, nil
}

const byteOrderMark = "\ufeff"

// validate reports settings that contradict each other.
func (c CSV) validate() error {
	if c.Comment != 0 && (c.Comment == c.Comma || strings.ContainsRune("\"\r\n", c.Comment) || !utf8.ValidRune(c.Comment)) {
		return fmt.Errorf("preprocess: CSV's Comment is %q, want a character other than Comma, quotes and the ends of lines", c.Comment)
	}
	for name, mark := range map[string]rune{"Decimal": c.Decimal, "Thousands": c.Thousands} {
		if mark != 0 && (unicode.IsLetter(mark) || unicode.IsDigit(mark) || strings.ContainsRune("+-\"\r\n\t", mark) || !utf8.ValidRune(mark)) {
			return fmt.Errorf("preprocess: CSV's %s is %q, which is no mark in a number", name, mark)
		}
	}
	if m := (marks{c.Decimal, c.Thousands}); m.thousands != 0 && m.thousands == m.point() {
		return fmt.Errorf("preprocess: CSV's Decimal and Thousands are both %q", m.thousands)
	}
	return nil
}

// A decodedText is a text that was decoded, up to what the encoding does not have.
type decodedText struct {
	r        io.Reader
	encoding encoding.Encoding
	line     int
	matched  int // bytes of the replacement character at the end of what was read
	failed   error
}

// Decoders put the replacement character in the place of what they cannot decode.
const replacement = string(unicode.ReplacementChar)

func (t *decodedText) Read(p []byte) (int, error) {
	if t.failed != nil {
		return 0, t.failed
	}
	n, err := t.r.Read(p)
	for _, b := range p[:n] {
		switch {
		case b == '\n':
			t.line, t.matched = t.line+1, 0
		case b == replacement[t.matched]:
			t.matched++
		case b == replacement[0]:
			t.matched = 1
		default:
			t.matched = 0
		}
		if t.matched == len(replacement) {
			t.failed = fmt.Errorf("line %d has bytes that are not %v: is that the encoding of the file?", t.line, t.encoding)
			return 0, t.failed
		}
	}
	return n, err
}

// A csvFilter takes comments and spaces away.
type csvFilter struct {
	r       *bufio.Reader
	comma   string
	comment string // "" if there are none
	skip    bool   // spaces and tabs at the beginning of a cell

	begin, cell bool // at the beginning of a line, of a cell
	quoted      bool
	matched     int // bytes of comma that were read last
}

func (f *csvFilter) Read(p []byte) (n int, err error) {
	for n < len(p) {
		b, err := f.r.ReadByte()
		if err != nil {
			return n, err
		}
		if f.begin && f.isComment(b) {
			if b, err = f.endOfLine(); err != nil {
				return n, err
			}
		}
		if f.cell && f.skip && (b == ' ' || b == '\t') && f.comma != string(rune(b)) {
			f.begin = false
			continue
		}
		f.follow(b)
		p[n] = b
		n++
	}
	return n, nil
}

// isComment reports whether b begins one.
func (f *csvFilter) isComment(b byte) bool {
	if f.comment == "" || b != f.comment[0] {
		return false
	}
	rest, _ := f.r.Peek(len(f.comment) - 1)
	return string(rest) == f.comment[1:]
}

// endOfLine skips the line, and returns the byte that ends it.
func (f *csvFilter) endOfLine() (byte, error) {
	for {
		if b, err := f.r.ReadByte(); err != nil || b == '\n' || b == '\r' {
			return b, err
		}
	}
}

// follow says where in the file it is after b.
func (f *csvFilter) follow(b byte) {
	end := !f.quoted && (b == '\n' || b == '\r')
	switch {
	case f.quoted:
	case b == f.comma[f.matched]:
		f.matched++
	case b == f.comma[0]:
		f.matched = 1
	default:
		f.matched = 0
	}
	f.begin, f.cell = end, end
	if f.matched == len(f.comma) {
		f.matched, f.cell = 0, true
	}
	if b == '"' {
		f.quoted = !f.quoted // a doubled quote does it twice
	}
}

// marks are what a number has besides digits, sign and exponent. 0 is the usual: a
// point, and none between thousands.
type marks struct{ decimal, thousands rune }

func (m marks) point() rune {
	if m.decimal == 0 {
		return '.'
	}
	return m.decimal
}

// usual writes a number as Go has it. It returns false for a text that is none with
// these marks: one with a point if that is not the mark, or with a mark between
// other than groups of three digits.
func (m marks) usual(text string) (string, bool) {
	whole, fraction, found := strings.Cut(text, string(m.point()))
	if strings.ContainsRune(whole+fraction, '.') && m.thousands != '.' || strings.ContainsRune(fraction, '.') {
		return "", false
	}
	if groups := strings.Split(whole, string(m.thousands)); m.thousands != 0 && len(groups) > 1 {
		if n := len(strings.TrimLeft(groups[0], "+-")); n < 1 || n > 3 {
			return "", false
		}
		for k, g := range groups[1:] {
			if !found && k == len(groups)-2 {
				g, _, _ = strings.Cut(strings.ToLower(g), "e") // before the exponent
			}
			if len(g) != 3 || strings.Trim(g, "0123456789") != "" {
				return "", false
			}
		}
		whole = strings.Join(groups, "")
	}
	if found {
		return whole + "." + fraction, true
	}
	return whole, true
}
