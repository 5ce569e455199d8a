// Package parquet reads Parquet files that are larger than memory, as a stream of
// batches.
//
//	file := parquet.File{Name: "flats.parquet", Targets: []string{"rent"}}
//	history, err := train.Stream(ctx, m, file.Batches(256), options)
//
// A [File] says which columns are features and which are targets, as stream.CSV does for
// CSV files. Its batches can be joined, shuffled and transformed by package stream, and
// its tables can be given to PartialFit of a preprocess.TableTransformer.
//
// It is a separate module, so that programs that read no Parquet do not depend on
// parquet-go, which is written in Go alone and needs no C.
package parquet

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"slices"

	"github.com/parquet-go/parquet-go"
	parquetformat "github.com/parquet-go/parquet-go/format"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/stream"
)

// File names a Parquet file of plain columns: numbers, booleans and texts. Nested
// columns, lists, times and decimals are an error that names the column. A missing number
// is NaN, a missing text "".
type File struct {
	Name string
	Part int // rows that are read at a time; 0 means 4096

	Targets  []string // the columns of Y
	Features []string // the columns of X; nil means all but those of Targets and Weights
	Weights  string   // the column of sample weights; empty for none
	// Transform turns the features into X, if it is set: a fitted TableTransformer
	// encodes categories and texts. Otherwise all features must be numbers.
	Transform *preprocess.TableTransformer
}

// Tables yields the rows of the file in order, in tables of Part rows. An error is yielded
// last; it names the file. The file is open while the loop runs.
func (f File) Tables() iter.Seq2[*preprocess.Table, error] {
	return func(yield func(*preprocess.Table, error) bool) {
		for p, err := range f.parts() {
			var t *preprocess.Table
			if err == nil {
				t, err = p.table()
			}
			if err != nil {
				yield(nil, fmt.Errorf("parquet: %s: %w", f.Name, err))
				return
			}
			if !yield(t, nil) {
				return
			}
		}
	}
}

// Batches returns a source of the rows in their order, in batches of size rows. An error
// names the file. A missing number is an error of training, unless Transform imputes it.
func (f File) Batches(size int) stream.Source {
	parts := func(int) iter.Seq2[stream.Batch, error] {
		return func(yield func(stream.Batch, error) bool) {
			for p, err := range f.parts() {
				var b stream.Batch
				if err == nil {
					b, err = f.batch(p)
				}
				if err != nil {
					yield(stream.Batch{}, fmt.Errorf("parquet: %s: %w", f.Name, err))
					return
				}
				if !yield(b, nil) {
					return
				}
			}
		}
	}
	return stream.Batches(parts, size)
}

// batch makes the matrices of a part.
func (f File) batch(p *part) (b stream.Batch, err error) {
	if len(f.Targets) == 0 {
		return b, fmt.Errorf("File.Targets is not set: name the target of %q", p.names())
	}
	if b.Y, err = p.matrix(f.Targets); err != nil {
		return b, err
	}
	if f.Weights != "" {
		w, err := p.matrix([]string{f.Weights})
		if err != nil {
			return b, err
		}
		b.SampleWeights = w.RawMatrix().Data
	}
	if f.Transform != nil {
		t, err := p.table()
		if err != nil {
			return b, err
		}
		b.X, err = f.Transform.Transform(t)
		return b, err
	}
	features := f.Features
	if features == nil {
		features = slices.DeleteFunc(p.names(), func(name string) bool { return name == f.Weights || slices.Contains(f.Targets, name) })
	}
	if len(features) == 0 {
		return b, errors.New("no column is left for the features")
	}
	x, err := p.matrix(features)
	if err != nil {
		return b, err
	}
	b.X = x
	return b, nil
}

// A part is some rows, column by column.
type part struct {
	buffer  [256]parquet.Row // kept, since a row keeps its memory
	columns []column
	rows    int
}

// A column has numbers, or texts.
type column struct {
	name     string
	isText   bool
	unsigned bool
	numbers  []float64
	texts    []string
}

const usualPart = 4096 // rows

