package preprocess

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/pages"
	"github.com/descent-go/descent/internal/rows"
)

// ColumnPart applies a transformer to some columns of a matrix.
type ColumnPart struct {
	Columns     []int
	Transformer Transformer // nil leaves the columns unchanged
}

// ColumnTransformer applies different transformers to different columns and joins
// the results side by side, in the order of the parts. Columns in no part are
// dropped, or with PassRest are appended unchanged. A column may be in several
// parts. The result is sparse if a part is sparse.
type ColumnTransformer struct {
	Parts    []ColumnPart
	PassRest bool

	Inputs int // the number of columns of x, set by Fit
}

func (c *ColumnTransformer) Fit(x mat.Matrix) error {
	c.Inputs = 0
	if err := c.Validate(); err != nil {
		return err
	}
	rows, cols := x.Dims()
	if rows == 0 || cols == 0 {
		return fmt.Errorf("preprocess: ColumnTransformer: cannot fit a %d×%d matrix", rows, cols)
	}
	if err := c.checkParts(cols); err != nil {
		return err
	}
	for k, p := range c.Parts {
		if p.Transformer == nil {
			continue
		}
		if err := p.Transformer.Fit(selectColumns(x, p.Columns)); err != nil {
			return c.partError(k, err)
		}
	}
	c.Inputs = cols
	return nil
}

func (c *ColumnTransformer) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := checkColumns("ColumnTransformer", x, c.Inputs); err != nil {
		return nil, err
	}
	var blocks []mat.Matrix
	for k, p := range c.Parts {
		block := selectColumns(x, p.Columns)
		if p.Transformer != nil {
			var err error
			if block, err = p.Transformer.Transform(block); err != nil {
				return nil, c.partError(k, err)
			}
		}
		blocks = append(blocks, block)
	}
	if rest := c.rest(); len(rest) > 0 {
		blocks = append(blocks, selectColumns(x, rest))
	}
	return hstack(blocks), nil
}

// rest lists the columns that follow at the end.
func (c *ColumnTransformer) rest() []int {
	if !c.PassRest {
		return nil
	}
	used := make([]bool, c.Inputs)
	for _, p := range c.Parts {
		for _, j := range p.Columns {
			used[j] = true
		}
	}
	return slices.DeleteFunc(sequence(c.Inputs), func(j int) bool { return used[j] })
}

// FeatureNames returns the names of the columns of all parts in order.
func (c *ColumnTransformer) FeatureNames(in []string) ([]string, error) {
	in, err := defaultNames("ColumnTransformer", in, c.Inputs)
	if err != nil {
		return nil, err
	}
	var names []string
	for k, p := range c.Parts {
		part := Take(in, p.Columns)
		if p.Transformer != nil {
			if part, err = p.Transformer.FeatureNames(part); err != nil {
				return nil, c.partError(k, err)
			}
		}
		names = append(names, part...)
	}
	return append(names, Take(in, c.rest())...), nil
}

// Validate returns an error if there are no parts, or a part has no columns or
// one that x does not have.
func (c *ColumnTransformer) Validate() error {
	if len(c.Parts) == 0 {
		return fmt.Errorf("preprocess: ColumnTransformer: no parts")
	}
	for k, p := range c.Parts {
		if err := p.validate(k); err != nil {
			return err
		}
	}
	if c.Inputs < 0 || c.Inputs > maxInputs {
		return fmt.Errorf("preprocess: ColumnTransformer: %d columns", c.Inputs)
	}
	if c.Inputs > 0 {
		return c.checkParts(c.Inputs)
	}
	return nil
}

const maxInputs = 1<<31 - 1

// validate returns an error if part k has no columns, or one twice.
func (p ColumnPart) validate(k int) error {
	if len(p.Columns) == 0 {
		return fmt.Errorf("preprocess: ColumnTransformer: part %d has no columns", k)
	}
	sorted := slices.Sorted(slices.Values(p.Columns))
	if sorted[0] < 0 || len(slices.Compact(sorted)) < len(p.Columns) {
		return fmt.Errorf("preprocess: ColumnTransformer: part %d has columns %v, want distinct ones from 0 on", k, p.Columns)
	}
	return nil
}

func (c *ColumnTransformer) checkParts(columns int) error {
	for k, p := range c.Parts {
		if j := slices.Max(p.Columns); j >= columns {
			return fmt.Errorf("preprocess: ColumnTransformer: part %d wants column %d, x has %d columns", k, j, columns)
		}
	}
	return nil
}

func (c *ColumnTransformer) partError(k int, err error) error {
	return fmt.Errorf("preprocess: ColumnTransformer: part %d, where column 0 is column %d of x: %w", k, c.Parts[k].Columns[0], err)
}

// selectColumns returns a copy of the listed columns, sparse if x is.
func selectColumns(x mat.Matrix, columns []int) mat.Matrix {
	m, width := x.Dims()
	s := rows.Of(x).Sparse()
	if s == nil {
		out := pages.Dense(m, len(columns))
		for i := range m {
			row := out.RawRowView(i)
			for k, j := range columns {
				row[k] = x.At(i, j)
			}
		}
		return out
	}
	place := make([]int, width) // 1 + where a column goes, 0 for nowhere
	for k, j := range columns {
		place[j] = k + 1
	}
	type entry struct {
		column int
		value  float64
	}
	ptr := make([]int, 1, m+1)
	var cols []int
	var values []float64
	var entries []entry
	for i := range m {
		entries = entries[:0]
		from, v := s.Row(i)
		for k, j := range from {
			if place[j] > 0 {
				entries = append(entries, entry{place[j] - 1, v[k]})
			}
		}
		slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.column, b.column) })
		for _, e := range entries {
			cols, values = append(cols, e.column), append(values, e.value)
		}
		ptr = append(ptr, len(values))
	}
	return newCSR(m, len(columns), ptr, cols, values)
}
