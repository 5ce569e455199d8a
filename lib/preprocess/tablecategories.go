package preprocess

import (
	"slices"
	"strings"
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
