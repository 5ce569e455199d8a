package format_test

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/sparse"
)

// timedTensor has n rows of 20 numbers, which all types hold.
func timedTensor(n int) format.Tensor {
	t := format.Tensor{Shape: []int{n, 20}, Data: make([]float64, 20*n)}
	for i := range t.Data {
		t.Data[i] = float64(i % 100)
	}
	return t
}

func timedSafetensors(n int) *format.Safetensors {
	return &format.Safetensors{Tensors: map[string]format.Tensor{"x": timedTensor(n)}}
}

// noError is for benchmarks, whose data are right.
func noError(err error) {
	if err != nil {
		panic(err)
	}
}

// readsBack makes a benchmark of reading what was written.
func readsBack(write func(w io.Writer, n int) error, read func(b []byte) error) func(n int) func() {
	return func(n int) func() {
		var b bytes.Buffer
		noError(write(&b, n))
		return func() { noError(read(b.Bytes())) }
	}
}

func writes[T any](make func(n int) T, write func(w io.Writer, v T) error) func(n int) func() {
	return func(n int) func() {
		v := make(n)
		return func() { noError(write(io.Discard, v)) }
	}
}

func timedLibSVM(n int) *format.LibSVM {
	t := timedTensor(n)
	return &format.LibSVM{X: sparse.FromDense(mat.NewDense(n, 20, t.Data)), Labels: t.Data[:n]}
}

func timedArrays(n int) map[string]format.Tensor { return timedSafetensors(n).Tensors }

const noLimit = 1 << 30

var benchmarks = timed.List{
	"ReadIDX": readsBack(func(w io.Writer, n int) error { return format.WriteIDX(w, timedTensor(n)) },
		func(b []byte) error { _, err := format.ReadIDX(bytes.NewReader(b), noLimit); return err }),
	"WriteIDX": writes(timedTensor, format.WriteIDX),
	"ReadNPY": readsBack(func(w io.Writer, n int) error { return format.WriteNPY(w, timedTensor(n)) },
		func(b []byte) error { _, err := format.ReadNPY(bytes.NewReader(b), noLimit); return err }),
	"WriteNPY": writes(timedTensor, format.WriteNPY),
	"ReadNPZ": readsBack(func(w io.Writer, n int) error { return format.WriteNPZ(w, timedArrays(n)) },
		func(b []byte) error {
			_, err := format.ReadNPZ(bytes.NewReader(b), int64(len(b)), noLimit)
			return err
		}),
	"WriteNPZ":           writes(timedArrays, format.WriteNPZ),
	"WriteNPZCompressed": writes(timedArrays, format.WriteNPZCompressed),
	"ReadSafetensors": readsBack(func(w io.Writer, n int) error { return format.WriteSafetensors(w, timedSafetensors(n)) },
		func(b []byte) error { _, err := format.ReadSafetensors(bytes.NewReader(b), noLimit); return err }),
	"WriteSafetensors": writes(timedSafetensors, format.WriteSafetensors),
	"ReadLibSVM": readsBack(func(w io.Writer, n int) error { return format.WriteLibSVM(w, timedLibSVM(n), format.LibSVMOptions{}) },
		func(b []byte) error {
			_, err := format.ReadLibSVM(bytes.NewReader(b), noLimit, format.LibSVMOptions{})
			return err
		}),
	"WriteLibSVM": writes(timedLibSVM, func(w io.Writer, f *format.LibSVM) error { return format.WriteLibSVM(w, f, format.LibSVMOptions{}) }),
	"FromMatrix": func(n int) func() {
		x := mat.NewDense(n, 20, nil)
		return func() { format.FromMatrix(x) }
	},
	"WriteFile": func(n int) func() {
		file, t := filepath.Join(folder, "x.npy"), timedTensor(n)
		return func() {
			noError(format.WriteFile(file, func(w io.Writer) error { return format.WriteNPY(w, t) }))
		}
	},
}

// folder is where the benchmark of WriteFile writes.
var folder string

func BenchmarkFormat(b *testing.B) {
	folder = b.TempDir()
	benchmarks.Run(b)
}

// TestEveryReaderAndWriterIsTimed: each has a benchmark at three sizes.
func TestEveryReaderAndWriterIsTimed(t *testing.T) {
	folder = t.TempDir()
	// The header and the tensors are what ReadSafetensors reads; Dense makes no copy.
	benchmarks.Check(t, "ReadSafetensorsHeader", "SafetensorsHeader", "Tensor", "Type", "NPYFile.Len", "NPYFile.Mapped", "OpenNPY", "NPYFile.Close")
	benchmarks.Once()
}
