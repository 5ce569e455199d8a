package format_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/must"
)

// writeNPY writes a file of a tensor, with more bytes after it.
func writeNPY(t *testing.T, x format.Tensor, more string) string {
	t.Helper()
	var b bytes.Buffer
	if err := format.WriteNPY(&b, x); err != nil {
		t.Fatal(err)
	}
	return writeBytes(t, b.String()+more)
}

func writeBytes(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.npy")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestOpenNPY reads parts of files of every type as ReadNPY reads them, mapped and not.
func TestOpenNPY(t *testing.T) {
	for _, typ := range []format.Type{format.Float64, format.Float32, format.Float16, format.Int64, format.Int32, format.Int16, format.Int8,
		format.Uint64, format.Uint32, format.Uint16, format.Uint8} {
		x := format.Tensor{Shape: []int{1000, 7}, Data: make([]float64, 7000), Type: typ}
		for i := range x.Data {
			x.Data[i] = float64(i * 7 % 100)
		}
		for _, mapped := range []bool{true, false} {
			f, err := format.OpenNPY(writeNPY(t, x, "and more"))
			if err != nil {
				t.Fatal(err)
			}
			if maps := runtime.GOOS == "linux" || runtime.GOOS == "darwin"; f.Mapped() != maps {
				t.Errorf("mapped: %v, want %v", f.Mapped(), maps)
			}
			if !mapped {
				f.Unmap()
			}
			if !slices.Equal(f.Shape, x.Shape) || f.Type != typ || f.Len() != len(x.Data) {
				t.Errorf("%v of shape %v, want %v of %v", f.Type, f.Shape, typ, x.Shape)
			}
			var buffer []float64
			for _, part := range [][2]int{{0, 7000}, {0, 1}, {6999, 7000}, {70, 700}, {5, 5}, {7000, 7000}} {
				if buffer, err = f.Slice(part[0], part[1], buffer); err != nil || !slices.Equal(buffer, x.Data[part[0]:part[1]]) {
					t.Errorf("%v, mapped %v: numbers %v are wrong, error %v", typ, mapped, part, err)
				}
				if mapped && typ == format.Float64 {
					buffer = nil // a part of the file, which must not be written to
				}
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestOpenNPYPlaces: numbers that are not aligned, and in the other byte order.
func TestOpenNPYPlaces(t *testing.T) {
	want := []float64{1.5, -2, math.Pi}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, length := range []int{118, 117} {
			sign := map[binary.AppendByteOrder]string{binary.LittleEndian: "<", binary.BigEndian: ">"}[order]
			header := fmt.Sprintf("{'descr': '%sf8', 'fortran_order': False, 'shape': (3,), }", sign)
			header += strings.Repeat(" ", length-1-len(header)) + "\n"
			text := "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(length))) + header
			for _, v := range want {
				text = string(order.AppendUint64([]byte(text), math.Float64bits(v)))
			}
			f, err := format.OpenNPY(writeBytes(t, text))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := f.Slice(0, 3, nil); err != nil || !slices.Equal(got, want) {
				t.Errorf("%v with a header of %d: %v, error %v", order, length, got, err)
			}
			_ = f.Close()
		}
	}
}

func TestOpenNPYErrors(t *testing.T) {
	var b bytes.Buffer
	if err := format.WriteNPY(&b, format.Tensor{Shape: []int{2, 3}, Data: make([]float64, 6)}); err != nil {
		t.Fatal(err)
	}
	whole := b.String()
	for part, text := range map[string]string{
		"5 of 6 numbers":   whole[:len(whole)-1],
		"0 of 6 numbers":   whole[:128],
		"is it a npy file": "1,2,3\n4,5,6\n",
		"in Fortran order": strings.Replace(whole, "False", "True ", 1),
		"cannot be read":   strings.Replace(whole, "<f8", "<c8", 1),
		"the file ends":    whole[:5],
		"no dictionary":    strings.Replace(whole, "{", "[", 1),
	} {
		if _, err := format.OpenNPY(writeBytes(t, text)); err == nil || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), "x.npy") {
			t.Errorf("%q: error %v", part, err)
		}
	}
	if _, err := format.OpenNPY(filepath.Join(t.TempDir(), "none.npy")); err == nil {
		t.Error("a file that does not exist can be opened")
	}
	name := writeNPY(t, format.Tensor{Shape: []int{2}, Data: []float64{0, 0}, Type: format.Int64}, "")
	text := must.Get(os.ReadFile(name))
	copy(text[len(text)-8:], binary.LittleEndian.AppendUint64(nil, 1<<53+1))
	f := must.Get(format.OpenNPY(writeBytes(t, string(text))))
	defer f.Close()
	if _, err := f.Slice(0, 2, nil); err == nil || !strings.Contains(err.Error(), "number 1 is the int64 9007199254740993") {
		t.Errorf("a large integer: error %v", err)
	}
	defer func() {
		if v := recover(); v == nil {
			t.Error("numbers that the file does not have are returned")
		}
	}()
	_, _ = f.Slice(1, 3, nil)
}
