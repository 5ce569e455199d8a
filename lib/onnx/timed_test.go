package onnx_test

import (
	"io"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/onnx"
)

var benchmarks = timed.List{
	"Write": func(n int) func() { // 10n weights
		m := linear(model.NewSoftmax(n, 10))
		return func() {
			if err := onnx.Write(io.Discard, m, onnx.Options{Type: format.Float32, Probabilities: true}); err != nil {
				panic(err)
			}
		}
	},
}

func BenchmarkONNX(b *testing.B) { benchmarks.Run(b) }

// TestAllOfONNXIsTimed: what grows with the weights has a benchmark at three sizes.
func TestAllOfONNXIsTimed(t *testing.T) {
	benchmarks.Check(t)
	benchmarks.Once()
}
