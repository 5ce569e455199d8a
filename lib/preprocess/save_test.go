package preprocess_test

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

func TestSaveFileIsAtomic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scaler.json")
	s := preprocess.NewStandardScaler()
	if err := s.Fit(numbers()); err != nil {
		t.Fatal(err)
	}
	if err := preprocess.SaveFile(path, s); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	// A save that fails leaves the old file, and nothing beside it.
	if err := preprocess.SaveFile(path, &preprocess.StandardScaler{Mean: []float64{1}}); err == nil {
		t.Error("a scaler without scales was saved")
	}
	if err := preprocess.SaveFile(path, &preprocess.StandardScaler{Mean: []float64{math.NaN()}, Scale: []float64{1}}); err == nil {
		t.Error("NaN was saved")
	}
	after, _ := os.ReadFile(path)
	files, _ := os.ReadDir(filepath.Dir(path))
	if !bytes.Equal(before, after) || len(files) != 1 {
		t.Errorf("a save that failed left %d files", len(files))
	}
	loaded, err := preprocess.LoadFile[*preprocess.StandardScaler](path)
	if err != nil {
		t.Fatal(err)
	}
	if !same(transform(t, loaded, numbers()), transform(t, s, numbers())) {
		t.Error("what was loaded transforms differently")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file's permissions are %v, %v", info.Mode(), err)
	}
	if err := preprocess.SaveFile(filepath.Join(path, "under", "a file"), s); err == nil {
		t.Error("a folder that is a file is accepted")
	}
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.MkdirAll(filepath.Join(folder, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := preprocess.SaveFile(folder, s); err == nil {
		t.Error("a file replaced a folder")
	}
	if _, err := preprocess.LoadFile[*preprocess.StandardScaler](filepath.Join(folder, "none")); err == nil {
		t.Error("no file gives no error")
	}
}

// own is a transformer of another package.
type own struct{ *preprocess.Normalizer }

func TestSaveErrors(t *testing.T) {
	deep := preprocess.NewPipeline(preprocess.NewNormalizer())
	for range 20 {
		deep = preprocess.NewPipeline(deep)
	}
	var none *preprocess.StandardScaler
	for name, c := range map[string]struct {
		t    any
		says string
	}{
		"nil":                    {nil, "cannot save"},
		"nil pointer":            {none, "cannot save"},
		"not a pointer":          {preprocess.StandardScaler{}, "cannot save"},
		"another type":           {&own{}, "cannot save a *preprocess_test.own"},
		"within a pipeline":      {preprocess.NewPipeline(&own{}), "cannot save a *preprocess_test.own"},
		"within columns":         {&preprocess.ColumnTransformer{Parts: []preprocess.ColumnPart{{Columns: []int{0}, Transformer: &own{}}}}, "cannot save"},
		"empty pipeline":         {preprocess.NewPipeline(), "no steps"},
		"nested":                 {deep, "nested"},
		"a setting JSON has not": {&preprocess.OrdinalEncoder{UnknownValue: math.NaN()}, "NaN"},
	} {
		if err := preprocess.Save(io.Discard, c.t); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error is %v, want one with %s", name, err, c.says)
		}
	}
	if err := preprocess.Save(failingWriter{}, preprocess.NewNormalizer()); err == nil {
		t.Error("a failing writer gives no error")
	}
}

// file wraps a state in the header of a file of version 1, without a checksum.
func file(kind, state string) string {
	return `{"format":"descent/preprocess","version":1,"kind":"` + kind + `","state":` + state + `}`
}

