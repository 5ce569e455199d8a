package preprocess_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
)

// hardColumns are columns that are far from 0, that drift, of few values, constant, huge and tiny.
func hardColumns(rows int) *mat.Dense {
	r := rand.New(rand.NewPCG(1, 2))
	x := mat.NewDense(rows, 8, nil)
	for i := range rows {
		x.SetRow(i, []float64{r.NormFloat64(), 1e9 + r.NormFloat64(), float64(i) * 1e6, float64(r.IntN(3)), 7.25, r.NormFloat64() * 1e150, r.NormFloat64() * 1e-150, float64(i / 100)})
	}
	return x
}

// inParts calls f for the rows of x, some at a time.
func inParts(t *testing.T, x mat.Matrix, size int, f func(x mat.Matrix) error) {
	t.Helper()
	rows, _ := x.Dims()
	for lo := 0; lo < rows; lo += size {
		var part mat.Matrix
		if s, ok := x.(*sparse.CSR); ok {
			view := new(sparse.CSR)
			view.View(s, lo, min(lo+size, rows))
			part = view
		} else {
			part = x.(*mat.Dense).Slice(lo, min(lo+size, rows), 0, x.(*mat.Dense).RawMatrix().Cols)
		}
		if err := f(part); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPartialFitScalers(t *testing.T) {
	x := hardColumns(1000)
	for _, size := range []int{1, 7, 100, 999, 1000} {
		whole, parts := preprocess.NewStandardScaler(), preprocess.NewStandardScaler()
		if err := whole.Fit(x); err != nil {
			t.Fatal(err)
		}
		inParts(t, x, size, parts.PartialFit)
		for j := range whole.Mean {
			// A sum over a part rounds as in Fit; the size of its terms may be that of the deviation.
			if math.Abs(parts.Mean[j]-whole.Mean[j]) > 1e-14*max(math.Abs(whole.Mean[j]), whole.Scale[j]) || math.Abs(parts.Scale[j]-whole.Scale[j]) > 1e-14*whole.Scale[j] {
				t.Errorf("parts of %d rows: column %d has %v ± %v, want %v ± %v", size, j, parts.Mean[j], parts.Scale[j], whole.Mean[j], whole.Scale[j])
			}
		}
		limits, more := preprocess.NewMinMaxScaler(), preprocess.NewMinMaxScaler()
		if err := limits.Fit(x); err != nil {
			t.Fatal(err)
		}
		inParts(t, x, size, more.PartialFit)
		if !reflect.DeepEqual(limits, more) {
			t.Errorf("parts of %d rows: %v, want %v", size, more, limits)
		}
		csr := sparse.FromDense(x.Slice(0, 1000, 3, 4).(*mat.Dense))
		narrow, sparser := &preprocess.StandardScaler{WithStd: true}, &preprocess.StandardScaler{WithStd: true}
		if err := narrow.Fit(csr); err != nil {
			t.Fatal(err)
		}
		inParts(t, csr, size, sparser.PartialFit)
		if math.Abs(narrow.Scale[0]-sparser.Scale[0]) > 1e-14*narrow.Scale[0] {
			t.Errorf("sparse parts of %d rows: %v, want %v", size, sparser.Scale, narrow.Scale)
		}
	}
}

func TestPartialFitCategories(t *testing.T) {
	x := hardColumns(300).Slice(0, 300, 3, 5).(*mat.Dense)
	words := make([][]string, 300)
	for i := range words {
		words[i] = []string{string(rune('a' + i*i%23)), []string{"low", "high"}[i%2]}
	}
	for _, drop := range []preprocess.Drop{preprocess.DropNone, preprocess.DropIfBinary} {
		for _, levels := range [][][]string{nil, {nil, {"low", "high"}}} {
			for _, size := range []int{1, 7, 300} {
				whole, parts := &preprocess.OneHotEncoder{Drop: drop}, &preprocess.OneHotEncoder{Drop: drop}
				if err := whole.Fit(x); err != nil {
					t.Fatal(err)
				}
				inParts(t, x, size, parts.PartialFit)
				if !reflect.DeepEqual(whole, parts) {
					t.Errorf("parts of %d rows: %v, want %v", size, parts, whole)
				}
				whole, parts = &preprocess.OneHotEncoder{Drop: drop, Levels: levels}, &preprocess.OneHotEncoder{Drop: drop, Levels: levels}
				if err := whole.FitStrings(words); err != nil {
					t.Fatal(err)
				}
				for part := range slices.Chunk(words, size) {
					if err := parts.PartialFitStrings(part); err != nil {
						t.Fatal(err)
					}
				}
				if !reflect.DeepEqual(whole, parts) {
					t.Errorf("parts of %d rows of strings: %v, want %v", size, parts, whole)
				}
			}
		}
	}
}

func TestPartialFitVocabulary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	docs := make([]string, 200)
	for i := range docs {
		for range 1 + r.IntN(12) {
			docs[i] += fmt.Sprintf("word%d ", r.IntN(1+r.IntN(40)))
		}
	}
	for _, change := range []func(v *preprocess.CountVectorizer){
		func(*preprocess.CountVectorizer) {}, func(v *preprocess.CountVectorizer) { v.MinDF = 9 }, func(v *preprocess.CountVectorizer) { v.MaxDF = 0.2 },
		func(v *preprocess.CountVectorizer) { v.MaxFeatures = 10 },
	} {
		for _, size := range []int{1, 33, 200} {
			whole, parts := preprocess.NewTFIDFVectorizer(), preprocess.NewTFIDFVectorizer()
			counts := preprocess.NewCountVectorizer()
			change(&whole.CountVectorizer)
			change(&parts.CountVectorizer)
			change(counts)
			if err := whole.Fit(docs); err != nil {
				t.Fatal(err)
			}
			for part := range slices.Chunk(docs, size) {
				if err := parts.PartialFit(part); err != nil {
					t.Fatal(err)
				}
				if err := counts.PartialFit(part); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(whole.Vocabulary, parts.Vocabulary) || !slices.Equal(whole.IDF, parts.IDF) || !slices.Equal(whole.Vocabulary, counts.Vocabulary) {
				t.Errorf("parts of %d documents: %q, want %q", size, parts.Vocabulary, whole.Vocabulary)
			}
		}
	}
}

// TestPartialFitTable learns from a CSV file by parts what Fit learns from the whole.
func TestPartialFitTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("size,colour,text\n")
	for i := range 500 {
		fmt.Fprintf(&b, "%d,%s,%s\n", i*i%97, []string{"red", "green", "blue"}[i*i%3], []string{"good day", "bad day", "night"}[i%3])
	}
	transformer := func() *preprocess.TableTransformer {
		return &preprocess.TableTransformer{Parts: []preprocess.TablePart{
			{Columns: []string{"size"}, Numbers: preprocess.NewMinMaxScaler()},
			{Columns: []string{"colour"}, Strings: preprocess.NewOneHotEncoder()},
			{Columns: []string{"text"}, Text: preprocess.NewTFIDFVectorizer()},
			{Columns: []string{"size"}},
		}}
	}
	whole, parts := transformer(), transformer()
	table, err := preprocess.ReadCSV(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	want, err := whole.FitTransform(table)
	if err != nil {
		t.Fatal(err)
	}
	for part, err := range preprocess.NewCSV().Parts(strings.NewReader(b.String()), 1000) {
		if err == nil {
			err = parts.PartialFit(part)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := parts.Transform(table)
	if err != nil || !mat.Equal(got, want) {
		t.Errorf("other rows than from the whole table, error %v", err)
	}
	for _, p := range []preprocess.TablePart{
		{Columns: []string{"size"}, Numbers: preprocess.NewRobustScaler()}, {Columns: []string{"colour"}, Strings: preprocess.NewOrdinalEncoder()},
		{Columns: []string{"text"}, Text: preprocess.NewHashingVectorizer()},
	} {
		err := (&preprocess.TableTransformer{Parts: []preprocess.TablePart{p}}).PartialFit(table)
		if err == nil || !strings.Contains(err.Error(), "has no PartialFit") {
			t.Errorf("%v: error %v", p.Columns, err)
		}
	}
	if err := parts.PartialFit(new(preprocess.Table)); err == nil {
		t.Error("a table without the columns is taken")
	}
}

// TestPartialFitErrors leave what was learned.
func TestPartialFitErrors(t *testing.T) {
	x, wide := hardColumns(20), mat.NewDense(3, 9, nil)
	bad := mat.DenseCopyOf(x)
	bad.Set(3, 2, math.NaN())
	for name, fitter := range map[string]preprocess.PartialFitter{
		"StandardScaler": preprocess.NewStandardScaler(), "MinMaxScaler": preprocess.NewMinMaxScaler(), "OneHotEncoder": preprocess.NewOneHotEncoder(),
	} {
		if err := fitter.PartialFit(x); err != nil {
			t.Fatal(err)
		}
		before, err := fitter.Transform(x)
		if err != nil {
			t.Fatal(err)
		}
		for part, x := range map[string]mat.Matrix{"a part of 9 columns follows parts of 8": wide, "row 3, column 2 is NaN": bad} {
			if err := fitter.PartialFit(x); err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error %v, want %q", name, err, part)
			}
		}
		if after, err := fitter.Transform(x); err != nil || !mat.Equal(before, after) {
			t.Errorf("%s has changed, error %v", name, err)
		}
		if err := fitter.Fit(x); err != nil {
			t.Fatal(err)
		}
		if err := fitter.PartialFit(x); (err != nil) != (name == "StandardScaler") {
			t.Errorf("%s after Fit: error %v", name, err)
		}
	}
	// A file has the moments, not their counts.
	scaler := preprocess.NewStandardScaler()
	if err := scaler.PartialFit(x); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := preprocess.Save(&file, scaler); err != nil {
		t.Fatal(err)
	}
	loaded, err := preprocess.Load[*preprocess.StandardScaler](&file)
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.PartialFit(x); err == nil || !strings.Contains(err.Error(), "begin with a new scaler") {
		t.Errorf("a scaler from a file: error %v", err)
	}
	for name, err := range map[string]error{
		"neither WithMean": (&preprocess.StandardScaler{}).PartialFit(x),
		"sparse":           preprocess.NewStandardScaler().PartialFit(sparse.FromDense(x)),
		"Low < High":       (&preprocess.MinMaxScaler{}).PartialFit(x),
		"unknown Drop":     (&preprocess.OneHotEncoder{Drop: "all"}).PartialFit(x),
		"MaxDF":            (&preprocess.CountVectorizer{}).PartialFit([]string{"a"}),
		"MaxDF is 0":       (&preprocess.TFIDFVectorizer{Norm: preprocess.L2Norm}).PartialFit([]string{"a"}),
		"use PartialFitSt": (&preprocess.OneHotEncoder{Categories: preprocess.Categories{Strings: [][]string{{"a"}}}}).PartialFit(x),
		"use PartialFit":   (&preprocess.OneHotEncoder{Categories: preprocess.Categories{Numbers: [][]float64{{1}}}}).PartialFitStrings([][]string{{"a"}}),
		"a part of 2 colu": (&preprocess.OneHotEncoder{Categories: preprocess.Categories{Strings: [][]string{{"a"}}}}).PartialFitStrings([][]string{{"a", "b"}}),
		"begin with a new": (&preprocess.CountVectorizer{MaxDF: 1, Vocabulary: []string{"a"}}).PartialFit([]string{"a"}),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func ExampleStandardScaler_PartialFit() {
	scaler := preprocess.NewStandardScaler()
	for _, part := range []*mat.Dense{mat.NewDense(2, 1, []float64{1, 2}), mat.NewDense(3, 1, []float64{3, 4, 5})} {
		if err := scaler.PartialFit(part); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Printf("%.4f ± %.4f\n", scaler.Mean[0], scaler.Scale[0])
	// Output: 3.0000 ± 1.4142
}

func ExamplePartialFitter() {
	var encoder preprocess.PartialFitter = preprocess.NewOneHotEncoder()
	for _, codes := range [][]float64{{3, 1}, {1, 7}} {
		if err := encoder.PartialFit(mat.NewDense(2, 1, codes)); err != nil {
			fmt.Println(err)
			return
		}
	}
	names, _ := encoder.FeatureNames(nil)
	fmt.Println(names)
	// Output: [x0_1 x0_3 x0_7]
}
