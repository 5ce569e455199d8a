package preprocess_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

func TestEncodersOfStringsInvert(t *testing.T) {
	rows := [][]string{{"red", "S"}, {"blue", "M"}, {"red", "L"}}
	later := [][]string{{"blue", "S"}, {"violet", "M"}}
	type encoder interface {
		preprocess.StringTransformer
		InverseStrings(mat.Matrix) ([][]string, error)
	}
	for name, c := range map[string]struct {
		e    encoder
		back string // what violet comes back as
	}{
		"one-hot":        {&preprocess.OneHotEncoder{IgnoreUnknown: true}, ""},
		"one-hot, first": {&preprocess.OneHotEncoder{IgnoreUnknown: true, Drop: preprocess.DropFirst}, "blue"},
		"ordinal":        {&preprocess.OrdinalEncoder{EncodeUnknown: true, UnknownValue: -1}, ""},
	} {
		if _, err := c.e.InverseStrings(mat.NewDense(1, 1, nil)); !errors.Is(err, preprocess.ErrNotFitted) {
			t.Errorf("%s: InverseStrings before Fit: %v", name, err)
		}
		if err := c.e.FitStrings(rows); err != nil {
			t.Fatal(err)
		}
		for _, in := range [][][]string{rows, later} {
			x, err := c.e.TransformStrings(in)
			if err != nil {
				t.Fatal(err)
			}
			back, err := c.e.InverseStrings(x)
			want := slices.Clone(in)
			if len(in) == 2 {
				want[1] = []string{c.back, "M"}
			}
			if err != nil || !slices.EqualFunc(back, want, slices.Equal) {
				t.Errorf("%s: %q came back as %q, %v", name, in, back, err)
			}
		}
	}
}

func TestEncodersOfNumbersInvertUnknown(t *testing.T) {
	x, later := mat.NewDense(2, 1, []float64{4, 7}), mat.NewDense(1, 1, []float64{5})
	for _, e := range []preprocess.Inverter{
		&preprocess.OneHotEncoder{IgnoreUnknown: true}, &preprocess.OrdinalEncoder{EncodeUnknown: true, UnknownValue: -1},
	} {
		if err := e.Fit(x); err != nil {
			t.Fatal(err)
		}
		y, err := e.Transform(later)
		if err != nil {
			t.Fatal(err)
		}
		back, err := e.Inverse(y)
		if err != nil || !math.IsNaN(back.At(0, 0)) {
			t.Errorf("%T: an unknown category came back as %v, %v", e, back, err)
		}
	}
}

func TestEncoderErrors(t *testing.T) {
	rows := [][]string{{"a", "x"}, {"b", "x"}}
	x := mat.NewDense(2, 2, []float64{1, 2, 3, 2})
	fitted := func(e interface {
		FitStrings([][]string) error
	}, r [][]string) {
		if err := e.FitStrings(r); err != nil {
			t.Fatal(err)
		}
	}
	var hot, hotNumbers preprocess.OneHotEncoder
	var ord, ordNumbers preprocess.OrdinalEncoder
	fitted(&hot, rows)
	fitted(&ord, rows)
	if err := errors.Join(hotNumbers.Fit(x), ordNumbers.Fit(x)); err != nil {
		t.Fatal(err)
	}
	one := preprocess.OneHotEncoder{Drop: preprocess.DropFirst}
	fitted(&one, [][]string{{"a"}})
	levels := [][]string{{"a", "c"}, nil}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"unknown string":          {second(hot.TransformStrings([][]string{{"a", "x"}, {"a", "y"}})), `row 1, column 1 is "y"`},
		"unknown code":            {second(ordNumbers.Transform(mat.NewDense(1, 2, []float64{9, 2}))), "row 0, column 0 is 9"},
		"unknown string, ordinal": {second(ord.TransformStrings([][]string{{"c", "x"}})), `row 0, column 0 is "c"`},
		"missing field":           {second(hot.TransformStrings([][]string{{"a"}})), "row 0 has 1 columns, want 2"},
		"ragged rows":             {new(preprocess.OneHotEncoder).FitStrings([][]string{{"a"}, {"b", "c"}}), "row 1 has 2 columns, want 1"},
		"no rows":                 {new(preprocess.OrdinalEncoder).FitStrings(nil), "without rows"},
		"no rows later":           {second(hot.TransformStrings(nil)), "no rows"},
		"no rows, ordinal":        {second(ord.TransformStrings(nil)), "no rows"},
		"not UTF-8":               {new(preprocess.OneHotEncoder).FitStrings([][]string{{"\xff"}}), "row 0, column 0 is not valid UTF-8"},
		"not fitted":              {second(new(preprocess.OneHotEncoder).TransformStrings(rows)), "not fitted"},
		"not fitted, ordinal":     {second(new(preprocess.OrdinalEncoder).TransformStrings(rows)), "not fitted"},
		"numbers for strings":     {second(hot.Transform(x)), "use TransformStrings"},
		"strings for numbers":     {second(ordNumbers.TransformStrings(rows)), "use Transform"},
		"inverse":                 {second(hot.Inverse(x)), "use InverseStrings"},
		"inverse strings":         {second(hotNumbers.InverseStrings(x)), "use Inverse"},
		"ordinal inverse":         {second(ord.Inverse(x)), "use InverseStrings"},
		"ordinal inverse strings": {second(ordNumbers.InverseStrings(x)), "use Inverse"},
		"no such code":            {second(ord.InverseStrings(x)), "row 0, column 1 is 2"},
		"fractional code":         {second(ordNumbers.Inverse(mat.NewDense(1, 2, []float64{0.5, 0}))), "0.5"},
		"no category":             {second(hotNumbers.Inverse(mat.NewDense(1, 3, nil))), "row 0 has no category for feature 0"},
		"no category, strings":    {second(hot.InverseStrings(mat.NewDense(1, 3, nil))), "row 0 has no category"},
		"nothing left":            {second(one.TransformStrings([][]string{{"a"}})), "no column is left"},
		"level missing":           {(&preprocess.OneHotEncoder{Levels: levels}).FitStrings(rows), `"b"`},
		"level missing, ordinal":  {(&preprocess.OrdinalEncoder{Levels: levels}).FitStrings(rows), `"b"`},
		"level twice":             {(&preprocess.OrdinalEncoder{Levels: [][]string{{"a", "a"}, nil}}).FitStrings(rows), "twice"},
		"levels of one column":    {(&preprocess.OrdinalEncoder{Levels: [][]string{{"a", "b"}}}).FitStrings(rows), "Levels for 1 columns, x has 2"},
		"value is a code":         {(&preprocess.OrdinalEncoder{EncodeUnknown: true}).FitStrings(rows), "UnknownValue 0"},
		"value is a code, matrix": {(&preprocess.OrdinalEncoder{EncodeUnknown: true}).Fit(x), "UnknownValue 0"},
		"value is NaN":            {(&preprocess.OrdinalEncoder{EncodeUnknown: true, UnknownValue: math.NaN()}).Fit(x), "NaN"},
		"value is NaN, strings":   {(&preprocess.OrdinalEncoder{EncodeUnknown: true, UnknownValue: math.NaN()}).FitStrings(rows), "NaN"},
		"drop":                    {(&preprocess.OneHotEncoder{Drop: "x"}).Fit(x), "Drop"},
		"drop, strings":           {(&preprocess.OneHotEncoder{Drop: "x"}).FitStrings(rows), "Drop"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) || !strings.HasPrefix(c.err.Error(), "preprocess: ") {
			t.Errorf("%s: error is %v, want one with %s", name, c.err, c.says)
		}
	}
}
