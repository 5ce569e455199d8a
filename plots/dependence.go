package plots

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg/draw"
)

const mostRows = 50 // that are drawn as separate lines

// PartialDependence shows how predictions depend on one feature: the mean prediction of
// all rows for each value of a grid, and in thin lines those of single rows, at most 50
// of them, equally spaced. Lines that are parallel say that the effect of the feature
// does not depend on the others. X and y name the feature and the prediction, with
// units. Rows may be nil; it has a row for each row of the data and a column for each
// value. It panics if the numbers of values differ.
func PartialDependence(title, x, y string, grid, mean []float64, rows *mat.Dense) *Chart {
	if len(grid) != len(mean) {
		panic(fmt.Sprintf("plots: %d values of the feature and %d means", len(grid), len(mean)))
	}
	c := New(title, x, y)
	c.need(len(grid))
	if rows != nil {
		n, columns := rows.Dims()
		if columns != len(grid) {
			panic(fmt.Sprintf("plots: %d values of the feature and %d columns of single rows", len(grid), columns))
		}
		shown := min(n, mostRows)
		for k := range shown {
			s := Series{X: grid, Y: mat.Row(nil, k*n/shown, rows)}
			if k == 0 {
				s.Name = "single rows"
			}
			c.addLine(s, draw.LineStyle{Color: mix(muted, faint, 0.5), Width: lineWidth / 3}, noMarks)
		}
	}
	style := lineStyle(0)
	style.Width *= 1.6
	c.addLine(Series{Name: "mean of all rows", X: grid, Y: mean}, style, noMarks)
	return c
}
