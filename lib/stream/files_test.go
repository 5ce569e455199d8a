package stream_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/stream"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func writeNPY(t *testing.T, name string, x format.Tensor) string {
	t.Helper()
	var b bytes.Buffer
	if err := format.WriteNPY(&b, x); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, name, b.String())
}

// TestNPY reads files of both widths, with targets in a separate file and in the
// last column.
func TestNPY(t *testing.T) {
	data := random(100, 5)
	data.SampleWeights = mat.Col(nil, 0, numbered(100).X)
	weights := format.Tensor{Shape: []int{100}, Data: data.SampleWeights}
	with, _ := everything(t, stream.Of(data, 100), 1)
	var joined mat.Dense
	joined.Augment(data.X, data.Y)
	n := stream.NPY{X: writeNPY(t, "x.npy", format.FromMatrix(data.X)), Y: writeNPY(t, "y.npy", format.Tensor{Shape: []int{100}, Data: data.Y.RawMatrix().Data}), Weights: writeNPY(t, "w.npy", weights)}
	one := stream.NPY{X: writeNPY(t, "xy.npy", format.FromMatrix(&joined)), Weights: n.Weights}
	for name, n := range map[string]stream.NPY{"two files": n, "one file": one} {
		for _, size := range []int{1, 7, 100, 1000} {
			for epoch := range 2 {
				if got, _ := everything(t, n.Batches(size), epoch); !slices.Equal(got, with) {
					t.Errorf("%s: batches of %d have other rows", name, size)
				}
				if got, _ := everything(t, stream.Shuffle(stream.ReadAhead(n.Batches(size)), 1, 1, 1), epoch); !slices.Equal(got, with) {
					t.Errorf("%s: copied batches of %d have other rows", name, size)
				}
			}
		}
	}
	short := format.FromMatrix(data.X)
	short.Type = format.Float32
	for i, v := range short.Data {
		short.Data[i] = float64(float32(v))
	}
	images := format.Tensor{Shape: []int{100, 5, 1}, Data: short.Data, Type: format.Float32}
	narrow := stream.Of(stream.Batch{X: mat.NewDense(100, 5, short.Data), Y: data.Y}, 9)
	want, _ := everything(t, narrow, 1)
	if got, _ := everything(t, stream.NPY{X: writeNPY(t, "x.npy", images), Y: n.Y}.Batches(9), 1); !slices.Equal(got, want) {
		t.Error("images of float32 have other rows")
	}
	for part, n := range map[string]stream.NPY{
		"X is not set":                 {},
		"none.npy":                     {X: "none.npy"},
		"has one column":               {X: n.Y},
		"y.npy has 99":                 {X: n.X, Y: writeNPY(t, "y.npy", format.Tensor{Shape: []int{99}, Data: data.SampleWeights[1:]})},
		"want one weight for each row": {X: n.X, Y: n.Y, Weights: n.X},
		"has the shape [0 3]":          {X: writeNPY(t, "y.npy", format.Tensor{Shape: []int{0, 3}})},
	} {
		if err := lastError(n.Batches(3)); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v", part, err)
		}
	}
}

