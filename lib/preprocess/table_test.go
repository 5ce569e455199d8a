package preprocess_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

const people = "\ufeffname,age, height ,\n" +
	"\"Ada \"\"A.\"\"\",36,1.65,x\n" +
	"\"two\nlines\", 41 ,NA,y\n" +
	"Émile,,1e0,\n"

func readPeople(t *testing.T) *preprocess.Table {
	t.Helper()
	table, err := preprocess.ReadCSV(strings.NewReader(people))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestReadCSV(t *testing.T) {
	table := readPeople(t)
	if got, want := table.Names(), []string{"name", "age", "height", "x3"}; !slices.Equal(got, want) || table.Len() != 3 {
		t.Errorf("%d rows of %q, want 3 of %q", table.Len(), got, want)
	}
	if got, err := table.Strings("name"); err != nil || !slices.Equal(got, []string{`Ada "A."`, "two\nlines", "Émile"}) {
		t.Errorf("names are %q, %v", got, err)
	}
	x, err := table.Matrix("height", "age")
	if err != nil || x.At(0, 0) != 1.65 || x.At(1, 1) != 41 || x.At(2, 0) != 1 || !math.IsNaN(x.At(1, 0)) || !math.IsNaN(x.At(2, 1)) {
		t.Errorf("the matrix is\n%v, %v", mat.Formatted(x), err)
	}
	for name, want := range map[string]bool{"name": false, "age": true, "height": true, "x3": false, "nothing": false} {
		if table.Numeric(name) != want {
			t.Errorf("Numeric(%q) is %v", name, !want)
		}
	}
	rows, err := table.Rows([]int{2, 0}).Text("x3", "age")
	if err != nil || !slices.Equal(rows[0], []string{"", ""}) || !slices.Equal(rows[1], []string{"x", "36"}) {
		t.Errorf("rows 2 and 0 are %q, %v", rows, err)
	}
	c := preprocess.CSV{Comma: ';', NoHeader: true, Missing: []string{"-"}}
	table, err = c.Read(strings.NewReader("\ufeff1,5;-\n2;3\n"))
	if err != nil || table.Len() != 2 || !slices.Equal(table.Names(), []string{"x0", "x1"}) || !table.Numeric("x1") || table.Numeric("x0") {
		t.Errorf("semicolons: %v, %v", table, err)
	}
	if cell, _ := table.Strings("x0"); cell[0] != "1,5" {
		t.Errorf("the byte order mark was kept: %q", cell)
	}
}

func TestTableErrors(t *testing.T) {
	read := func(s string) error { return second(preprocess.ReadCSV(strings.NewReader(s))) }
	table := readPeople(t)
	bad, _ := preprocess.ReadCSV(strings.NewReader("id,v\n\"a\nb\",1\n\nc,oops\nd,1e999\n"))
	empty, _ := preprocess.ReadCSV(strings.NewReader("a,b\n"))
	var built preprocess.Table
	if err := errors.Join(built.AddStrings("s", []string{"p", "q"}), built.AddFloats("v", []float64{1, 2})); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"empty file":         {read(""), "empty"},
		"more fields":        {read("a,b\n1,2\n1,2,3\n"), "line 3"},
		"open quote":         {read("a,b\n\"1,2\n"), "line 2"},
		"same names":         {read("a, a\n1,2\n"), `"a"`},
		"cell not UTF-8":     {read("a,b\n1,\xff\n"), `line 2, column "b"`},
		"name not UTF-8":     {read("a,\xff\n1,2\n"), "column 1"},
		"failing reader":     {second(preprocess.ReadCSV(iotest.ErrReader(io.ErrClosedPipe))), "closed pipe"},
		"bad comma":          {second(preprocess.CSV{Comma: '\n'}.Read(strings.NewReader("a"))), "delimiter"},
		"not a number":       {second(bad.Float("v")), `line 5, column "v": "oops" is not a number`},
		"out of range":       {second(bad.Rows([]int{2}).Float("v")), `line 6, column "v": "1e999" is too large`},
		"matrix":             {second(bad.Matrix()), `line 2, column "id"`},
		"no such column":     {second(table.Float("weight")), `no column "weight"`},
		"no such strings":    {second(table.Strings("weight")), "weight"},
		"no such text":       {second(table.Text("weight")), "weight"},
		"no such matrix":     {second(table.Matrix("age", "weight")), "weight"},
		"no rows":            {second(empty.Matrix()), "no rows"},
		"built table":        {second(built.Float("s")), `row 0, column "s"`},
		"name taken":         {built.AddFloats("v", []float64{1, 2}), `"v"`},
		"no name":            {built.AddStrings("", []string{"", ""}), "name"},
		"wrong length":       {built.AddStrings("w", []string{""}), "1 rows"},
		"writing a header":   {table.WriteCSV(failingWriter{}), "writing CSV"},
		"writing many bytes": {large().WriteCSV(failingWriter{}), "writing CSV"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) || !strings.HasPrefix(c.err.Error(), "preprocess: ") {
			t.Errorf("%s: error is %v, want one with %s", name, c.err, c.says)
		}
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func large() *preprocess.Table {
	var t preprocess.Table
	t.AddStrings(strings.Repeat("n", 10000), slices.Repeat([]string{""}, 10000))
	return &t
}

func TestCSVKeepsEveryBit(t *testing.T) {
	values := []float64{0.1, 1.0 / 3, math.SmallestNonzeroFloat64, -math.MaxFloat64, math.Copysign(0, -1), math.NaN(), math.Inf(1), 1 << 60}
	for _, extra := range []bool{false, true} { // with one column, a missing value is a line of its own
		var table preprocess.Table
		if err := table.AddFloats("v", values); err != nil {
			t.Fatal(err)
		}
		if extra {
			table.AddStrings("quoted \"name\", with\nnewline", []string{"a,b", "", "\"", "\n", " ", "x", "é", "0"})
		}
		var file bytes.Buffer
		if err := table.WriteCSV(&file); err != nil {
			t.Fatal(err)
		}
		back, err := preprocess.ReadCSV(&file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := back.Float("v")
		if err != nil || len(got) != len(values) {
			t.Fatalf("read back: %v, %v", got, err)
		}
		for i, v := range values {
			if math.Float64bits(got[i]) != math.Float64bits(v) && v == v {
				t.Errorf("%v became %v", v, got[i])
			}
		}
		a, _ := table.Text()
		b, _ := back.Text()
		if !slices.EqualFunc(a, b, slices.Equal) {
			t.Errorf("%q became %q", a, b)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(people))
	f.Add([]byte("a\n\"\"\n1\n"))
	f.Add([]byte("a;b\r\n\"x\r\ny\";2\r\n"))
	f.Add([]byte("a,b\n1,\xff\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := preprocess.ReadCSV(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, name := range table.Names() {
			table.Float(name)
		}
		var file bytes.Buffer
		if err := table.WriteCSV(&file); err != nil {
			t.Fatal(err)
		}
		text := file.String()
		back, err := preprocess.ReadCSV(&file)
		if err != nil {
			t.Fatalf("cannot read what was written, %q: %v", text, err)
		}
		a, _ := table.Text()
		b, _ := back.Text()
		if !slices.Equal(table.Names(), back.Names()) || !slices.EqualFunc(a, b, slices.Equal) {
			t.Fatalf("%q %q became %q %q", table.Names(), a, back.Names(), b)
		}
	})
}

func TestTableTransformer(t *testing.T) {
	const file = "city,age,note,score\nBern,10,good food,1\nGenf,,bad food,2\nBern,30,good,3\nBasel,20,,4\n"
	table, err := preprocess.ReadCSV(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	make := func() *preprocess.TableTransformer {
		return &preprocess.TableTransformer{Parts: []preprocess.TablePart{
			{Columns: []string{"age"}, Numbers: preprocess.NewPipeline(preprocess.NewImputer(), preprocess.NewMinMaxScaler())},
			{Columns: []string{"city"}, Strings: &preprocess.OneHotEncoder{IgnoreUnknown: true}},
			{Columns: []string{"note"}, Text: preprocess.NewCountVectorizer()},
			{Columns: []string{"score"}},
		}}
	}
	tt := make()
	if _, err := tt.Transform(table); !errors.Is(err, preprocess.ErrNotFitted) {
		t.Errorf("Transform before Fit: %v", err)
	}
	if _, err := tt.FeatureNames(); !errors.Is(err, preprocess.ErrNotFitted) {
		t.Errorf("FeatureNames before Fit: %v", err)
	}
	x, err := tt.FitTransform(table.Rows([]int{0, 1, 2}))
	if err != nil {
		t.Fatal(err)
	}
	if want := mat.NewDense(3, 7, []float64{
		0, 1, 0, 0, 1, 1, 1,
		0.5, 0, 1, 1, 1, 0, 2,
		1, 1, 0, 0, 0, 1, 3}); !mat.Equal(x, want) {
		t.Errorf("the training rows become\n%v", mat.Formatted(x))
	}
	names, err := tt.FeatureNames()
	if want := []string{"age", "city_Bern", "city_Genf", "note:bad", "note:food", "note:good", "score"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("names are %q, %v", names, err)
	}
	whole, err := tt.Transform(table)
	if err != nil {
		t.Fatal(err)
	}
	if got := mat.Row(nil, 3, whole); !slices.Equal(got, []float64{0.5, 0, 0, 0, 0, 0, 4}) {
		t.Errorf("a new city becomes %v", got)
	}
	var saved bytes.Buffer
	if err := preprocess.Save(&saved, tt); err != nil {
		t.Fatal(err)
	}
	loaded, err := preprocess.Load[*preprocess.TableTransformer](&saved)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := loaded.Transform(table); err != nil || !mat.Equal(again, whole) {
		t.Errorf("what was loaded transforms differently: %v", err)
	}

	table2, _ := preprocess.ReadCSV(strings.NewReader("city,age,note\nBern,old,x\n"))
	none, _ := preprocess.ReadCSV(strings.NewReader("city,age,note,score\n"))
	hashed := &preprocess.TableTransformer{Parts: []preprocess.TablePart{{Columns: []string{"note"}, Text: preprocess.NewHashingVectorizer()}}}
	part := func(p preprocess.TablePart) error {
		return (&preprocess.TableTransformer{Parts: []preprocess.TablePart{p}}).Fit(table)
	}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"a word for a number": {tt.Fit(table2), `part 0, columns ["age"]: preprocess: line 2, column "age": "old"`},
		"later":               {second(tt.Transform(table2)), `"old"`},
		"no rows":             {second(tt.Transform(none)), "no rows"},
		"no parts":            {(&preprocess.TableTransformer{}).Fit(table), "no parts"},
		"no parts, Transform": {second((&preprocess.TableTransformer{}).Transform(table)), "no parts"},
		"no parts, both":      {second((&preprocess.TableTransformer{}).FitTransform(table)), "no parts"},
		"no columns":          {part(preprocess.TablePart{}), "at least one column"},
		"two kinds":           {part(preprocess.TablePart{Columns: []string{"age"}, Numbers: preprocess.NewImputer(), Text: preprocess.NewCountVectorizer()}), "2 transformers"},
		"two texts":           {part(preprocess.TablePart{Columns: []string{"note", "city"}, Text: preprocess.NewCountVectorizer()}), "one column for Text"},
		"no such strings":     {part(preprocess.TablePart{Columns: []string{"zip"}, Strings: preprocess.NewOneHotEncoder()}), "zip"},
		"no such text":        {part(preprocess.TablePart{Columns: []string{"zip"}, Text: preprocess.NewCountVectorizer()}), "zip"},
		"names of hashes":     {second(hashed.FeatureNames()), "does not know"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: error is %v, want one with %s", name, c.err, c.says)
		}
	}
	missing, _ := preprocess.ReadCSV(strings.NewReader("age,score\n1,1\n"))
	for _, p := range tt.Parts[1:3] {
		if _, err := (&preprocess.TableTransformer{Parts: []preprocess.TablePart{p}}).Transform(missing); err == nil {
			t.Errorf("a table without %q is accepted", p.Columns)
		}
	}
}

// TestCSVOfOthers reads what other programs write.
func TestCSVOfOthers(t *testing.T) {
	for name, text := range map[string]string{
		"mark before a quote":    "\ufeff\"a\",\"b\"\n1,2\n3,\"x\ry\"\n",
		"CR":                     "a,b\r1,2\r3,\"x\ry\"\r",
		"CR at the end":          "a,b\r1,2\r3,\"x\ry\"",
		"mark and CR":            "\ufeff\"a\",b\r1,2\r3,\"x\ry\"\r",
		"CRLF":                   "a,b\r\n1,2\r\n3,\"x\ry\"\r\n",
		"mixed":                  "a,b\r1,2\n3,\"x\ry\"\r\n",
		"empty lines of all":     "a,b\r\r1,2\n\n3,\"x\ry\"\r\n\r\n",
		"quotes within a quote":  "\"a\",b\r\"1\",2\r3,\"x\ry\"\r",
		"mark before a space":    "\ufeff a,b\n1,2\n3,\"x\ry\"\n",
		"one mark, quoted marks": "\ufeff\"a\",b\n1,2\n3,\"x\ry\"\n",
	} {
		for kind, r := range map[string]io.Reader{
			"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)), "halves": iotest.HalfReader(strings.NewReader(text)),
		} {
			table, err := preprocess.ReadCSV(r)
			if err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
				continue
			}
			rows, _ := table.Text()
			if want := [][]string{{"1", "2"}, {"3", "x\ry"}}; !slices.Equal(table.Names(), []string{"a", "b"}) || !slices.EqualFunc(rows, want, slices.Equal) {
				t.Errorf("%s, %s: %q %q", name, kind, table.Names(), rows)
			}
		}
	}
	if _, err := preprocess.ReadCSV(strings.NewReader("\xff\xfea\x00,\x00b\x00\n\x00")); err == nil || !strings.Contains(err.Error(), "UTF-16") {
		t.Errorf("UTF-16: %v", err)
	}
	if _, err := preprocess.ReadCSV(strings.NewReader("a,b\r1,2\r3\r")); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("a short line after CR: %v", err)
	}
	long := "a,b\r" + strings.Repeat("1,2\r", 5000)
	if table, err := preprocess.ReadCSV(strings.NewReader(long)); err != nil || table.Len() != 5000 {
		t.Errorf("5000 lines with CR: %v", err)
	}
}

// TestNumbersAsDataHaveThem: what only Go takes for a number is text.
func TestNumbersAsDataHaveThem(t *testing.T) {
	table, err := preprocess.CSV{Comma: ','}.Read(strings.NewReader("month,hex,binary,word,number,limit\n2023_01,0x1p4,0x10,nan,-1.5e3,inf\n2023_02,0X1P-2,0b11,NaN, .5 ,-Infinity\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"month": false, "hex": false, "binary": false, "word": false, "number": true, "limit": true} {
		if got := table.Numeric(name); got != want {
			t.Errorf("Numeric(%q) is %v", name, got)
		}
		if _, err := table.Float(name); want == (err != nil) || err != nil && !strings.Contains(err.Error(), "is not a number") {
			t.Errorf("Float(%q): %v", name, err)
		}
	}
	if v, err := table.Float("number"); err != nil || !slices.Equal(v, []float64{-1500, 0.5}) {
		t.Errorf("numbers are %v, %v", v, err)
	}
	if v, err := table.Float("limit"); err != nil || !slices.Equal(v, []float64{math.Inf(1), math.Inf(-1)}) {
		t.Errorf("limits are %v, %v", v, err)
	}
}

func TestTableLabels(t *testing.T) {
	read := func(text string) *preprocess.Table {
		t.Helper()
		table, err := preprocess.CSV{Comma: ',', Missing: []string{"NA"}}.Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	for name, c := range map[string]struct {
		table   string
		classes []string
		labels  []int
		names   []string
	}{
		"text":          {"k\nb\na\n b\n", nil, []int{1, 0, 1}, []string{"a", "b"}},
		"numbers":       {"k\n10\n9\n10\n", nil, []int{1, 0, 1}, []string{"9", "10"}},
		"numbers, text": {"k\n10\n9\nx\n", nil, []int{0, 1, 2}, []string{"10", "9", "x"}},
		"classes given": {"k\nb\nb\n", []string{"c", "b", "a"}, []int{1, 1}, []string{"c", "b", "a"}},
		"equal numbers": {"k\n1.0\n1\n", nil, []int{1, 0}, []string{"1", "1.0"}},
	} {
		labels, names, err := read(c.table).Labels("k", c.classes...)
		if err != nil || !slices.Equal(labels, c.labels) || !slices.Equal(names, c.names) {
			t.Errorf("%s: %v of %q, %v, want %v of %q", name, labels, names, err, c.labels, c.names)
		}
	}
	for want, f := range map[string]func() ([]int, []string, error){
		`no column "x"`:                      func() ([]int, []string, error) { return read("k\na\n").Labels("x") },
		`line 3, column "k": the label is m`: func() ([]int, []string, error) { return read("k\na\nNA\n").Labels("k") },
		`line 3, column "k": "c" is none of`: func() ([]int, []string, error) { return read("k\na\nc\n").Labels("k", "a", "b") },
	} {
		if labels, _, err := f(); err == nil || labels != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("labels %v, error %v, want %q", labels, err, want)
		}
	}
	y := preprocess.Targets([]int{2, 0})
	if rows, cols := y.Dims(); rows != 2 || cols != 1 || y.At(0, 0) != 2 || y.At(1, 0) != 0 {
		t.Errorf("targets are %v", mat.Formatted(y))
	}
}
