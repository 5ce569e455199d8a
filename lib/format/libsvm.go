package format

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/descent-go/descent/internal/libsvm"
	"github.com/descent-go/descent/lib/sparse"
)

// LibSVM is the content of a LibSVM file, also called SVMlight file: a label and the
// features of each sample.
//
//	label [qid:query] index:value index:value …  # comment
type LibSVM struct {
	X       *sparse.CSR // the features that the file names, a sample in each row
	Labels  []float64   // as in the file, often −1 and 1
	Queries []int       // the query of each sample, for learning to rank; nil if the file has none
}

// Base is the index that a LibSVM file gives to the first column.
type Base uint8

// The bases. Most files count from 1, those of scikit-learn from 0.
const (
	AutoBase  Base = iota // 0 if the index 0 occurs, and else 1; when writing 1
	OneBased              // 1
	ZeroBased             // 0
)

// LibSVMOptions say what a LibSVM file does not.
type LibSVMOptions struct {
	// Columns is the number of features; 0 is for as many as the largest index says.
	// Files of one data set need the same: the last features may not occur in each.
	Columns int
	// Base is the first index. AutoBase is wrong for a file from 0 whose first
	// feature does not occur.
	Base Base
}

// ReadLibSVM reads a LibSVM file to its end. limit is the largest number of features
// of all samples together.
//
// A # begins a comment, to the end of the line; lines without a sample do not count.
// Features that the file names are stored, those with the value 0 too. It returns an
// error that names the line for what is no sample, for indices that do not rise or
// are not below Columns, for NaN, for a sample without or with several labels
// (multilabel files, "1,3 2:0.5"), and if only some samples have a query.
//
// Source: Joachims, SVMlight, http://svmlight.joachims.org.
func ReadLibSVM(r io.Reader, limit int, opt LibSVMOptions) (*LibSVM, error) {
	f, err := readLibSVM(r, limit, opt)
	if err != nil {
		return nil, fmt.Errorf("format: LibSVM: %w", err)
	}
	return f, nil
}

// maxLine bounds the bytes of a line.
const maxLine = 1 << 28

func readLibSVM(r io.Reader, limit int, opt LibSVMOptions) (*LibSVM, error) {
	if opt.Columns < 0 || opt.Base > ZeroBased {
		return nil, fmt.Errorf("%d columns and base %d, want at least 0 and one of the constants", opt.Columns, opt.Base)
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	f := &LibSVM{}
	ptr, columns, values := []int{0}, []int(nil), []float64(nil)
	least, most := math.MaxInt, -1 // index
	at := 0                        // the line with the largest index
	var s libsvm.Sample
	for line := 1; lines.Scan(); line++ {
		found, err := s.Parse(lines.Bytes())
		if err == nil && found {
			err = f.add(&s)
		}
		if err == nil && len(values)+len(s.Values) > limit {
			err = fmt.Errorf("more features than the allowed %d", limit)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if !found {
			continue
		}
		columns, values = append(columns, s.Indices...), append(values, s.Values...)
		ptr = append(ptr, len(values))
		if n := len(s.Indices); n > 0 {
			least = min(least, s.Indices[0])
			if s.Indices[n-1] > most {
				most, at = s.Indices[n-1], line
			}
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("a line has more than %d bytes: is it a LibSVM file?", maxLine)
	} else if err != nil {
		return nil, err
	}
	base := 1
	switch {
	case opt.Base == ZeroBased, opt.Base == AutoBase && least == 0:
		base = 0
	case least == 0:
		return nil, fmt.Errorf("the index 0 occurs, in a file that counts from 1: take ZeroBased or AutoBase")
	}
	n := most + 1 - base
	if opt.Columns > 0 {
		if n > opt.Columns {
			return nil, fmt.Errorf("line %d: the index %d is column %d, want at most %d", at, most, n, opt.Columns)
		}
		n = opt.Columns
	}
	for p := range columns {
		columns[p] -= base
	}
	var err error
	f.X, err = sparse.NewCSR(len(f.Labels), max(n, 0), ptr, columns, values)
	return f, err
}

// add appends the label and the query of a sample.
func (f *LibSVM) add(s *libsvm.Sample) error {
	switch {
	case len(s.Labels) == 0:
		return errors.New("the sample has no label")
	case len(s.Labels) > 1:
		return fmt.Errorf("the sample has %d labels, want one: make a file for each label", len(s.Labels))
	case len(f.Labels) > 0 && s.HasQuery != (f.Queries != nil):
		return errors.New("some samples have a query (qid:) and some have none")
	}
	f.Labels = append(f.Labels, s.Labels[0])
	if s.HasQuery {
		f.Queries = append(f.Queries, s.Query)
	}
	return nil
}

// WriteLibSVM writes a LibSVM file with all stored features, those with the value 0
// too. Each number has enough digits to read back as the same float64. Columns of opt
// does not matter.
//
// It returns an error for labels or queries that are not as many as the rows of X,
// and for NaN.
func WriteLibSVM(w io.Writer, f *LibSVM, opt LibSVMOptions) error {
	rows, _ := f.X.Dims()
	if len(f.Labels) != rows || f.Queries != nil && len(f.Queries) != rows {
		return fmt.Errorf("format: LibSVM: %d labels and %d queries for %d rows", len(f.Labels), len(f.Queries), rows)
	}
	base := 1
	if opt.Base == ZeroBased {
		base = 0
	}
	out := bufio.NewWriterSize(w, 1<<16)
	s := libsvm.Sample{Labels: make([]float64, 1), HasQuery: f.Queries != nil}
	var text []byte
	for i := range rows {
		var columns []int
		columns, s.Values = f.X.Row(i)
		s.Indices = s.Indices[:0]
		for p, j := range columns {
			if math.IsNaN(s.Values[p]) {
				return fmt.Errorf("format: LibSVM: row %d, column %d is NaN, which the format does not have", i, j)
			}
			s.Indices = append(s.Indices, j+base)
		}
		if s.Labels[0] = f.Labels[i]; math.IsNaN(s.Labels[0]) {
			return fmt.Errorf("format: LibSVM: the label of row %d is NaN, which the format does not have", i)
		}
		if s.HasQuery {
			s.Query = f.Queries[i]
		}
		text = libsvm.Append(text[:0], &s)
		if _, err := out.Write(text); err != nil {
			return fmt.Errorf("format: LibSVM: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("format: LibSVM: %w", err)
	}
	return nil
}