func TestCSV(t *testing.T) {
	data := random(300, 3)
	table := new(preprocess.Table)
	var kinds []string
	for j := range 3 {
		if err := table.AddFloats(fmt.Sprint("x", j), mat.Col(nil, j, data.X)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 300 {
		kinds = append(kinds, []string{"red", "green", "blue, or so"}[i%3])
	}
	data.SampleWeights = mat.Col(nil, 0, numbered(300).X)
	for name, err := range map[string]error{"y": table.AddFloats("y", mat.Col(nil, 0, data.Y)), "w": table.AddFloats("w", data.SampleWeights), "kind": table.AddStrings("kind", kinds)} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	var text bytes.Buffer
	if err := table.WriteCSV(&text); err != nil {
		t.Fatal(err)
	}
	file := writeFile(t, "a.csv", text.String())
	want, _ := everything(t, stream.Of(data, 300), 1)
	c := stream.CSV{File: file, Part: 1000, Features: []string{"x0", "x1", "x2"}, Targets: []string{"y"}, Weights: "w"}
	got, sizes := everything(t, c.Batches(128), 1)
	if !slices.Equal(got, want) || !slices.Equal(sizes, []int{128, 128, 44}) {
		t.Errorf("batches of %v have other rows", sizes)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(text.Bytes())
	_ = z.Close()
	c.File, c.Open = "", func() (io.ReadCloser, error) { return gzip.NewReader(bytes.NewReader(zipped.Bytes())) }
	for range 2 { // epochs
		if got, _ := everything(t, c.Batches(7), 1); !slices.Equal(got, want) {
			t.Error("the compressed file has other rows")
		}
	}

	// Categories, by a transformer that is fitted on the whole.
	encoder := &preprocess.TableTransformer{Parts: []preprocess.TablePart{
		{Columns: []string{"kind"}, Strings: preprocess.NewOneHotEncoder()},
		{Columns: []string{"x1"}, Numbers: preprocess.NewStandardScaler()},
	}}
	x, err := encoder.FitTransform(table)
	if err != nil {
		t.Fatal(err)
	}
	want, _ = everything(t, stream.Of(stream.Batch{X: x, Y: data.Y}, 300), 1)
	c = stream.CSV{File: file, Part: 500, Targets: []string{"y"}, Transform: encoder}
	if got, _ := everything(t, c.Batches(50), 1); !slices.Equal(got, want) {
		t.Error("encoded rows are others than those of the whole table")
	}

	// Without features, all columns but targets and weights are such.
	numbers := writeFile(t, "b.csv", "a,b,y,w\n1,2,3,4\n5,6,7,8\n")
	all, _ := everything(t, stream.CSV{File: numbers, Targets: []string{"y"}, Weights: "w"}.Batches(5), 1)
	if !slices.Equal(all, []string{"2 [1 2 3 4]", "2 [5 6 7 8]"}) {
		t.Errorf("rows %v", all)
	}
	for part, c := range map[string]stream.CSV{
		"Targets is not set":          {File: numbers},
		"no column \"z\"":             {File: numbers, Targets: []string{"z"}},
		"no column \"v\"":             {File: numbers, Targets: []string{"y"}, Weights: "v"},
		"none.csv":                    {File: "none.csv", Targets: []string{"y"}},
		"not open":                    {Open: func() (io.ReadCloser, error) { return nil, errors.New("not open") }},
		"a.csv: preprocess: line 2":   {File: file, Targets: []string{"y"}},
		"the file is empty":           {File: writeFile(t, "c.csv", ""), Targets: []string{"y"}},
		"line 3, column \"b\"":        {File: writeFile(t, "c.csv", "b,y\n1,2\nx,2\n"), Targets: []string{"y"}},
		"a.csv: preprocess: TableTra": {File: file, Targets: []string{"y"}, Transform: &preprocess.TableTransformer{}},
	} {
		if err := lastError(c.Batches(3)); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v", part, err)
		}
	}
}

func TestLibSVM(t *testing.T) {
	data := random(200, 9)
	var text strings.Builder
	text.WriteString("# two hundred rows\n\n")
	for i := range 200 {
		fmt.Fprintf(&text, "%v qid:%d", data.Y.At(i, 0), i/7)
		for j := range 9 {
			if v := data.X.At(i, j); v != 0 {
				fmt.Fprintf(&text, " %d:%v", j+1, v)
			}
		}
		text.WriteString(map[bool]string{true: " # even\r\n", false: "\n"}[i%2 == 0])
	}
	data.X = sparse.FromDense(data.X)
	want, _ := everything(t, stream.Of(data, 200), 1)
	for _, end := range []string{"", "\n\n# the end"} {
		l := stream.LibSVM{File: writeFile(t, "a.svm", strings.TrimSuffix(text.String(), "\n")+end), Columns: 9}
		for _, size := range []int{1, 64, 200, 1000} {
			if got, _ := everything(t, l.Batches(size), 1); !slices.Equal(got, want) {
				t.Errorf("batches of %d have other rows", size)
			}
		}
	}
	read := func(l stream.LibSVM, text string) stream.Source {
		l.Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
		return l.Batches(2)
	}
	binary := func(label float64) float64 { return (label + 1) / 2 }
	rows, _ := everything(t, read(stream.LibSVM{Columns: 3, ZeroBased: true, Target: binary}, "+1 0:1\n-1 2:3\n-1\n"), 1)
	if !slices.Equal(rows, []string{"3 [1 0 0 1]", "3 [0 0 3 0]", "3 [0 0 0 0]"}) {
		t.Errorf("rows %v", rows)
	}
	long := "1 1:0." + strings.Repeat("1", 2<<20) + "\n2 2:1\n" // longer than what is read at a time
	if rows, _ := everything(t, read(stream.LibSVM{Columns: 3}, long), 1); len(rows) != 2 || rows[1] != "3 [0 1 0 2]" {
		t.Errorf("rows %v", rows)
	}
	for part, source := range map[string]stream.Source{
		"Columns is 0":           read(stream.LibSVM{}, ""),
		"line 3: label: \"x\"":   read(stream.LibSVM{Columns: 3}, "1 1:1\n\nx 1:1\n"),
		"line 1: it has the ind": read(stream.LibSVM{Columns: 3}, "1 4:1\n"),
		"set ZeroBased":          read(stream.LibSVM{Columns: 3}, "1 0:1\n"),
		"line 2: it has 2 label": read(stream.LibSVM{Columns: 3}, "1 1:1\n1,2 1:1\n"),
		"line 1: it has more":    read(stream.LibSVM{Columns: 3}, strings.Repeat(" ", 1<<26+2<<20)),
		"none.svm":               stream.LibSVM{File: "none.svm", Columns: 3}.Batches(2),
	} {
		if err := lastError(source); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v", part, err)
		}
	}
}

// TestLibSVMOfScikitLearn reads a file that scikit-learn wrote as scikit-learn reads it.
func TestLibSVMOfScikitLearn(t *testing.T) {
	want := golden.Load[struct {
		X [][]float64
		Y []float64
	}](t, "testdata/rows.json")
	row := 0
	for b, err := range (stream.LibSVM{File: "testdata/rows.svm", Columns: 12}).Batches(7)(1) {
		if err != nil {
			t.Fatal(err)
		}
		n, _ := b.X.Dims()
		for i := range n {
			if !slices.Equal(mat.Row(nil, i, b.X), want.X[row]) || b.Y.At(i, 0) != want.Y[row] {
				t.Errorf("row %d is %v with the label %v, want %v with %v", row, mat.Row(nil, i, b.X), b.Y.At(i, 0), want.X[row], want.Y[row])
			}
			row++
		}
	}
	if row != len(want.Y) {
		t.Errorf("%d rows, want %d", row, len(want.Y))
	}
}
