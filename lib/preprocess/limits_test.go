package preprocess_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
)

// allocated returns the bytes that f allocates in all.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// TestLoadAllocatesByWhatItRead: a file of many small pieces costs a small
// multiple of its size, in all that is allocated and not only in what stays.
func TestLoadAllocatesByWhatItRead(t *testing.T) {
	const n = 60_000
	many := func(piece string) string { return "[" + strings.Repeat(piece+",", n) + piece + "]" }
	deep := `{"kind":"StandardScaler","state":{"Mean":` + many("1") + `,"Scale":` + many("1") + `}}`
	for range 15 {
		deep = `{"kind":"Pipeline","state":{"Steps":[` + deep + `]}}`
	}
	for name, c := range map[string]struct {
		file string
		most int // times the size
	}{
		"empty steps":        {file("Pipeline", `{"Steps":`+many("{}")+`}`), 8},
		"empty parts":        {file("TableTransformer", `{"Parts":`+many("{}")+`}`), 8},
		"empty column parts": {file("ColumnTransformer", `{"Parts":`+many("{}")+`}`), 8},
		"null steps":         {file("Pipeline", `{"Steps":`+many("null")+`}`), 8},
		"no categories":      {file("OneHotEncoder", `{"Categories":{"Strings":`+many("[]")+`}}`), 8},
		"one category":       {file("OneHotEncoder", `{"Categories":{"Strings":`+many(`["a"]`)+`}}`), 35},
		"numbers":            {file("StandardScaler", `{"Mean":`+many("1")+`,"Scale":`+many("1")+`}`), 45},
		"nested":             {file("Pipeline", `{"Steps":[`+deep+`]}`), 45},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			got := allocated(func() { _, err = preprocess.Load[any](strings.NewReader(c.file)) })
			t.Logf("%d bytes take %d, %.1f times as much: %.100v", len(c.file), got, float64(got)/float64(len(c.file)), err)
			if got > c.most*len(c.file) {
				t.Errorf("%d bytes take %d, want at most %d times as much", len(c.file), got, c.most)
			}
		})
	}
}

func wantLimit(t *testing.T, name string, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", name)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%s: error %q, want %q in it", name, err, s)
		}
	}
}

