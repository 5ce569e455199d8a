package tabular

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/descent-go/descent/lib/preprocess"
)

// A Kind says how a column is prepared.
type Kind string

// The kinds of columns.
const (
	Number   Kind = "number"
	Category Kind = "category"
	Text     Kind = "text"
	Ignored  Kind = "ignored" // not used
)

// A Feature is a column that a model learns from, as it was in the training rows.
type Feature struct {
	Name    string
	Kind    Kind
	Reason  string   `json:",omitempty"` // why it is Ignored
	Missing int      // rows without a value
	Low     float64  `json:",omitempty"` // smallest and largest value of a Number
	High    float64  `json:",omitempty"`
	Values  []string `json:",omitempty"` // the categories, ascending
}

const (
	manyValues = 20 // of which a column of categories may have more only if they repeat
	manyWords  = 4  // per cell, on average, of a text
)

// kindOf returns the kind of a column, and why it is ignored.
//
//	numbers and missing cells                        Number
//	no value at all                                  Ignored
//	a different value in more than half of the rows  Text, if of 4 words or more on average
//	  and more than 20 values                        Ignored, if not
//	else                                             Category
func kindOf(table *preprocess.Table, name string) (kind Kind, reason string, err error) {
	if table.Numeric(name) {
		return Number, "", nil
	}
	cells, err := table.Categories(name)
	if err != nil {
		return "", "", err
	}
	distinct, words, present := map[string]int{}, 0, 0 // how many words a distinct cell has, and all
	for _, row := range cells {
		if cell := row[0]; cell != "" {
			n, known := distinct[cell]
			if !known {
				n = len(strings.Fields(cell))
				distinct[cell] = n
			}
			words += n
			present++
		}
	}
	switch {
	case present == 0:
		return Ignored, "it has no value in any row", nil
	case len(distinct) <= manyValues || 2*len(distinct) <= present:
		return Category, "", nil
	case words >= manyWords*present:
		return Text, "", nil
	}
	return Ignored, fmt.Sprintf("%d of %d values are different, as those of a name", len(distinct), present), nil
}

// describe returns a feature of the given kind with what the table says about it.
func describe(table *preprocess.Table, name string, kind Kind) (Feature, error) {
	f := Feature{Name: name, Kind: kind}
	switch kind {
	case Number:
		values, err := table.Float(name)
		if err != nil {
			return f, fmt.Errorf("tabular: column %q is of kind number: %w", name, err)
		}
		f.Low, f.High = math.Inf(1), math.Inf(-1)
		for i, v := range values {
			if math.IsNaN(v) {
				f.Missing++
				continue
			}
			if math.IsInf(v, 0) {
				return f, fmt.Errorf("tabular: column %q is %g in row %d: remove the row, or make the cell empty", name, v, i)
			}
			f.Low, f.High = min(f.Low, v), max(f.High, v)
		}
		if f.Missing == len(values) {
			f.Low, f.High = 0, 0
		}
	case Category, Text:
		cells, err := table.Categories(name)
		if err != nil {
			return f, err
		}
		seen := map[string]bool{}
		for _, row := range cells {
			if row[0] == "" {
				f.Missing++
			} else if kind == Category && !seen[row[0]] {
				seen[row[0]] = true
				f.Values = append(f.Values, strings.Clone(row[0]))
			}
		}
		slices.Sort(f.Values)
		f.Values = slices.Clip(f.Values)
	}
	return f, nil
}
