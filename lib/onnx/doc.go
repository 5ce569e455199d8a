// Package onnx writes models as ONNX files, which onnxruntime and many other
// programs run: in C++, Java, JavaScript and on phones.
//
// [Write] exports a [model.Linear] (linear, logistic or softmax regression) or a
// [model.Network] of dense layers, together with the scaler of its features:
//
//	err := format.WriteFile("churn.onnx", func(w io.Writer) error {
//		return onnx.Write(w, m, onnx.Options{Scaler: scaler, Probabilities: true})
//	})
//
// In Python the file is then used as
//
//	session = onnxruntime.InferenceSession("churn.onnx")
//	p, = session.run(None, {"x": rows})  # float64 of shape (batch, features)
//
// # The graph
//
// The input "x" has the shape (batch, features) and the output "y" the shape
// (batch, outputs); batch may be any number. Both have the type of Options.Type.
// The output is what Predict returns, or probabilities on demand.
//
//   - A scaler is (x − μ)/σ, or Low + (x − min)/(max − min)·(High − Low), by the
//     operators Sub, Div, Mul and Add. A Pipeline of scalers is one after another.
//   - A Linear or Dense is Gemm, or MatMul without biases.
//   - A BatchNorm is (x − μ)·γ/√(σ² + ε) + β with the running statistics, a
//     LayerNorm the same with those of the row.
//   - Activations are Relu, Tanh, Sigmoid and Softmax, and for LeakyReLU, ELU, GELU
//     and SiLU a few operators that compute their formula: the operators of
//     these names round their coefficients to float32, or are not there for
//     float64 in onnxruntime.
//   - Dropout and GaussianNoise do nothing in predictions, and so do not appear.
//   - A Residual adds its input.
//
// All other layers, such as convolutions, are errors that name the layer.
//
// # Versions
//
// Files have the operator set 17 and the IR version 8, of 2022, and need no
// operators of other domains. onnx.checker accepts the files of the tests, and
// onnxruntime gives the predictions of this library: in float32 to 10⁻⁶, in float64
// to 10⁻¹².
//
// # The encoding
//
// An ONNX file is one message of protocol buffers. Of that encoding only four forms
// occur here, and nothing is read: proto.go writes them in a few lines, which spares
// those who use this package a dependency and generated code of several thousand.
//
// Source: https://github.com/onnx/onnx, docs/IR.md, docs/Operators.md and
// onnx/onnx.proto.
package onnx