// A number in a file is no reason to allocate as much.
func TestFeatureNamesAreBounded(t *testing.T) {
	for name, text := range map[string]string{
		"rest":       file("ColumnTransformer", `{"Inputs":2147483647,"PassRest":true,"Parts":[{"Columns":[0]}]}`),
		"no rest":    file("ColumnTransformer", `{"Inputs":2147483647,"Parts":[{"Columns":[0]}]}`),
		"normalizer": file("Normalizer", `{"Norm":"l2","Inputs":2147483647}`),
	} {
		loaded, err := preprocess.Load[preprocess.Transformer](strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		_, err = loaded.FeatureNames(nil)
		wantLimit(t, name, err, "2147483647 columns", "more than 1048576")
	}
}

func TestDenseResultsAreBounded(t *testing.T) {
	const n = 60_000
	x := mat.NewDense(n, 1, nil)
	for i := range n {
		x.Set(i, 0, float64(i))
	}
	e := &preprocess.OneHotEncoder{Dense: true}
	if err := e.Fit(x); err != nil {
		t.Fatal(err)
	}
	_, err := e.Transform(x)
	wantLimit(t, "one-hot", err, "60000×60000", "larger than 536870912")
	if y, err := e.Transform(x.Slice(5, 7, 0, 1)); err != nil || y.At(0, 5) != 1 || y.At(1, 6) != 1 || mat.Sum(y) != 2 {
		t.Errorf("two rows: error %v", err)
	}
	e.Dense = false
	if _, err := e.Transform(x); err != nil {
		t.Errorf("sparse: %v", err)
	}
	s, err := preprocess.Load[*preprocess.SequenceEncoder](strings.NewReader(file("SequenceEncoder", `{"NMin":1,"NMax":1,"Length":1048576,"Vocabulary":["a"]}`)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Transform(make([]string, 600))
	wantLimit(t, "sequence", err, "600×1048576")
	p := &preprocess.PolynomialFeatures{Degree: 2, Inputs: 1400}
	_, err = p.Transform(mat.NewDense(600, 1400, nil))
	wantLimit(t, "polynomial", err, "600×982100")
}

// Dense has no error to return, but a panic says what is wrong; a system without
// the memory just ends the program.
func TestDenseIsBounded(t *testing.T) {
	const n = 60_000
	x, err := sparse.NewCSR(n, n, make([]int, n+1), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		text, _ := recover().(string)
		for _, part := range []string{"60000×60000", "larger than 536870912"} {
			if !strings.Contains(text, part) {
				t.Errorf("Dense panics with %q, want it to say %q", text, part)
			}
		}
	}()
	preprocess.Dense(x)
}

func TestCSVWidthIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"commas":        strings.Repeat(",", 10_000_000),
		"after a quote": `"a, b` + "\n" + `c",` + strings.Repeat(",", 300_000),
		"second line":   "a,b\n" + strings.Repeat(",", 300_000),
	} {
		var err error
		got := allocated(func() { _, err = preprocess.ReadCSV(strings.NewReader(text)) })
		wantLimit(t, name, err, "more than 262144 columns", "preprocess: reading CSV: line ")
		if got > 64<<20 {
			t.Errorf("%s: %d bytes allocated", name, got)
		}
	}
	wide := strings.Repeat(",", 1<<18-1)
	if table, err := preprocess.ReadCSV(strings.NewReader(wide + "\n" + wide + "\n")); err != nil || len(table.Names()) != 1<<18 || table.Len() != 1 {
		t.Errorf("as wide as a table may be: %v", err)
	}
	cell := strings.Repeat(",", 300_000)
	table, err := preprocess.ReadCSV(strings.NewReader("a\n\"" + cell + "\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := table.Strings("a"); err != nil || got[0] != cell {
		t.Errorf("commas in quotes: %v", err)
	}
}

// TestEveryBitOfASavedTransformer flips each bit of a file: none is loaded as
// something else. Those that do not matter, in the case of a key, may load.
func TestEveryBitOfASavedTransformer(t *testing.T) {
	e := preprocess.NewOneHotEncoder()
	if err := e.FitStrings([][]string{{"a<b"}, {"größe"}}); err != nil {
		t.Fatal(err)
	}
	p := preprocess.NewPipeline(preprocess.NewStandardScaler(), preprocess.NewNormalizer())
	if err := p.Fit(numbers()); err != nil {
		t.Fatal(err)
	}
	for _, saved := range []any{e, p} {
		var file bytes.Buffer
		if err := preprocess.Save(&file, saved); err != nil {
			t.Fatal(err)
		}
		silent := 0
		flipped := bytes.Clone(file.Bytes())
		for i := range flipped {
			for bit := range 8 {
				flipped[i] ^= 1 << bit
				loaded, err := preprocess.Load[any](bytes.NewReader(flipped))
				flipped[i] ^= 1 << bit
				if err != nil {
					continue
				}
				var again bytes.Buffer
				if err := preprocess.Save(&again, loaded); err != nil || !bytes.Equal(again.Bytes(), file.Bytes()) {
					silent++
				}
			}
		}
		if silent > 0 {
			t.Errorf("%T: of %d flipped bits %d are loaded as something else", saved, 8*len(flipped), silent)
		}
	}
}

// What Save wrote may be a part of another file, with other white space.
func TestLoadWithinAnotherFile(t *testing.T) {
	s := preprocess.NewStandardScaler()
	if err := s.Fit(numbers()); err != nil {
		t.Fatal(err)
	}
	var file, spaced bytes.Buffer
	if err := preprocess.Save(&file, s); err != nil {
		t.Fatal(err)
	}
	within, err := json.Marshal(map[string]any{"scaler": json.RawMessage(file.Bytes())})
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(within, &parts); err != nil {
		t.Fatal(err)
	}
	if err := json.Indent(&spaced, parts["scaler"], "", "  "); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(parts["scaler"]), spaced.String()} {
		if _, err := preprocess.Load[*preprocess.StandardScaler](strings.NewReader(text)); err != nil {
			t.Errorf("%v in %s", err, text)
		}
	}
}

// TestFileOfVersion1 reads what was written before files had a checksum.
func TestFileOfVersion1(t *testing.T) {
	p, err := preprocess.LoadFile[*preprocess.Pipeline]("testdata/v1_pipeline.json")
	if err != nil {
		t.Fatal(err)
	}
	s := p.Steps[0].(*preprocess.StandardScaler)
	if fmt.Sprint(s.Mean, s.Scale) != "[5.333333333333333 5.333333333333333] [4.109609335312651 4.109609335312651]" {
		t.Errorf("%+v", s)
	}
	text, err := os.ReadFile("testdata/v1_pipeline.json")
	if err != nil {
		t.Fatal(err)
	}
	// The checksum cannot be left out by claiming to be new.
	_, err = preprocess.Load[any](bytes.NewReader(bytes.Replace(text, []byte(`"version":1`), []byte(`"version":2`), 1)))
	wantLimit(t, "version 2 without a checksum", err, "damaged")
}
