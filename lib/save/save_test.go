package save_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/save"
)

func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "save: ") {
		t.Fatalf("error %v, want one of package save", err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q, want %q in it", err, w)
		}
	}
}

// network is a network with parameters and running statistics drawn from seed.
func network(t testing.TB, seed uint64) *model.Network {
	t.Helper()
	n, err := model.NewNetwork(model.Features(4), seed,
		model.Dense{Units: 6}, model.NewBatchNorm(), model.ReLU{}, model.Dropout{Rate: 0.3}, model.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	fill(n, seed)
	return n
}

// fill gives a model numbers that are hard to keep: not only finite ones.
func fill(m model.Model, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for _, v := range numbersOf(m) {
		for i := range v {
			v[i] = r.NormFloat64() / 3
		}
	}
	copy(m.Params(), []float64{math.Copysign(0, -1), 5e-324, math.Inf(1), math.NaN()})
}

// numbersOf yields θ as "" and the buffers.
func numbersOf(m model.Model) iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		if !yield("", m.Params()) {
			return
		}
		if b, ok := m.(model.Stateful); ok {
			b.Buffers()(yield)
		}
	}
}

func bits(m model.Model) (all []uint64) {
	for _, v := range numbersOf(m) {
		for _, x := range v {
			all = append(all, math.Float64bits(x))
		}
	}
	return all
}

type about struct {
	Features []string
	Scale    []float64
}

func TestModelRoundTrip(t *testing.T) {
	factorization := func(seed uint64) model.Model {
		m := model.NewMatrixFactorization(5, 4, 2, seed)
		fill(m, seed)
		return m
	}
	linear := func(seed uint64) model.Model {
		m := model.NewLinear(3, 2)
		fill(m, seed)
		return m
	}
	origin := func(seed uint64) model.Model {
		m := model.NewLinearNoIntercept(4, 1)
		fill(m, seed)
		return m
	}
	for name, build := range map[string]func(uint64) model.Model{
		"linear": linear, "linear without intercept": origin, "factorization": factorization,
		"network": func(seed uint64) model.Model { return network(t, seed) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "m")
			saved, loaded := build(1), build(2)
			meta := about{[]string{"größe", "<b>"}, []float64{0.1, 1e300}}
			if err := save.Model(path, saved, meta); err != nil {
				t.Fatal(err)
			}
			var got about
			if err := save.Load(path, loaded, &got); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(bits(loaded), bits(saved)) {
				t.Errorf("loaded %x, want %x", bits(loaded), bits(saved))
			}
			if !reflect.DeepEqual(got, meta) {
				t.Errorf("metadata %+v, want %+v", got, meta)
			}
			before, err := os.ReadFile(path + ".safetensors")
			if err != nil {
				t.Fatal(err)
			}
			if err := save.Model(path+".safetensors", loaded, meta); err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(path + ".safetensors")
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("saved again it is another file; error %v", err)
			}
			if err := save.Load(path+".safetensors", build(3), nil); err != nil {
				t.Errorf("loading without metadata: %v", err)
			}
		})
	}
}

func TestDescription(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	if err := save.Model(path, network(t, 1), map[string]int{"epochs": 7}); err != nil {
		t.Fatal(err)
	}
	got, err := save.Describe(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Format != "descent/model" || got.Version != 2 || got.Kind != "model.Network" || got.Inputs != 4 || got.Outputs != 3 || string(got.Meta) != `{"epochs":7}` {
		t.Errorf("%+v", got)
	}
	if len(got.Summary) < 6 || !strings.Contains(got.Summary[0], "parameters") {
		t.Errorf("summary %q", got.Summary)
	}
	shapes := map[string][]int{}
	for _, x := range got.Tensors {
		shapes[x.Name] = x.Shape
	}
	want := map[string][]int{
		"0.dense.weights": {4, 6}, "0.dense.biases": {6}, "4.dense.weights": {6, 3}, "4.dense.biases": {3},
		"1.batchnorm.scale": {6}, "1.batchnorm.shift": {6}, "1.batchnorm.mean": {6}, "1.batchnorm.variance": {6},
	}
	if !reflect.DeepEqual(shapes, want) {
		t.Errorf("tensors %v, want %v", shapes, want)
	}
	// The JSON says the same, and which file it belongs to.
	var inJSON save.Description
	text, err := os.ReadFile(path + ".json")
	if err == nil {
		err = json.Unmarshal(text, &inJSON)
	}
	file, err2 := os.ReadFile(path + ".safetensors")
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file)
	if inJSON.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("checksum %s, want %x", inJSON.SHA256, sum)
	}
	if len(inJSON.Tensors) != len(want) || inJSON.Tensors[0].Name != "0.dense.weights" {
		t.Errorf("tensors in the JSON %v", inJSON.Tensors)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, inJSON.Meta); err != nil {
		t.Fatal(err)
	}
	inJSON.Meta, inJSON.SHA256, inJSON.Tensors = compact.Bytes(), "", got.Tensors
	if !reflect.DeepEqual(&inJSON, got) {
		t.Errorf("JSON %+v, want %+v", inJSON, got)
	}
}

