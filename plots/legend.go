package plots

import (
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	legendSample = vg.Length(22) // how wide a sample of a line is
	legendGap    = vg.Length(5)  // between the sample and the name
	legendSpace  = vg.Length(16) // between entries
	legendLine   = labelSize * 1.45
)

// placed is an entry of the legend with its place: x from the left, y of its top from that of the legend.
type placed struct {
	entry
	x, y  vg.Length
	lines int
}

// placeLegend sets the entries one after the other, in as many rows as it takes. A name that is wider than the chart
// has several lines.
func (c *Chart) placeLegend(width vg.Length) (entries []placed, height vg.Length) {
	if len(c.legend) == 0 {
		return nil, 0
	}
	sty := c.Plot.Legend.TextStyle
	var x, y vg.Length
	tallest := 1 // of the row, in lines
	for _, e := range c.legend {
		start := vg.Length(0)
		if len(e.thumbs) > 0 {
			start = legendSample + legendGap
		}
		e.name = wrap(e.name+c.aside(e), sty, width-start)
		lines := 1 + strings.Count(e.name, "\n")
		w := start + sty.Width(e.name)
		if x > 0 && x+w > width {
			x, y, tallest = 0, y+vg.Length(tallest)*legendLine, 1
		}
		entries = append(entries, placed{e, x, y, lines})
		x += w + legendSpace
		tallest = max(tallest, lines)
	}
	return entries, y + vg.Length(tallest)*legendLine + 6
}

// aside is what the legend says of a line from edge to edge that lies beyond the edges.
func (c *Chart) aside(e entry) string {
	if len(e.thumbs) > 0 {
		if r, ok := e.thumbs[0].(*rule); ok && r.beyond(c.Plot) {
			return " (off the chart)"
		}
	}
	return ""
}

// drawLegend writes the legend's entries and returns what remains below.
func (c *Chart) drawLegend(dc draw.Canvas) draw.Canvas {
	entries, height := c.placeLegend(dc.Max.X - dc.Min.X)
	sty := aligned(c.Plot.Legend.TextStyle, text.XLeft, text.YCenter)
	for _, e := range entries {
		x, top := dc.Min.X+e.x, dc.Max.Y-e.y
		if len(e.thumbs) > 0 {
			icon := draw.Canvas{Canvas: dc.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: x, Y: top - 0.8*legendLine}, Max: vg.Point{X: x + legendSample, Y: top - 0.2*legendLine}}}
			for _, t := range e.thumbs {
				t.Thumbnail(&icon)
			}
			x += legendSample + legendGap
		}
		dc.FillText(sty, vg.Point{X: x, Y: top - vg.Length(e.lines)*legendLine/2}, e.name)
	}
	dc.Max.Y -= height
	return dc
}

// size is that of the card. It grows beyond Height where the legend would take more than three tenths of it.
func (c *Chart) size() (width, height vg.Length) {
	_, legend := c.placeLegend(c.Width - 2*margin)
	return c.Width, c.Height + max(0, legend-0.3*c.Height)
}

// wrap breaks text between words where a line would become too wide, and within a word that is wider than a line.
func wrap(s string, sty text.Style, width vg.Length) string {
	width = max(width, 4*sty.Font.Size)
	var lines []string
	for _, word := range strings.Fields(s) {
		if n := len(lines); n > 0 && sty.Width(lines[n-1]+" "+word) <= width {
			lines[n-1] += " " + word
			continue
		}
		for sty.Width(word) > width {
			runes := []rune(word)
			n := len(runes) - 1
			for n > 1 && sty.Width(string(runes[:n])) > width {
				n--
			}
			lines, word = append(lines, string(runes[:n])), string(runes[n:])
		}
		lines = append(lines, word)
	}
	return strings.Join(lines, "\n")
}
