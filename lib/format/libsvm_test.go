package format_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/sparse"
)

func TestLibSVMAgainstScikitLearn(t *testing.T) {
	cases := golden.Load[[]struct {
		Name, Text     string
		Columns        int
		Base           format.Base
		Shape          [2]int
		Ptr, Cols      []int
		Values, Labels []float64
		Queries        []int
	}](t, "testdata/libsvm.json")
	if len(cases) != 7 {
		t.Errorf("%d cases", len(cases))
	}
	for _, c := range cases {
		for kind, r := range map[string]func() *format.LibSVM{
			"whole": func() *format.LibSVM {
				f, err := format.ReadLibSVM(strings.NewReader(c.Text), len(c.Values), format.LibSVMOptions{Columns: c.Columns, Base: c.Base})
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				return f
			},
			"bytes, written and read": func() *format.LibSVM {
				f, err := format.ReadLibSVM(iotest.OneByteReader(strings.NewReader(c.Text)), len(c.Values), format.LibSVMOptions{Columns: c.Columns, Base: c.Base})
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				return written(t, f, c.Base)
			},
		} {
			f := r()
			rows, cols := f.X.Dims()
			if [2]int{rows, cols} != c.Shape || !slices.Equal(f.X.Ptr, c.Ptr) || !slices.Equal(f.X.Cols, c.Cols) || !slices.Equal(f.X.Values, c.Values) {
				t.Errorf("%s, %s: %d×%d, %v %v %v", c.Name, kind, rows, cols, f.X.Ptr, f.X.Cols, f.X.Values)
			}
			if !slices.Equal(f.Labels, c.Labels) || !slices.Equal(f.Queries, c.Queries) {
				t.Errorf("%s, %s: labels %v, queries %v", c.Name, kind, f.Labels, f.Queries)
			}
		}
	}
}

