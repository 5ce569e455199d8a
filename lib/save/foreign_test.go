package save_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/save"
)

type foreignCase struct {
	Name string
	Rows int
	X, Y []float64
}

// foreign is a model of another library, built anew.
type foreign struct {
	input  model.Shape
	layers []model.Layer
	names  map[string]string
}

func deepLayers() []model.Layer {
	var layers []model.Layer
	for range 7 {
		layers = append(layers, model.Dense{Units: 3}, model.Tanh{})
	}
	return layers
}

var batchNorm3 = model.BatchNorm{Momentum: 0.01, Epsilon: 1e-3} // Keras's

var fromPyTorch = map[string]foreign{
	"mlp": {input: model.Features(4), layers: []model.Layer{
		model.Dense{Units: 6}, model.NewBatchNorm(), model.ReLU{}, model.Dropout{Rate: 0.3}, model.Dense{Units: 6}, model.Tanh{}, model.Dense{Units: 3},
	}},
	"deep": {input: model.Features(3), layers: deepLayers()},
	"named": {input: model.Image(6, 6, 2), layers: []model.Layer{
		model.Conv2D{Filters: 4, Kernel: 3, Padding: 1, NoBias: true}, model.NewBatchNorm(), model.ReLU{},
		model.Conv2D{Filters: 8, Kernel: 3, Groups: 4}, model.ReLU{}, model.MaxPool{Size: 2}, model.Flatten{},
		model.Dense{Units: 5}, model.Residual{model.Dense{Units: 7}, model.GELU{}, model.Dense{Units: 5}},
		model.NewLayerNorm(), model.Dense{Units: 3},
	}},
	"twins": {
		input:  model.Features(4),
		layers: []model.Layer{model.Dense{Units: 4}, model.Tanh{}, model.Dense{Units: 4}},
		names:  map[string]string{"0.dense": "first"},
	},
	"linear": {input: model.Features(4), layers: []model.Layer{model.Dense{Units: 2}}},
	"plain":  {input: model.Features(4), layers: []model.Layer{model.Dense{Units: 3}, model.NewBatchNorm()}},
	"words":  {input: model.Features(5), layers: []model.Layer{model.Embedding{Vocabulary: 10, Size: 3}, model.Flatten{}, model.Dense{Units: 2}}},
}

var fromKeras = map[string]foreign{
	"mlp": {input: model.Features(4), layers: []model.Layer{
		model.Dense{Units: 6}, batchNorm3, model.ReLU{}, model.Dropout{Rate: 0.3}, model.Dense{Units: 6}, model.Tanh{}, model.Dense{Units: 3},
	}},
	"image": {input: model.Image(6, 6, 2), layers: []model.Layer{
		model.Conv2D{Filters: 4, Kernel: 3, Padding: 1, NoBias: true}, batchNorm3, model.ReLU{},
		model.Conv2D{Filters: 8, Kernel: 3, Groups: 4}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Flatten{}, batchNorm3, model.Dense{Units: 5}, model.LayerNorm{Epsilon: 1e-3}, model.Dense{Units: 3},
	}},
	"words": {input: model.Features(5), layers: []model.Layer{model.Embedding{Vocabulary: 10, Size: 3, Padding: -1}, model.Flatten{}, model.Dense{Units: 2}}},
	"filters": {input: model.Image(6, 6, 2), layers: []model.Layer{
		model.Conv2D{Filters: 4, Kernel: 3, Stride: 2}, model.ReLU{}, model.Flatten{}, model.Dense{Units: 3},
	}},
}

// The files were written by PyTorch and Keras, and so were the predictions. Keras
// has no normalisation and no tanh in float64.
func TestLoadForeign(t *testing.T) {
	for _, library := range []struct {
		name   string
		models map[string]foreign
		cases  int
		load   func(string, model.Model, map[string]string) error
	}{{"torch", fromPyTorch, 14, save.LoadPyTorch}, {"keras", fromKeras, 6, save.LoadKeras}} {
		cases := golden.Load[[]foreignCase](t, "testdata/"+library.name+".json")
		if len(cases) != library.cases {
			t.Errorf("%s: %d cases, want %d", library.name, len(cases), library.cases)
		}
		for _, c := range cases {
			t.Run(library.name+"/"+c.Name, func(t *testing.T) {
				build, tolerance := model.NewNetwork, 1e-12
				name, float32s := strings.CutSuffix(c.Name, "32")
				if float32s {
					build, tolerance = model.NewNetwork32, 1e-6
				}
				f, ok := library.models[strings.TrimSuffix(name, "64")]
				if !ok {
					t.Fatal("there is no such model")
				}
				n, err := build(f.input, 1, f.layers...)
				if err != nil {
					t.Fatal(err)
				}
				if err := library.load(filepath.Join("testdata", library.name+"-"+c.Name), n, f.names); err != nil {
					t.Fatal(err)
				}
				var y mat.Dense
				n.Predict(&y, mat.NewDense(c.Rows, len(c.X)/c.Rows, c.X))
				golden.CloseSlice(t, "y", y.RawMatrix().Data, c.Y, tolerance)
			})
		}
	}
}

