package onnx_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/onnx"
	"github.com/descent-go/descent/lib/preprocess"
)

// testdata/exchange.py sets it, and lets onnxruntime predict.
var rewrite = flag.Bool("rewrite", false, "write the files in testdata again")

// exported is a model with what is exported with it.
type exported struct {
	m   model.Model
	opt onnx.Options
}

// spread fills v with numbers of few digits, which all machines have to the bit.
func spread(v []float64, from int) {
	for i := range v {
		v[i] = float64((37*(i+from))%29-14) / 16
	}
}

func network(t testing.TB, inputs int, layers ...model.Layer) *model.Network {
	t.Helper()
	n, err := model.NewNetwork(model.Features(inputs), 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	spread(n.Params(), 3)
	for name, v := range n.Buffers() {
		spread(v, 5)
		for i := range v {
			if strings.HasSuffix(name, "variance") {
				v[i] = v[i]*v[i] + 0.25
			}
		}
	}
	return n
}

func linear(m *model.Linear) *model.Linear {
	spread(m.Params(), 1)
	return m
}

var (
	standard = &preprocess.StandardScaler{WithMean: true, WithStd: true, Mean: []float64{0.5, -1, 10}, Scale: []float64{1.5, 0.25, 3}}
	onlyStd  = &preprocess.StandardScaler{WithStd: true, Mean: []float64{0.5, -1, 10}, Scale: []float64{1.5, 0.25, 3}}
	minMax   = &preprocess.MinMaxScaler{High: 1, Min: []float64{-1, 0, 7}, Max: []float64{1, 0.3, 7}} // the last is constant
	clipped  = &preprocess.MinMaxScaler{Low: -1, High: 2, Clip: true, Min: []float64{-0.5, 0, 7}, Max: []float64{0.5, 0.3, 9}}
)

// models are what the tests export, in both precisions. Their names begin those of
// the files in testdata.
func models(t testing.TB) map[string]exported {
	pipeline := preprocess.NewPipeline(minMax, standard)
	gelus := network(t, 3, model.Dense{Units: 5}, model.GELU{}, model.Dense{Units: 2})
	return map[string]exported{
		"linear":      {linear(model.NewLinear(3, 2)), onnx.Options{}},
		"nointercept": {linear(model.NewLinearNoIntercept(3, 1)), onnx.Options{Scaler: onlyStd}},
		"logistic":    {linear(model.NewLogistic(3)), onnx.Options{Scaler: standard, Probabilities: true}},
		"softmax":     {linear(model.NewSoftmax(3, 4)), onnx.Options{Scaler: minMax, Probabilities: true}},
		"pipeline":    {linear(model.NewLinear(3, 2)), onnx.Options{Scaler: pipeline}},
		"clipped":     {linear(model.NewLinear(3, 2)), onnx.Options{Scaler: clipped}},
		"dense": {network(t, 3, model.Dense{Units: 6, NoBias: true}, model.NewBatchNorm(), model.ReLU{}, model.Dropout{Rate: 0.5},
			model.Dense{Units: 5}, model.Tanh{}, model.GaussianNoise{Sigma: 1}, model.Dense{Units: 3}), onnx.Options{Scaler: standard, Probabilities: true}},
		"activations": {network(t, 3, model.Dense{Units: 5}, model.NewLeakyReLU(), model.Dense{Units: 5}, model.ELU{Alpha: 0.3}, model.Dense{Units: 5}, model.SiLU{},
			model.Dense{Units: 5}, model.GELU{Approximate: true}, model.Dense{Units: 5}, model.SigmoidLayer{}, model.Dense{Units: 4}, model.SoftmaxLayer{}), onnx.Options{}},
		"residual": {network(t, 3, model.Dense{Units: 4}, model.Residual{model.NewLayerNorm(), model.Dense{Units: 6}, model.ReLU{}, model.Residual{model.Tanh{}},
			model.Dense{Units: 4}}, model.Dense{Units: 1}), onnx.Options{Probabilities: true}},
		"gelu":     {gelus, onnx.Options{}},
		"identity": {network(t, 3, model.Dropout{Rate: 0.5}), onnx.Options{}},
	}
}

// rows has values before, in and after the scalers' ranges.
func rows() *mat.Dense {
	x := mat.NewDense(8, 3, nil)
	spread(x.RawMatrix().Data, 11)
	x.Set(7, 2, 7)
	return x
}

// want is what this library predicts.
func want(t testing.TB, e exported) []float64 {
	var x mat.Matrix = rows()
	if e.opt.Scaler != nil {
		var err error
		if x, err = e.opt.Scaler.Transform(x); err != nil {
			t.Fatal(err)
		}
	}
	if e.opt.Probabilities {
		return model.Probabilities(e.m, x).RawMatrix().Data
	}
	var y mat.Dense
	e.m.Predict(&y, x)
	return y.RawMatrix().Data
}

func write(t testing.TB, e exported) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := onnx.Write(&file, e.m, e.opt); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// eachFile calls f with each model in each precision that it can have.
func eachFile(t *testing.T, f func(t *testing.T, name string, e exported, tolerance float64)) {
	for name, e := range models(t) {
		for _, typ := range []format.Type{format.Float32, format.Float64} {
			if name == "gelu" && typ == format.Float64 {
				continue
			}
			e.opt.Type = typ
			tolerance := 1e-12
			if typ == format.Float32 {
				tolerance = 1e-6
			}
			t.Run(name+"/"+typ.String(), func(t *testing.T) { f(t, name+typ.String()[len("float"):], e, tolerance) })
		}
	}
}

// The graph, read again from the bytes and evaluated, is the model.
func TestGraph(t *testing.T) {
	eachFile(t, func(t *testing.T, _ string, e exported, tolerance float64) {
		p := read(t, write(t, e))
		x, y := rows(), want(t, e)
		inputs, outputs := e.m.Dims()
		if p.columns != [2]int{inputs, outputs} || p.element != map[format.Type]uint64{format.Float32: 1, format.Float64: 11}[e.opt.Type] {
			t.Errorf("x and y have %v columns and type %d", p.columns, p.element)
		}
		got := p.run(t, array{x.RawMatrix().Rows, x.RawMatrix().Cols, x.RawMatrix().Data})
		golden.CloseSlice(t, "y", got.data, y, tolerance)
	})
}

// runtime is what testdata/exchange.py writes.
type runtime struct {
	Runtime, Checker string               // versions
	X                map[string][]float64 // as bytes of the type gave it
	Y                map[string][]float64 // by the name of the file
}

// The files in testdata are those that Write makes now, to the byte, and
// onnxruntime predicted from them what this library does.
func TestRuntime(t *testing.T) {
	if *rewrite {
		x, err := json.Marshal(rows().RawMatrix().Data)
		if err == nil {
			err = os.WriteFile("testdata/rows.json", append(x, '\n'), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	peer := runtime{}
	if !*rewrite {
		peer = golden.Load[runtime](t, "testdata/onnx.json")
	}
	files := 0
	eachFile(t, func(t *testing.T, name string, e exported, tolerance float64) {
		files++
		path := filepath.Join("testdata", name+".onnx")
		file := write(t, e)
		if *rewrite {
			if err := os.WriteFile(path, file, 0o666); err != nil {
				t.Fatal(err)
			}
			return
		}
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(file, old) {
			t.Errorf("%s has other bytes: run testdata/exchange.py if that is meant", path)
		}
		golden.CloseSlice(t, "y", want(t, e), peer.Y[name], tolerance)
	})
	if !*rewrite && files != len(peer.Y) {
		t.Errorf("%d files, and onnxruntime has seen %d", files, len(peer.Y))
	}
}

func TestOperators(t *testing.T) {
	e := models(t)["dense"]
	want := []string{"Sub", "Div", "MatMul", "Sub", "Mul", "Add", "Relu", "Gemm", "Tanh", "Gemm", "Softmax"}
	if got := read(t, write(t, e)).operators; !slices.Equal(got, want) {
		t.Errorf("operators %v, want %v", got, want)
	}
}

func TestErrors(t *testing.T) {
	image, err := model.NewNetwork(model.Image(4, 4, 1), 1, model.Conv2D{Filters: 2, Kernel: 3}, model.Flatten{}, model.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	nan := linear(model.NewLinear(3, 2))
	nan.Params()[4] = math.NaN()
	large := linear(model.NewLinear(3, 2))
	large.Params()[4] = 1e39
	for name, c := range map[string]struct {
		m    model.Model
		opt  onnx.Options
		want string
	}{
		"convolution":       {image, onnx.Options{}, "layer 0 (Conv2D) takes samples of shape 1×4×4"},
		"embedding":         {network(t, 2, model.MeanEmbedding{Vocabulary: 5, Size: 2}), onnx.Options{}, "layer 0 (MeanEmbedding): cannot be exported"},
		"within":            {network(t, 2, model.Residual{model.Dense{Units: 2}, model.GELU{}}), onnx.Options{}, "layer 0 (Residual): layer 0.residual.1 (GELU): needs the error function"},
		"another model":     {model.NewMatrixFactorization(2, 2, 1, 1), onnx.Options{}, "a *model.MatrixFactorization cannot be exported"},
		"another scaler":    {linear(model.NewLinear(3, 1)), onnx.Options{Scaler: preprocess.NewPipeline(standard, preprocess.NewRobustScaler())}, "step 1: a *preprocess.RobustScaler cannot be exported"},
		"not fitted":        {linear(model.NewLinear(3, 1)), onnx.Options{Scaler: preprocess.NewStandardScaler()}, "the StandardScaler has seen no data: call Fit first"},
		"too few columns":   {linear(model.NewLinear(2, 1)), onnx.Options{Scaler: minMax}, "the MinMaxScaler has 3 columns, the model 2 inputs"},
		"damaged scaler":    {linear(model.NewLinear(1, 1)), onnx.Options{Scaler: &preprocess.StandardScaler{WithMean: true, WithStd: true, Mean: []float64{1}, Scale: []float64{0}}}, "scale of column 0 is 0"},
		"damaged range":     {linear(model.NewLinear(1, 1)), onnx.Options{Scaler: &preprocess.MinMaxScaler{Low: 1, High: 1, Min: []float64{0}, Max: []float64{1}}}, "must have Low < High"},
		"NaN":               {nan, onnx.Options{}, "number 2 of weights.0 is NaN, which is no finite float64"},
		"too large":         {large, onnx.Options{Type: format.Float32}, "number 2 of weights.0 is 1e+39, which is no finite float32"},
		"another type":      {nan, onnx.Options{Type: format.Int8}, "the type is int8, want float64 or float32"},
		"unequal min, max ": {linear(model.NewLinear(2, 1)), onnx.Options{Scaler: &preprocess.MinMaxScaler{High: 1, Min: []float64{0, 0}, Max: []float64{1}}}, "2 minima and 1 maxima"},
	} {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			err := onnx.Write(&file, c.m, c.opt)
			if err == nil || !strings.HasPrefix(err.Error(), "onnx: ") || !strings.Contains(err.Error(), c.want) || file.Len() > 0 {
				t.Errorf("error %v after %d bytes, want %q", err, file.Len(), c.want)
			}
		})
	}
	full := errors.New("the disk is full")
	if err := onnx.Write(failing{full}, nan, onnx.Options{}); err == nil || errors.Is(err, full) {
		t.Errorf("error %v for NaN", err)
	}
	if err := onnx.Write(failing{full}, linear(model.NewLinear(1, 1)), onnx.Options{}); !errors.Is(err, full) {
		t.Errorf("error %v, want that of the writer", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