// write puts a safetensors file in a new folder and returns the path for Load.
func write(t *testing.T, s *format.Safetensors) string {
	t.Helper()
	var file bytes.Buffer
	if err := format.WriteSafetensors(&file, s); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m")
	if err := os.WriteFile(path+".safetensors", file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadFileOfAnotherProgram(t *testing.T) {
	path := write(t, &format.Safetensors{Metadata: map[string]string{"format": "pt"}, Tensors: map[string]format.Tensor{
		"intercept": {Shape: []int{1}, Data: []float64{0.5}, Type: format.Float32},
		"weights":   {Shape: []int{2, 1}, Data: []float64{-2, 3}, Type: format.Float16},
	}})
	m := model.NewLinear(2, 1)
	if err := save.Load(path, m, nil); err != nil || !slices.Equal(m.Params(), []float64{0.5, -2, 3}) {
		t.Errorf("θ = %v, error %v", m.Params(), err)
	}
	d, err := save.Describe(path)
	if err != nil || d.Kind != "" || len(d.Tensors) != 2 {
		t.Errorf("%+v, error %v", d, err)
	}
	var meta about
	m = model.NewLinear(2, 1)
	wantError(t, save.Load(path, m, &meta), "no metadata")
	if m.Params()[0] != 0 {
		t.Error("a failed Load has changed the model")
	}
}

func TestLoadMismatch(t *testing.T) {
	saved := model.NewLinear(3, 2)
	tensors := map[string]format.Tensor{
		"weights": {Shape: []int{2, 3}, Data: make([]float64, 6)}, // as PyTorch has it
		"bias":    {Shape: []int{2}, Data: make([]float64, 2)},
	}
	path := filepath.Join(t.TempDir(), "m")
	if err := save.Model(path, saved, "words"); err != nil {
		t.Fatal(err)
	}
	description := func(text string) string {
		return write(t, &format.Safetensors{Metadata: map[string]string{"descent": text}})
	}
	for name, c := range map[string]struct {
		path string
		meta any
		want []string
	}{
		"every mismatch":     {write(t, &format.Safetensors{Tensors: tensors}), nil, []string{`"intercept" of shape [2] is missing`, `"weights" has shape [2 3], the model [3 2]`, `"bias" of shape [2] is not in the model`}},
		"kind":               {description(`{"format":"descent/model","version":1,"kind":"model.Network"}`), nil, []string{"holds a model.Network, which cannot be loaded into a model.Linear"}},
		"version":            {description(`{"format":"descent/model","version":3}`), nil, []string{"version 3 of the format, want at most 2"}},
		"no checksum":        {description(`{"format":"descent/model","version":2}`), nil, []string{"no checksum, so it is damaged"}},
		"another format":     {description(`{"format":"descent/checkpoint","version":1}`), nil, []string{`holds "descent/checkpoint", want "descent/model"`}},
		"no JSON":            {description(`model`), nil, []string{"its description"}},
		"missing file":       {filepath.Join(t.TempDir(), "none"), nil, []string{"none.safetensors"}},
		"metadata of a type": {path, new(int), []string{"the metadata: json: cannot unmarshal string"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := model.NewLinear(3, 2)
			fill(m, 1)
			before := bits(m)
			wantError(t, save.Load(c.path, m, c.meta), c.want...)
			if !slices.Equal(bits(m), before) {
				t.Error("a failed Load has changed the model")
			}
			if name != "every mismatch" && name != "kind" && c.meta == nil {
				_, err := save.Describe(c.path)
				wantError(t, err, c.want...)
			}
		})
	}
}

// Every cut of a file is an error, for Describe at least within the header, and
// leaves the model alone.
func TestLoadCut(t *testing.T) {
	dir := t.TempDir()
	whole, cut := filepath.Join(dir, "whole"), filepath.Join(dir, "cut")
	if err := save.Model(whole, network(t, 1), about{}); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(whole + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	m := network(t, 2)
	before := bits(m)
	for n := 0; n < len(file); n += 7 {
		if err := os.WriteFile(cut+".safetensors", file[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		wantError(t, save.Load(cut, m, nil), "cut.safetensors")
		if n < 100 {
			_, err := save.Describe(cut)
			wantError(t, err, "cut.safetensors")
		}
	}
	if !slices.Equal(bits(m), before) {
		t.Error("a failed Load has changed the model")
	}
}

// odd is a model with a layout of one's choice.
type odd struct {
	*model.Linear
	layout  []model.Param
	buffers []string
}

func (o odd) Layout() []model.Param { return o.layout }

func (odd) Seed(seed, step uint64) {}

func (o odd) Buffers() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		for _, name := range o.buffers {
			if !yield(name, []float64{1}) {
				return
			}
		}
	}
}

func TestModelErrors(t *testing.T) {
	linear := model.NewLinear(2, 1)
	good := linear.Layout()
	dir := t.TempDir()
	for name, c := range map[string]struct {
		m    model.Model
		meta any
		want string
	}{
		"part without name": {odd{linear, good[:1], nil}, nil, "names 1 of its 3 parameters"},
		"part outside":      {odd{linear, []model.Param{{Name: "w", Shape: []int{4}}}, nil}, nil, `places "w" outside of its 3 parameters`},
		"same name":         {odd{linear, good, []string{"weights"}}, nil, `two parts with the name "weights"`},
		"NaN in metadata":   {linear, map[string]float64{"x": math.NaN()}, "the metadata: json: unsupported value: NaN"},
		"name not UTF-8":    {odd{linear, good, []string{"\xff"}}, nil, "cannot have the name"},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, save.Model(filepath.Join(dir, "m"), c.m, c.meta), c.want)
			if o, ok := c.m.(odd); ok && len(o.buffers) == 0 {
				var file bytes.Buffer
				format.WriteSafetensors(&file, &format.Safetensors{})
				if err := save.Decode(&file, c.m, nil); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v in loading, want %q", err, c.want)
				}
			}
		})
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("failures have left %v, error %v", left, err)
	}
	err := save.Model(filepath.Join(dir, "missing", "m"), linear, nil)
	wantError(t, err)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// A process that dies between the two files leaves the new model with the new
