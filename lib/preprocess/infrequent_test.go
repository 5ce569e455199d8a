package preprocess_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/preprocess"
)

func TestInfrequentMatchesScikitLearn(t *testing.T) {
	g := golden.Load[struct {
		Rows, Later [][]string
		Cases       []struct {
			MinFrequency, MaxCategories int
			Drop                        preprocess.Drop
			Out, Later                  table
			Names                       []string
		}
	}](t, "testdata/infrequent.json")
	for _, c := range g.Cases {
		for _, dense := range []bool{false, true} {
			name := fmt.Sprintf("frequency %d, categories %d, drop %q, dense %t", c.MinFrequency, c.MaxCategories, c.Drop, dense)
			e := &preprocess.OneHotEncoder{Drop: c.Drop, IgnoreUnknown: true, Dense: dense, MinFrequency: c.MinFrequency, MaxCategories: c.MaxCategories}
			if err := e.FitStrings(g.Rows); err != nil {
				t.Fatal(err)
			}
			for later, want := range map[bool]table{false: c.Out, true: c.Later} {
				rows := g.Rows
				if later {
					rows = g.Later
				}
				got, err := e.TransformStrings(rows)
				if err != nil {
					t.Fatal(name, err)
				}
				closeMatrix(t, name, got, want.dense(), 0)
			}
			names, err := e.FeatureNames([]string{"town", "kind"})
			if err != nil || !slices.Equal(names, c.Names) {
				t.Errorf("%s: names are %q, %v, want %q", name, names, err, c.Names)
			}
			var file bytes.Buffer
			if err := preprocess.Save(&file, e); err != nil {
				t.Fatal(err)
			}
			back, err := preprocess.Load[*preprocess.OneHotEncoder](&file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := back.TransformStrings(g.Later)
			if err != nil {
				t.Fatal(err)
			}
			closeMatrix(t, name+", loaded", got, c.Later.dense(), 0)
		}
	}
}

// Numbers are pooled as strings are, and what is in the pool has no name to go back to.
func TestInfrequentNumbers(t *testing.T) {
	x := mat.NewDense(6, 1, []float64{1, 1, 2, 3, 3, 4})
	e := &preprocess.OneHotEncoder{Dense: true, MinFrequency: 2, IgnoreUnknown: true}
	got, err := preprocess.FitTransform(e, x)
	if err != nil {
		t.Fatal(err)
	}
	closeMatrix(t, "numbers", got, mat.NewDense(6, 3, []float64{1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1}), 0)
	back, err := e.Inverse(got)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1, 1, math.NaN(), 3, 3, math.NaN()} {
		if v := back.At(i, 0); v != want && !(math.IsNaN(v) && math.IsNaN(want)) {
			t.Errorf("row %d goes back to %g, want %g", i, v, want)
		}
	}
	if err := e.Fit(mat.NewDense(4, 1, []float64{1, 1, 2, 2})); err != nil || e.Infrequent != nil {
		t.Errorf("fitted again, without an infrequent category: %v, %v", e.Infrequent, err)
	}
}

