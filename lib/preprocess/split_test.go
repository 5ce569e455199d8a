package preprocess_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/preprocess"
)

// partition fails the test unless the parts together hold 0 … n−1 once each.
func partition(t *testing.T, n int, parts ...[]int) {
	t.Helper()
	all := slices.Sorted(slices.Values(slices.Concat(parts...)))
	for i := range n {
		if len(all) != n || all[i] != i {
			t.Fatalf("%v are not the rows 0 to %d once each", parts, n-1)
		}
	}
}

func count[T comparable](labels []T, rows []int) map[T]int {
	c := make(map[T]int)
	for _, i := range rows {
		c[labels[i]]++
	}
	return c
}

func TestSplitRandom(t *testing.T) {
	for _, c := range []struct {
		n                       int
		f                       preprocess.Fractions
		train, validation, test int
	}{
		{100, preprocess.Fractions{Test: 0.07}, 93, 0, 7}, // rounding up would make 8
		{10, preprocess.Fractions{Validation: 0.2, Test: 0.3}, 5, 2, 3},
		{3, preprocess.Fractions{Validation: 0.01, Test: 0.01}, 1, 1, 1},
		{5, preprocess.Fractions{}, 5, 0, 0},
	} {
		s, err := preprocess.SplitRandom(c.n, c.f, 1)
		if err != nil {
			t.Fatal(err)
		}
		partition(t, c.n, s.Train, s.Validation, s.Test)
		if len(s.Train) != c.train || len(s.Validation) != c.validation || len(s.Test) != c.test {
			t.Errorf("%d rows, %+v: %d, %d, %d rows, want %d, %d, %d", c.n, c.f, len(s.Train), len(s.Validation), len(s.Test), c.train, c.validation, c.test)
		}
	}
	f := preprocess.Fractions{Test: 0.5}
	a, _ := preprocess.SplitRandom(50, f, 1)
	b, _ := preprocess.SplitRandom(50, f, 1)
	c, _ := preprocess.SplitRandom(50, f, 2)
	if !slices.Equal(a.Test, b.Test) || slices.Equal(a.Test, c.Test) || slices.IsSorted(a.Test) {
		t.Errorf("the split does not follow the seed: %v, %v, %v", a.Test, b.Test, c.Test)
	}
	// The parts may be appended to without writing into each other.
	first := a.Train[0]
	_ = append(a.Test, -1)
	if a.Train[0] != first {
		t.Error("the parts share memory")
	}
}

// All folds of a time series are ranges of one list of rows, however many they are, and
// appending to one leaves the next alone.
func TestTimeSeriesFoldsShareOneList(t *testing.T) {
	split := preprocess.TimeSeriesSplit{Folds: 20}
	if n := testing.AllocsPerRun(5, func() { _, _ = split.Split(1000) }); n > 2 {
		t.Errorf("20 folds need %g allocations, want 1 for the rows and 1 for the folds", n)
	}
	folds, err := split.Split(1000)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = append(folds[0].Train, -1), append(folds[0].Test, -1)
	if folds[0].Test[0] == -1 || folds[1].Test[0] == -1 {
		t.Error("appending to a fold writes into the next list")
	}
}

func TestSplitErrors(t *testing.T) {
	half := preprocess.Fractions{Validation: 0.25, Test: 0.25}
	for name, err := range map[string]error{
		"negative":        second(preprocess.SplitRandom(10, preprocess.Fractions{Test: -0.1}, 1)),
		"nothing left":    second(preprocess.SplitRandom(10, preprocess.Fractions{Validation: 0.5, Test: 0.5}, 1)),
		"too few rows":    second(preprocess.SplitRandom(2, half, 1)),
		"no rows":         second(preprocess.SplitRandom(0, half, 1)),
		"rare label":      second(preprocess.SplitStratified([]string{"a", "a", "a", "a", "b"}, half, 1)),
		"too few labels":  second(preprocess.SplitStratified([]int{1, 1}, half, 1)),
		"too few groups":  second(preprocess.SplitGrouped([]int{1, 1, 1, 2, 2, 2}, half, 1)),
		"too few times":   second(preprocess.SplitByTime([]int{1, 2}, half)),
		"one time":        second(preprocess.SplitByTime([]int{1, 1, 1, 1}, half)),
		"one fold":        second(preprocess.KFoldInOrder(5, 1)),
		"many folds":      second(preprocess.KFoldInOrder(5, 6)),
		"rare labels":     second(preprocess.StratifiedKFoldInOrder([]int{1, 1, 2, 2}, 3)),
		"few groups":      second(preprocess.GroupKFold([]int{1, 1, 2}, 3)),
		"no repeats":      second(preprocess.RepeatedKFold(5, 2, 0, 1)),
		"bad repeats":     second(preprocess.RepeatedKFold(5, 9, 2, 1)),
		"short series":    second(preprocess.TimeSeriesSplit{Folds: 5}.Split(5)),
		"gap of all rows": second(preprocess.TimeSeriesSplit{Folds: 2, Gap: 9}.Split(9)),
		"long test parts": second(preprocess.TimeSeriesSplit{Folds: 2, TestSize: 5}.Split(10)),
		"one time fold":   second(preprocess.TimeSeriesSplit{Folds: 1}.Split(10)),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "preprocess: ") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestSplitStratified(t *testing.T) {
	labels := make([]string, 0, 200)
	for i := range 200 {
		labels = append(labels, []string{"a", "a", "a", "b", "b", "a", "a", "a", "c", "a"}[i%10])
	}
	s, err := preprocess.SplitStratified(labels, preprocess.Fractions{Validation: 0.1, Test: 0.2}, 1)
	if err != nil {
		t.Fatal(err)
	}
	partition(t, 200, s.Train, s.Validation, s.Test)
	for part, c := range map[string]struct {
		rows    []int
		a, b, c int
	}{"train": {s.Train, 98, 28, 14}, "validation": {s.Validation, 14, 4, 2}, "test": {s.Test, 28, 8, 4}} {
		got := count(labels, c.rows)
		if got["a"] != c.a || got["b"] != c.b || got["c"] != c.c {
			t.Errorf("%s has %v, want %d, %d, %d", part, got, c.a, c.b, c.c)
		}
	}
	// 7 of 10 rows, labels 6:4: remainders decide, and the sizes still hold.
	s, err = preprocess.SplitStratified([]int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1}, preprocess.Fractions{Test: 0.3}, 1)
	if err != nil || len(s.Test) != 3 {
		t.Errorf("the test part has %d rows, %v, want 3", len(s.Test), err)
	}
}

