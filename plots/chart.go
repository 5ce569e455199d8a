package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Chart is a gonum plot on a white background, with the title at the top left and
// the legend in a row below it.
//
// Axes and data can be changed in Plot. The Chart draws its Title; its Legend is not
// used: add entries with [Chart.AddLegend].
type Chart struct {
	Plot          *plot.Plot
	Width, Height vg.Length // of the chart; 3/4 of a point is a CSS pixel

	grid   *plotter.Grid
	lines  []*line
	legend []entry
	bar    *colorBar
	ranges ranger           // of charts that are not made of lines
	words  []string         // what is written in the plot
	tiles  *tiles           // of a grid
	layout func(*plot.Plot) // what depends on the size, set shortly before drawing
	err    error
}

// A ranger says which part of a logarithmic axis holds what is drawn, or why the axis cannot be logarithmic.
type ranger interface {
	logRange(vertical bool) (lo, hi float64, err error)
}

// entry is a name in the legend with a sample of how it is drawn.
type entry struct {
	name   string
	thumbs []plot.Thumbnailer
}

// New returns an empty chart of 640×400 CSS pixels, with a title and the names of the
// axes. Include their units, as in "loss (mg²/dl²)". Add data with [Chart.Lines],
// [Chart.Points] or, by c.Plot.Add, any plotter of gonum.
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

// LogX makes the x axis logarithmic and returns the chart. A value ≤ 0 is marked by a
// triangle at the left edge. If no value is positive, or if the x axis has names or a
// map, it is the chart's error.
func (c *Chart) LogX() *Chart { return c.logarithmic(&c.Plot.X, false) }

// LogY makes the y axis logarithmic and returns the chart. A value ≤ 0 is marked by a
// triangle at the lower edge. If no value is positive, or if the y axis has names or
// a map, it is the chart's error.
func (c *Chart) LogY() *Chart { return c.logarithmic(&c.Plot.Y, true) }

func (c *Chart) logarithmic(a *plot.Axis, vertical bool) *Chart {
	if c.ranges != nil {
		lo, hi, err := c.ranges.logRange(vertical)
		if err != nil {
			c.fail("%q: %w", c.Plot.Title.Text, err)
			return c
		}
		a.Min, a.Max = lo, hi
	}
	a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks{}
	c.fit()
	return c
}

// norm is where v lies on an axis, from 0 to 1 inside. What has no place on a logarithmic axis is at its lower end.
func norm(a plot.Axis, v float64) float64 {
	if isLog(a) && !(v > 0) {
		return 0
	}
	return a.Norm(v)
}

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
	p.X.Tick.Marker = spacedTicks{&p.X, p.X.Tick.Marker, dc.Max.X - dc.Min.X - 60}
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
	x.Text = wrap(x.Text, x.TextStyle, dc.Max.X-dc.Min.X)
	y.Text = wrap(y.Text, y.TextStyle, dc.Max.Y-dc.Min.Y)
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