func TestInfrequentIsChecked(t *testing.T) {
	for want, e := range map[string]*preprocess.OneHotEncoder{
		"MinFrequency is -1":   {MinFrequency: -1},
		"MaxCategories 1":      {MaxCategories: 1},
		"of 2 columns":         {Categories: preprocess.Categories{Numbers: [][]float64{{1}}}, Infrequent: [][]int{{0}, {0}}},
		"category 1 of column": {Categories: preprocess.Categories{Numbers: [][]float64{{1}}}, Infrequent: [][]int{{1}}},
	} {
		if err := e.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate gives %v, want an error with %q", err, want)
		}
	}
	e := &preprocess.OneHotEncoder{MinFrequency: 2}
	if err := e.FitStrings([][]string{{"a"}, {"a"}, {"b"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.TransformStrings([][]string{{"c"}}); err == nil {
		t.Error("an unknown category is no error, though IgnoreUnknown is false")
	}
}

// Categories are the same whatever stands for a missing cell, and whatever space is around them.
func TestTableCategories(t *testing.T) {
	read := func(text string) *preprocess.Table {
		table, err := preprocess.ReadCSV(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	table := read("city,n\nBern,1\n\" Bern \",2\nNA,3\n,4\n?,5\n")
	rows, err := table.Categories("city")
	if want := [][]string{{"Bern"}, {"Bern"}, {""}, {""}, {""}}; err != nil || !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("the categories are %q, %v, want %q", rows, err, want)
	}
	if _, err := table.Categories("town"); err == nil {
		t.Error("a column that is not there is no error")
	}
	tt := &preprocess.TableTransformer{Parts: []preprocess.TablePart{{Columns: []string{"city"}, Strings: &preprocess.OneHotEncoder{Dense: true}, Clean: true}}}
	if err := tt.Fit(table); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := preprocess.Save(&file, tt); err != nil {
		t.Fatal(err)
	}
	loaded, err := preprocess.Load[*preprocess.TableTransformer](&file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := loaded.Transform(read("city\nNULL\n Bern\n"))
	if err != nil {
		t.Fatal(err)
	}
	closeMatrix(t, "cleaned", got, mat.NewDense(2, 2, []float64{1, 0, 0, 1}), 0)
}

func TestStratifiedGroupsMatchScikitLearn(t *testing.T) {
	cases := golden.Load[[]struct {
		K              int
		Labels, Groups []int
		Tests          [][]int
	}](t, "testdata/stratifiedgroups.json")
	for _, c := range cases {
		folds, err := preprocess.StratifiedGroupKFoldInOrder(c.Labels, c.Groups, c.K)
		if err != nil {
			t.Fatal(err)
		}
		for f, fold := range folds {
			if !slices.Equal(fold.Test, c.Tests[f]) {
				t.Errorf("%d folds: fold %d tests %v, want %v", c.K, f, fold.Test, c.Tests[f])
			}
		}
		shuffled, err := preprocess.StratifiedGroupKFold(c.Labels, c.Groups, c.K, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := preprocess.StratifiedGroupKFold(c.Labels, c.Groups, c.K, 1)
		seen := make([]int, len(c.Labels))
		for f, fold := range shuffled {
			groups := map[int]bool{}
			for _, i := range fold.Test {
				seen[i]++
				groups[c.Groups[i]] = true
			}
			for _, i := range fold.Train {
				if groups[c.Groups[i]] {
					t.Errorf("group %d is on both sides of fold %d", c.Groups[i], f)
				}
			}
			if !slices.Equal(fold.Test, again[f].Test) {
				t.Errorf("the same seed gives other folds")
			}
		}
		if slices.Max(seen) != 1 || slices.Min(seen) != 1 {
			t.Errorf("not every row is tested once: %v", seen)
		}
	}
}

func TestStratifiedGroupErrors(t *testing.T) {
	for name, f := range map[string]func() ([]preprocess.Fold, error){
		"lengths": func() ([]preprocess.Fold, error) { return preprocess.StratifiedGroupKFold([]int{1, 2}, []int{1}, 2, 1) },
		"NaN": func() ([]preprocess.Fold, error) {
			return preprocess.StratifiedGroupKFoldInOrder([]float64{1, math.NaN()}, []int{1, 2}, 2)
		},
		"groups": func() ([]preprocess.Fold, error) {
			return preprocess.StratifiedGroupKFoldInOrder([]int{1, 1, 1}, []int{1, 2, 2}, 3)
		},
		"labels": func() ([]preprocess.Fold, error) {
			return preprocess.StratifiedGroupKFoldInOrder([]int{1, 2, 3}, []int{1, 2, 3}, 2)
		},
		"one fold": func() ([]preprocess.Fold, error) {
			return preprocess.StratifiedGroupKFoldInOrder([]int{1, 1}, []int{1, 2}, 1)
		},
	} {
		if folds, err := f(); err == nil || folds != nil {
			t.Errorf("%s: %v, %v, want an error", name, folds, err)
		}
	}
}

func ExampleStratifiedGroupKFold() {
	patients := []string{"Ada", "Ada", "Bo", "Bo", "Cy", "Cy", "Di", "Di"}
	ill := []int{1, 1, 0, 0, 1, 1, 0, 0}
	folds, err := preprocess.StratifiedGroupKFoldInOrder(ill, patients, 2)
	if err != nil {
		panic(err)
	}
	for _, fold := range folds {
		fmt.Println(preprocess.Take(patients, fold.Test), preprocess.Take(ill, fold.Test))
	}
	// Output:
	// [Ada Ada Di Di] [1 1 0 0]
	// [Bo Bo Cy Cy] [0 0 1 1]
}

func TestTableReplace(t *testing.T) {
	table, err := preprocess.ReadCSV(strings.NewReader("a,b\n1,x\nNA,y\n"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := table.Replace("a", []string{"NA", "3"})
	if err != nil {
		t.Fatal(err)
	}
	for want, from := range map[float64]*preprocess.Table{1: table, 3: other} {
		a, err := from.Float("a")
		if err != nil || a[0] != want && a[1] != want || !math.IsNaN(a[0]) && !math.IsNaN(a[1]) {
			t.Errorf("column a is %v, %v", a, err)
		}
		if b, err := from.Strings("b"); err != nil || !slices.Equal(b, []string{"x", "y"}) {
			t.Errorf("column b is %q, %v", b, err)
		}
	}
	if _, err := table.Replace("a", []string{"1"}); err == nil {
		t.Error("a short column is no error")
	}
	if _, err := table.Replace("c", []string{"1", "2"}); err == nil {
		t.Error("a column that is not there is no error")
	}
}
