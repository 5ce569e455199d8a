package preprocess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/descent-go/descent/internal/cells"
)

// Categories returns the rows of the named columns, or of all columns without names,
// as [Table.Text] does, but without the white space around a cell, and with "" for
// every missing cell: the empty one and those that the table's CSV format calls
// missing, such as NA.
func (t *Table) Categories(names ...string) ([][]string, error) {
	rows, err := t.Text(names...)
	for _, row := range rows {
		for j, cell := range row {
			if row[j] = strings.TrimSpace(cell); slices.Contains(t.missing, row[j]) {
				row[j] = ""
			}
		}
	}
	return rows, err
}

// Replace returns a table with other cells in one column. It shares the other columns
// with t. It returns an error if the column does not exist or has another length.
func (t *Table) Replace(name string, values []string) (*Table, error) {
	j, err := t.column(name)
	if err != nil {
		return nil, err
	}
	if len(values) != t.Len() {
		return nil, fmt.Errorf("preprocess: %d values for column %q, the table has %d rows", len(values), name, t.Len())
	}
	out := *t
	out.cells = slices.Clone(t.cells)
	out.cells[j] = cells.Column{}
	out.cells[j].Append(values...)
	return &out, nil
}
