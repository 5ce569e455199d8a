package save_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

func fileOf(f *testing.F, s *format.Safetensors, err error) []byte {
	f.Helper()
	var file bytes.Buffer
	if err == nil {
		err = format.WriteSafetensors(&file, s)
	}
	if err != nil {
		f.Fatal(err)
	}
	return file.Bytes()
}

// Whatever the bytes, a checkpoint is read that can be written again as the same,
// or none.
//
// The seeds are short: the fuzzer shortens each new input, in a time that grows
// with the square of its length. One has no checksum, so that what follows from it
// is not refused for its checksum alone.
func FuzzLoadCheckpoint(f *testing.F) {
	s, err := save.EncodeCheckpoint(&train.Checkpoint{Epoch: 1, Theta: []float64{1}, Memory: map[string][]float64{"a": {2}}})
	whole := fileOf(f, s, err)
	f.Add(whole)
	f.Add(whole[:len(whole)-9])
	s.Metadata = map[string]string{"descent": `{"format":"descent/checkpoint","version":1,"epoch":1}`}
	f.Add(fileOf(f, s, nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := save.DecodeCheckpoint(bytes.NewReader(file))
		if err != nil {
			return
		}
		s, err := save.EncodeCheckpoint(c)
		var out bytes.Buffer
		if err == nil {
			err = format.WriteSafetensors(&out, s)
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := save.DecodeCheckpoint(&out)
		if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", c) {
			t.Fatalf("%+v has become %+v, error %v", c, again, err)
		}
	})
}

// Whatever the bytes, a model is loaded, or it stays as it was.
func FuzzLoadModel(f *testing.F) {
	s, _, err := save.Encode(model.NewLinear(2, 1), about{})
	whole := fileOf(f, s, err)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	s.Metadata = map[string]string{"descent": `{"format":"descent/model","version":1}`}
	f.Add(fileOf(f, s, nil))
	f.Add(fileOf(f, &format.Safetensors{Tensors: map[string]format.Tensor{
		"intercept": {Shape: []int{1}, Data: []float64{1}, Type: format.Uint8},
		"weights":   {Shape: []int{2, 1}, Data: []float64{1, 2}, Type: format.Float32},
	}}, nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		m := model.NewLinear(2, 1)
		copy(m.Params(), []float64{1, 2, 3})
		var meta about
		if err := save.Decode(bytes.NewReader(file), m, &meta); err != nil && !slices.Equal(m.Params(), []float64{1, 2, 3}) {
			t.Fatalf("error %v, but the model is now %v", err, m.Params())
		}
	})
}
