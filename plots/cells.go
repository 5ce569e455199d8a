package plots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/number"
)

// table draws a matrix as coloured cells with words in them.
type table struct {
	value  [][]float64
	words  [][]string
	lo, hi float64
}

// cells fills the chart with a table: row 0 at the top.
func (c *Chart) cells(rows, cols []string, value [][]float64, words [][]string, lo, hi float64) {
	if len(value) != len(rows) {
		panic(fmt.Sprintf("plots: %d rows of values and %d names of rows", len(value), len(rows)))
	}
	for i, row := range value {
		if len(row) != len(cols) {
			panic(fmt.Sprintf("plots: %d values in row %d and %d names of columns", len(row), i, len(cols)))
		}
	}
	p := c.Plot
	c.ranges = flat("the axes of a table have names, not numbers")
	c.grid.Horizontal.Width, c.grid.Vertical.Width = 0, 0
	p.Add(table{value, words, lo, hi})
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.Min, p.X.Max = -0.5, float64(len(cols))-0.5
	p.Y.Min, p.Y.Max = -0.5, float64(len(rows))-0.5
	var yTicks plot.ConstantTicks
	widest := vg.Length(0)
	for i, name := range rows {
		yTicks = append(yTicks, plot.Tick{Value: float64(len(rows) - 1 - i), Label: name})
		widest = max(widest, p.Y.Tick.Label.Width(name))
	}
	p.Y.Tick.Marker = yTicks
	p.X.Tick.Marker = names(cols)
	cell := vg.Length(48)
	for _, name := range cols {
		cell = max(cell, p.X.Tick.Label.Width(name)+8)
	}
	if len(cols) > 6 && cell == 48 {
		cell = 36
	}
	c.Width = min(max(widest+cell*vg.Length(len(cols))+60, 240), 660)
	place := func() vg.Length { return (c.Width - widest - 60) / vg.Length(max(1, len(cols))) }
	c.layout = func(p *plot.Plot) { fitNames(p, cols, place()) }
	c.fitTitle()
	c.Height = min(cell, 42)*vg.Length(len(rows)) + 80
	if place() < cell { // names of columns may be upright
		c.Height += min(cell, upright)
	}
}

// names are ticks at 0, 1, 2, …
func names(list []string) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for i, name := range list {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: name})
	}
	return ticks
}

// Plot implements plot.Plotter.
func (t table) Plot(c draw.Canvas, p *plot.Plot) {
	sty := aligned(textStyle(labelSize, ink), text.XCenter, text.YCenter)
	for i, row := range t.value {
		y := float64(len(t.value) - 1 - i)
		for j, v := range row {
			x0, x1 := c.X(p.X.Norm(float64(j)-0.5)), c.X(p.X.Norm(float64(j)+0.5))
			y0, y1 := c.Y(p.Y.Norm(y-0.5)), c.Y(p.Y.Norm(y+0.5))
			share := 0.5
			if t.hi > t.lo {
				share = (v - t.lo) / (t.hi - t.lo)
			}
			fill, letters := white, ink
			if number.IsFinite(v) {
				fill = mix(lightest, darkest, share)
				letters = readable(fill)
			}
			c.FillPolygon(fill, rectangle(x0+0.75, y0+0.75, x1-0.75, y1-0.75))
			sty.Color = letters
			c.FillText(sty, vg.Point{X: (x0 + x1) / 2, Y: (y0 + y1) / 2}, t.words[i][j])
		}
	}
}