// written is f after it was written and read.
func written(t testing.TB, f *format.LibSVM, base format.Base) *format.LibSVM {
	t.Helper()
	var file bytes.Buffer
	if err := format.WriteLibSVM(&file, f, format.LibSVMOptions{Base: base}); err != nil {
		t.Fatal(err)
	}
	if base == format.AutoBase {
		base = format.OneBased
	}
	_, columns := f.X.Dims()
	again, err := format.ReadLibSVM(&file, f.X.NNZ(), format.LibSVMOptions{Columns: columns, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestLibSVMErrors(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		opt  format.LibSVMOptions
		want string
	}{
		"several labels":  {"1 1:1\n1,3 2:0.5\n", format.LibSVMOptions{}, "format: LibSVM: line 2: the sample has 2 labels, want one: make a file for each label"},
		"no label":        {"1:1\n", format.LibSVMOptions{}, "line 1: the sample has no label"},
		"bad label":       {"# c\n\nyes 1:1\n", format.LibSVMOptions{}, "line 3: label: "},
		"falling":         {"1 2:1 2:1\n", format.LibSVMOptions{}, "line 1: index 2 follows 2: indices must rise"},
		"no colon":        {"1 2\n", format.LibSVMOptions{}, "no colon"},
		"negative index":  {"1 -2:1\n", format.LibSVMOptions{}, "the index is not an integer"},
		"NaN":             {"1 2:nan\n", format.LibSVMOptions{}, "line 1: index 2"},
		"one query":       {"1 qid:3 1:1\n1 1:1\n", format.LibSVMOptions{}, "line 2: some samples have a query (qid:) and some have none"},
		"another query":   {"1 1:1\n1 qid:3 1:1\n", format.LibSVMOptions{}, "line 2: some samples have a query"},
		"bad query":       {"1 qid:a 1:1\n", format.LibSVMOptions{}, "the query is not an integer"},
		"index 0":         {"1 1:1\n1 0:1\n", format.LibSVMOptions{Base: format.OneBased}, "the index 0 occurs"},
		"too many from 1": {"1 1:1\n1 4:1\n1 2:1\n", format.LibSVMOptions{Columns: 3}, "line 2: the index 4 is column 4, want at most 3"},
		"too many from 0": {"1 3:1\n", format.LibSVMOptions{Columns: 3, Base: format.ZeroBased}, "line 1: the index 3 is column 4, want at most 3"},
		"limit":           {"1 1:1\n" + strings.Repeat("1 1:1 2:1\n", 10), format.LibSVMOptions{}, "line 4: more features than the allowed 6"},
		"columns":         {"", format.LibSVMOptions{Columns: -1}, "-1 columns"},
		"base":            {"", format.LibSVMOptions{Base: 3}, "base 3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := format.ReadLibSVM(strings.NewReader(c.text), 6, c.opt)
			wantError(t, err, c.want)
		})
	}
	_, err := format.ReadLibSVM(failing{}, 6, format.LibSVMOptions{})
	if !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v, want that of the reader", err)
	}
	f, err := format.ReadLibSVM(strings.NewReader("# nothing\n"), 0, format.LibSVMOptions{})
	if err != nil || len(f.Labels) != 0 || f.X.NNZ() != 0 {
		t.Errorf("an empty file is %v, error %v", f, err)
	}

	x := sparse.FromDense(mat.NewDense(2, 2, []float64{1, 0, 0, 2}))
	nan := sparse.FromDense(mat.NewDense(2, 2, []float64{1, 0, 0, math.NaN()}))
	for want, f := range map[string]*format.LibSVM{
		"3 labels and 0 queries for 2 rows":     {X: x, Labels: []float64{1, 2, 3}},
		"2 labels and 1 queries for 2 rows":     {X: x, Labels: []float64{1, 2}, Queries: []int{1}},
		"the label of row 1 is NaN":             {X: x, Labels: []float64{1, math.NaN()}},
		"row 1, column 1 is NaN, which the for": {X: nan, Labels: []float64{1, 2}},
	} {
		wantError(t, format.WriteLibSVM(&bytes.Buffer{}, f, format.LibSVMOptions{}), want)
	}
	wantError(t, format.WriteLibSVM(fullDisk{}, &format.LibSVM{X: x, Labels: []float64{1, 2}}, format.LibSVMOptions{}), "format: LibSVM: ")
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, os.ErrClosed }

// A file with a large index takes no more memory than one with small ones.
func TestLibSVMLargeIndex(t *testing.T) {
	const most = 1<<31 - 2
	f, err := format.ReadLibSVM(strings.NewReader("1 1:1 2147483646:inf\n"), 2, format.LibSVMOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, cols := f.X.Dims(); cols != most || f.X.Cols[1] != most-1 || !math.IsInf(f.X.Values[1], 1) {
		t.Errorf("%d columns, %v %v", cols, f.X.Cols, f.X.Values)
	}
	if again := written(t, f, format.OneBased); !reflect.DeepEqual(again, f) {
		t.Errorf("read again it is %v", again)
	}
}

// What is read can be written, and read again as the same.
func FuzzReadLibSVM(f *testing.F) {
	for _, text := range []string{"1 1:2 3:-4e5\n-1 # c\n", "2 qid:3 0:1\n1 qid:4\n", "1,2 1:1", "+inf 7:.5\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := format.ReadLibSVM(strings.NewReader(text), fuzzLimit, format.LibSVMOptions{})
		if err != nil {
			return
		}
		if again := written(t, x, format.ZeroBased); len(x.Labels) > 0 && !reflect.DeepEqual(x.Labels, again.Labels) ||
			!slices.Equal(x.Queries, again.Queries) || !slices.Equal(x.X.Cols, again.X.Cols) || !slices.EqualFunc(x.X.Values, again.X.Values, sameBits) {
			t.Errorf("%q: read again it is %v, was %v", text, again, x)
		}
	})
}
