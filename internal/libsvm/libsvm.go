// Package libsvm reads and writes a line of a LibSVM file (also called SVMlight
// file):
//
//	label[,label…] [qid:query] index:value index:value …  # comment
//
// The indices rise. In most files the first column has the index 1, in some 0.
//
// Source: Joachims, SVMlight, http://svmlight.joachims.org.
package libsvm

import (
	"bytes"
	"fmt"
	"strconv"
	"unsafe"

	"github.com/descent-go/descent/internal/decimal"
)

// A Sample is one line. Parse uses its memory again.
type Sample struct {
	Labels   []float64 // one, or those of a sample with several or without any
	Query    int       // the number after qid:
	HasQuery bool
	Indices  []int // as in the file, rising
	Values   []float64
}

// Parse sets s to the sample in line, with or without the end of the line. It
// returns false for a line without a sample: an empty one or a comment. The error
// says which part of the line is wrong; s is then not to be used.
func (s *Sample) Parse(line []byte) (found bool, err error) {
	if at := bytes.IndexByte(line, '#'); at >= 0 {
		line = line[:at]
	}
	s.Labels, s.Indices, s.Values = s.Labels[:0], s.Indices[:0], s.Values[:0]
	s.Query, s.HasQuery = 0, false
	if len(bytes.TrimSpace(line)) == 0 {
		return false, nil
	}
	// A line that begins with white space, or with a feature, has no labels.
	rest := line
	if rest[0] != ' ' && rest[0] != '\t' {
		first, after := word(rest)
		if bytes.IndexByte(first, ':') < 0 {
			if err := s.parseLabels(first); err != nil {
				return false, err
			}
			rest = after
		}
	}
	for {
		var part []byte
		if part, rest = word(rest); len(part) == 0 {
			return true, nil
		}
		if err := s.parsePart(part); err != nil {
			return false, err
		}
	}
}

// word cuts the next word from text. It is empty at the end.
func word(text []byte) (w, rest []byte) {
	i := 0
	for i < len(text) && text[i] <= ' ' {
		i++
	}
	from := i
	for i < len(text) && text[i] > ' ' {
		i++
	}
	return text[from:i], text[i:]
}

func (s *Sample) parseLabels(text []byte) error {
	for more := true; more; {
		var part []byte
		part, text, more = bytes.Cut(text, []byte{','})
		v, err := number(part)
		if err != nil {
			return fmt.Errorf("label: %w", err)
		}
		s.Labels = append(s.Labels, v)
	}
	return nil
}

// parsePart reads index:value or qid:query.
func (s *Sample) parsePart(part []byte) error {
	at := bytes.IndexByte(part, ':')
	if at < 0 {
		return fmt.Errorf("%q has no colon, want index:value", part)
	}
	name, value := part[:at], part[at+1:]
	if string(name) == "qid" {
		if len(s.Indices) > 0 || s.HasQuery {
			return fmt.Errorf("%q must come once, before the features", part)
		}
		query, err := strconv.Atoi(string(value))
		if err != nil {
			return fmt.Errorf("%q: the query is not an integer", part)
		}
		s.Query, s.HasQuery = query, true
		return nil
	}
	index, ok := digits(name)
	if !ok {
		return fmt.Errorf("%q: the index is not an integer ≥ 0", part)
	}
	if n := len(s.Indices); n > 0 && index <= s.Indices[n-1] {
		return fmt.Errorf("index %d follows %d: indices must rise", index, s.Indices[n-1])
	}
	v, err := number(value)
	if err != nil {
		return fmt.Errorf("index %d: %w", index, err)
	}
	s.Indices, s.Values = append(s.Indices, index), append(s.Values, v)
	return nil
}

// maxIndex keeps an index an int on every machine.
const maxIndex = 1<<31 - 2

// digits returns the index that text is.
func digits(text []byte) (v int, ok bool) {
	if len(text) == 0 || len(text) > 10 {
		return 0, false
	}
	sum := uint64(0)
	for _, b := range text {
		if b < '0' || b > '9' {
			return 0, false
		}
		sum = 10*sum + uint64(b-'0')
	}
	return int(sum), sum <= maxIndex
}

// number returns the number that text is.
func number(text []byte) (float64, error) {
	view := unsafe.String(unsafe.SliceData(text), len(text)) // not kept
	if v, ok := decimal.Plain(view); ok {
		return v, nil
	}
	return decimal.Parse(string(text))
}

// Append appends the line of a sample to text, with its end. It writes the labels,
// the query if the sample has one, and every stored feature, each with the fewest
// digits that read back as the same number.
func Append(text []byte, s *Sample) []byte {
	for i, label := range s.Labels {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendFloat(text, label, 'g', -1, 64)
	}
	if s.HasQuery {
		text = append(text, " qid:"...)
		text = strconv.AppendInt(text, int64(s.Query), 10)
	}
	for i, index := range s.Indices {
		text = append(text, ' ')
		text = strconv.AppendInt(text, int64(index), 10)
		text = append(text, ':')
		text = strconv.AppendFloat(text, s.Values[i], 'g', -1, 64)
	}
	return append(text, '\n')
}
