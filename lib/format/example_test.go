package format_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
)

// A matrix goes to Python and comes back.
func Example() {
	var file bytes.Buffer // x.npy
	x := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	if err := format.WriteNPY(&file, format.FromMatrix(x)); err != nil {
		fmt.Println(err)
		return
	}
	// In Python: x = numpy.load("x.npy")
	t, err := format.ReadNPY(&file, 1e6)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err = t.Dense()
	fmt.Println(t.Type, t.Shape, mat.Formatted(x, mat.Squeeze()), err)
	// Output:
	// float64 [2 3] ⎡1  2  3⎤
	// ⎣4  5  6⎦ <nil>
}

// Two pictures of 2×2 pixels are two rows of a matrix.
func ExampleTensor_Dense() {
	pictures := format.Tensor{Shape: []int{2, 2, 2}, Data: []float64{0, 50, 100, 150, 200, 250, 0, 50}}
	x, err := pictures.Dense()
	fmt.Println(mat.Formatted(x), err)
	// Output:
	// ⎡  0   50  100  150⎤
	// ⎣200  250    0   50⎦ <nil>
}

func ExampleTensor() {
	number := format.Tensor{Data: []float64{7}} // no dimensions
	empty := format.Tensor{Shape: []int{0, 3}}
	for _, t := range []format.Tensor{number, empty} {
		_, err := t.Dense()
		fmt.Println(t.Type, t.Shape, t.Data, err)
	}
	// Output:
	// float64 [] [7] <nil>
	// float64 [0 3] [] format: a tensor of shape [0 3] has no numbers to make a matrix of
}

// A number that the type cannot hold is not changed silently.
func ExampleType() {
	pixels := format.Tensor{Shape: []int{3}, Data: []float64{0, 255, 256}, Type: format.Uint8}
	fmt.Println(format.WriteIDX(io.Discard, pixels))
	pixels.Type = format.Int16
	fmt.Println(format.WriteIDX(io.Discard, pixels))
	// Output:
	// format: IDX: number 2 is 256, which uint8 cannot hold
	// <nil>
}

func ExampleSafetensors() {
	var file bytes.Buffer
	err := format.WriteSafetensors(&file, &format.Safetensors{
		Metadata: map[string]string{"format": "pt"},
		Tensors: map[string]format.Tensor{
			"bias":   {Shape: []int{2}, Data: []float64{0.5, -0.5}, Type: format.Float32},
			"weight": {Shape: []int{2, 1}, Data: []float64{1, 2}, Type: format.Float32},
		},
	})
	fmt.Println(file.Len(), "bytes,", err)
	s, err := format.ReadSafetensors(&file, 1000)
	fmt.Println(s.Metadata["format"], s.Tensors["weight"].Data, err)
	// Output:
	// 176 bytes, <nil>
	// pt [1 2] <nil>
}

// What is in a file, without reading the numbers.
func ExampleSafetensorsHeader() {
	var file bytes.Buffer
	tensors := map[string]format.Tensor{"θ": {Shape: []int{1000, 1000}, Data: make([]float64, 1e6)}}
	if err := format.WriteSafetensors(&file, &format.Safetensors{Tensors: tensors}); err != nil {
		fmt.Println(err)
	}
	h, err := format.ReadSafetensorsHeader(&file)
	fmt.Println(h.Tensors, err)
	_, err = h.ReadTensors(&file, 1000)
	fmt.Println(err)
	// Output:
	// [{θ float64 [1000 1000]}] <nil>
	// format: safetensors: tensor "θ": too many numbers: shape [1000 1000] has more than the allowed 1000 (1000 for all tensors)
}

func ExampleTensorInfo() {
	info := format.TensorInfo{Name: "weight", Type: format.Float32, Shape: []int{10, 784}}
	fmt.Println(info.Name, info.Type, info.Shape)
	// Output: weight float32 [10 784]
}

func ExampleReadNPZ() {
	var file bytes.Buffer
	err := format.WriteNPZCompressed(&file, map[string]format.Tensor{
		"x": {Shape: []int{2, 2}, Data: []float64{1, 2, 3, 4}},
		"y": {Shape: []int{2}, Data: []float64{0, 1}, Type: format.Int64},
	})
	if err != nil {
		fmt.Println(err)
	}
	arrays, err := format.ReadNPZ(bytes.NewReader(file.Bytes()), int64(file.Len()), 1e6)
	fmt.Println(arrays["x"].Shape, arrays["y"].Type, arrays["y"].Data, err)
	// Output: [2 2] int64 [0 1] <nil>
}

func ExampleReadIDX() {
	file := []byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}
	t, err := format.ReadIDX(bytes.NewReader(file), 1e6)
	fmt.Println(t.Type, t.Shape, t.Data, err)
	// Output: uint8 [2 3] [1 2 3 4 5 6] <nil>
}

func ExampleWriteFile() {
	dir, err := os.MkdirTemp("", "format")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "x.npy")
	err = format.WriteFile(path, func(w io.Writer) error {
		return format.WriteNPY(w, format.Tensor{Shape: []int{2}, Data: []float64{1, 2}})
	})
	info, _ := os.Stat(path)
	fmt.Println(info.Size(), err)
	// Output: 144 <nil>
}
