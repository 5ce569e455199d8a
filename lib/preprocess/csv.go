package preprocess

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"

	"github.com/descent-go/descent/internal/cells"
)

// CSV describes the format of a file of comma-separated values (RFC 4180). Quoted
// fields may contain commas, newlines and doubled quotes. Lines end with LF, CRLF
// or CR; a byte order mark at the start is skipped. Create it with [NewCSV].
type CSV struct {
	Comma    rune     // ',' or ';' or '\t' …
	NoHeader bool     // the first line is data; columns are named x0, x1, …
	Missing  []string // cells that Table.Float reads as NaN, besides empty ones

	// SkipSpace skips spaces and tabs at the beginning of cells, as after the commas
	// of "a, b" and before the quotes of "1, \"x\"". It is pandas' skipinitialspace.
	SkipSpace bool
	// Comment begins a line that is skipped, such as '#'; 0 is for none. The
	// character counts only as the first one of a line.
	Comment rune
	// Decimal is the mark before the fraction of a number, such as ',' in "1,5"; 0
	// is for the point. Another mark is then no part of a number. Cells stay as
	// they are: Table.Float and Matrix use it.
	Decimal rune
	// Thousands is the mark between groups of three digits before the fraction, such
	// as '.' in "1.234,5" with Decimal ','; 0 is for none.
	Thousands rune
	// Encoding of the file, such as charmap.Windows1252 or japanese.ShiftJIS of the
	// packages golang.org/x/text/encoding/…, or unicode.UTF16; nil is UTF-8. What
	// is not of this encoding is an error that names the line.
	Encoding encoding.Encoding
}

// NewCSV returns the common format: commas, a header, and NA, N/A, NaN, nan, NULL,
// null and ? for missing numbers.
func NewCSV() CSV {
	return CSV{Comma: ',', Missing: []string{"NA", "N/A", "NaN", "nan", "NULL", "null", "?"}}
}

// ReadCSV reads a table with the settings of NewCSV.
func ReadCSV(r io.Reader) (*Table, error) { return NewCSV().Read(r) }

// Read reads a table. It returns an error that names the line if the file is empty,
// a row has more or fewer fields than the first or more than 2¹⁸, a quote is not
// closed, the text is not UTF-8, or two columns have the same name. A column
// without a name is named x and its number.
func (c CSV) Read(r io.Reader) (*Table, error) {
	if c.Comma == 0 {
		return nil, errors.New("preprocess: CSV's Comma is not set (preprocess.NewCSV has the customary settings)")
	}
	r, err := c.normalized(r)
	if err != nil {
		return nil, err
	}
	text, err := newCSVText(r)
	if err != nil {
		return nil, err
	}
	t := &Table{missing: slices.Clone(c.Missing), marks: marks{c.Decimal, c.Thousands}}
	rest, line, err := c.blocks(t, text)
	if err == nil {
		err = c.records(t, rest, line)
	}
	switch {
	case err != nil:
		return nil, err
	case t.names == nil:
		return nil, fmt.Errorf("preprocess: reading CSV: the file is empty")
	}
	return t, nil
}

// records reads the rest of a file, after the given number of lines, record
// by record. The first one makes the columns, unless there are some.
func (c CSV) records(t *Table, text io.Reader, lines int) error {
	separator := string(c.Comma)
	in := csv.NewReader(&widthLimit{r: text, comma: separator[len(separator)-1], line: lines})
	in.Comma, in.ReuseRecord, in.FieldsPerRecord = c.Comma, true, len(t.names)
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			wrong.StartLine, wrong.Line = wrong.StartLine+lines, wrong.Line+lines
		}
		if err != nil {
			return fmt.Errorf("preprocess: reading CSV: %w", err)
		}
		line, _ := in.FieldPos(0)
		line += lines
		if t.names == nil {
			if err := t.header(record, line, c.NoHeader); err != nil {
				return err
			}
			if !c.NoHeader {
				continue
			}
		}
		t.lines.add(t.Len(), line)
		for j, cell := range record {
			if !utf8.ValidString(cell) {
				return fmt.Errorf("preprocess: reading CSV: line %d, column %q is not UTF-8: set CSV's Encoding", line, t.names[j])
			}
			t.cells[j].Append(cell)
		}
	}
}

