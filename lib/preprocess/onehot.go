package preprocess

import (
	"cmp"
	"fmt"
	"slices"

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
//
// MinFrequency and MaxCategories pool the infrequent categories of a column into one
// column, the last of the feature, so that a category with three rows does not get a
// weight that only three rows support. With IgnoreUnknown a category that Fit did not
// see belongs to the pool too, if the feature has one. The result is that of
// scikit-learn's handle_unknown="infrequent_if_exist".
type OneHotEncoder struct {
	Drop          Drop
	IgnoreUnknown bool       // a category not seen in Fit is infrequent, or becomes zeros if its column has no such category; otherwise it is an error
	Dense         bool       // return a *mat.Dense, of at most 2²⁹ numbers, instead of a *sparse.CSR
	Levels        [][]string // for strings: the categories of each column; nil takes them from the data

	MinFrequency int `json:",omitempty"` // a category in fewer rows is infrequent; 0 or 1 means none is
	// MaxCategories is the number of columns for each feature, the pool included;
	// 0 means any number. A feature with that many categories or more keeps the most
	// frequent ones, the greater of equally frequent ones, and pools the rest.
	MaxCategories int `json:",omitempty"`

	Categories Categories // set by Fit or FitStrings
	Infrequent [][]int    `json:",omitempty"` // the pooled categories of each column, ascending; nil for none; set by Fit or FitStrings
}

// NewOneHotEncoder returns an encoder that drops nothing, returns an error for an
// unknown category, and returns sparse matrices.
func NewOneHotEncoder() *OneHotEncoder { return &OneHotEncoder{} }

// Fit finds the distinct values of each column of x.
func (e *OneHotEncoder) Fit(x mat.Matrix) error {
	e.Categories, e.Infrequent = Categories{}, nil
	if err := e.Validate(); err != nil {
		return err
	}
	c, err := fitNumbers("OneHotEncoder", x)
	if err != nil {
		return err
	}
	if e.pools() {
		codes, err := c.encodeNumbers("OneHotEncoder", x, false)
		if err != nil {
			return err
		}
		e.Infrequent = e.infrequent(c, codes)
	}
	e.Categories = c
	return nil
}

// FitStrings finds the distinct strings of each column.
func (e *OneHotEncoder) FitStrings(rows [][]string) error {
	e.Categories, e.Infrequent = Categories{}, nil
	if err := e.Validate(); err != nil {
		return err
	}
	c, err := fitStrings("OneHotEncoder", rows, e.Levels)
	if err != nil {
		return err
	}
	// Levels may lack a category of the training rows: say so now.
	if e.Levels != nil || e.pools() {
		codes, err := c.encodeStrings("OneHotEncoder", rows, e.IgnoreUnknown)
		if err != nil {
			return err
		}
		if e.pools() {
			e.Infrequent = e.infrequent(c, codes)
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
					if k := blocks[j].column(code); k >= 0 {
						row[k] = 1
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
			if k := blocks[j].column(code); k >= 0 {
				cols[n] = k
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
// category is dropped (1) or not (0). If it pools categories, places has the place of
// each category and, last, that of an unknown one.
type block struct {
	from, dropped, size int
	places              []int // nil: each category has its own place
}

// column returns the column of a category, or −1 if it has none.
func (b *block) column(code int32) int {
	k := int(code)
	if b.places != nil {
		if k < 0 {
			k = len(b.places) - 1
		}
		k = b.places[k]
	}
	if k < b.dropped { // unknown is below 0
		return -1
	}
	return b.from + k - b.dropped
}

func (e *OneHotEncoder) blocks() (blocks []block, width int) {
	for j, n := range e.Categories.sizes() {
		b := block{from: width}
		if pooled := e.pool(j); len(pooled) > 0 {
			b.places = make([]int, n+1)
			frequent := n - len(pooled)
			for k, next := 0, 0; k < n; k++ {
				if b.places[k] = frequent; !slices.Contains(pooled, k) {
					b.places[k] = next
					next++
				}
			}
			b.places[n] = frequent
			n = frequent + 1
		}
		if e.Drop == DropFirst || e.Drop == DropIfBinary && n == 2 {
			b.dropped = 1
		}
		b.size = n - b.dropped
		blocks = append(blocks, b)
		width += b.size
	}
	return blocks, width
}

// pool returns the infrequent categories of column j.
func (e *OneHotEncoder) pool(j int) []int {
	if e.Infrequent == nil {
		return nil
	}
	return e.Infrequent[j]
}

// pools reports whether categories are to be counted.
func (e *OneHotEncoder) pools() bool { return e.MinFrequency > 1 || e.MaxCategories > 0 }

// infrequent returns the categories of each column to be pooled, given the codes of
// the training rows; nil if there are none at all.
func (e *OneHotEncoder) infrequent(c Categories, codes []int32) [][]int {
	sizes := c.sizes()
	pooled, any := make([][]int, len(sizes)), false
	for j, n := range sizes {
		count := make([]int, n)
		for i := j; i < len(codes); i += len(sizes) {
			if codes[i] >= 0 {
				count[codes[i]]++
			}
		}
		order := sequence(n) // the least frequent first
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(count[a], count[b]) })
		rare := 0
		for rare < n && count[order[rare]] < e.MinFrequency {
			rare++
		}
		if e.MaxCategories > 0 && n-rare+1 > e.MaxCategories {
			rare = n - e.MaxCategories + 1
		}
		pooled[j] = order[:max(rare, 0)]
		slices.Sort(pooled[j])
		any = any || rare > 0
	}
	if !any {
		return nil
	}
	return pooled
}

// Inverse returns the categories of encoded rows, each from the largest element of
// its columns. If all are zero, the category is the dropped one. If none was
// dropped, the result is NaN if unknown categories are ignored, and an error
// otherwise. Infrequent categories are NaN too.
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

// InverseStrings is Inverse for an encoder of strings; an ignored or an infrequent
// category becomes "".
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
			place, largest := unknown, 0.0
			for k := range b.size {
				if v := y.At(i, b.from+k); v > largest {
					place, largest = b.dropped+k, v
				}
			}
			if place == unknown && b.dropped == 1 {
				place = 0
			}
			if place == unknown && !e.IgnoreUnknown {
				return fmt.Errorf("preprocess: OneHotEncoder: row %d has no category for feature %d", i, j)
			}
			emit(i, j, b.category(place))
		}
	}
	return nil
}

// category returns the category at a place, unknown for the pool.
func (b *block) category(place int) int {
	if b.places == nil || place == unknown {
		return place
	}
	if place == b.places[len(b.places)-1] {
		return unknown
	}
	return slices.Index(b.places, place)
}

// FeatureNames returns "name_category" for each column, for example city_Bern, and
// "name_infrequent" for a pool.
func (e *OneHotEncoder) FeatureNames(in []string) ([]string, error) {
	in, err := defaultNames("OneHotEncoder", in, e.Categories.columns())
	if err != nil {
		return nil, err
	}
	var names []string
	blocks, _ := e.blocks()
	for j, b := range blocks {
		for k := range b.size {
			name := "infrequent"
			if c := b.category(b.dropped + k); c != unknown {
				name = e.Categories.name(j, c)
			}
			names = append(names, in[j]+"_"+name)
		}
	}
	return names, nil
}

// Validate returns an error if Drop is unknown, MinFrequency or MaxCategories cannot
// be, or categories repeat.
func (e *OneHotEncoder) Validate() error {
	switch e.Drop {
	case DropNone, DropFirst, DropIfBinary:
	default:
		return fmt.Errorf("preprocess: OneHotEncoder: unknown Drop %q", string(e.Drop))
	}
	if e.MinFrequency < 0 || e.MaxCategories < 0 || e.MaxCategories == 1 {
		return fmt.Errorf("preprocess: OneHotEncoder: MinFrequency is %d and MaxCategories %d, want 0 or more, and not a single category", e.MinFrequency, e.MaxCategories)
	}
	if err := e.Categories.validate("OneHotEncoder"); err != nil || e.Infrequent == nil {
		return err
	}
	sizes := e.Categories.sizes()
	if len(e.Infrequent) != len(sizes) {
		return fmt.Errorf("preprocess: OneHotEncoder: infrequent categories of %d columns, there are %d", len(e.Infrequent), len(sizes))
	}
	for j, pooled := range e.Infrequent {
		last := -1
		for _, k := range pooled {
			if k <= last || k >= sizes[j] {
				return fmt.Errorf("preprocess: OneHotEncoder: category %d of column %d is infrequent, but there are %d, and they must ascend", k, j, sizes[j])
			}
			last = k
		}
	}
	return nil
}
