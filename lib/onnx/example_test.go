package onnx_test

import (
	"bytes"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/onnx"
	"github.com/descent-go/descent/lib/preprocess"
)

// A classifier with its scaler, in float32, for any program with onnxruntime.
func ExampleWrite() {
	scaler := preprocess.NewStandardScaler()
	if err := scaler.Fit(mat.NewDense(2, 1, []float64{10, 20})); err != nil {
		fmt.Println(err)
		return
	}
	m := model.NewLogistic(1)
	var file bytes.Buffer // or format.WriteFile
	err := onnx.Write(&file, m, onnx.Options{Scaler: scaler, Probabilities: true, Type: format.Float32})
	fmt.Println(file.Len(), "bytes,", err)

	// Layers that the graph has no operators for are errors.
	net, err := model.NewNetwork(model.Image(8, 8, 1), 1, model.Conv2D{Filters: 4, Kernel: 3}, model.Flatten{}, model.Dense{Units: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(onnx.Write(&file, net, onnx.Options{}))
	// Output:
	// 407 bytes, <nil>
	// onnx: layer 0 (Conv2D) takes samples of shape 1×8×8: only networks of features can be exported
}

func ExampleOptions() {
	net, err := model.NewNetwork(model.Features(3), 1, model.Dense{Units: 4}, model.GELU{}, model.Dense{Units: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, typ := range []format.Type{format.Float32, format.Float64} {
		var file bytes.Buffer
		fmt.Println(onnx.Write(&file, net, onnx.Options{Type: typ}))
	}
	// Output:
	// <nil>
	// onnx: layer 1 (GELU): needs the error function, which onnxruntime does not have in float64: write the file in format.Float32, or take GELU{Approximate: true}
}
