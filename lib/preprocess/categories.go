package preprocess

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/columns"
	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/rows"
)

// Categories are the distinct values of each column that an encoder found in Fit.
// One of the two lists is empty: an encoder fitted with a matrix encodes matrices,
// and one fitted with strings encodes strings.
type Categories struct {
	Numbers [][]float64 `json:",omitempty"` // ascending
	Strings [][]string  `json:",omitempty"` // ascending, or as given in Levels
}

// UnmarshalJSON reads the categories column by column, so that a column without
// categories is an error before the next is allocated.
func (c *Categories) UnmarshalJSON(data []byte) error {
	if !json.Valid(data) {
		return errors.New("preprocess: categories that are no JSON")
	}
	return eachField(data, func(key string, value []byte) (err error) {
		switch key {
		case "Numbers":
			c.Numbers, err = columnsOf[float64](value)
		case "Strings":
			c.Strings, err = columnsOf[string](value)
		default:
			err = unknownField(key)
		}
		return err
	})
}

// columnsOf reads a list of lists that are not empty.
func columnsOf[T any](data []byte) ([][]T, error) {
	count := 0
	err := eachElement(data, func(j int, column []byte) error {
		count++
		if firstByte(column) != '[' || column[nextByte(column, 1)] == ']' {
			return fmt.Errorf("column %d has no categories", j)
		}
		return nil
	})
	if err != nil || count == 0 {
		return nil, err
	}
	columns := make([][]T, 0, count)
	return columns, json.Unmarshal(data, &columns)
}

// columns returns the number of columns, 0 before Fit.
func (c Categories) columns() int { return max(len(c.Numbers), len(c.Strings)) }

// sizes returns the number of categories of each column.
func (c Categories) sizes() []int {
	sizes := make([]int, 0, c.columns())
	for _, v := range c.Numbers {
		sizes = append(sizes, len(v))
	}
	for _, v := range c.Strings {
		sizes = append(sizes, len(v))
	}
	return sizes
}

// name returns category k of column j as text.
func (c Categories) name(j, k int) string {
	if c.Numbers != nil {
		return strconv.FormatFloat(c.Numbers[j][k], 'g', -1, 64)
	}
	return c.Strings[j][k]
}

func (c Categories) validate(kind string) error {
	if len(c.Numbers) > 0 && len(c.Strings) > 0 {
		return fmt.Errorf("preprocess: %s: categories of numbers and of strings at once", kind)
	}
	for j, v := range c.Numbers {
		if len(v) == 0 || !slices.IsSorted(v) || len(slices.Compact(slices.Clone(v))) < len(v) || math.IsNaN(v[0]) {
			return fmt.Errorf("preprocess: %s: the categories of column %d must be there, distinct and ascending", kind, j)
		}
	}
	for j, v := range c.Strings {
		if err := distinct(kind, j, v); err != nil {
			return err
		}
	}
	return nil
}

// distinct returns an error if the categories of column j are none or repeat.
func distinct(kind string, j int, levels []string) error {
	sorted := slices.Sorted(slices.Values(levels))
	if len(sorted) == 0 {
		return fmt.Errorf("preprocess: %s: column %d has no categories", kind, j)
	}
	for k := range len(sorted) - 1 {
		if sorted[k] == sorted[k+1] {
			return fmt.Errorf("preprocess: %s: column %d has the category %q twice", kind, j, sorted[k])
		}
	}
	return nil
}

// fitNumbers finds the categories of a matrix.
func fitNumbers(kind string, x mat.Matrix) (Categories, error) {
	if err := checkFit(kind, x); err != nil {
		return Categories{}, err
	}
	if dense, ok := rows.Of(x).Dense(); ok {
		return Categories{Numbers: columns.Distinct(dense)}, nil
	}
	_, cols := x.Dims()
	c := Categories{Numbers: make([][]float64, cols)}
	for j := range cols {
		col := column(nil, x, j)
		slices.Sort(col)
		c.Numbers[j] = slices.Clip(slices.Compact(col))
	}
	return c, nil
}

// fitStrings finds the categories of rows of strings, or takes them from
// levels where that is not nil.
func fitStrings(kind string, rows [][]string, levels [][]string) (Categories, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return Categories{}, fmt.Errorf("preprocess: %s: cannot fit without rows and columns", kind)
	}
	cols := len(rows[0])
	if err := checkStrings(kind, rows, cols); err != nil {
		return Categories{}, err
	}
	found, valid := distinctStrings(rows, cols)
	if !valid {
		return Categories{}, invalidText(kind, rows)
	}
	if levels != nil && len(levels) != cols {
		return Categories{}, fmt.Errorf("preprocess: %s: Levels for %d columns, x has %d", kind, len(levels), cols)
	}
	c := Categories{Strings: found}
	for j := range cols {
		if levels != nil && levels[j] != nil {
			c.Strings[j] = slices.Clone(levels[j])
			if err := distinct(kind, j, levels[j]); err != nil {
				return Categories{}, err
			}
		}
	}
	return c, nil
}

