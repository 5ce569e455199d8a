package format_test

import (
	"archive/zip"
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/descent-go/descent/lib/format"
)

const fuzzLimit = 1 << 12

// checkTensor fails for a tensor that does not hold together.
func checkTensor(t *testing.T, x format.Tensor) int {
	t.Helper()
	n := 1
	for _, d := range x.Shape {
		if d < 0 {
			t.Fatalf("shape %v", x.Shape)
		}
		n *= d
	}
	if n != len(x.Data) || n > fuzzLimit {
		t.Fatalf("shape %v with %d numbers", x.Shape, len(x.Data))
	}
	return n
}

func same(a, b format.Tensor) bool {
	return a.Type == b.Type && slices.Equal(a.Shape, b.Shape) && slices.EqualFunc(a.Data, b.Data, sameBits)
}

// What is read can be written, and read again as the same.
func FuzzReadSafetensors(f *testing.F) {
	for _, c := range goldens(f).Safetensors {
		f.Add(c.File)
	}
	for _, c := range badSafetensors {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := format.ReadSafetensors(bytes.NewReader(file), fuzzLimit)
		if err != nil {
			return
		}
		total := 0
		for _, x := range s.Tensors {
			total += checkTensor(t, x)
		}
		if total > fuzzLimit {
			t.Fatalf("%d numbers", total)
		}
		var out bytes.Buffer
		if err := format.WriteSafetensors(&out, s); err != nil {
			t.Fatal(err)
		}
		again, err := format.ReadSafetensors(&out, fuzzLimit)
		if err != nil || !maps.EqualFunc(s.Tensors, again.Tensors, same) || !maps.Equal(s.Metadata, again.Metadata) {
			t.Fatalf("%+v has become %+v, error %v", s, again, err)
		}
	})
}

func FuzzReadNPY(f *testing.F) {
	for _, c := range goldens(f).NPY {
		f.Add(c.File)
	}
	for _, c := range badNPY {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := format.ReadNPY(bytes.NewReader(file), fuzzLimit)
		if err != nil {
			return
		}
		checkTensor(t, x)
		var out bytes.Buffer
		if err := format.WriteNPY(&out, x); err != nil {
			t.Fatal(err)
		}
		if again, err := format.ReadNPY(&out, fuzzLimit); err != nil || !same(x, again) {
			t.Fatalf("%+v has become %+v, error %v", x, again, err)
		}
	})
}

func FuzzReadNPZ(f *testing.F) {
	for _, c := range goldens(f).NPZ {
		f.Add(c.File)
	}
	f.Add(zipped(f, zip.Deflate, npyOf("<f8", "(1152921504606846976,)", 64), "a.npy", "b.npy"))
	f.Fuzz(func(t *testing.T, file []byte) {
		arrays, err := format.ReadNPZ(bytes.NewReader(file), int64(len(file)), fuzzLimit)
		if err != nil {
			return
		}
		total := 0
		for _, x := range arrays {
			total += checkTensor(t, x)
		}
		if total > fuzzLimit {
			t.Fatalf("%d numbers", total)
		}
	})
}

func FuzzReadIDX(f *testing.F) {
	for _, c := range goldens(f).IDX {
		f.Add(c.File)
	}
	for _, c := range badIDX {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := format.ReadIDX(bytes.NewReader(file), fuzzLimit)
		if err != nil {
			return
		}
		checkTensor(t, x)
		var out bytes.Buffer
		if err := format.WriteIDX(&out, x); err != nil {
			t.Fatal(err)
		}
		if again, err := format.ReadIDX(&out, fuzzLimit); err != nil || !same(x, again) {
			t.Fatalf("%+v has become %+v, error %v", x, again, err)
		}
	})
}