// blocks reads a file many records at a time, until one is not as it should be, or
// the file ends. It returns what is left for records, and the number of lines
// before that.
func (c CSV) blocks(t *Table, text io.Reader) (rest io.Reader, lines int, err error) {
	if c.Comma >= utf8.RuneSelf || strings.ContainsRune("\x00\r\n\"", c.Comma) {
		return text, 0, nil
	}
	in := cells.NewReader(text, byte(c.Comma))
	head := in.Head()
	if head == nil {
		return in.Rest(), 0, nil
	}
	if err := c.records(t, bytes.NewReader(head), 0); err != nil {
		return nil, 0, err
	}
	lines = bytes.Count(head, []byte{'\n'})
	for {
		some := in.Next(len(t.names))
		if len(some) == 0 {
			return in.Rest(), lines, nil
		}
		for _, rows := range some {
			for _, jump := range rows.Jumps() {
				t.lines.add(t.Len()+jump.Row, lines+jump.Line+1)
			}
			cells.Take(t.cells, rows)
			lines += rows.Lines()
		}
	}
}

// maxColumns bounds the columns of a table: each takes about 100 bytes, and a
// file names one with a single comma.
const maxColumns = 1 << 18

// A widthLimit is a reader that fails at a row with more commas than a table may
// have columns, before the row is cut into fields.
type widthLimit struct {
	r      io.Reader
	comma  byte // the last one of its encoding
	quoted bool
	line   int // counted from 0
	commas int // in this row
}

func (w *widthLimit) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	for _, b := range p[:n] {
		switch {
		case b == '"':
			w.quoted = !w.quoted
		case b == '\n':
			w.line++
			if !w.quoted {
				w.commas = 0
			}
		case b == w.comma && !w.quoted:
			if w.commas++; w.commas >= maxColumns {
				return 0, fmt.Errorf("line %d has more than %d columns: is it a table, with this separator?", w.line+1, maxColumns)
			}
		}
	}
	return n, err
}

// header makes the columns and names them.
func (t *Table) header(record []string, line int, numbered bool) error {
	for j, name := range record {
		name = strings.TrimSpace(name)
		if name == "" || numbered {
			name = fmt.Sprintf("x%d", j)
		}
		if !utf8.ValidString(name) {
			return fmt.Errorf("preprocess: reading CSV: line %d: the name of column %d is not UTF-8: set CSV's Encoding", line, j)
		}
		t.names = append(t.names, name)
	}
	sorted := slices.Sorted(slices.Values(t.names))
	for k := range len(sorted) - 1 {
		if sorted[k] == sorted[k+1] {
			return fmt.Errorf("preprocess: reading CSV: line %d: two columns are named %q", line, sorted[k])
		}
	}
	t.cells = make([]cells.Column, len(t.names))
	return nil
}

// WriteCSV writes the table with commas and a header.
func (t *Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write(t.names)
	const together = 256 // rows, whose cells are fetched column by column
	all := make([]string, together*len(t.names))
	for lo := 0; lo < t.Len(); lo += together {
		hi := min(lo+together, t.Len())
		for j := range t.cells {
			for i, cell := range t.cells[j].Range(lo, hi) {
				all[(i-lo)*len(t.names)+j] = cell
			}
		}
		for i := 0; i < hi-lo && err == nil; i++ {
			record := all[i*len(t.names):][:len(t.names)]
			if len(record) == 1 && record[0] == "" {
				out.Flush()
				_, err = io.WriteString(w, "\"\"\n") // readers skip a line that is empty
				continue
			}
			err = out.Write(record)
		}
	}
	out.Flush()
	if err = cmp.Or(err, out.Error()); err != nil {
		return fmt.Errorf("preprocess: writing CSV: %w", err)
	}
	return nil
}
