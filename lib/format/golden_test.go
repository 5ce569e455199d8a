package format_test

import (
	"bytes"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/format"
)

// plenty is a limit that no good file in these tests reaches.
const plenty = 1 << 20

type array struct {
	Type   string
	Shape  []int
	Values []string // texts, for JSON has no NaN
}

type goldenFiles struct {
	NPY []struct {
		Name string
		array
		File    []byte
		Written bool // NumPy writes it as this package does
	}
	NPZ []struct {
		Name    string
		File    []byte
		Members map[string]array
	}
	Safetensors []struct {
		Name     string
		File     []byte
		Metadata map[string]string
		Tensors  map[string]array
	}
	IDX []struct {
		Name string
		array
		File []byte
	}
	Half [][3]string // number, float16, bfloat16
}

func goldens(t testing.TB) goldenFiles {
	return golden.Load[goldenFiles](t, "testdata/golden.json")
}

func parse(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sameBits is equality that tells −0 from 0, and takes all NaNs for the same.
func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

func wantTensor(t *testing.T, name string, got format.Tensor, want array) {
	t.Helper()
	if got.Type.String() != want.Type || !slices.Equal(got.Shape, want.Shape) || len(got.Data) != len(want.Values) {
		t.Errorf("%s is %s of shape %v with %d numbers, want %s, %v, %d",
			name, got.Type, got.Shape, len(got.Data), want.Type, want.Shape, len(want.Values))
		return
	}
	for i, text := range want.Values {
		if w := parse(t, text); !sameBits(got.Data[i], w) {
			t.Errorf("%s: number %d is %v, want %v", name, i, got.Data[i], w)
			return
		}
	}
}

func wantTensors(t *testing.T, got map[string]format.Tensor, want map[string]array) {
	t.Helper()
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("names %q, want %q", g, w)
	}
	for name, w := range want {
		wantTensor(t, name, got[name], w)
	}
}

func TestNPYAgainstNumPy(t *testing.T) {
	for _, c := range goldens(t).NPY {
		t.Run(c.Name, func(t *testing.T) {
			got, err := format.ReadNPY(bytes.NewReader(c.File), len(c.Values))
			if err != nil {
				t.Fatal(err)
			}
			wantTensor(t, "array", got, c.array)
			var out bytes.Buffer
			if err := format.WriteNPY(&out, got); err != nil {
				t.Fatal(err)
			}
			if c.Written && !bytes.Equal(out.Bytes(), c.File) {
				t.Errorf("written:\n%q\nwant, as NumPy does:\n%q", out.Bytes(), c.File)
			}
			again, err := format.ReadNPY(&out, len(c.Values))
			if err != nil {
				t.Fatal(err)
			}
			wantTensor(t, "read again", again, c.array)
		})
	}
}

func TestNPZAgainstNumPy(t *testing.T) {
	for _, c := range goldens(t).NPZ {
		t.Run(c.Name, func(t *testing.T) {
			got, err := format.ReadNPZ(bytes.NewReader(c.File), int64(len(c.File)), 11)
			if err != nil {
				t.Fatal(err)
			}
			wantTensors(t, got, c.Members)
			if _, err := format.ReadNPZ(bytes.NewReader(c.File), int64(len(c.File)), 10); err == nil {
				t.Error("11 numbers pass a limit of 10")
			}
			write := format.WriteNPZ
			if c.Name == "deflated" {
				write = format.WriteNPZCompressed
			}
			var out bytes.Buffer
			if err := write(&out, got); err != nil {
				t.Fatal(err)
			}
			again, err := format.ReadNPZ(bytes.NewReader(out.Bytes()), int64(out.Len()), plenty)
			if err != nil {
				t.Fatal(err)
			}
			wantTensors(t, again, c.Members)
		})
	}
}

func TestSafetensorsAgainstSpecification(t *testing.T) {
	for _, c := range goldens(t).Safetensors {
		t.Run(c.Name, func(t *testing.T) {
			got, err := format.ReadSafetensors(bytes.NewReader(c.File), plenty)
			if err != nil {
				t.Fatal(err)
			}
			wantTensors(t, got.Tensors, c.Tensors)
			if !maps.Equal(got.Metadata, c.Metadata) {
				t.Errorf("metadata %q, want %q", got.Metadata, c.Metadata)
			}
			var out bytes.Buffer
			if err := format.WriteSafetensors(&out, got); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), c.File) {
				t.Errorf("written:\n%q\nwant:\n%q", out.Bytes(), c.File)
			}
		})
	}
}

func TestIDXAgainstSpecification(t *testing.T) {
	for _, c := range goldens(t).IDX {
		t.Run(c.Name, func(t *testing.T) {
			got, err := format.ReadIDX(bytes.NewReader(c.File), len(c.Values))
			if err != nil {
				t.Fatal(err)
			}
			wantTensor(t, "array", got, c.array)
			var out bytes.Buffer
			if err := format.WriteIDX(&out, got); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), c.File) {
				t.Errorf("written:\n%q\nwant:\n%q", out.Bytes(), c.File)
			}
		})
	}
}

// TestHalf compares rounding to 16 bits with NumPy's and PyTorch's.
func TestHalf(t *testing.T) {
	var exact, half, brain []float64
	for _, c := range goldens(t).Half {
		exact, half, brain = append(exact, parse(t, c[0])), append(half, parse(t, c[1])), append(brain, parse(t, c[2]))
	}
	for kind, want := range map[format.Type][]float64{format.Float16: half, format.BFloat16: brain} {
		var out bytes.Buffer
		tensor := format.Tensor{Shape: []int{len(exact)}, Data: exact, Type: kind}
		if err := format.WriteSafetensors(&out, &format.Safetensors{Tensors: map[string]format.Tensor{"x": tensor}}); err != nil {
			t.Fatal(err)
		}
		got, err := format.ReadSafetensors(&out, plenty)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got.Tensors["x"].Data {
			if !sameBits(v, want[i]) {
				t.Errorf("%s of %v is %v, want %v", kind, exact[i], v, want[i])
			}
		}
	}
}
