package beam

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local" // paths without a scheme
	"github.com/parquet-go/parquet-go"
	parquetformat "github.com/parquet-go/parquet-go/format"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/preprocess"
)

// Data names the shards: files of rows with the same columns. The order of Files is part of what is computed: the same files in
// the same order give the same bits.
//
// The ending of a name says its kind. A .npy file is a matrix of numbers. A .csv file has a header, and a .parquet file
// columns of numbers or texts. A worker holds one shard in memory, so keep them well below its memory. Paths are those of
// Beam's file systems: a plain path for local or mounted files; the program must import the file system of an object store.
type Data struct {
	Files []string
	// Target is the name of the target's column. In a .npy file the columns are named 0, 1, …; "" is the last column.
	Target string
	// Features are the names of the other columns to use; nil is all of them.
	Features []string
	// Prepare is a fitted transformer of lib/preprocess, as preprocess.Save writes it: see [Prepared]. A TableTransformer gets the
	// columns by name, any other the matrix of Features.
	Prepare []byte
}

// Prepared returns d with a fitted transformer, which the workers apply to each shard.
func (d Data) Prepared(t any) (Data, error) {
	var b bytes.Buffer
	if err := preprocess.Save(&b, t); err != nil {
		return d, fmt.Errorf("beam: %w", err)
	}
	d.Prepare = b.Bytes()
	return d, nil
}

const maxNumbers = 1 << 31 // in a shard, 16 GiB

// errNothing says that a shard has no rows.
var errNothing = errors.New("the shard has no rows: leave the file out")

// A shard is the rows of a file: numbers, or a table.
type shard struct {
	names  []string
	matrix *mat.Dense // nil if table is there
	table  *preprocess.Table
}

func readFile(ctx context.Context, name string) ([]byte, error) {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	r, err := fs.OpenRead(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func openShard(ctx context.Context, name string) (*shard, error) {
	b, err := readFile(ctx, name)
	if err != nil {
		return nil, err
	}
	switch path.Ext(name) {
	case ".npy":
		t, err := format.ReadNPY(bytes.NewReader(b), maxNumbers)
		if err != nil {
			return nil, invalid(err)
		}
		m, err := t.Dense()
		if err != nil {
			return nil, invalid(err)
		}
		s := &shard{matrix: m}
		for j := range m.RawMatrix().Cols {
			s.names = append(s.names, fmt.Sprint(j))
		}
		return s, nil
	case ".csv":
		t, err := preprocess.ReadCSV(bytes.NewReader(b))
		if err != nil {
			return nil, invalid(err)
		}
		return &shard{names: t.Names(), table: t}, nil
	case ".parquet":
		return readParquet(b)
	}
	return nil, invalid(fmt.Errorf("the name ends in %q, want .npy, .csv or .parquet", path.Ext(name)))
}

func readParquet(b []byte) (*shard, error) {
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, invalid(err)
	}
	s := &shard{}
	text := false
	var unsigned []bool
	for _, c := range f.Root().Columns() {
		if !c.Leaf() || c.Repeated() {
			return nil, invalid(fmt.Errorf("column %q of the Parquet file is nested or a list, want plain columns", c.Name()))
		}
		s.names = append(s.names, c.Name())
		k := c.Type().Kind()
		unsigned = append(unsigned, false)
		if lt := c.Type().LogicalType(); lt != nil && lt.Value != nil {
			switch v := lt.Value.(type) {
			case *parquetformat.StringType, *parquetformat.EnumType:
			case *parquetformat.IntType:
				unsigned[len(unsigned)-1] = !v.IsSigned
			default:
				return nil, invalid(fmt.Errorf("column %q is of the type %v, want numbers or texts: store it as double, for example", c.Name(), lt))
			}
		} else if k == parquet.Int96 {
			return nil, invalid(fmt.Errorf("column %q is of the type INT96, a time, want numbers or texts: store it as double, for example", c.Name()))
		}
		text = text || k == parquet.ByteArray || k == parquet.FixedLenByteArray
	}
	cols, rows := len(s.names), int(f.NumRows())
	if rows == 0 || cols == 0 {
		return nil, invalid(errNothing)
	}
	if rows > maxNumbers/cols {
		return nil, invalid(fmt.Errorf("%d rows and %d columns are too many for a shard: write smaller files", rows, cols))
	}
	numbers := make([]float64, rows*cols)
	texts := make([][]string, cols)
	r := parquet.NewReader(f)
	defer r.Close()
	buffer := make([]parquet.Row, 256)
	for i := 0; i < rows; {
		n, err := r.ReadRows(buffer)
		if n == 0 {
			return nil, invalid(fmt.Errorf("the Parquet file ends at row %d of %d: %w", i, rows, err))
		}
		for _, row := range buffer[:n] {
			for _, v := range row {
				j := v.Column()
				switch {
				case v.IsNull():
					numbers[i*cols+j] = math.NaN()
				case v.Kind() == parquet.Boolean && v.Boolean():
					numbers[i*cols+j] = 1
				case v.Kind() == parquet.Boolean:
				case v.Kind() == parquet.Int32 && unsigned[j]:
					numbers[i*cols+j] = float64(uint32(v.Int32()))
				case v.Kind() == parquet.Int64 && unsigned[j]:
					numbers[i*cols+j] = float64(uint64(v.Int64()))
				case v.Kind() == parquet.Int32:
					numbers[i*cols+j] = float64(v.Int32())
				case v.Kind() == parquet.Int64:
					numbers[i*cols+j] = float64(v.Int64())
				case v.Kind() == parquet.Float:
					numbers[i*cols+j] = float64(v.Float())
				case v.Kind() == parquet.Double:
					numbers[i*cols+j] = v.Double()
				default:
					if texts[j] == nil {
						texts[j] = make([]string, rows)
					}
					texts[j][i] = string(v.ByteArray())
				}
			}
			i++
		}
	}
	if !text {
		s.matrix = mat.NewDense(rows, cols, numbers)
		return s, nil
	}
	s.table = &preprocess.Table{}
	for j, c := range f.Root().Columns() {
		var err error
		if k := c.Type().Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
			if texts[j] == nil {
				texts[j] = make([]string, rows)
			}
			err = s.table.AddStrings(c.Name(), texts[j])
		} else {
			err = s.table.AddFloats(c.Name(), mat.Col(nil, j, mat.NewDense(rows, cols, numbers)))
		}
		if err != nil {
			return nil, invalid(err)
		}
	}
	return s, nil
}