func TestLoadForeignLinear(t *testing.T) {
	for _, names := range []map[string]string{nil, {"weights": "weight", "intercept": "bias"}} {
		m := model.NewLinear(4, 2)
		if err := save.LoadPyTorch("testdata/torch-linear64", m, names); err != nil {
			t.Fatal(err)
		}
		for _, c := range golden.Load[[]foreignCase](t, "testdata/torch.json") {
			if c.Name == "linear64" {
				var y mat.Dense
				m.Predict(&y, mat.NewDense(c.Rows, 4, c.X))
				golden.CloseSlice(t, "y", y.RawMatrix().Data, c.Y, 1e-14)
			}
		}
	}
}

// A model that the convention does not know needs the name of each part.
func TestLoadForeignByParts(t *testing.T) {
	tensor := func(data []float64, shape ...int) format.Tensor { return format.Tensor{Shape: shape, Data: data} }
	path := write(t, &format.Safetensors{Tensors: map[string]format.Tensor{
		"mean": tensor([]float64{1}), "bu.weight": tensor([]float64{2, 3}, 2, 1), "bi.weight": tensor([]float64{4, 5, 6}, 3, 1),
		"u.weight": tensor([]float64{7, 8}, 2, 1), "i.weight": tensor([]float64{9, 10, 11}, 3, 1),
	}})
	m := model.NewMatrixFactorization(2, 3, 1, 1)
	wantError(t, save.LoadPyTorch(path, m, nil), `there is no rule for layer "": give the name`)
	names := map[string]string{
		"mean": "mean", "user.biases": "bu.weight", "item.biases": "bi.weight", "user.factors": "u.weight", "item.factors": "i.weight",
	}
	if err := save.LoadPyTorch(path, m, names); err != nil {
		t.Fatal(err)
	}
	if want := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; !slices.Equal(m.Params(), want) {
		t.Errorf("θ is %v, want %v", m.Params(), want)
	}
}

