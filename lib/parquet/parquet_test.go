package parquet_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pq "github.com/parquet-go/parquet-go"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/parquet"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/stream"
)

// A flat is a row of a file.
type flat struct {
	City  string   `parquet:"city,dict"`
	Rooms int32    `parquet:"rooms"`
	Area  *float64 `parquet:"area,optional"`
	Large uint64   `parquet:"large"`
	Lift  bool     `parquet:"lift"`
	Share float32  `parquet:"share"`
	Rent  float64  `parquet:"rent"`
}

func flats(n int) []flat {
	rows := make([]flat, n)
	for i := range rows {
		area := float64(i) / 4
		rows[i] = flat{City: []string{"Bern", "Basel", "Genf"}[i%3], Rooms: int32(i%7) - 3, Area: &area, Large: 1<<63 + uint64(i%2)<<32, Lift: i%2 == 1, Share: 0.25, Rent: 1000 + float64(i)}
	}
	return rows
}

func write[T any](t testing.TB, rows []T) string {
	name := filepath.Join(t.TempDir(), "rows.parquet")
	if err := pq.WriteFile(name, rows, pq.MaxRowsPerRowGroup(300)); err != nil {
		t.Fatal(err)
	}
	return name
}

// rowsOf reads an epoch.
func rowsOf(t *testing.T, source stream.Source) (x, y *mat.Dense, weights []float64, batches int) {
	t.Helper()
	var xs, ys []float64
	cols := 0
	for b, err := range source(1) {
		if err != nil {
			t.Fatal(err)
		}
		n, c := b.X.Dims()
		cols = c
		for i := range n {
			xs, ys = append(xs, mat.Row(nil, i, b.X)...), append(ys, b.Y.RawRowView(i)...)
		}
		weights = append(weights, b.SampleWeights...)
		batches++
	}
	return mat.NewDense(len(ys), cols, xs), mat.NewDense(len(ys), 1, ys), weights, batches
}

func TestFile(t *testing.T) {
	const n = 1000 // in four groups of rows
	all := flats(n)
	file := parquet.File{Name: write(t, all), Part: 77, Features: []string{"rooms", "area", "large", "lift"}, Targets: []string{"rent"}, Weights: "share"}
	x, y, weights, batches := rowsOf(t, file.Batches(128))
	if batches != 8 || len(weights) != n || y.RawMatrix().Rows != n {
		t.Fatalf("%d batches of %d rows with %d weights", batches, y.RawMatrix().Rows, len(weights))
	}
	for i, f := range all {
		lift := 0.0
		if f.Lift {
			lift = 1
		}
		for j, want := range []float64{float64(f.Rooms), *f.Area, float64(f.Large), lift} {
			if x.At(i, j) != want {
				t.Fatalf("row %d, column %d is %v, want %v", i, j, x.At(i, j), want)
			}
		}
		if y.At(i, 0) != f.Rent || weights[i] != 0.25 {
			t.Fatalf("row %d has target %v and weight %v", i, y.At(i, 0), weights[i])
		}
	}

	// Categories, learned by parts.
	encoder := &preprocess.TableTransformer{Parts: []preprocess.TablePart{{Columns: []string{"city"}, Strings: preprocess.NewOneHotEncoder()}, {Columns: []string{"rooms"}, Numbers: preprocess.NewStandardScaler()}}}
	rows := 0
	for table, err := range file.Tables() {
		if err == nil {
			err = encoder.PartialFit(table)
		}
		if err != nil {
			t.Fatal(err)
		}
		rows += table.Len()
	}
	file.Transform, file.Weights = encoder, ""
	if x, _, _, _ := rowsOf(t, file.Batches(100)); rows != n || x.RawMatrix().Cols != 4 || x.At(0, 1) != 1 || x.At(1, 0) != 1 || x.At(2, 2) != 1 {
		t.Errorf("%d rows, encoded as %v", rows, mat.Formatted(x.Slice(0, 3, 0, 4)))
	}

	// All columns but the target; a missing number.
	few := []struct {
		A *float64 `parquet:"a,optional"`
		Y float64  `parquet:"y"`
	}{{nil, 1}, {new(float64), 2}}
	x, _, _, _ = rowsOf(t, parquet.File{Name: write(t, few), Targets: []string{"y"}}.Batches(9))
	if !math.IsNaN(x.At(0, 0)) || x.At(1, 0) != 0 {
		t.Errorf("a missing number is read as %v", x.At(0, 0))
	}
}

