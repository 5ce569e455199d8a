package plots

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Chart is a gonum plot in the style of the house: a white card with the title at the top left, the legend in a row
// below it, where it hides nothing, and the plot.
//
// Everything about the axes and the data is open to change in Plot. Its Title is drawn by the Chart; its Legend is
// empty, entries come from [Chart.AddLegend].
type Chart struct {
	Plot          *plot.Plot
	Width, Height vg.Length // of the card; 3/4 of a point is a CSS pixel

	grid   *plotter.Grid
	lines  []*line
	legend []entry
	bar    *colorBar
	layout func(*plot.Plot) // what depends on the size, set shortly before drawing
	err    error
}

// entry is a name in the legend with a sample of how it is drawn.
type entry struct {
	name   string
	thumbs []plot.Thumbnailer
}

// New returns an empty chart of 640×400 CSS pixels, with a title and the names of the axes; give their units, as in
// "loss (mg²/dl²)". Data are added with [Chart.Lines], [Chart.Points] or any plotter of gonum: c.Plot.Add(…).
func New(title, x, y string) *Chart {
	p := plot.New()
	p.Title.Text = title
	t := bold(textStyle(titleSize, ink))
	p.Title.TextStyle.Font, p.Title.TextStyle.Color, p.Title.TextStyle.Handler = t.Font, t.Color, t.Handler
	p.TextHandler = t.Handler
	p.Legend.TextStyle = textStyle(labelSize, ink)
	styleAxis(&p.X, x)
	styleAxis(&p.Y, y)
	p.X.Label.Padding, p.Y.Label.Padding = 3, 7
	// Gonum draws the labels of ticks too high, by the depth of the letters.
	ext := p.Y.Tick.Label.FontExtents()
	depth := text.YAlignment(ext.Descent / (ext.Ascent + ext.Descent))
	p.X.Tick.Label.YAlign -= depth
	p.Y.Tick.Label.YAlign -= depth
	c := &Chart{Plot: p, Width: 480, Height: 300, grid: plotter.NewGrid()}
	c.grid.Horizontal = draw.LineStyle{Color: faint, Width: 0.75}
	c.grid.Vertical = c.grid.Horizontal
	p.Add(c.grid)
	return c
}

// Size sets the size in CSS pixels and returns the chart.
func (c *Chart) Size(width, height int) *Chart {
	c.Width, c.Height = vg.Length(width)*0.75, vg.Length(height)*0.75
	return c
}

// Err returns what is wrong with the data that the chart was made of, if anything is. [Show], [Save] and [Chart.PNG]
// report it.
func (c *Chart) Err() error { return c.err }

// fail remembers the first error.
func (c *Chart) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("plots: "+format, args...)
	}
}

// AddLegend adds an entry to the legend: a name, and plotters that draw samples of themselves.
func (c *Chart) AddLegend(name string, thumbs ...plot.Thumbnailer) {
	c.legend = append(c.legend, entry{name, thumbs})
}

// LogX makes the x axis logarithmic and returns the chart. Values ≤ 0 are left out.
func (c *Chart) LogX() *Chart {
	logarithmic(&c.Plot.X)
	c.fit()
	return c
}

// LogY makes the y axis logarithmic and returns the chart. Values ≤ 0 are left out.
func (c *Chart) LogY() *Chart {
	logarithmic(&c.Plot.Y)
	c.fit()
	return c
}

func logarithmic(a *plot.Axis) { a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks{} }

func isLog(a plot.Axis) bool {
	_, ok := a.Scale.(plot.LogScale)
	return ok
}

// fit sets the axes' ranges to those of the series.
func (c *Chart) fit() {
	p := c.Plot
	if len(c.lines) == 0 {
		return
	}
	p.X.Min, p.X.Max = math.Inf(1), math.Inf(-1)
	p.Y.Min, p.Y.Max = math.Inf(1), math.Inf(-1)
	for _, l := range c.lines {
		for i := range l.x {
			if l.drawable(i, p) {
				p.X.Min, p.X.Max = min(p.X.Min, l.x[i]), max(p.X.Max, l.x[i])
				p.Y.Min, p.Y.Max = min(p.Y.Min, l.y[i]), max(p.Y.Max, l.y[i])
			}
		}
	}
	widen(&p.X)
	widen(&p.Y)
}

// widen makes sure that an axis has a length, also if there is one value or none.
func widen(a *plot.Axis) {
	switch log := isLog(*a); {
	case a.Min < a.Max:
	case a.Min > a.Max && log:
		a.Min, a.Max = 0.1, 1
	case a.Min > a.Max:
		a.Min, a.Max = 0, 1
	case log:
		a.Min, a.Max = a.Min/2, a.Max*2
	default:
		pad := max(0.5, math.Abs(a.Min)/10)
		a.Min, a.Max = a.Min-pad, a.Max+pad
	}
}

