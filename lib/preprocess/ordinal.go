package preprocess

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
)

// OrdinalEncoder replaces each category by its place 0, 1, … among the
// categories of its column: in ascending order, or for strings in the order
// given by Levels (such as low, medium, high). Use it for trees, for indices of
// an embedding, for class labels, or where the order means something; a linear
// model takes the codes for quantities, and wants a [OneHotEncoder] instead.
//
// Like OneHotEncoder it works on a matrix or on rows of strings.
type OrdinalEncoder struct {
	EncodeUnknown bool       // a category Fit did not see becomes UnknownValue; otherwise it is an error
	UnknownValue  float64    // must not be one of the codes 0, 1, …; NaN is not allowed
	Levels        [][]string // for strings: the categories of each column, nil for those in the data

	Categories Categories // set by Fit or FitStrings
}

// NewOrdinalEncoder returns an encoder that returns an error for an unknown
// category. Its UnknownValue is −1, should EncodeUnknown be set.
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
	if err := c.encodeStrings("OrdinalEncoder", rows, e.EncodeUnknown, func(i, j, code int) {}); err != nil {
		return err
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
	rows, _ := x.Dims()
	return e.encode(rows, func(emit func(i, j, code int)) error {
		return e.Categories.encodeNumbers("OrdinalEncoder", x, e.EncodeUnknown, emit)
	})
}

func (e *OrdinalEncoder) TransformStrings(rows [][]string) (mat.Matrix, error) {
	return e.encode(len(rows), func(emit func(i, j, code int)) error {
		return e.Categories.encodeStrings("OrdinalEncoder", rows, e.EncodeUnknown, emit)
	})
}

func (e *OrdinalEncoder) encode(rows int, each func(emit func(i, j, code int)) error) (mat.Matrix, error) {
	cols := e.Categories.columns()
	if cols == 0 {
		return nil, notFitted("OrdinalEncoder")
	}
	codes := make([]float64, rows*cols)
	err := each(func(i, j, code int) {
		codes[i*cols+j] = float64(code)
		if code == unknown {
			codes[i*cols+j] = e.UnknownValue
		}
	})
	if err != nil {
		return nil, err
	}
	return mat.NewDense(rows, cols, codes), nil
}

// Inverse returns the categories of codes; UnknownValue becomes NaN.
func (e *OrdinalEncoder) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if e.Categories.Strings != nil {
		return nil, fmt.Errorf("preprocess: OrdinalEncoder was fitted with strings: use InverseStrings")
	}
	out := &mat.Dense{}
	rows, cols := y.Dims()
	err := e.decode(y, func(i, j, code int) {
		if out.IsEmpty() {
			out.ReuseAs(rows, cols)
		}
		out.Set(i, j, e.Categories.number(j, code))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
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
