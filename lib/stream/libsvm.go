package stream

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/libsvm"
	"github.com/descent-go/descent/lib/sparse"
)

// LibSVM names a file in LibSVM's format (SVMlight's): on each line a label and the
// features that are not 0, as index:value.
//
//	+1 3:0.5 17:1 208:-2.25   # comment
//
// Source: Joachims, SVMlight, http://svmlight.joachims.org.
type LibSVM struct {
	File string
	// Open opens the text in place of File, at the beginning of each epoch: for a
	// compressed file, for example.
	Open func() (io.ReadCloser, error)
	// Columns is the number of features. A part of the file does not tell it.
	Columns int
	// ZeroBased says that the first feature has the index 0; in most files it has 1.
	ZeroBased bool
	// Target turns the label into the target, if it is set: losses take the classes 0 and
	// 1, where many files have −1 and +1.
	Target func(label float64) float64
}

// maxLine bounds the bytes of a line.
const maxLine = 1 << 26

// Batches returns a source of the rows in their order, as sparse matrices, in batches of
// size rows. An error names the file and the line. A query (qid:) is read over.
func (l LibSVM) Batches(size int) Source {
	if size < 1 {
		panic(fmt.Sprintf("stream: batches of %d rows", size))
	}
	return func(int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			if err := l.read(size, yield); err != nil {
				yield(Batch{}, err)
			}
		}
	}
}

func (l LibSVM) read(size int, yield func(Batch, error) bool) error {
	if l.Columns < 1 {
		return fmt.Errorf("stream: LibSVM.Columns is %d: set it to the number of features", l.Columns)
	}
	file, err := open(l.File, l.Open)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<20)
	rows := lines{settings: l, ptr: []int{0}}
	var long []byte // room for a line that is longer than the reader's
	for number := 1; ; number++ {
		line, err := readLine(in, &long)
		if err != nil && !errors.Is(err, io.EOF) {
			return inFile(l.File, fmt.Errorf("line %d: %w", number, err))
		}
		ended := err != nil
		if err := rows.add(line); err != nil {
			return inFile(l.File, fmt.Errorf("line %d: %w", number, err))
		}
		if n := len(rows.y); n == size || ended && n > 0 {
			if !yield(rows.batch(), nil) {
				return nil
			}
		}
		if ended {
			return nil
		}
	}
}

// readLine returns the next line, valid until the next call. At the end of the file, it
// returns what is left and io.EOF.
func readLine(in *bufio.Reader, long *[]byte) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	*long = (*long)[:0]
	for errors.Is(err, bufio.ErrBufferFull) && len(*long) <= maxLine {
		*long = append(*long, line...)
		line, err = in.ReadSlice('\n')
	}
	if len(*long) > maxLine {
		return nil, fmt.Errorf("it has more than %d bytes: is it a LibSVM file?", maxLine)
	}
	*long = append(*long, line...)
	return *long, err
}

// lines collects samples in memory that is used again.
type lines struct {
	settings LibSVM
	sample   libsvm.Sample
	ptr      []int
	columns  []int
	values   []float64
	y        []float64
}

// add adds the sample of a line, if it has one.
func (s *lines) add(line []byte) error {
	found, err := s.sample.Parse(line)
	if err != nil || !found {
		return err
	}
	if n := len(s.sample.Labels); n != 1 {
		return fmt.Errorf("it has %d labels, want 1", n)
	}
	first := 1
	if s.settings.ZeroBased {
		first = 0
	}
	for _, index := range s.sample.Indices {
		if index < first {
			return errors.New("it has the index 0, where the first feature is 1: set ZeroBased")
		}
		if index-first >= s.settings.Columns {
			return fmt.Errorf("it has the index %d, where Columns is %d", index, s.settings.Columns)
		}
		s.columns = append(s.columns, index-first)
	}
	s.values = append(s.values, s.sample.Values...)
	s.ptr = append(s.ptr, len(s.values))
	label := s.sample.Labels[0]
	if s.settings.Target != nil {
		label = s.settings.Target(label)
	}
	s.y = append(s.y, label)
	return nil
}

// batch returns the samples and begins again.
func (s *lines) batch() Batch {
	x, err := sparse.NewCSR(len(s.y), s.settings.Columns, s.ptr, s.columns, s.values)
	if err != nil {
		panic(err) // add has checked the columns
	}
	b := Batch{X: x, Y: mat.NewDense(len(s.y), 1, s.y)}
	s.ptr, s.columns, s.values, s.y = s.ptr[:1], s.columns[:0], s.values[:0], s.y[:0]
	return b
}