func TestErrors(t *testing.T) {
	name := write(t, flats(5))
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short.parquet")
	if err := os.WriteFile(short, whole[:len(whole)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	for part, f := range map[string]parquet.File{
		"Targets is not set":        {Name: name},
		"there is no column \"z\"":  {Name: name, Targets: []string{"z"}},
		"there is no column \"w\"":  {Name: name, Targets: []string{"rent"}, Weights: "w"},
		"column \"city\" has texts": {Name: name, Targets: []string{"rent"}},
		"none.parquet":              {Name: "none.parquet"},
		"short.parquet":             {Name: short},
		"no column is left":         {Name: write(t, []struct{ Y float64 }{{1}}), Targets: []string{"Y"}},
		"is nested or a list":       {Name: write(t, []struct{ X []float64 }{{[]float64{1}}}), Targets: []string{"X"}},
		"want numbers or texts":     {Name: write(t, []struct{ X time.Time }{{time.Unix(0, 0)}}), Targets: []string{"X"}},
		"no parts":                  {Name: name, Targets: []string{"rent"}, Transform: &preprocess.TableTransformer{}},
	} {
		var last error
		for _, err := range f.Batches(2)(1) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), part) {
			t.Errorf("%q: error %v", part, last)
		}
	}
	for _, err := range (parquet.File{Name: short}).Tables() {
		if err == nil {
			t.Error("a file that ends early has rows")
		}
	}
}

func ExampleFile() {
	dir, err := os.MkdirTemp("", "parquet")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "flats.parquet")
	type row struct{ Rooms, Rent float64 }
	if err := pq.WriteFile(name, []row{{1, 900}, {2, 1300}, {3, 1700}}); err != nil {
		fmt.Println(err)
		return
	}
	file := parquet.File{Name: name, Targets: []string{"Rent"}}
	for b, err := range file.Batches(2)(1) {
		fmt.Println(mat.Col(nil, 0, b.X), mat.Col(nil, 0, b.Y), err)
	}
	// Output:
	// [1 2] [900 1300] <nil>
	// [3] [1700] <nil>
}

// TestPyArrow reads files that pyarrow wrote, in three compressions, by testdata/rows.py.
func TestPyArrow(t *testing.T) {
	text, err := os.ReadFile("testdata/rows.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	numbers := []string{"double", "single", "long", "short", "byte", "flag"}
	for _, compression := range []string{"snappy", "zstd", "gzip"} {
		file := parquet.File{Name: "testdata/rows." + compression + ".parquet", Part: 50, Features: numbers, Targets: []string{"double"}}
		x, _, _, _ := rowsOf(t, file.Batches(30))
		for j, name := range numbers {
			for i, v := range want[name] {
				number, there := v.(float64)
				if got := x.At(i, j); there && got != number || !there && !math.IsNaN(got) {
					t.Errorf("%s: row %d of %s is %v, want %v", compression, i, name, got, v)
				}
			}
		}
		row := 0
		for table, err := range file.Tables() {
			if err != nil {
				t.Fatal(err)
			}
			words, err := table.Strings("word")
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range words {
				if word != want["word"][row] {
					t.Errorf("%s: row %d is %q, want %q", compression, row, word, want["word"][row])
				}
				row++
			}
		}
		if row != len(want["word"]) {
			t.Errorf("%s: %d rows, want %d", compression, row, len(want["word"]))
		}
	}
}

// TestPartsKeepTheirRows: the memory of the rows that are decoded is made once for a
// file, and not for each part.
func TestPartsKeepTheirRows(t *testing.T) {
	type pair struct {
		X float64 `parquet:"x"`
		Y float64 `parquet:"y"`
	}
	name := write(t, make([]pair, 2000))
	allocations := func(part int) float64 {
		return testing.AllocsPerRun(3, func() {
			for _, err := range (parquet.File{Name: name, Part: part, Targets: []string{"y"}}).Batches(100)(1) {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if one, many := allocations(2000), allocations(100); many > one+400 {
		t.Errorf("%g allocations for one part, %g for twenty", one, many)
	}
}
