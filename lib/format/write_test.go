package format_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
)

func write(t format.Tensor) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"safetensors": func(w io.Writer) error {
			return format.WriteSafetensors(w, &format.Safetensors{Tensors: map[string]format.Tensor{"a": t}})
		},
		"npy": func(w io.Writer) error { return format.WriteNPY(w, t) },
		"npz": func(w io.Writer) error { return format.WriteNPZ(w, map[string]format.Tensor{"a": t}) },
		"idx": func(w io.Writer) error { return format.WriteIDX(w, t) },
	}
}

func TestWriteErrors(t *testing.T) {
	one := func(kind format.Type, v float64) format.Tensor {
		return format.Tensor{Shape: []int{1}, Data: []float64{v}, Type: kind}
	}
	all := []string{"idx", "npy", "npz", "safetensors"}
	for name, c := range map[string]struct {
		tensor format.Tensor
		of     []string
		want   string
	}{
		"too few":          {format.Tensor{Shape: []int{3}, Data: []float64{1}}, all, "shape [3] has 1 numbers"},
		"too many":         {format.Tensor{Shape: []int{1}, Data: []float64{1, 2}}, all, "shape [1] has 2 numbers"},
		"negative":         {format.Tensor{Shape: []int{-1, -1}, Data: []float64{1}}, all, "shape [-1 -1]"},
		"overflow":         {format.Tensor{Shape: []int{math.MaxInt, 3}}, all, "has 0 numbers"},
		"unknown type":     {one(99, 1), all, "no type 99"},
		"scalar":           {format.Tensor{Data: []float64{1}}, all[:1], "IDX has no arrays"},
		"no IDX type":      {one(format.Int64, 1), all[:1], "IDX has no arrays of int64"},
		"no NumPy type":    {one(format.BFloat16, 1), all[1:3], "NumPy has no bfloat16"},
		"byte 256":         {one(format.Uint8, 256), all, "number 0 is 256, which uint8 cannot hold"},
		"byte -1":          {one(format.Uint8, -1), all, "uint8 cannot hold"},
		"byte 0.5":         {one(format.Uint8, 0.5), all, "uint8 cannot hold"},
		"byte NaN":         {one(format.Uint8, math.NaN()), all, "uint8 cannot hold"},
		"int8 128":         {one(format.Int8, 128), all, "int8 cannot hold"},
		"int64 2⁶³":        {one(format.Int64, 1<<63), all[1:], "int64 cannot hold"},
		"int32 infinite":   {one(format.Int32, math.Inf(1)), all, "int32 cannot hold"},
		"uint64 2⁶⁴":       {one(format.Uint64, 1<<64), all[1:], "uint64 cannot hold"},
		"bool 2":           {one(format.Bool, 2), all[1:], "bool cannot hold"},
		"float32 overflow": {one(format.Float32, -1e300), all, "float32 cannot hold"},
		"float16 overflow": {one(format.Float16, 65520), all[1:], "float16 cannot hold"},
	} {
		writers := write(c.tensor)
		for _, format := range c.of {
			t.Run(name+"/"+format, func(t *testing.T) {
				wantError(t, writers[format](io.Discard), c.want)
			})
		}
	}
	for name, s := range map[string]*format.Safetensors{
		"__metadata__": {Tensors: map[string]format.Tensor{"__metadata__": one(format.Float64, 1)}},
		"not UTF-8":    {Tensors: map[string]format.Tensor{"\xff": one(format.Float64, 1)}},
		"metadata":     {Metadata: map[string]string{"a": "\xff"}},
		"long header":  {Metadata: map[string]string{"a": string(make([]byte, 20_000_000))}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := format.WriteSafetensors(io.Discard, s); err == nil {
				t.Error("no error")
			}
		})
	}
}

// full is a disk with room for n bytes.
type full struct{ n int }

func (f *full) Write(b []byte) (int, error) {
	if f.n -= len(b); f.n < 0 {
		return 0, os.ErrPermission
	}
	return len(b), nil
}

func TestWritersPassErrorsOn(t *testing.T) {
	for name, write := range write(format.Tensor{Shape: []int{3}, Data: []float64{1, 2, 3}}) {
		var whole bytes.Buffer
		if err := write(&whole); err != nil {
			t.Fatal(err)
		}
		for n := range whole.Len() {
			if err := write(&full{n}); !errors.Is(err, os.ErrPermission) {
				t.Errorf("%s with room for %d bytes: error %v", name, n, err)
			}
		}
	}
}

func TestSameBytes(t *testing.T) {
	s := &format.Safetensors{Metadata: map[string]string{}, Tensors: map[string]format.Tensor{}}
	for _, name := range []string{"d", "b", "a", "c", "f", "e"} {
		s.Metadata[name] = name
		s.Tensors[name] = format.Tensor{Data: []float64{1}}
	}
	for name, write := range map[string]func(io.Writer) error{
		"safetensors": func(w io.Writer) error { return format.WriteSafetensors(w, s) },
		"npz":         func(w io.Writer) error { return format.WriteNPZCompressed(w, s.Tensors) },
	} {
		var first bytes.Buffer
		write(&first)
		for range 20 {
			var again bytes.Buffer
			if write(&again); !bytes.Equal(again.Bytes(), first.Bytes()) {
				t.Fatalf("%s: other bytes the second time", name)
			}
		}
	}
}

func TestDense(t *testing.T) {
	six := []float64{1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		shape      []int
		rows, cols int
	}{
		{[]int{2, 3}, 2, 3}, {[]int{6}, 6, 1}, {[]int{3, 1, 2}, 3, 2}, {[]int{1, 6}, 1, 6},
	} {
		x, err := format.Tensor{Shape: c.shape, Data: six}.Dense()
		if err != nil {
			t.Fatal(err)
		}
		if !mat.Equal(x, mat.NewDense(c.rows, c.cols, six)) || &x.RawMatrix().Data[0] != &six[0] {
			t.Errorf("shape %v gives %v", c.shape, mat.Formatted(x))
		}
		back := format.FromMatrix(x)
		if !slices.Equal(back.Shape, []int{c.rows, c.cols}) || !slices.Equal(back.Data, six) {
			t.Errorf("%v comes back as %+v", c.shape, back)
		}
	}
	if x, err := (format.Tensor{Data: []float64{7}}).Dense(); err != nil || x.At(0, 0) != 7 {
		t.Errorf("a single number gives %v, error %v", x, err)
	}
	_, err := format.Tensor{Shape: []int{0, 3}}.Dense()
	wantError(t, err, "no numbers")
	_, err = format.Tensor{Shape: []int{2, 3}, Data: six[:5]}.Dense()
	wantError(t, err, "has 5 numbers")
	transposed := format.FromMatrix(mat.NewDense(2, 3, six).T())
	if !slices.Equal(transposed.Data, []float64{1, 4, 2, 5, 3, 6}) {
		t.Errorf("transposed %v", transposed.Data)
	}
}

func TestTypeString(t *testing.T) {
	if got := format.BFloat16.String() + " " + format.Type(99).String(); got != "bfloat16 Type(99)" {
		t.Error(got)
	}
	if format.Float32.Size() != 4 {
		t.Error(format.Float32.Size())
	}
}