// parts yields the rows of the file. Each part is valid until the next.
func (f File) parts() iter.Seq2[*part, error] {
	return func(yield func(*part, error) bool) {
		file, err := os.Open(f.Name)
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			yield(nil, err)
			return
		}
		in, err := parquet.OpenFile(file, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			yield(nil, err)
			return
		}
		p := new(part)
		for _, c := range in.Root().Columns() {
			plain, err := newColumn(c)
			if err != nil {
				yield(nil, err)
				return
			}
			p.columns = append(p.columns, plain)
		}
		rows := parquet.NewReader(in)
		defer rows.Close()
		size := f.Part
		if size <= 0 {
			size = usualPart
		}
		for left := in.NumRows(); left > 0; left -= int64(p.rows) {
			if err := p.read(rows, int(min(left, int64(size)))); err != nil {
				yield(nil, fmt.Errorf("after row %d of %d: %w", in.NumRows()-left, in.NumRows(), err))
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// newColumn returns a column without rows, or an error for one that is not plain.
func newColumn(c *parquet.Column) (column, error) {
	if !c.Leaf() || c.Repeated() {
		return column{}, fmt.Errorf("column %q is nested or a list, want plain columns", c.Name())
	}
	kind := c.Type().Kind()
	col := column{name: c.Name(), isText: kind == parquet.ByteArray || kind == parquet.FixedLenByteArray}
	if logical := c.Type().LogicalType(); logical != nil && logical.Value != nil {
		switch v := logical.Value.(type) {
		case *parquetformat.StringType, *parquetformat.EnumType:
		case *parquetformat.IntType:
			col.unsigned = !v.IsSigned
		default:
			return column{}, fmt.Errorf("column %q is of the type %v, want numbers or texts: store it as double, for example", c.Name(), logical)
		}
	} else if kind == parquet.Int96 {
		return column{}, fmt.Errorf("column %q is of the type INT96, a time, want numbers or texts: store it as double, for example", c.Name())
	}
	return col, nil
}

// read reads the given number of rows.
func (p *part) read(in parquet.RowReader, count int) error {
	for j := range p.columns {
		c := &p.columns[j]
		c.numbers, c.texts = c.numbers[:0], c.texts[:0]
	}
	for p.rows = 0; p.rows < count; {
		n, err := in.ReadRows(p.buffer[:min(len(p.buffer), count-p.rows)])
		if n == 0 {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		for _, row := range p.buffer[:n] {
			for _, v := range row {
				p.columns[v.Column()].add(v)
			}
		}
		p.rows += n
	}
	return nil
}

// add appends a value.
func (c *column) add(v parquet.Value) {
	if c.isText {
		c.texts = append(c.texts, string(v.ByteArray()))
		return
	}
	number := math.NaN()
	switch {
	case v.IsNull():
	case v.Kind() == parquet.Boolean:
		number = 0
		if v.Boolean() {
			number = 1
		}
	case v.Kind() == parquet.Int32 && c.unsigned:
		number = float64(uint32(v.Int32()))
	case v.Kind() == parquet.Int64 && c.unsigned:
		number = float64(uint64(v.Int64()))
	case v.Kind() == parquet.Int32:
		number = float64(v.Int32())
	case v.Kind() == parquet.Int64:
		number = float64(v.Int64())
	case v.Kind() == parquet.Float:
		number = float64(v.Float())
	case v.Kind() == parquet.Double:
		number = v.Double()
	}
	c.numbers = append(c.numbers, number)
}

func (p *part) names() (names []string) {
	for _, c := range p.columns {
		names = append(names, c.name)
	}
	return names
}

// matrix returns columns of numbers, copied.
func (p *part) matrix(names []string) (*mat.Dense, error) {
	x := mat.NewDense(p.rows, len(names), nil)
	for k, name := range names {
		j := slices.IndexFunc(p.columns, func(c column) bool { return c.name == name })
		if j < 0 {
			return nil, fmt.Errorf("there is no column %q, only %q", name, p.names())
		}
		if p.columns[j].isText {
			return nil, fmt.Errorf("column %q has texts, want numbers: encode it with Transform", name)
		}
		x.SetCol(k, p.columns[j].numbers)
	}
	return x, nil
}

func (p *part) table() (*preprocess.Table, error) {
	t := new(preprocess.Table)
	for _, c := range p.columns {
		var err error
		if c.isText {
			err = t.AddStrings(c.name, c.texts)
		} else {
			err = t.AddFloats(c.name, c.numbers)
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}