func TestSplitGrouped(t *testing.T) {
	groups := []string{"x", "y", "z", "x", "w", "w", "v", "z", "y", "y"}
	s, err := preprocess.SplitGrouped(groups, preprocess.Fractions{Validation: 0.2, Test: 0.4}, 1)
	if err != nil {
		t.Fatal(err)
	}
	partition(t, 10, s.Train, s.Validation, s.Test)
	a, b, c := count(groups, s.Train), count(groups, s.Validation), count(groups, s.Test)
	if len(a) != 2 || len(b) != 1 || len(c) != 2 {
		t.Errorf("the parts have groups %v, %v and %v, want 2, 1 and 2 of them", a, b, c)
	}
}

func TestSplitByTime(t *testing.T) {
	times := []float64{5, 1, 9, 3, 7, 7, 7, 2, 8, 4}
	s, err := preprocess.SplitByTime(times, preprocess.Fractions{Validation: 0.2, Test: 0.3})
	if err != nil {
		t.Fatal(err)
	}
	partition(t, 10, s.Train, s.Validation, s.Test)
	// In order: 1 2 3 4 5 7 7 7 8 9. Three for the test would divide the sevens.
	for part, c := range map[string]struct{ got, want []int }{
		"train": {s.Train, []int{1, 7, 3}}, "validation": {s.Validation, []int{9, 0}}, "test": {s.Test, []int{4, 5, 6, 8, 2}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s is %v, want %v", part, c.got, c.want)
		}
	}
	s, err = preprocess.SplitByTime(times, preprocess.Fractions{Test: 0.1})
	if err != nil || len(s.Validation) != 0 || !slices.Equal(s.Test, []int{2}) {
		t.Errorf("the split is %+v, %v", s, err)
	}
}

func TestShuffledFolds(t *testing.T) {
	labels := make([]int, 60)
	for i := range labels {
		labels[i] = i % 3 / 2 // 40 of 0, 20 of 1
	}
	kinds := map[string]func(seed uint64) ([]preprocess.Fold, error){
		"KFold":           func(seed uint64) ([]preprocess.Fold, error) { return preprocess.KFold(60, 5, seed) },
		"StratifiedKFold": func(seed uint64) ([]preprocess.Fold, error) { return preprocess.StratifiedKFold(labels, 5, seed) },
		"RepeatedKFold":   func(seed uint64) ([]preprocess.Fold, error) { return preprocess.RepeatedKFold(60, 5, 2, seed) },
		"RepeatedStratifiedKFold": func(seed uint64) ([]preprocess.Fold, error) {
			return preprocess.RepeatedStratifiedKFold(labels, 5, 2, seed)
		},
	}
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) {
			a, err := make(1)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := make(1)
			for f := range a {
				partition(t, 60, a[f].Train, a[f].Test)
				if !slices.Equal(a[f].Test, b[f].Test) {
					t.Error("the same seed gives other folds")
				}
				if got := count(labels, a[f].Test)[1]; strings.Contains(name, "Stratified") && got != 4 {
					t.Errorf("fold %d has %d rows of label 1, want 4", f, got)
				}
			}
			for from := 0; from < len(a); from += 5 {
				var parts [][]int
				for _, f := range a[from : from+5] {
					parts = append(parts, f.Test)
				}
				partition(t, 60, parts...)
			}
			if len(a) == 10 && slices.Equal(a[0].Test, a[5].Test) {
				t.Error("the repeats are the same")
			}
			if inOrder, _ := preprocess.KFoldInOrder(60, 5); slices.Equal(a[0].Test, inOrder[0].Test) {
				t.Error("the rows were not shuffled")
			}
		})
	}
}
