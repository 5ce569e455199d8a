package ch06b

import (
	"math"

	"github.com/descent-go/descent/lib/metric"
)

// boxOfCell returns the box that a cell means by its four numbers: how far right
// and how far down its middle lies from the middle of the cell, in cells, and the
// logarithms of width/usual and height/usual. A cell has stride×stride pixels.
func boxOfCell(row, col int, numbers [4]float64, stride, usual float64) metric.Box {
	// BEGIN SOLUTION
	x, y := (float64(col)+0.5+numbers[0])*stride, (float64(row)+0.5+numbers[1])*stride
	w, h := usual*math.Exp(numbers[2]), usual*math.Exp(numbers[3])
	return metric.Box{X1: x - w/2, Y1: y - h/2, X2: x + w/2, Y2: y + h/2}
	// END SOLUTION
}
