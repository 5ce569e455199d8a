package plots

import (
	"fmt"
	"slices"
)

// Lines shows series as lines. Each has a colour and, if there are several, a marker.
// It panics if a series has x and y of different lengths; one without finite values is the chart's error.
func Lines(title, x, y string, series ...Series) *Chart {
	c := New(title, x, y)
	c.need(len(series))
	c.Lines(series...)
	if len(series) == 1 {
		c.lines[0].mark = noMarks
	}
	return c
}

// Scatter shows series as points. It panics and has the errors of [Lines].
func Scatter(title, x, y string, groups ...Series) *Chart {
	c := New(title, x, y)
	c.need(len(groups))
	c.Points(groups...)
	c.room()
	return c
}

// ScatterLine shows points and lines fitted to them: straight lines, given by two
// points, or lines from [Curve]. It panics and has the errors of [Lines].
func ScatterLine(title, x, y string, points Series, lines ...Series) *Chart {
	c := Scatter(title, x, y, points)
	for i, s := range lines {
		style := lineStyle(i + 1)
		style.Dashes = dashes[i%len(dashes)]
		c.addLine(s, style, noMarks)
	}
	c.room()
	return c
}

// Residuals shows the residuals of a regression, actual − predicted, against the
// prediction. In a good fit the points scatter around zero without a pattern; a bend
// or a funnel shows what the model lacks. Unit is the unit of both axes. It panics if
// predicted and actual differ in length.
func Residuals(title, unit string, predicted, actual []float64) *Chart {
	if len(predicted) != len(actual) {
		panic(fmt.Sprintf("plots: %d predictions and %d actual values", len(predicted), len(actual)))
	}
	residual := make([]float64, len(actual))
	for i, v := range actual {
		residual[i] = v - predicted[i]
	}
	c := Scatter(title, "predicted"+inUnit(unit), "actual − predicted"+inUnit(unit),
		Series{Name: "sample", X: slices.Clone(predicted), Y: residual})
	return c.HLine(0, "no error")
}

func inUnit(unit string) string {
	if unit == "" {
		return ""
	}
	return " (" + unit + ")"
}

// need records that there is nothing to draw.
func (c *Chart) need(n int) {
	if n == 0 {
		c.fail("%q has no data", c.Plot.Title.Text)
	}
}

// room leaves some between the outermost points and the frame.
func (c *Chart) room() {
	c.fit()
	pad(&c.Plot.X, 0.03)
	pad(&c.Plot.Y, 0.03)
}
