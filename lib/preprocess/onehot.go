package preprocess

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/pages"
)

// Drop names the category for which a OneHotEncoder makes no column.
type Drop string

// What OneHotEncoder may drop: nothing, the first category of each column, or the
// first category of each column with two.
const (
	DropNone     Drop = ""
	DropFirst    Drop = "first"
	DropIfBinary Drop = "if_binary"
)

// OneHotEncoder turns each column of categories into one column for each
// category, which holds 1 where the row has that category and 0 elsewhere.
// Categories are the distinct values that Fit finds, in ascending order.
//
// It works on a matrix of numeric codes (Fit, Transform) or on rows of strings
// (FitStrings, TransformStrings), as returned by [Table.Text]. An encoder fitted
// with one kind returns an error for the other.
//
// If all categories are kept, the columns of one feature add up to 1, and with an
// intercept the least-squares problem is singular. DropFirst avoids this. So does a
// penalty; with a penalty, dropping would make the result depend on the order of
// the categories.
type OneHotEncoder struct {
	Drop          Drop
	IgnoreUnknown bool       // a category not seen in Fit becomes zeros; otherwise it is an error
	Dense         bool       // return a *mat.Dense, of at most 2²⁹ numbers, instead of a *sparse.CSR
	Levels        [][]string // for strings: the categories of each column; nil takes them from the data

	Categories Categories // set by Fit or FitStrings
}

// NewOneHotEncoder returns an encoder that drops nothing, returns an error for an
// unknown category, and returns sparse matrices.
func NewOneHotEncoder() *OneHotEncoder { return &OneHotEncoder{} }

// Fit finds the distinct values of each column of x.
func (e *OneHotEncoder) Fit(x mat.Matrix) error {
	e.Categories = Categories{}
	if err := e.Validate(); err != nil {
		return err
	}
	c, err := fitNumbers("OneHotEncoder", x)
	e.Categories = c
	return err
}

// FitStrings finds the distinct strings of each column.
func (e *OneHotEncoder) FitStrings(rows [][]string) error {
	e.Categories = Categories{}
	if err := e.Validate(); err != nil {
		return err
	}
	c, err := fitStrings("OneHotEncoder", rows, e.Levels)
	if err != nil {
		return err
	}
	// Levels may lack a category of the training rows: say so now.
	if e.Levels != nil {
		if _, err := c.encodeStrings("OneHotEncoder", rows, e.IgnoreUnknown); err != nil {
			return err
		}
	}
	e.Categories = c
	return nil
}

func (e *OneHotEncoder) Transform(x mat.Matrix) (mat.Matrix, error) {
	rows, _ := x.Dims()
	codes, err := e.Categories.encodeNumbers("OneHotEncoder", x, e.IgnoreUnknown)
	if err != nil {
		return nil, err
	}
	return e.encode(rows, codes)
}

func (e *OneHotEncoder) TransformStrings(rows [][]string) (mat.Matrix, error) {
	codes, err := e.Categories.encodeStrings("OneHotEncoder", rows, e.IgnoreUnknown)
	if err != nil {
		return nil, err
	}
	return e.encode(len(rows), codes)
}

// encode returns the matrix of codes, row by row.
func (e *OneHotEncoder) encode(rows int, codes []int32) (mat.Matrix, error) {
	blocks, width := e.blocks()
	if width == 0 {
		return nil, fmt.Errorf("preprocess: OneHotEncoder: no column is left, since each has one category and it is dropped")
	}
	features := len(blocks)
	if e.Dense {
		out, err := newDense("OneHotEncoder", rows, width)
		if err != nil {
			return nil, err
		}
		shareRows(rows, width, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				row := out.RawRowView(i)
				for j, code := range codes[i*features : (i+1)*features] {
					if b := &blocks[j]; int(code) >= b.dropped {
						row[b.from+int(code)-b.dropped] = 1
					}
				}
			}
		})
		return out, nil
	}
	ptr, cols := make([]int, rows+1), make([]int, len(codes))
	n := 0
	for i := range rows {
		for j, code := range codes[i*features : (i+1)*features] {
			if b := &blocks[j]; int(code) >= b.dropped { // unknown is below 0
				cols[n] = b.from + int(code) - b.dropped
				n++
			}
		}
		ptr[i+1] = n
	}
	ones := make([]float64, n)
	for k := range ones {
		ones[k] = 1
	}
	return newCSR(rows, width, ptr, cols[:n:n], ones), nil
}

