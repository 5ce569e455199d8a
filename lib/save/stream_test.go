package save_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/save"
)

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// What WriteModel writes is the file that Model writes, and can be read from both.
func TestStreamIsTheFile(t *testing.T) {
	m := model.NewSoftmax(3, 2)
	m.Init(7)
	path := filepath.Join(t.TempDir(), "m")
	if err := save.Model(path, m, map[string]int{"a": 1}); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(path + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := save.WriteModel(&file, m, map[string]int{"a": 1}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file.Bytes(), want) {
		t.Error("WriteModel and Model write different bytes")
	}
	about, err := save.DescribeModel(bytes.NewReader(want))
	if err != nil || about.Kind != "model.Linear" || about.Inputs != 3 || about.Outputs != 2 {
		t.Errorf("the description is %+v, %v", about, err)
	}
	loaded, meta := model.NewSoftmax(3, 2), map[string]int{}
	if err := save.ReadModel(bytes.NewReader(want), loaded, &meta); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(loaded.Params(), m.Params()) || meta["a"] != 1 {
		t.Errorf("read back: %v, %v", loaded.Params(), meta)
	}
}

func TestStreamErrors(t *testing.T) {
	m := model.NewLinear(2, 1)
	if err := save.WriteModel(failingWriter{}, m, nil); err == nil {
		t.Error("a full disk is no error")
	}
	if err := save.WriteModel(&bytes.Buffer{}, m, func() {}); err == nil {
		t.Error("metadata that are a function are no error")
	}
	var file bytes.Buffer
	if err := save.WriteModel(&file, m, nil); err != nil {
		t.Fatal(err)
	}
	for i := range file.Bytes() {
		damaged := bytes.Clone(file.Bytes())
		damaged[i] ^= 4
		if err := save.ReadModel(bytes.NewReader(damaged), m, nil); err == nil {
			t.Fatalf("a wrong bit in byte %d is no error", i)
		}
		if _, err := save.DescribeModel(bytes.NewReader(damaged)); err == nil {
			t.Fatalf("a wrong bit in byte %d is described", i)
		}
	}
	if _, err := save.DescribeModel(bytes.NewReader(append(file.Bytes(), 0))); err == nil {
		t.Error("a byte after the end is no error")
	}
}