func TestLoadErrors(t *testing.T) {
	nested := `{"Steps":[]}`
	for range 40 {
		nested = `{"Steps":[{"kind":"Pipeline","state":` + nested + `}]}`
	}
	for name, c := range map[string]struct{ file, says string }{
		"empty":               {"", "loading"},
		"cut off":             {file("Normalizer", `{"Norm":"l2"`)[:60], "loading"},
		"not JSON":            {"hello", "loading"},
		"more after it":       {file("Normalizer", `{}`) + "{}", "loading"},
		"other format":        {`{"format":"zip","version":1}`, `format is "zip"`},
		"later version":       {`{"format":"descent/preprocess","version":3,"new":1}`, "version 3"},
		"extra field":         {`{"format":"descent/preprocess","version":1,"kind":"Normalizer","state":{},"x":1}`, "unknown field"},
		"no kind":             {`{"format":"descent/preprocess","version":1}`, "unknown kind"},
		"unknown kind":        {file("Evil", "{}"), `unknown kind "Evil"`},
		"unknown field":       {file("Normalizer", `{"Nrm":"l2"}`), "unknown field"},
		"no state":            {`{"format":"descent/preprocess","version":1,"kind":"Normalizer"}`, "loading Normalizer"},
		"huge number":         {file("StandardScaler", `{"Mean":[1e999],"Scale":[1]}`), "loading StandardScaler"},
		"scales missing":      {file("StandardScaler", `{"Mean":[1,2],"Scale":[1]}`), "1 scales for 2 columns"},
		"scale 0":             {file("MinMaxScaler", `{"High":1,"Offset":[1],"Scale":[0]}`), "positive"},
		"range":               {file("MinMaxScaler", `{}`), "Low < High"},
		"percentiles":         {file("RobustScaler", `{"Low":50,"High":200}`), "percentiles"},
		"unit variance":       {file("RobustScaler", `{"Low":0,"High":100,"UnitVariance":true}`), "UnitVariance"},
		"norm":                {file("Normalizer", `{"Norm":"l7"}`), `"l7"`},
		"negative columns":    {file("Normalizer", `{"Inputs":-1}`), "-1"},
		"drop":                {file("OneHotEncoder", `{"Drop":"all"}`), "Drop"},
		"two kinds":           {file("OneHotEncoder", `{"Categories":{"Numbers":[[1]],"Strings":[["a"]]}}`), "at once"},
		"not ascending":       {file("OneHotEncoder", `{"Categories":{"Numbers":[[1,1]]}}`), "ascending"},
		"twice":               {file("OrdinalEncoder", `{"Categories":{"Strings":[["a","b","a"]]}}`), "twice"},
		"no categories":       {file("OrdinalEncoder", `{"Categories":{"Strings":[null]}}`), "no categories"},
		"unknown is a code":   {file("OrdinalEncoder", `{"EncodeUnknown":true,"UnknownValue":1,"Categories":{"Strings":[["a","b"]]}}`), "code of a category"},
		"strategy":            {file("Imputer", `{"Strategy":"guess"}`), "guess"},
		"indicators":          {file("Imputer", `{"Strategy":"mean","Values":[1],"Indicators":[3]}`), "indicator"},
		"degree":              {file("PolynomialFeatures", `{"Degree":0}`), "degree"},
		"too many products":   {file("PolynomialFeatures", `{"Degree":9000000000000000000,"Inputs":9000000000000000000}`), "products"},
		"vocabulary":          {file("CountVectorizer", `{"NMin":1,"NMax":1,"MaxDF":1,"Vocabulary":["b","a"]}`), "ascending"},
		"weights":             {file("TFIDFVectorizer", `{"NMin":1,"NMax":1,"MaxDF":1,"Vocabulary":["a"],"IDF":[1,2]}`), "2 weights"},
		"tf-idf norm":         {file("TFIDFVectorizer", `{"Norm":"l9"}`), "l9"},
		"length":              {file("SequenceEncoder", `{"NMin":1,"NMax":1,"Length":99999999999}`), "Length"},
		"tokens twice":        {file("SequenceEncoder", `{"NMin":1,"NMax":1,"Length":1,"Vocabulary":["a","a"]}`), "twice"},
		"merge of nothing":    {file("BPE", `{"MaxTokens":300,"Merges":["xy z"]}`), "merge 0"},
		"merge of one":        {file("BPE", `{"MaxTokens":300,"Merges":["x y","x"]}`), "merge 1"},
		"merge of three":      {file("BPE", `{"MaxTokens":300,"Merges":["x y z"]}`), "merge 0"},
		"merge twice":         {file("BPE", `{"MaxTokens":300,"Merges":["x y","x y"]}`), "merge 1"},
		"too many merges":     {file("BPE", `{"MaxTokens":257,"Merges":["x y","x z"]}`), "258 tokens"},
		"not a byte":          {file("BPE", `{"MaxTokens":300,"Merges":["春 y"]}`), "merge 0"},
		"a space in a merge":  {file("BPE", `{"MaxTokens":300,"Merges":["x \t"]}`), "merge 0"},
		"chars not ascending": {file("CharTokenizer", `{"Vocabulary":"ba"}`), "ascending"},
		"special twice":       {file("CharTokenizer", `{"Special":["a","a"]}`), "twice"},
		"empty pipeline":      {file("Pipeline", `{}`), "no steps"},
		"null step":           {file("Pipeline", `{"Steps":[null]}`), "step 0 is nil"},
		"text in a pipeline":  {file("Pipeline", `{"Steps":[{"kind":"CountVectorizer","state":{"NMin":1,"NMax":1,"MaxDF":1}}]}`), "cannot stand here"},
		"steps not a list":    {file("Pipeline", `{"Steps":1}`), "loading Pipeline"},
		"nested":              {file("Pipeline", nested), "nested"},
		"columns not a list":  {file("ColumnTransformer", `{"Parts":1}`), "loading ColumnTransformer"},
		"no parts":            {file("ColumnTransformer", `{}`), "no parts"},
		"part without column": {file("ColumnTransformer", `{"Parts":[{}]}`), "no columns"},
		"negative column":     {file("ColumnTransformer", `{"Parts":[{"Columns":[-1]}]}`), "distinct"},
		"column too large":    {file("ColumnTransformer", `{"Inputs":2,"Parts":[{"Columns":[2]}]}`), "wants column 2"},
		"too many columns":    {file("ColumnTransformer", `{"Inputs":9000000000000000000,"Parts":[{"Columns":[2]}]}`), "columns"},
		"bad part":            {file("ColumnTransformer", `{"Parts":[{"Columns":[0],"Transformer":{"kind":"x"}}]}`), "unknown kind"},
		"table not a list":    {file("TableTransformer", `{"Parts":1}`), "loading TableTransformer"},
		"table part":          {file("TableTransformer", `{"Parts":[{"Columns":["a"],"Text":{"kind":"Normalizer","state":{}}}]}`), "cannot stand here"},
		"table of nothing":    {file("TableTransformer", `{}`), "no parts"},
	} {
		if _, err := preprocess.Load[any](strings.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "preprocess: ") {
			t.Errorf("%s: error is %v, want one with %s", name, err, c.says)
		}
	}
	if _, err := preprocess.Load[*preprocess.MinMaxScaler](strings.NewReader(file("Normalizer", `{}`))); err == nil || !strings.Contains(err.Error(), "holds a Normalizer, want *preprocess.MinMaxScaler") {
		t.Errorf("another kind: %v", err)
	}
	if _, err := preprocess.Load[any](iotest.ErrReader(io.ErrClosedPipe)); err == nil {
		t.Error("a failing reader gives no error")
	}
}

