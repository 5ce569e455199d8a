package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// readLabelled reads rows whose last column is the label.
func readLabelled(path string) (x, y [][]float64, err error) {
	rows, err := readRows(path)
	if err != nil {
		return nil, nil, err
	}
	last := len(rows[0]) - 1
	if last < 1 {
		return nil, nil, fmt.Errorf("%s: has one column, want features and a label", path)
	}
	for _, row := range rows {
		x, y = append(x, row[:last]), append(y, row[last:])
	}
	return x, y, nil
}

// readRows reads a file of numbers, one row or more.
func readRows(path string) ([][]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("%s: is empty", path)
	}
	rows := make([][]float64, len(records))
	for i, record := range records {
		for _, cell := range record {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", path, i+1, err)
			}
			rows[i] = append(rows[i], v)
		}
	}
	return rows, nil
}

// writeColumn writes one number per line, with all its digits.
func writeColumn(path string, values []float64) error {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintln(&b, v)
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}
