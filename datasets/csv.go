package datasets

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// WriteCSV writes the samples as CSV: a header with the names of the features and the
// target, then a row for each sample, with the class by name. Numbers have all their
// digits; NaN is an empty cell. It is a way to a preprocess.Table:
//
//	var file bytes.Buffer
//	err := datasets.Wine().WriteCSV(&file)
//	table, err := preprocess.ReadCSV(&file)
func (d *Dataset) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	m, n := d.Dims()
	row := append(append(make([]string, 0, n+1), d.Features...), d.Target)
	if err := out.Write(row); err != nil {
		return fmt.Errorf("datasets: writing %s: %w", d.Name, err)
	}
	labels := []int(nil)
	if d.Classes != nil {
		labels = d.Labels()
	}
	for i := range m {
		for j, v := range d.X.RawRowView(i) {
			row[j] = cell(v)
		}
		if row[n] = cell(d.Y.At(i, 0)); labels != nil {
			row[n] = d.Classes[labels[i]]
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("datasets: writing %s: %w", d.Name, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("datasets: writing %s: %w", d.Name, err)
	}
	return nil
}

func cell(v float64) string {
	if v != v {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