// block says where the columns of a feature stand, and whether its first
// category is dropped (1) or not (0).
type block struct{ from, dropped, size int }

func (e *OneHotEncoder) blocks() (blocks []block, width int) {
	for _, n := range e.Categories.sizes() {
		dropped := 0
		if e.Drop == DropFirst || e.Drop == DropIfBinary && n == 2 {
			dropped = 1
		}
		blocks = append(blocks, block{width, dropped, n - dropped})
		width += n - dropped
	}
	return blocks, width
}

// Inverse returns the categories of encoded rows, each from the largest element of
// its columns. If all are zero, the category is the dropped one. If none was
// dropped, the result is NaN if unknown categories are ignored, and an error
// otherwise.
func (e *OneHotEncoder) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if e.Categories.Strings != nil {
		return nil, fmt.Errorf("preprocess: OneHotEncoder was fitted with strings: use InverseStrings")
	}
	rows, _ := y.Dims()
	var out *mat.Dense
	if n := e.Categories.columns(); n > 0 && rows > 0 {
		out = pages.Dense(rows, n)
	}
	err := e.decode(y, func(i, j, code int) { out.Set(i, j, e.Categories.number(j, code)) })
	if err != nil {
		return nil, err
	}
	return out, nil
}

// InverseStrings is Inverse for an encoder of strings; an ignored category becomes
// "".
func (e *OneHotEncoder) InverseStrings(y mat.Matrix) ([][]string, error) {
	if e.Categories.Numbers != nil {
		return nil, fmt.Errorf("preprocess: OneHotEncoder was fitted with numbers: use Inverse")
	}
	rows, _ := y.Dims()
	out := make([][]string, rows)
	err := e.decode(y, func(i, j, code int) { out[i] = append(out[i], e.Categories.text(j, code)) })
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (e *OneHotEncoder) decode(y mat.Matrix, emit func(i, j, code int)) error {
	blocks, width := e.blocks()
	if err := checkTransform("OneHotEncoder", y, width); err != nil {
		return err
	}
	rows, _ := y.Dims()
	for i := range rows {
		for j, b := range blocks {
			code, largest := unknown, 0.0
			for k := range b.size {
				if v := y.At(i, b.from+k); v > largest {
					code, largest = b.dropped+k, v
				}
			}
			if code == unknown && b.dropped == 1 {
				code = 0
			}
			if code == unknown && !e.IgnoreUnknown {
				return fmt.Errorf("preprocess: OneHotEncoder: row %d has no category for feature %d", i, j)
			}
			emit(i, j, code)
		}
	}
	return nil
}

// FeatureNames returns "name_category" for each column, for example city_Bern.
func (e *OneHotEncoder) FeatureNames(in []string) ([]string, error) {
	in, err := defaultNames("OneHotEncoder", in, e.Categories.columns())
	if err != nil {
		return nil, err
	}
	var names []string
	blocks, _ := e.blocks()
	for j, b := range blocks {
		for k := range b.size {
			names = append(names, in[j]+"_"+e.Categories.name(j, b.dropped+k))
		}
	}
	return names, nil
}

// Validate returns an error if Drop is unknown or categories repeat.
func (e *OneHotEncoder) Validate() error {
	switch e.Drop {
	case DropNone, DropFirst, DropIfBinary:
	default:
		return fmt.Errorf("preprocess: OneHotEncoder: unknown Drop %q", string(e.Drop))
	}
	return e.Categories.validate("OneHotEncoder")
}
