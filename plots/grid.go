package plots

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Grid combines several charts into one, in rows of the given number of columns. Each
// keeps its size. The first error of a chart becomes that of the whole. It panics if
// there are no charts or columns < 1.
func Grid(title string, columns int, charts ...*Chart) *Chart {
	if columns < 1 || len(charts) == 0 {
		panic(fmt.Sprintf("plots: a grid of %d charts in %d columns", len(charts), columns))
	}
	columns = min(columns, len(charts))
	g := &tiles{charts: charts, columns: columns,
		widths: make([]vg.Length, columns), heights: make([]vg.Length, (len(charts)+columns-1)/columns)}
	c := blank(title)
	for i, chart := range charts {
		if c.err == nil {
			c.err = chart.Err()
		}
		width, height := chart.size()
		w, h := &g.widths[i%columns], &g.heights[i/columns]
		*w, *h = max(*w, width), max(*h, height)
	}
	c.Width, c.Height = 2*margin, 2*margin
	for _, w := range g.widths {
		c.Width += w
	}
	for _, h := range g.heights {
		c.Height += h
	}
	if title != "" {
		sty := c.Plot.Title.TextStyle
		c.Height += sty.Height(wrap(title, sty, c.Width-2*margin)) + 8
	}
	c.Plot.Add(g)
	c.tiles = g
	return c
}

type tiles struct {
	charts          []*Chart
	columns         int
	widths, heights []vg.Length
	places          []vg.Rectangle // of the charts, once they have been drawn
}

// list says where the charts are, in CSS pixels from the upper left corner of the grid: "x y width height, …".
func (t *tiles) list(height vg.Length) string {
	px := func(l vg.Length) float64 { return float64(tenths(l)) / 10 }
	var list []string
	for _, r := range t.places {
		list = append(list, fmt.Sprintf("%g %g %g %g", px(r.Min.X), px(height-r.Max.Y), px(r.Max.X-r.Min.X), px(r.Max.Y-r.Min.Y)))
	}
	return strings.Join(list, ", ")
}

// Plot implements plot.Plotter.
func (t *tiles) Plot(c draw.Canvas, _ *plot.Plot) {
	x, y := c.Min.X, c.Max.Y
	t.places = nil
	for i, chart := range t.charts {
		column, row := i%t.columns, i/t.columns
		if column == 0 && row > 0 {
			x, y = c.Min.X, y-t.heights[row-1]
		}
		width, height := chart.size()
		place := vg.Rectangle{Min: vg.Point{X: x, Y: y - height}, Max: vg.Point{X: x + width, Y: y}}
		chart.Draw(draw.Canvas{Canvas: c.Canvas, Rectangle: place})
		t.places = append(t.places, place)
		x += t.widths[column]
	}
}