func TestLoadForeignErrors(t *testing.T) {
	dense := func(units ...int) []model.Layer {
		var layers []model.Layer
		for _, u := range units {
			layers = append(layers, model.Dense{Units: u})
		}
		return layers
	}
	for name, c := range map[string]struct {
		file   string
		input  int
		layers []model.Layer
		names  map[string]string
		want   []string
	}{
		"ambiguous": {"torch-twins64", 4, dense(4, 4), nil, []string{
			`layer "0.dense" may be any of ["first" "second"]`,
			"the model:\n\t0.dense: weight [4 4], bias [4]\n\t1.dense: weight [4 4], bias [4]\n",
			"the file:\n\tfirst: bias [4], weight [4 4]\n\tsecond: bias [4], weight [4 4]\n",
		}},
		"no such module": {"torch-twins64", 4, dense(4, 4), map[string]string{"0.dense": "third"}, []string{`no module "third"`, "second:"}},
		"no such layer":  {"torch-twins64", 4, dense(4, 4), map[string]string{"0.denes": "first"}, []string{`no layer and no part "0.denes"`}},
		"no such tensor": {"torch-twins64", 4, dense(4, 4), map[string]string{"0.dense.weights": "first.w"}, []string{`no tensor "first.w"`}},
		"another shape":  {"torch-twins64", 4, dense(4, 4), map[string]string{"0.dense.weights": "first.bias"}, []string{`"first.bias" has shape [4]`, "wants [4 4]"}},
		"half a layer":   {"torch-twins64", 4, dense(4, 4), map[string]string{"0.dense.weights": "first.weight"}, []string{"1 of the 2 parts"}},
		"does not fit":   {"torch-mlp64", 4, dense(6, 6, 3), map[string]string{"0.dense": "6"}, []string{`"6", which was given for layer "0.dense", does not fit`}},
		"too few":        {"torch-deep64", 3, dense(3, 3), nil, []string{"7 modules of the file fit", "are 2"}},
		"left over":      {"torch-mlp64", 4, dense(6, 6, 3), nil, []string{`module "1" of the file fits no layer`}},
		"missing":        {"torch-twins64", 4, dense(4, 5), nil, []string{`no module of the file fits layer "1.dense"`}},
		"Keras's names":  {"keras-mlp32", 4, dense(6, 6, 3), nil, []string{"no module of the file fits"}},
		"no file":        {"none", 4, dense(4), nil, []string{"none.safetensors"}},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := model.NewNetwork(model.Features(c.input), 1, c.layers...)
			if err != nil {
				t.Fatal(err)
			}
			before := slices.Clone(n.Params())
			wantError(t, save.LoadPyTorch(filepath.Join("testdata", c.file), n, c.names), c.want...)
			if !slices.Equal(n.Params(), before) {
				t.Error("the model has changed")
			}
		})
	}

	// The order of an nn.Sequential says otherwise than the shapes.
	n, err := model.NewNetwork(model.Features(4), 1, dense(3, 4, 2)...)
	if err != nil {
		t.Fatal(err)
	}
	turned := &format.Safetensors{Tensors: map[string]format.Tensor{}}
	for name, shape := range map[string][]int{"0.weight": {4, 3}, "0.bias": {4}, "1.weight": {3, 4}, "1.bias": {3}, "2.weight": {2, 4}, "2.bias": {2}} {
		size := 1
		for _, d := range shape {
			size *= d
		}
		turned.Tensors[name] = format.Tensor{Shape: shape, Data: make([]float64, size)}
	}
	path := write(t, turned)
	wantError(t, save.LoadPyTorch(path, n, nil), `layer "1.dense" is module "0"`, "contradicts")
	if err := save.LoadPyTorch(path, n, map[string]string{"0.dense": "1", "1.dense": "0"}); err != nil {
		t.Error(err)
	}

	// Files that are cut, ours, or larger than they may be.
	data, err := os.ReadFile("testdata/torch-twins64.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.safetensors")
	if err := os.WriteFile(cut, data[:len(data)-8], 0o666); err != nil {
		t.Fatal(err)
	}
	twins, err := model.NewNetwork(model.Features(4), 1, dense(4, 4)...)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(twins.Params())
	wantError(t, save.LoadPyTorch(cut, twins, map[string]string{"0.dense": "first"}), "cut.safetensors", "end")
	if !slices.Equal(twins.Params(), before) {
		t.Error("a file that is cut has changed the model")
	}
	own := filepath.Join(t.TempDir(), "own")
	if err := save.Model(own, twins, nil); err != nil {
		t.Fatal(err)
	}
	wantError(t, save.LoadPyTorch(own, twins, nil), "use save.Load")
	shortcut, err := model.NewNetwork(model.Image(2, 2, 3), 1, model.Flatten{}, model.Residual{model.Dense{Units: 12}}, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, save.LoadKeras(own, shortcut, nil), "layer 1 is a Residual on the pixels of a flattened image")
}

// A file of any content is an error or a model, and never changes half of one.
func FuzzLoadForeign(f *testing.F) {
	files, err := filepath.Glob("testdata/*32.safetensors")
	if err != nil || len(files) == 0 {
		f.Fatalf("%d files, error %v", len(files), err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, c := range []save.Convention{save.PyTorch, save.Keras} {
			n, err := model.NewNetwork(model.Features(4), 1, model.Dense{Units: 4}, model.NewBatchNorm(), model.Dense{Units: 4})
			if err != nil {
				t.Fatal(err)
			}
			before := slices.Clone(n.Params())
			if err := save.ReadForeign(bytes.NewReader(file), n, nil, c, nil); err != nil && !slices.Equal(n.Params(), before) {
				t.Errorf("%v, and the model has changed", err)
			}
		}
	})
}

// A file with very many tensors is an error of some lines, soon.
func TestLoadForeignManyTensors(t *testing.T) {
	many := &format.Safetensors{Tensors: map[string]format.Tensor{}}
	for i := range 20_000 {
		many.Tensors[fmt.Sprintf("%d.x.weight", i)] = format.Tensor{Shape: []int{1}, Data: []float64{0}}
	}
	err := save.LoadPyTorch(write(t, many), model.NewLinear(2, 1), nil)
	wantError(t, err, "no module of the file fits", "\t0.x: weight [1]\n\t1.x: weight [1]\n\t2.x:", "… and 19800 more")
	if n := len(err.Error()); n > 10_000 {
		t.Errorf("the error has %d bytes", n)
	}
}
