package save_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

// TestEveryBitMatters flips two bits of each byte of a model and of a checkpoint,
// one at a time, and all of them over four bytes.
func TestEveryBitMatters(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m")
	m := network(t, 1)
	if err := save.Model(path, m, about{Features: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	loaded := network(t, 2)
	before := bits(loaded)
	flips(t, "a model", file, func(file []byte) error {
		meta := about{Features: []string{"old"}}
		err := save.Decode(bytes.NewReader(file), loaded, &meta)
		if err != nil && (!slices.Equal(bits(loaded), before) || meta.Features[0] != "old") {
			t.Fatal("a damaged file has changed the model or the metadata")
		}
		return err
	})
	if err := save.Decode(bytes.NewReader(file), loaded, nil); err != nil || !slices.Equal(bits(loaded), bits(m)) {
		t.Errorf("the whole file: %v", err)
	}

	path = filepath.Join(dir, "c")
	if err := save.Checkpoint(path, fullCheckpoint()); err != nil {
		t.Fatal(err)
	}
	if file, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	flips(t, "a checkpoint", file, func(file []byte) error {
		_, err := save.DecodeCheckpoint(bytes.NewReader(file))
		return err
	})
	// Describe reads the header only for what it tells, but all to verify it.
	path = filepath.Join(dir, "m.safetensors")
	file, _ = os.ReadFile(path)
	file[len(file)-1] ^= 1
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = save.Describe(path)
	wantError(t, err, "m.safetensors: it is damaged: its SHA-256 is")
}

// flips wants an error for each bit, that says that the file is damaged if the
// bit is among the numbers.
func flips(t *testing.T, what string, file []byte, load func([]byte) error) {
	t.Helper()
	header := 8 + int(file[0]) + int(file[1])<<8
	silent, unnamed := 0, 0
	for i := range file {
		for _, bit := range []int{i % 4, i%4 + 4} {
			file[i] ^= 1 << bit
			switch err := load(file); {
			case err == nil:
				silent++
			case i >= header && !strings.Contains(err.Error(), "damaged"):
				unnamed++
			}
			file[i] ^= 1 << bit
		}
	}
	if silent > 0 || unnamed > 0 {
		t.Errorf("%s: of %d flipped bits %d are loaded without a word, %d not called damage", what, 2*len(file), silent, unnamed)
	}
}

// A file with a checksum that is right is judged by what it holds.
func TestDamageIsNotAllThatCanBeWrong(t *testing.T) {
	s, _, err := save.Encode(model.NewLinear(3, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Tensors["extra"] = format.Tensor{Data: []float64{1}}
	if err := save.AddChecksum(s); err != nil {
		t.Fatal(err)
	}
	err = save.Load(write(t, s), model.NewLinear(3, 1), nil)
	wantError(t, err, `"extra"`)
	if strings.Contains(err.Error(), "damaged") {
		t.Error(err)
	}
}

// TestFilesOfVersion1 reads what this library wrote before files had a checksum:
// a model, and a checkpoint of a training with early stopping, after its last
// epoch.
func TestFilesOfVersion1(t *testing.T) {
	n, err := model.NewNetwork(model.Features(2), 7, model.Dense{Units: 2}, model.NewBatchNorm(), model.ReLU{}, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	var meta map[string]int
	if err := save.Load("testdata/v1", n, &meta); err != nil || !reflect.DeepEqual(meta, map[string]int{"epochs": 8}) {
		t.Fatalf("metadata %v, error %v", meta, err)
	}
	best := bits(n)
	if v := n.Params()[0]; v != 0.6126223631159632 {
		t.Errorf("θ₀ = %v", v)
	}
	if d, err := save.Describe("testdata/v1"); err != nil || d.Version != 1 {
		t.Errorf("%+v, error %v", d, err)
	}
	c, err := save.LoadCheckpoint("testdata/v1.checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	x := mat.NewDense(6, 2, []float64{1, 2, 3, 5, 8, 13, 2, 1, 5, 3, 13, 8})
	y := mat.NewDense(6, 1, []float64{1, 0, 2, 1, 3, 5})
	v := mat.NewDense(6, 1, []float64{-1, 0, -2, -1, 3, 5})
	opt := train.Options{Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.NewPlateau(0.1), Epochs: 8, BatchSize: 4, Seed: 3,
		Validation: &train.Data{X: x, Y: v}, OnEpoch: []train.Callback{train.EarlyStopping(100, 0)}, Resume: c}
	fill(n, 1)
	h, err := train.Fit(context.Background(), n, x, y, opt)
	if err != nil || fmt.Sprint(h) != "completed after epoch 8: loss 3.30015 (all 8 epochs are done)" || !slices.Equal(bits(n), best) {
		t.Errorf("resumed at its end: %v, error %v, θ %v", h, err, n.Params())
	}
}