// target returns the name of the target's column.
func (s *shard) target(d Data) string {
	if d.Target == "" && len(s.names) > 0 {
		return s.names[len(s.names)-1]
	}
	return d.Target
}

// features returns the names of the features.
func (s *shard) features(d Data) []string {
	if d.Features != nil {
		return d.Features
	}
	t := s.target(d)
	return slices.DeleteFunc(slices.Clone(s.names), func(n string) bool { return n == t })
}

// numbers returns the named columns.
func (s *shard) numbers(names []string) (*mat.Dense, error) {
	if s.table != nil {
		if s.table.Len() == 0 {
			return nil, invalid(errNothing)
		}
		x, err := s.table.Matrix(names...)
		if err != nil {
			return nil, invalid(err)
		}
		return x, nil
	}
	rows, cols := s.matrix.Dims()
	at := make([]int, len(names))
	whole := true
	for k, n := range names {
		if at[k] = slices.Index(s.names, n); at[k] < 0 {
			return nil, s.missing(n)
		}
		whole = whole && at[k] == k
	}
	if whole && len(at) <= cols {
		return s.matrix.Slice(0, rows, 0, len(at)).(*mat.Dense), nil
	}
	x := mat.NewDense(rows, len(at), nil)
	for i := range rows {
		from, to := s.matrix.RawRowView(i), x.RawRowView(i)
		for k, j := range at {
			to[k] = from[j]
		}
	}
	return x, nil
}

// texts returns a column as text.
func (s *shard) texts(name string) ([]string, error) {
	if s.table == nil {
		return nil, invalid(fmt.Errorf("there are only numbers, and column %q is wanted as text", name))
	}
	t, err := s.table.Strings(name)
	if err != nil {
		return nil, invalid(err)
	}
	if len(t) == 0 {
		return nil, invalid(errNothing)
	}
	return t, nil
}

func (s *shard) missing(name string) error {
	names := s.names
	more := ""
	if len(names) > 20 {
		names, more = names[:20], ", …"
	}
	return invalid(fmt.Errorf("there is no column %q, only %s%s", name, strings.Join(names, ", "), more))
}

// xy returns the prepared features and the targets of a shard. y is nil if target is false.
func (d Data) xy(ctx context.Context, name string, target bool) (*mat.Dense, *mat.Dense, error) {
	s, err := openShard(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	var y *mat.Dense
	if target {
		if y, err = s.numbers([]string{s.target(d)}); err != nil {
			return nil, nil, err
		}
		y = mat.DenseCopyOf(y)
	}
	x, err := d.prepare(s)
	if err != nil {
		return nil, nil, err
	}
	rows, cols := x.Dims()
	for i := range rows {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, invalid(fmt.Errorf("row %d, feature %d of %d is %v: remove the row or fill the gap", i, j, cols, v))
			}
		}
	}
	return x, y, nil
}

func (d Data) prepare(s *shard) (*mat.Dense, error) {
	if d.Prepare == nil {
		return s.numbers(s.features(d))
	}
	t, err := preprocess.Load[any](bytes.NewReader(d.Prepare))
	if err != nil {
		return nil, invalid(err)
	}
	var x mat.Matrix
	switch t := t.(type) {
	case *preprocess.TableTransformer:
		if s.table == nil {
			return nil, invalid(errors.New("a TableTransformer needs named columns, as in .csv: use a transformer of matrices"))
		}
		x, err = t.Transform(s.table)
	case preprocess.Transformer:
		var raw *mat.Dense
		if raw, err = s.numbers(s.features(d)); err == nil {
			x, err = t.Transform(raw)
		}
	default:
		err = fmt.Errorf("%T transforms texts: put it into a TableTransformer", t)
	}
	if err != nil {
		return nil, invalid(err)
	}
	return preprocess.Dense(x), nil
}

// check returns an error for data that cannot be right.
func (d Data) check() error {
	if len(d.Files) == 0 {
		return errors.New("beam: no files: name at least one shard")
	}
	seen := map[string]bool{}
	for _, f := range d.Files {
		if seen[f] {
			return fmt.Errorf("beam: the file %s is named twice", f)
		}
		seen[f] = true
	}
	return nil
}

// An invalidError is a fault of the data or the settings. It does not go away when the pass is repeated.
type invalidError struct{ err error }

func (e invalidError) Error() string { return e.err.Error() }
func (e invalidError) Unwrap() error { return e.err }

func invalid(err error) error { return invalidError{err} }