// metadata: the stale JSON does no harm.
func TestPairBetweenTheTwoSteps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	if err := save.Model(path, network(t, 1), "old"); err != nil {
		t.Fatal(err)
	}
	stale, err := os.ReadFile(path + ".json")
	if err != nil {
		t.Fatal(err)
	}
	// A folder in the place of the JSON stops Model where a kill would.
	if err := errors.Join(os.Remove(path+".json"), os.Mkdir(path+".json", 0o777)); err != nil {
		t.Fatal(err)
	}
	saved := network(t, 2)
	wantError(t, save.Model(path, saved, "new"), "but its description is not")
	if err := errors.Join(os.Remove(path+".json"), os.WriteFile(path+".json", stale, 0o666)); err != nil {
		t.Fatal(err)
	}
	loaded, meta := network(t, 3), ""
	if err := save.Load(path, loaded, &meta); err != nil || meta != "new" || !slices.Equal(bits(loaded), bits(saved)) {
		t.Errorf("metadata %q, error %v", meta, err)
	}
	var d save.Description
	file, err := os.ReadFile(path + ".safetensors")
	if err := errors.Join(err, json.Unmarshal(stale, &d)); err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(file); d.SHA256 == hex.EncodeToString(sum[:]) {
		t.Error("the stale JSON claims to belong to the new file")
	}
}
