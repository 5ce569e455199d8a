package ch07

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestRidgeAlpha(t *testing.T) {
	e := checktest.New(t, check.RidgeAlpha)
	e.Right(ridgeAlpha)
	e.Wrong("½ before our", func(lambda float64, m int) float64 { return lambda * float64(m) })
	e.Wrong("m is missing", func(lambda float64, _ int) float64 { return lambda / 2 })
	e.Wrong("differ in two things", func(lambda float64, _ int) float64 { return lambda })
	e.Wrong("The other way round", func(lambda float64, m int) float64 { return lambda / 2 / float64(m) })
	e.Wrong("not twice", func(lambda float64, m int) float64 { return 2 * lambda * float64(m) })
	e.Wrong("from alpha to our λ", func(lambda float64, m int) float64 { return 2 * lambda / float64(m) })
	e.Wrong("not by m − 1", func(lambda float64, m int) float64 { return lambda * float64(m-1) / 2 })
	e.Wrong("m comes in once", func(lambda float64, m int) float64 { return lambda * float64(m*m) / 2 })
}

func TestFromTorch(t *testing.T) {
	e := checktest.New(t, check.FromTorch)
	e.Right(fromTorch)
	weights := func(weight, bias []float64, inputs, outputs int) []float64 {
		return fromTorch(weight, bias, inputs, outputs)[outputs:]
	}
	e.Wrong("copied as they lie", func(weight, bias []float64, _, _ int) []float64 { return slices.Concat(bias, weight) })
	e.Wrong("Transpose the weights, and", func(weight, bias []float64, _, _ int) []float64 { return slices.Concat(weight, bias) })
	e.Wrong("come first", func(weight, bias []float64, inputs, outputs int) []float64 {
		return slices.Concat(weights(weight, bias, inputs, outputs), bias)
	})
	e.Wrong("are missing", weights)
	e.Wrong("all 0", func(weight, bias []float64, inputs, outputs int) []float64 {
		return slices.Concat(make([]float64, outputs), weights(weight, bias, inputs, outputs))
	})
	e.Wrong("changes weight", func(weight, bias []float64, inputs, outputs int) []float64 {
		defer clear(weight)
		return fromTorch(weight, bias, inputs, outputs)
	})
	e.Wrong("as PyTorch has them", func(weight, _ []float64, _, _ int) []float64 { return slices.Clone(weight) })
	e.Wrong("in one of the indices", func(weight, bias []float64, inputs, outputs int) []float64 {
		return slices.Concat(bias, fromTorch(weight, make([]float64, inputs), outputs, inputs)[inputs:])
	})
}

// read reads the names as a learner might who trusts the file.
func read(file []byte, order binary.ByteOrder, keep func(name string) bool) ([]string, error) {
	var header map[string]json.RawMessage
	if err := json.Unmarshal(file[8:8+order.Uint64(file)], &header); err != nil {
		return nil, err
	}
	var names []string
	for name := range header {
		if keep(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func TestTensorNames(t *testing.T) {
	e := checktest.New(t, check.TensorNames)
	e.Right(tensorNames)
	all := func(string) bool { return true }
	array := func(name string) bool { return name != "__metadata__" }
	e.Wrong("a note on the file", func(file []byte) ([]string, error) { return read(file, binary.LittleEndian, all) })
	e.Wrong("index out of range", func(file []byte) ([]string, error) { return read(file, binary.LittleEndian, array) })
	e.Wrong("slice bounds out of range", func(file []byte) ([]string, error) { return read(file, binary.BigEndian, array) })
	e.Wrong("The header ends after its length", func(file []byte) ([]string, error) {
		var header map[string]json.RawMessage
		return nil, json.Unmarshal(file[8:], &header)
	})
	e.Wrong("in no order", func(file []byte) ([]string, error) {
		names, err := tensorNames(file)
		slices.Reverse(names)
		return names, err
	})
	e.Wrong("return an error", func(file []byte) ([]string, error) {
		names, _ := tensorNames(file)
		return names, nil
	})
}
