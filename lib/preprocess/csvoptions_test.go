package preprocess_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/preprocess"
)

// encodings have Python's names.
var encodings = map[string]encoding.Encoding{
	"utf-8":     nil,
	"utf-8-sig": unicode.UTF8,
	"cp1252":    charmap.Windows1252,
	"iso8859-1": charmap.ISO8859_1,
	"koi8-r":    charmap.KOI8R,
	"gb18030":   simplifiedchinese.GB18030,
	"shift_jis": japanese.ShiftJIS,
	"utf-16":    unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM),
}

// mark is the only character of s, or 0.
func mark(s string) rune {
	if s == "" {
		return 0
	}
	return []rune(s)[0]
}

// TestCSVMatchesPandas reads the files that pandas read, with the same settings.
func TestCSVMatchesPandas(t *testing.T) {
	cases := golden.Load[[]struct {
		Name, File, Encoding, Comma string
		SkipSpace                   bool
		Comment, Decimal, Thousands string
		Names                       []string
		Columns                     []struct {
			Floats  []*float64
			Strings []string
		}
	}](t, "testdata/csvoptions.json")
	if len(cases) != 13 {
		t.Errorf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			file, err := base64.StdEncoding.DecodeString(c.File)
			if err != nil {
				t.Fatal(err)
			}
			code, ok := encodings[c.Encoding]
			if !ok {
				t.Fatalf("there is no encoding %q", c.Encoding)
			}
			settings := preprocess.NewCSV()
			settings.Comma, settings.SkipSpace, settings.Comment = mark(c.Comma), c.SkipSpace, mark(c.Comment)
			settings.Decimal, settings.Thousands, settings.Encoding = mark(c.Decimal), mark(c.Thousands), code
			for kind, table := range map[string]*preprocess.Table{
				"whole": must(settings.Read(strings.NewReader(string(file)))),
				"bytes": must(settings.Read(iotest.OneByteReader(strings.NewReader(string(file))))),
			} {
				if !slices.Equal(table.Names(), c.Names) {
					t.Fatalf("%s: columns %q, want %q", kind, table.Names(), c.Names)
				}
				for j, column := range c.Columns {
					if column.Strings != nil {
						if got := must(table.Strings(c.Names[j])); !slices.Equal(got, column.Strings) {
							t.Errorf("%s: column %q is %q, want %q", kind, c.Names[j], got, column.Strings)
						}
						continue
					}
					got, err := table.Float(c.Names[j])
					if err != nil || len(got) != len(column.Floats) {
						t.Fatalf("%s: column %q is %v, error %v", kind, c.Names[j], got, err)
					}
					for i, want := range column.Floats {
						if want == nil != math.IsNaN(got[i]) || want != nil && got[i] != *want {
							t.Errorf("%s: column %q, row %d is %v, want %v", kind, c.Names[j], i, got[i], want)
						}
					}
				}
			}
		})
	}
}

// read is Read with settings that change those of NewCSV.
func read(text string, set func(*preprocess.CSV)) (*preprocess.Table, error) {
	c := preprocess.NewCSV()
	set(&c)
	return c.Read(strings.NewReader(text))
}

func german(c *preprocess.CSV) { c.Comma, c.Decimal, c.Thousands = ';', ',', '.' }

func TestMarksInNumbers(t *testing.T) {
	for text, want := range map[string]float64{
		"1,5": 1.5, "-1.234,5": -1234.5, "+12.345.678": 12345678, "1.234e2": 123400, "1,5E-1": 0.15, " 7 ": 7, "inf": math.Inf(1), "NA": math.NaN(), ",5": 0.5,
		"1.5": -1, "1.2345": -1, "1234.567": -1, "1,234.5": -1, "1,2,3": -1, "1.0e0.000": -1, ".234": -1, "1..234": -1, "a": -1, "1,": 1,
	} {
		table, err := read("a;b\n"+text+";x\n", german)
		if err != nil {
			t.Fatal(err)
		}
		got, err := table.Float("a")
		if want == -1 {
			if err == nil || err.Error() != fmt.Sprintf(`preprocess: line 2, column "a": %q is not a number with the decimal mark ','`, text) {
				t.Errorf("%q is %v, error %v", text, got, err)
			}
			continue
		}
		if err != nil || got[0] != want && !(math.IsNaN(want) && math.IsNaN(got[0])) {
			t.Errorf("%q is %v, error %v, want %v", text, got, err, want)
		}
	}

	// The marks go with the table, and texts remain as they are.
	table, err := read("Preis;Ort\n1.000,5;1,5 km\n2;x\n", german)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.AddFloats("half", []float64{0.5, 1e300}); err != nil {
		t.Fatal(err)
	}
	part := table.Rows([]int{1, 0})
	x, err := part.Matrix("Preis", "half")
	if err != nil || x.At(0, 0) != 2 || x.At(1, 0) != 1000.5 || x.At(0, 1) != 1e300 || x.At(1, 1) != 0.5 {
		t.Errorf("matrix %v, error %v", x, err)
	}
	if got := must(part.Strings("Ort")); got[1] != "1,5 km" {
		t.Errorf("texts are %q", got)
	}
}