// distinctStrings returns the distinct strings of each column, ascending, and
// whether they are all UTF-8. Cores share the columns.
func distinctStrings(rows [][]string, cols int) (found [][]string, valid bool) {
	found = make([][]string, cols)
	var bad atomic.Bool
	new(crew.Crew).Do(coresFor(len(rows)*cols), cols, func(_, j int) {
		seen, last := make(map[string]struct{}), ""
		for i, row := range rows {
			v := row[j]
			if i > 0 && v == last {
				continue
			}
			last = v
			if _, ok := seen[v]; ok {
				continue
			}
			seen[strings.Clone(v)] = struct{}{} // not to keep a table
			if !utf8.ValidString(v) {
				bad.Store(true)
			}
		}
		found[j] = slices.Sorted(maps.Keys(seen))
	})
	return found, !bad.Load()
}

// invalidText returns the error of the first cell that is not UTF-8.
func invalidText(kind string, rows [][]string) error {
	for i, row := range rows {
		for j, v := range row {
			if !utf8.ValidString(v) {
				return fmt.Errorf("preprocess: %s: row %d, column %d is not valid UTF-8: %q", kind, i, j, v)
			}
		}
	}
	return nil
}

// checkStrings returns an error unless each row has the given number of fields.
func checkStrings(kind string, rows [][]string, columns int) error {
	if columns == 0 {
		return notFitted(kind)
	}
	for i, row := range rows {
		if len(row) != columns {
			return fmt.Errorf("preprocess: %s: row %d has %d columns, want %d", kind, i, len(row), columns)
		}
	}
	return nil
}

// unknown is the code of a value that is not among the categories.
const unknown = columns.Unknown

// encodeNumbers returns the category of each element of x, row by row. Unless
// ignore is true, an unknown value is an error.
func (c Categories) encodeNumbers(kind string, x mat.Matrix, ignore bool) ([]int32, error) {
	if c.Strings != nil {
		return nil, fmt.Errorf("preprocess: %s was fitted with strings: use TransformStrings", kind)
	}
	if err := checkTransform(kind, x, len(c.Numbers)); err != nil {
		return nil, err
	}
	find := make([]*columns.Finder, len(c.Numbers))
	for j, levels := range c.Numbers {
		find[j] = columns.NewFinder(levels)
	}
	m := rows.Of(x)
	n, cols := x.Dims()
	if err := checkSize(kind, n, cols); err != nil {
		return nil, err
	}
	return encode(n, cols, ignore, func(codes []int32, i int) {
		if dense, ok := m.Dense(); ok {
			for j, v := range dense.Data[i*dense.Stride:][:cols] {
				codes[j] = find[j].Find(v)
			}
			return
		}
		for j := range codes {
			codes[j] = find[j].Find(x.At(i, j))
		}
	}, func(i, j int) error {
		return fmt.Errorf("preprocess: %s: row %d, column %d is %v, a category that Fit did not see: fit with it or ignore unknown categories", kind, i, j, x.At(i, j))
	})
}

// encodeStrings is encodeNumbers for strings.
func (c Categories) encodeStrings(kind string, rows [][]string, ignore bool) ([]int32, error) {
	if c.Numbers != nil {
		return nil, fmt.Errorf("preprocess: %s was fitted with numbers: use Transform", kind)
	}
	if err := checkStrings(kind, rows, len(c.Strings)); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("preprocess: %s: no rows", kind)
	}
	find := make([]func(string) int32, len(c.Strings))
	for j, levels := range c.Strings {
		find[j] = stringFinder(levels)
	}
	return encode(len(rows), len(find), ignore, func(codes []int32, i int) {
		for j, v := range rows[i] {
			codes[j] = find[j](v)
		}
	}, func(i, j int) error {
		return fmt.Errorf("preprocess: %s: row %d, column %d is %q, a category that Fit did not see: fit with it or ignore unknown categories", kind, i, j, rows[i][j])
	})
}

// encode returns the codes of n rows, which row sets, on all cores. Unless ignore
// is true, the first unknown code is the error that wrong makes.
func encode(n, cols int, ignore bool, row func(codes []int32, i int), wrong func(i, j int) error) ([]int32, error) {
	codes := make([]int32, n*cols)
	shareRows(n, cols, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row(codes[i*cols:(i+1)*cols], i)
		}
	})
	if k := slices.Index(codes, unknown); k >= 0 && !ignore {
		return nil, wrong(k/cols, k%cols)
	}
	return codes, nil
}

// manyLevels is the number of strings from which a map finds one sooner.
const manyLevels = 8

// stringFinder returns a function from a string to its place.
func stringFinder(levels []string) func(string) int32 {
	if len(levels) < manyLevels {
		return func(v string) int32 { return int32(slices.Index(levels, v)) }
	}
	places := make(map[string]int32, len(levels))
	for k, v := range levels {
		places[v] = int32(k)
	}
	return func(v string) int32 {
		if k, ok := places[v]; ok {
			return k
		}
		return unknown
	}
}

// number returns category k of column j, or NaN for unknown.
func (c Categories) number(j, k int) float64 {
	if k == unknown {
		return math.NaN()
	}
	return c.Numbers[j][k]
}

// text returns category k of column j, or "" for unknown.
func (c Categories) text(j, k int) string {
	if k == unknown {
		return ""
	}
	return c.Strings[j][k]
}