func FuzzLoad(f *testing.F) {
	// Half of the seeds are of version 1, whose checksum does not count.
	add := func(file []byte) {
		f.Add(file)
		f.Add(bytes.Replace(file, []byte(`"version":2`), []byte(`"version":1`), 1))
	}
	for _, m := range members() {
		t := m.make()
		if err := t.Fit(m.x()); err != nil {
			f.Fatal(err)
		}
		var file bytes.Buffer
		if err := preprocess.Save(&file, t); err != nil {
			f.Fatal(err)
		}
		add(file.Bytes())
	}
	docs := []string{"a fox", "the dog"}
	for _, v := range vectorizers() {
		if err := v.Fit(docs); err != nil {
			f.Fatal(err)
		}
		var file bytes.Buffer
		if err := preprocess.Save(&file, v); err != nil {
			f.Fatal(err)
		}
		add(file.Bytes())
	}
	for _, k := range tokenizers(f) {
		var file bytes.Buffer
		if err := preprocess.Save(&file, k); err != nil {
			f.Fatal(err)
		}
		add(file.Bytes())
	}
	f.Add([]byte(file("TableTransformer", `{"Parts":[{"Columns":["a"],"Strings":{"kind":"OneHotEncoder","state":{"Categories":{"Strings":[["x","y"]]}}}}]}`)))
	f.Add([]byte(file("SequenceEncoder", `{"NMin":1,"NMax":2,"Length":3,"Vocabulary":["a","b"]}`)))
	table, err := preprocess.ReadCSV(strings.NewReader("a,b\n1,x\n2,y\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := preprocess.Load[any](bytes.NewReader(data))
		if err != nil {
			return
		}
		var once, twice bytes.Buffer
		if err := preprocess.Save(&once, v); err != nil {
			t.Fatalf("cannot save what was loaded: %v", err)
		}
		again, err := preprocess.Load[any](bytes.NewReader(once.Bytes()))
		if err != nil {
			t.Fatalf("cannot load what was saved: %v", err)
		}
		if err := preprocess.Save(&twice, again); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("%s became %s, %v", once.Bytes(), twice.Bytes(), err)
		}
		switch v := v.(type) { // must not panic, whatever it returns
		case preprocess.Transformer:
			for cols := 1; cols < 6; cols++ {
				x := mat.NewDense(2, cols, nil)
				y, err := v.Transform(x)
				if inverter, ok := v.(preprocess.Inverter); ok && err == nil {
					inverter.Inverse(y)
				}
			}
			if s, ok := v.(preprocess.StringTransformer); ok {
				s.TransformStrings([][]string{{"a", "b"}})
				s.TransformStrings([][]string{{"x"}})
			}
		case preprocess.Vectorizer:
			v.Transform(docs)
		case *preprocess.SequenceEncoder:
			if v.Length < 1000 {
				v.Transform(docs)
			}
		case *preprocess.TableTransformer:
			v.Transform(table)
		case preprocess.TextTokenizer:
			if ids, err := v.Encode(docs[0]); err == nil {
				v.Decode(ids)
			}
			v.Decode([]int{0, v.Size() - 1})
		}
	})
}
