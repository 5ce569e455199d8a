package preprocess

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// A StringTransformer learns from rows of strings and turns rows of strings into a
// matrix. OneHotEncoder and OrdinalEncoder implement it.
type StringTransformer interface {
	// FitStrings learns from rows, as Transformer.Fit does from a matrix.
	FitStrings(rows [][]string) error
	// TransformStrings returns a matrix with a row for each of rows, and an error
	// if FitStrings was not called or rows do not match its rows.
	TransformStrings(rows [][]string) (mat.Matrix, error)
	// FeatureNames returns the names of the result's columns, given those of
	// the columns of strings.
	FeatureNames(in []string) ([]string, error)
}

// TablePart applies one of three kinds of transformer to some columns of a table;
// the other two are nil. If all three are nil, the columns are read as numbers and
// left unchanged.
type TablePart struct {
	Columns []string
	Numbers Transformer       // takes the columns as a matrix, with NaN for missing cells
	Strings StringTransformer // takes the columns as strings; a missing cell is one more category
	Clean   bool              // Strings takes the cells of Table.Categories: white space cut off, all missing cells ""
	Text    Vectorizer        // takes one column of documents
}

// TableTransformer turns a [Table] into a matrix. It is a [ColumnTransformer] for
// named columns that may hold numbers, categories or text.
type TableTransformer struct {
	Parts []TablePart
}

// Fit fits each part to its columns of the training table.
func (t *TableTransformer) Fit(table *Table) error {
	if err := t.Validate(); err != nil {
		return err
	}
	for k, p := range t.Parts {
		if err := p.fit(table); err != nil {
			return t.partError(k, err)
		}
	}
	return nil
}

// FitTransform fits the parts and returns the training table transformed.
func (t *TableTransformer) FitTransform(table *Table) (mat.Matrix, error) {
	if err := t.Fit(table); err != nil {
		return nil, err
	}
	return t.Transform(table)
}

// Transform returns the parts side by side, sparse if one of them is. The table may
// have more columns, and in any order.
func (t *TableTransformer) Transform(table *Table) (mat.Matrix, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	if table.Len() == 0 {
		return nil, fmt.Errorf("preprocess: TableTransformer: the table has no rows")
	}
	blocks := make([]mat.Matrix, len(t.Parts))
	for k, p := range t.Parts {
		block, err := p.transform(table)
		if err != nil {
			return nil, t.partError(k, err)
		}
		blocks[k] = block
	}
	return hstack(blocks), nil
}

// FeatureNames returns the names of the columns that Transform makes. Those of text
// are "column:term".
func (t *TableTransformer) FeatureNames() ([]string, error) {
	var names []string
	for k, p := range t.Parts {
		part, err := p.names()
		if err != nil {
			return nil, t.partError(k, err)
		}
		names = append(names, part...)
	}
	return names, nil
}

// Validate returns an error if there are no parts, if a part has no columns or more
// than one transformer, or if a part of text does not have exactly one column.
func (t *TableTransformer) Validate() error {
	if len(t.Parts) == 0 {
		return fmt.Errorf("preprocess: TableTransformer: no parts")
	}
	for k, p := range t.Parts {
		if err := p.validate(k); err != nil {
			return err
		}
	}
	return nil
}

// validate returns an error if part k cannot be.
func (p TablePart) validate(k int) error {
	kinds := 0
	for _, set := range [...]bool{p.Numbers != nil, p.Strings != nil, p.Text != nil} {
		if set {
			kinds++
		}
	}
	if len(p.Columns) == 0 || kinds > 1 || p.Text != nil && len(p.Columns) != 1 {
		return fmt.Errorf("preprocess: TableTransformer: part %d has columns %q and %d transformers: want at least one column, at most one transformer, and one column for Text", k, p.Columns, kinds)
	}
	return nil
}

func (t *TableTransformer) partError(k int, err error) error {
	return fmt.Errorf("preprocess: TableTransformer: part %d, columns %q: %w", k, t.Parts[k].Columns, err)
}

func (p TablePart) strings(table *Table) ([][]string, error) {
	if p.Clean {
		return table.Categories(p.Columns...)
	}
	return table.Text(p.Columns...)
}

func (p TablePart) fit(table *Table) error {
	switch {
	case p.Strings != nil:
		rows, err := p.strings(table)
		if err != nil {
			return err
		}
		return p.Strings.FitStrings(rows)
	case p.Text != nil:
		docs, err := table.Strings(p.Columns[0])
		if err != nil {
			return err
		}
		return p.Text.Fit(docs)
	}
	x, err := table.Matrix(p.Columns...)
	if err != nil || p.Numbers == nil {
		return err
	}
	return p.Numbers.Fit(x)
}

func (p TablePart) transform(table *Table) (mat.Matrix, error) {
	switch {
	case p.Strings != nil:
		rows, err := p.strings(table)
		if err != nil {
			return nil, err
		}
		return p.Strings.TransformStrings(rows)
	case p.Text != nil:
		docs, err := table.Strings(p.Columns[0])
		if err != nil {
			return nil, err
		}
		return p.Text.Transform(docs)
	}
	x, err := table.Matrix(p.Columns...)
	if err != nil || p.Numbers == nil {
		return x, err
	}
	return p.Numbers.Transform(x)
}

func (p TablePart) names() ([]string, error) {
	switch {
	case p.Numbers != nil:
		return p.Numbers.FeatureNames(p.Columns)
	case p.Strings != nil:
		return p.Strings.FeatureNames(p.Columns)
	case p.Text != nil:
		terms, err := p.Text.Terms()
		if err != nil {
			return nil, err
		}
		names := make([]string, len(terms))
		for k, term := range terms {
			names[k] = p.Columns[0] + ":" + term
		}
		return names, nil
	}
	return p.Columns, nil
}