// pad moves the ends of a linear axis outwards by a share of its length, so that no point lies on the frame.
func pad(a *plot.Axis, share float64) {
	if !isLog(*a) {
		d := share * (a.Max - a.Min)
		a.Min, a.Max = a.Min-d, a.Max+d
	}
}

// Draw draws the chart on any canvas of gonum.
func (c *Chart) Draw(dc draw.Canvas) {
	dc.SetColor(c.Plot.BackgroundColor)
	dc.Fill(dc.Rectangle.Path())
	c.drawOnBackground(dc)
}

func (c *Chart) drawOnBackground(dc draw.Canvas) {
	dc = draw.Crop(dc, margin, -margin, margin, -margin)
	dc = c.drawTitle(dc)
	dc = c.drawLegend(dc)
	p := *c.Plot
	p.Title.Text, p.BackgroundColor = "", nil
	if c.layout != nil {
		c.layout(&p)
	}
	if c.bar != nil {
		dc = c.bar.draw(dc, &p)
	}
	dc = drawLabels(dc, &p)
	p.Draw(dc)
}

// drawLabels writes the names of the axes in the middle of each and takes them out of the plot. (Gonum reserves the
// space for them at the wrong place if an axis is logarithmic.)
func drawLabels(dc draw.Canvas, p *plot.Plot) draw.Canvas {
	x, y := p.X.Label, p.Y.Label
	p.X.Label.Text, p.Y.Label.Text = "", ""
	rest := dc
	if x.Text != "" {
		rest.Min.Y += x.TextStyle.Height(x.Text) + x.Padding
	}
	if y.Text != "" {
		rest.Min.X += y.TextStyle.Height(y.Text) + y.Padding
	}
	middle := p.DataCanvas(rest)
	if x.Text != "" {
		dc.FillText(aligned(x.TextStyle, text.XCenter, text.YBottom), vg.Point{X: middle.Center().X, Y: dc.Min.Y}, x.Text)
	}
	if y.Text != "" {
		sty := aligned(y.TextStyle, text.XCenter, text.YTop)
		sty.Rotation = math.Pi / 2
		dc.FillText(sty, vg.Point{X: dc.Min.X, Y: middle.Center().Y}, y.Text)
	}
	return rest
}

// drawTitle writes the title at the top left, in several lines if it must, and returns what remains below.
func (c *Chart) drawTitle(dc draw.Canvas) draw.Canvas {
	if c.Plot.Title.Text == "" {
		return dc
	}
	sty := aligned(c.Plot.Title.TextStyle, text.XLeft, text.YTop)
	title := wrap(c.Plot.Title.Text, sty, dc.Max.X-dc.Min.X)
	dc.FillText(sty, vg.Point{X: dc.Min.X, Y: dc.Max.Y}, title)
	dc.Max.Y -= sty.Height(title) + 8
	return dc
}

// wrap breaks text between words where a line would become too wide.
func wrap(s string, sty text.Style, width vg.Length) string {
	var lines []string
	for _, word := range strings.Fields(s) {
		if n := len(lines); n > 0 && sty.Width(lines[n-1]+" "+word) <= width {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return strings.Join(lines, "\n")
}

// drawLegend writes the legend's entries one after the other, in as many rows as it takes.
func (c *Chart) drawLegend(dc draw.Canvas) draw.Canvas {
	if len(c.legend) == 0 {
		return dc
	}
	const sample, gap, space = 22, 5, 16
	sty := aligned(c.Plot.Legend.TextStyle, text.XLeft, text.YCenter)
	row := sty.Font.Size * 1.45
	x := dc.Min.X
	for _, e := range c.legend {
		width := vg.Length(gap) + sty.Width(e.name)
		if len(e.thumbs) > 0 {
			width += sample
		}
		if x > dc.Min.X && x+width > dc.Max.X {
			x = dc.Min.X
			dc.Max.Y -= row
		}
		at := x
		if len(e.thumbs) > 0 {
			icon := draw.Canvas{Canvas: dc.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: at, Y: dc.Max.Y - 0.8*row}, Max: vg.Point{X: at + sample, Y: dc.Max.Y - 0.2*row}}}
			for _, t := range e.thumbs {
				t.Thumbnail(&icon)
			}
			at += sample + gap
		}
		dc.FillText(sty, vg.Point{X: at, Y: dc.Max.Y - row/2}, e.name)
		x += width + space
	}
	dc.Max.Y -= row + 6
	return dc
}
