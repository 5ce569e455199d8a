package stream_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/stream"
)

// epoch reads all batches of a source.
func epoch(source stream.Source) {
	for _, err := range source(1) {
		noError(err)
	}
}

func noError(err error) {
	if err != nil {
		panic(err)
	}
}

// streams makes a benchmark of an epoch of n rows of 20 columns, in batches of 64
// before f.
func streams(f func(source stream.Source) stream.Source) func(n int) func() {
	return func(n int) func() {
		source := f(stream.Of(random(n, 20), 64))
		return func() { epoch(source) }
	}
}

// text makes a benchmark of what is read out of n lines.
func text(line func(b *bytes.Buffer, row []float64), run func(open func() (io.ReadCloser, error))) func(n int) func() {
	return func(n int) func() {
		var b bytes.Buffer
		x := random(n, 20).X.(*mat.Dense)
		for i := range n {
			line(&b, x.RawRowView(i))
		}
		return func() { run(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }) }
	}
}

func csvLine(b *bytes.Buffer, row []float64) {
	if b.Len() == 0 {
		for j := range row {
			b.WriteString("c" + strconv.Itoa(j) + ",")
		}
		b.WriteString("target\n")
	}
	for _, v := range row {
		b.WriteString(strconv.FormatFloat(v, 'g', 6, 64) + ",")
	}
	b.WriteString("1\n")
}

func libSVMLine(b *bytes.Buffer, row []float64) {
	noError(format.WriteLibSVM(b, &format.LibSVM{X: sparse.FromDense(mat.NewDense(1, len(row), row)), Labels: []float64{1}}, format.LibSVMOptions{}))
}

// folder is where the benchmark of NPY reads.
var folder string

var benchmarks = timed.List{
	"Of":        streams(func(s stream.Source) stream.Source { return s }),
	"Batches":   streams(func(s stream.Source) stream.Source { return stream.Batches(s, 100) }),
	"Shuffle":   streams(func(s stream.Source) stream.Source { return stream.Shuffle(s, 640, 64, 1) }),
	"ReadAhead": streams(stream.ReadAhead),
	"Concat":    streams(func(s stream.Source) stream.Source { return stream.Concat(s, s) }),
	"Map": streams(func(s stream.Source) stream.Source {
		return stream.Map(s, func(b stream.Batch) (stream.Batch, error) { return b, nil })
	}),
	"Transform": streams(func(s stream.Source) stream.Source {
		scaler := preprocess.NewStandardScaler()
		noError(scaler.Fit(random(100, 20).X))
		return stream.Transform(s, scaler)
	}),
	"CSV.Tables": text(csvLine, func(open func() (io.ReadCloser, error)) {
		for _, err := range (stream.CSV{Open: open}).Tables() {
			noError(err)
		}
	}),
	"CSV.Batches": text(csvLine, func(open func() (io.ReadCloser, error)) {
		epoch(stream.CSV{Open: open, Targets: []string{"target"}}.Batches(64))
	}),
	"LibSVM.Batches": text(libSVMLine, func(open func() (io.ReadCloser, error)) {
		epoch(stream.LibSVM{Open: open, Columns: 20}.Batches(64))
	}),
	"NPY.Batches": func(n int) func() {
		var b bytes.Buffer
		noError(format.WriteNPY(&b, format.FromMatrix(random(n, 20).X)))
		file := filepath.Join(folder, "x"+strconv.Itoa(n)+".npy")
		noError(os.WriteFile(file, b.Bytes(), 0o600))
		return func() { epoch(stream.NPY{X: file}.Batches(64)) }
	},
}

func BenchmarkStream(b *testing.B) {
	folder = b.TempDir()
	benchmarks.Run(b)
}

// TestAllOfStreamIsTimed: every source and reader has a benchmark at three sizes.
func TestAllOfStreamIsTimed(t *testing.T) {
	folder = t.TempDir()
	benchmarks.Check(t)
	benchmarks.Once()
}