func TestCommentsAndSpaces(t *testing.T) {
	hash := func(c *preprocess.CSV) { c.Comment = '#' }
	for name, c := range map[string]struct {
		text string
		set  func(*preprocess.CSV)
		want [][]string
	}{
		"within a line":         {"a,b\n1,x # y\n2,#\n", hash, [][]string{{"1", "x # y"}, {"2", "#"}}},
		"within quotes":         {"a,b\n1,\"x\n# y\"\n", hash, [][]string{{"1", "x\n# y"}}},
		"quotes in a comment":   {"# don\"t\na,b\r# \"\r1,\"x\ry\"\r", hash, [][]string{{"1", "x\ry"}}},
		"of several bytes":      {"a→b\n§ 1→2\n1→2\n", func(c *preprocess.CSV) { c.Comma, c.Comment, c.SkipSpace = '→', '§', true }, [][]string{{"1", "2"}}},
		"spaces, several bytes": {"a→ b\n 1→  2\n", func(c *preprocess.CSV) { c.Comma, c.SkipSpace = '→', true }, [][]string{{"1", "2"}}},
		"only spaces":           {"a,b\n  \n1, 2\n", func(c *preprocess.CSV) { c.SkipSpace = true }, [][]string{{"1", "2"}}},
		"spaces for commas":     {"a b\n1 2\n 3\n", func(c *preprocess.CSV) { c.Comma, c.SkipSpace = ' ', true }, [][]string{{"1", "2"}, {"", "3"}}},
		"marked":                {"\ufeff# x\na,b\n1,2\n", hash, [][]string{{"1", "2"}}},
	} {
		table, err := read(c.text, c.set)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if rows := must(table.Text()); !slices.EqualFunc(rows, c.want, slices.Equal) {
			t.Errorf("%s: rows %q, want %q", name, rows, c.want)
		}
	}
}

func TestCSVOptionErrors(t *testing.T) {
	euro := func(c *preprocess.CSV) { c.Encoding = charmap.Windows1252 }
	for name, c := range map[string]struct {
		text string
		set  func(*preprocess.CSV)
		want string
	}{
		"not Windows 1252":   {"a\nx\n\x81\n", euro, "preprocess: reading CSV: line 3 has bytes that are not Windows 1252: is that the encoding of the file?"},
		"not Shift JIS":      {"a\n\xff\n", func(c *preprocess.CSV) { c.Encoding = japanese.ShiftJIS }, "line 2 has bytes that are not Shift JIS"},
		"not UTF-8":          {"a\n" + strings.Repeat("x\n", 5000) + "\xff\n", func(c *preprocess.CSV) { c.Encoding = unicode.UTF8 }, "line 5002 has bytes that are not UTF-8"},
		"no byte order mark": {"a\n", func(c *preprocess.CSV) { c.Encoding = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM) }, "missing byte order mark"},
		"UTF-16 unsaid":      {"\xff\xfea\x00", func(c *preprocess.CSV) {}, "the text is UTF-16: set CSV's Encoding to unicode.UTF16"},
		"Latin 1 unsaid":     {"a\n\xe9\n", func(c *preprocess.CSV) {}, `line 2, column "a" is not UTF-8: set CSV's Encoding`},
		"comments":           {"a\n", func(c *preprocess.CSV) { c.Comment = ',' }, "CSV's Comment is ','"},
		"decimal":            {"a\n", func(c *preprocess.CSV) { c.Decimal = 'e' }, "CSV's Decimal is 'e', which is no mark"},
		"thousands":          {"a\n", func(c *preprocess.CSV) { c.Thousands = '-' }, "CSV's Thousands is '-'"},
		"both":               {"a\n", func(c *preprocess.CSV) { c.Thousands = '.' }, "CSV's Decimal and Thousands are both '.'"},
		"lines are counted":  {"# c\na,b\n# c\n\n1, 2\n# c\n1\n", func(c *preprocess.CSV) { c.Comment, c.SkipSpace = '#', true }, "line 7"},
	} {
		if _, err := read(c.text, c.set); err == nil || !strings.HasPrefix(err.Error(), "preprocess: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	table, err := read("# c\na\n\n# c\nx\n", func(c *preprocess.CSV) { c.Comment = '#' })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Float("a"); err == nil || !strings.Contains(err.Error(), "line 5,") {
		t.Errorf("error %v, want line 5", err)
	}
}

// FuzzCSVOptions: with comments and spaces that do not occur, and in an encoding
// that has no other bytes, a file reads as without them.
func FuzzCSVOptions(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "\"a\"\"\",b\r1,\"x\ry\"\r\n", "a\n\n\nb\"c\n", "\ufeffa;b\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\x01\uFFFD") || strings.HasPrefix(text, "\ufeff\ufeff") {
			return
		}
		plain, err := preprocess.ReadCSV(strings.NewReader(text))
		table, err2 := read(text, func(c *preprocess.CSV) { c.Comment, c.Encoding = 1, unicode.UTF8 })
		if err != nil && err2 == nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil || err2 != nil {
			return // bytes that are not UTF-8 are seen earlier
		}
		a, b := must(plain.Text()), must(table.Text())
		if !slices.Equal(plain.Names(), table.Names()) || !slices.EqualFunc(a, b, slices.Equal) {
			t.Errorf("%q: %q %q, without options %q %q", text, table.Names(), b, plain.Names(), a)
		}
	})
}
