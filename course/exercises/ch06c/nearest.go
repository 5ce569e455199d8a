package ch06c

import "github.com/descent-go/descent/lib/sparse"

// nearest returns for each row of queries the row of x with the largest dot
// product, of equals the first. x.Row(i) returns the columns and the values of
// what is not zero in row i. Both matrices have the same columns.
func nearest(x, queries *sparse.CSR) []int {
	// BEGIN SOLUTION
	texts, columns := x.Dims()
	n, _ := queries.Dims()
	rows := make([]int, n)
	for q := range rows {
		query := make([]float64, columns)
		cols, values := queries.Row(q)
		for k, j := range cols {
			query[j] = values[k]
		}
		best := -1.0
		for i := range texts {
			dot := 0.0
			cols, values := x.Row(i)
			for k, j := range cols {
				dot += values[k] * query[j]
			}
			if dot > best {
				best, rows[q] = dot, i
			}
		}
	}
	return rows
	// END SOLUTION
}
