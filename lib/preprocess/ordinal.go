package preprocess

import (
	"fmt"
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/pages"
	"github.com/descent-go/descent/internal/rows"
)

// OrdinalEncoder replaces each category by its place 0, 1, … among the categories
// of its column: in ascending order, or for strings in the order given by Levels
// (such as low, medium, high). Use it for trees, for indices of an embedding, for
// class labels, or where the order has a meaning. A linear model treats the codes
// as quantities: use a [OneHotEncoder] instead.
//
// Like OneHotEncoder it works on a matrix or on rows of strings.
type OrdinalEncoder struct {
	EncodeUnknown bool       // a category not seen in Fit becomes UnknownValue; otherwise it is an error
	UnknownValue  float64    // must not be one of the codes 0, 1, …; NaN is not allowed
	Levels        [][]string // for strings: the categories of each column; nil takes them from the data

	Categories Categories // set by Fit or FitStrings
}

// NewOrdinalEncoder returns an encoder that returns an error for an unknown
// category. Its UnknownValue, used if EncodeUnknown is set, is −1.
func NewOrdinalEncoder() *OrdinalEncoder { return &OrdinalEncoder{UnknownValue: -1} }

// Fit finds the distinct values of each column of x.
func (e *OrdinalEncoder) Fit(x mat.Matrix) error {
	e.Categories = Categories{}
	if err := e.Validate(); err != nil {
		return err
	}
	if err := checkDense("OrdinalEncoder", x); err != nil {
		return err
	}
	c, err := fitNumbers("OrdinalEncoder", x)
	if err != nil {
		return err
	}
	return e.keep(c)
}

// FitStrings finds the distinct strings of each column.
func (e *OrdinalEncoder) FitStrings(rows [][]string) error {
	e.Categories = Categories{}
	if err := e.Validate(); err != nil {
		return err
	}
	c, err := fitStrings("OrdinalEncoder", rows, e.Levels)
	if err != nil {
		return err
	}
	if e.Levels != nil {
		if _, err := c.encodeStrings("OrdinalEncoder", rows, e.EncodeUnknown); err != nil {
			return err
		}
	}
	return e.keep(c)
}

func (e *OrdinalEncoder) keep(c Categories) error {
	fitted := *e
	fitted.Categories = c
	if err := fitted.Validate(); err != nil {
		return err
	}
	e.Categories = c
	return nil
}

func (e *OrdinalEncoder) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := checkDense("OrdinalEncoder", x); err != nil {
		return nil, err
	}
	codes, err := e.Categories.encodeNumbers("OrdinalEncoder", x, e.EncodeUnknown)
	if err != nil {
		return nil, err
	}
	rows, _ := x.Dims()
	return e.encode(rows, codes), nil
}

func (e *OrdinalEncoder) TransformStrings(rows [][]string) (mat.Matrix, error) {
	codes, err := e.Categories.encodeStrings("OrdinalEncoder", rows, e.EncodeUnknown)
	if err != nil {
		return nil, err
	}
	return e.encode(len(rows), codes), nil
}

func (e *OrdinalEncoder) encode(rows int, codes []int32) *mat.Dense {
	out := pages.Dense(rows, len(codes)/rows)
	data := out.RawMatrix().Data
	shareRows(len(data), 1, func(lo, hi int) {
		for k, code := range codes[lo:hi] {
			data[lo+k] = float64(code)
			if code == unknown {
				data[lo+k] = e.UnknownValue
			}
		}
	})
	return out
}

// Inverse returns the categories of codes; UnknownValue becomes NaN.
func (e *OrdinalEncoder) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if e.Categories.Strings != nil {
		return nil, fmt.Errorf("preprocess: OrdinalEncoder was fitted with strings: use InverseStrings")
	}
	if out := e.inverse(y); out != nil {
		return out, nil
	}
	rows, cols := y.Dims()
	var out *mat.Dense
	err := e.decode(y, func(i, j, code int) {
		if out == nil {
			out = pages.Dense(rows, cols)
		}
		out.Set(i, j, e.Categories.number(j, code))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// inverse is Inverse of a matrix of codes and nothing else, on all cores. It
// returns nil for any other.
func (e *OrdinalEncoder) inverse(y mat.Matrix) *mat.Dense {
	m := rows.Of(y)
	n, cols := y.Dims()
	if m.Sparse() != nil || n == 0 || cols == 0 || cols != len(e.Categories.Numbers) {
		return nil
	}
	out := pages.Dense(n, cols)
	var other atomic.Bool
	eachRow(m, func(i int) {
		row := out.RawRowView(i)
		m.Copy(row, i)
		for j, v := range row {
			levels := e.Categories.Numbers[j]
			code := uint(int(v))
			if code >= uint(len(levels)) || float64(code) != v {
				other.Store(true)
				return
			}
			row[j] = levels[code]
		}
	})
	if other.Load() {
		return nil
	}
	return out
}

// InverseStrings is Inverse for an encoder of strings; UnknownValue becomes "".
func (e *OrdinalEncoder) InverseStrings(y mat.Matrix) ([][]string, error) {
	if e.Categories.Numbers != nil {
		return nil, fmt.Errorf("preprocess: OrdinalEncoder was fitted with numbers: use Inverse")
	}
	rows, _ := y.Dims()
	out := make([][]string, rows)
	err := e.decode(y, func(i, j, code int) { out[i] = append(out[i], e.Categories.text(j, code)) })
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (e *OrdinalEncoder) decode(y mat.Matrix, emit func(i, j, code int)) error {
	sizes := e.Categories.sizes()
	if err := checkTransform("OrdinalEncoder", y, len(sizes)); err != nil {
		return err
	}
	rows, _ := y.Dims()
	for i := range rows {
		for j, size := range sizes {
			v := y.At(i, j)
			code := unknown
			switch {
			case v >= 0 && v < float64(size) && v == math.Trunc(v):
				code = int(v)
			case !e.EncodeUnknown || v != e.UnknownValue:
				return fmt.Errorf("preprocess: OrdinalEncoder: row %d, column %d is %v, not one of the codes 0 to %d", i, j, v, size-1)
			}
			emit(i, j, code)
		}
	}
	return nil
}

func (e *OrdinalEncoder) FeatureNames(in []string) ([]string, error) {
	return defaultNames("OrdinalEncoder", in, e.Categories.columns())
}

// Validate returns an error if UnknownValue is not finite or is the code of a
// category, or if categories repeat.
func (e *OrdinalEncoder) Validate() error {
	if v := e.UnknownValue; e.EncodeUnknown {
		if !number.IsFinite(v) {
			return fmt.Errorf("preprocess: OrdinalEncoder: UnknownValue is %v, want a finite number such as -1", v)
		}
		for j, n := range e.Categories.sizes() {
			if v >= 0 && v < float64(n) && v == math.Trunc(v) {
				return fmt.Errorf("preprocess: OrdinalEncoder: UnknownValue %v is the code of a category of column %d: use -1", v, j)
			}
		}
	}
	return e.Categories.validate("OrdinalEncoder")
}
