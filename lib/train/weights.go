package train

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
)

// Used returns d without the rows of weight 0, whatever stands in them: the
// same d if there are none, else a copy of the others. A sample of weight 0
// counts for nothing, and so a gap in it, or a label that means nothing, must
// not either.
func (d Data) Used() Data {
	if !slices.Contains(d.Weights, 0) {
		return d
	}
	var rows []int
	for i, w := range d.Weights {
		if w != 0 {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return d
	}
	used := d.take(rows)
	used.Weights = make([]float64, len(rows))
	for k, i := range rows {
		used.Weights[k] = d.Weights[i]
	}
	return used
}

// masked returns d with the first row of weight above 0 in place of all rows
// of weight 0: what is wrong with it is wrong with d, and in the same row.
func (d Data) masked() Data {
	rows := make([]int, len(d.Weights))
	first := slices.IndexFunc(d.Weights, func(w float64) bool { return w != 0 })
	for i, w := range d.Weights {
		rows[i] = i
		if w == 0 {
			rows[i] = first
		}
	}
	masked := d.take(rows)
	masked.Weights = d.Weights
	return masked
}

// take copies rows of x and y.
func (d Data) take(rows []int) Data {
	var taken Data
	if x, ok := d.X.(*sparse.CSR); ok {
		csr := new(sparse.CSR)
		csr.Gather(x, rows)
		taken.X = csr
	} else {
		x := new(mat.Dense)
		rowsOf(x, nil, d.X, rows, 0, len(rows))
		taken.X = x
	}
	taken.Y = new(mat.Dense)
	rowsOf(taken.Y, nil, d.Y, rows, 0, len(rows))
	return taken
}
