package ch06b

import "github.com/descent-go/descent/lib/metric"

// responsibleCell returns the row and the column, from 0, of the cell that answers
// for box b: the one in which the middle of the box lies. Cells are squares of
// stride×stride pixels; row 0 is the uppermost.
func responsibleCell(b metric.Box, stride float64) (row, col int) {
	// BEGIN SOLUTION
	return int((b.Y1 + b.Y2) / 2 / stride), int((b.X1 + b.X2) / 2 / stride)
	// END SOLUTION
}
