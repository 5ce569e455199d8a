package plots

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/number"
)

// A Series is a named list of points. If X is nil the points are numbered from
// 1.
type Series struct {
	Name string
	X, Y []float64
}

// Curve returns a series of 241 points of y = f(x) for x from lo to hi.
func Curve(name string, f func(x float64) float64, lo, hi float64) Series {
	const n = 240
	s := Series{Name: name, X: make([]float64, n+1), Y: make([]float64, n+1)}
	for i := range s.X {
		s.X[i] = lo + (hi-lo)*float64(i)/n
		s.Y[i] = f(s.X[i])
	}
	return s
}

// ByClass splits samples into one series for each class: columns i and j of x (m×n)
// are the coordinates, y (m×1) holds the class indices, and names holds their names.
// It panics if x and y differ in rows or an index has no name.
func ByClass(x mat.Matrix, i, j int, y mat.Matrix, names ...string) []Series {
	rows, _ := x.Dims()
	if n, _ := y.Dims(); n != rows {
		panic(fmt.Sprintf("plots: x has %d rows, y has %d", rows, n))
	}
	out := make([]Series, len(names))
	for k, name := range names {
		out[k].Name = name
	}
	for r := range rows {
		k := int(y.At(r, 0))
		if k < 0 || k >= len(names) {
			panic(fmt.Sprintf("plots: class %d in row %d, but there are %d names", k, r, len(names)))
		}
		out[k].X = append(out[k].X, x.At(r, i))
		out[k].Y = append(out[k].Y, x.At(r, j))
	}
	return out
}

// points returns the coordinates, and panics if the lengths differ.
func (s Series) points() (x, y []float64) {
	if s.X == nil {
		x = make([]float64, len(s.Y))
		for i := range x {
			x[i] = float64(i + 1)
		}
		return x, s.Y
	}
	if len(s.X) != len(s.Y) {
		panic(fmt.Sprintf("plots: series %q has %d x and %d y", s.Name, len(s.X), len(s.Y)))
	}
	return s.X, s.Y
}

// Lines adds series as lines, with an entry in the legend for each that has a name, and returns the chart.
//
// A line has gaps at NaN and infinite values, and where it leaves the chart; a single
// point between two gaps is a dot. Where a line leaves for good it is marked: with a
// triangle at the edge if the value grows beyond it, with a cross at the last point
// before NaN. A value ≤ 0 on a logarithmic axis is marked by a triangle at the edge.
//
// Of the points in one column of pixels only the visible ones are drawn, so that a
// million points take no longer than a thousand.
func (c *Chart) Lines(series ...Series) *Chart {
	for _, s := range series {
		c.addLine(s, lineStyle(len(c.lines)), shape(len(c.lines)%shapes))
	}
	return c
}

// Points adds series as points, with an entry in the legend for each that has a name, and returns the chart.
func (c *Chart) Points(series ...Series) *Chart {
	for _, s := range series {
		l := c.addLine(s, lineStyle(len(c.lines)), shape(len(c.lines)%shapes))
		l.style.Width, l.every = 0, 1
	}
	return c
}

const noMarks shape = -1

// addLine adds a series. It has markers at each point if there are few, or else at
// about eight points.
func (c *Chart) addLine(s Series, style draw.LineStyle, mark shape) *line {
	x, y := s.points()
	l := &line{name: s.Name, x: x, y: y, style: style, mark: mark, every: 1, phase: len(c.lines)}
	if len(x) > 16 {
		l.every = (len(x) + 7) / 8
	}
	c.lines = append(c.lines, l)
	c.fit()
	any := false
	for i := range x {
		any = any || number.IsFinite(x[i]) && number.IsFinite(y[i])
	}
	if !any {
		c.fail("series %q has no finite value: there is nothing to draw", s.Name)
	}
	c.Plot.Add(l)
	if s.Name != "" {
		c.AddLegend(s.Name, l)
	}
	return l
}

// line is a plotter for series with holes. It reads the range of the axes when it is drawn, so that they can be
// changed afterwards.
type line struct {
	name  string
	x, y  []float64
	style draw.LineStyle
	mark  shape
	size  vg.Length // of the marker; 0 means markSize
	every int       // points from one marker to the next
	phase int       // shifts the markers, so that those of lines that coincide do not hide each other
}

// drawable reports that point i has a place on axes of these scales.
func (l *line) drawable(i int, p *plot.Plot) bool {
	return number.IsFinite(l.x[i]) && number.IsFinite(l.y[i]) && (!isLog(p.X) || l.x[i] > 0) && (!isLog(p.Y) || l.y[i] > 0)
}

// at returns where point i is drawn. What lies far beyond the edge is moved closer, out of reach of overflow.
func (l *line) at(i int, c *draw.Canvas, p *plot.Plot) vg.Point {
	near := func(v float64) float64 { return min(max(v, -1e4), 1e4) }
	return vg.Point{X: c.X(near(norm(p.X, l.x[i]))), Y: c.Y(near(norm(p.Y, l.y[i])))}
}

// Plot implements plot.Plotter.
func (l *line) Plot(c draw.Canvas, p *plot.Plot) {
	if l.style.Width > 0 {
		l.strokes(c, p)
	}
	if l.mark != noMarks {
		glyph, seen := l.glyph(), stamps{}
		for i := l.phase % l.every; i < len(l.x); i += l.every {
			if l.drawable(i, p) {
				if at := l.at(i, &c, p); seen.add(at) {
					c.DrawGlyph(glyph, at)
				}
			}
		}
	}
	l.markEdges(c, p)
	if l.style.Width > 0 {
		l.markExit(c, p)
	}
}

// strokes draws the runs of drawable points. A value ≤ 0 on a logarithmic y axis lies below it: the line goes to the
// lower edge there.
func (l *line) strokes(c draw.Canvas, p *plot.Plot) {
	below := func(i int) bool { return i >= 0 && i < len(l.x) && l.below(i, p) }
	for from := 0; from < len(l.x); from++ {
		if !l.drawable(from, p) {
			continue
		}
		to := from + 1
		for to < len(l.x) && l.drawable(to, p) {
			to++
		}
		first, last := from, to // with the neighbours on the lower edge
		if below(from - 1) {
			first--
		}
		if below(to) {
			last++
		}
		if last-first == 1 && (l.mark == noMarks || from%l.every != l.phase%l.every) {
			c.DrawGlyph(draw.GlyphStyle{Color: l.style.Color, Radius: 0.8 * markSize, Shape: draw.CircleGlyph{}}, l.at(from, &c, p))
		}
		points := make([]vg.Point, 0, min(last-first, 4096))
		var thin thinner
		for i := first; i < last; i++ {
			points = thin.add(points, l.at(i, &c, p))
		}
		stroke(c, l.style, c.ClipLinesXY(thin.flush(points)))
		from = to
	}
}

// below reports a point that would be drawn, were its y above 0 on a logarithmic axis.
func (l *line) below(i int, p *plot.Plot) bool {
	return isLog(p.Y) && l.y[i] <= 0 && number.IsFinite(l.y[i]) && number.IsFinite(l.x[i]) && (!isLog(p.X) || l.x[i] > 0)
}

// markEdges marks finite points that have no place on a logarithmic axis, at the edge beyond which they would be: of
// a line, where it goes there.
func (l *line) markEdges(c draw.Canvas, p *plot.Plot) {
	if !isLog(p.X) && !isLog(p.Y) {
		return
	}
	before, seen := noMarks, stamps{}
	for i := range l.x {
		edge := noMarks
		switch {
		case l.below(i, p):
			edge = triangleDown
		case isLog(p.X) && l.x[i] <= 0 && number.IsFinite(l.x[i]) && number.IsFinite(l.y[i]):
			edge = triangleLeft
		}
		if at := l.at(i, &c, p); edge != noMarks && (edge != before || l.style.Width == 0) && seen.add(at) {
			at.X, at.Y = min(max(at.X, c.Min.X), c.Max.X), min(max(at.Y, c.Min.Y), c.Max.Y)
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: l.style.Color, Radius: 1.5 * markSize, Shape: edge}, at)
		}
		before = edge
	}
}

// markExit marks where a line ends before its last point.
func (l *line) markExit(c draw.Canvas, p *plot.Plot) {
	last := -1 // the last point that is on the chart
	for i := range l.x {
		if l.drawable(i, p) && l.y[i] <= p.Y.Max {
			last = i
		}
	}
	if last < 0 || last == len(l.x)-1 {
		return
	}
	from, next := l.at(last, &c, p), last+1
	glyph := draw.GlyphStyle{Color: l.style.Color, Radius: 2 * markSize}
	switch {
	case l.y[next] > p.Y.Max: // also +Inf
		to := vg.Point{X: c.X(norm(p.X, l.x[next])), Y: c.Max.Y + 1}
		if number.IsFinite(l.y[next]) {
			q := l.at(next, &c, p)
			to.X = from.X + (q.X-from.X)*(c.Max.Y-from.Y)/(q.Y-from.Y)
		} else {
			c.StrokeLines(l.style, c.ClipLinesXY([]vg.Point{from, to})...)
		}
		glyph.Shape = triangle
		c.DrawGlyphNoClip(glyph, vg.Point{X: min(to.X, c.Max.X), Y: c.Max.Y - markSize})
	case math.IsNaN(l.y[next]):
		glyph.Shape = cross
		c.DrawGlyphNoClip(glyph, from)
	}
}

func (l *line) glyph() draw.GlyphStyle {
	size := l.size
	if size == 0 {
		size = markSize
	}
	return draw.GlyphStyle{Color: l.style.Color, Radius: size, Shape: l.mark}
}

// GlyphBoxes implements plot.GlyphBoxer, so that markers at the edge are not cut.
func (l *line) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	if l.mark == noMarks {
		return nil
	}
	// All markers are alike: those at the four edges need the most room.
	lo, hi := [2]float64{1, 1}, [2]float64{0, 0}
	any := false
	for i := l.phase % l.every; i < len(l.x); i += l.every {
		if l.drawable(i, p) {
			any = true
			at := [2]float64{p.X.Norm(l.x[i]), p.Y.Norm(l.y[i])}
			for k := range at {
				lo[k], hi[k] = min(lo[k], at[k]), max(hi[k], at[k])
			}
		}
	}
	if !any {
		return nil
	}
	r := l.glyph().Rectangle()
	return []plot.GlyphBox{{X: lo[0], Y: lo[1], Rectangle: r}, {X: hi[0], Y: hi[1], Rectangle: r}}
}

// Thumbnail implements plot.Thumbnailer.
func (l *line) Thumbnail(c *draw.Canvas) {
	if l.style.Width > 0 {
		c.StrokeLine2(l.style, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
	}
	if l.mark != noMarks {
		c.DrawGlyphNoClip(l.glyph(), c.Center())
	}
}

// VLine adds a vertical dashed line at x, with a name for the legend or "", and returns the chart.
func (c *Chart) VLine(x float64, name string) *Chart { return c.rule(x, true, name) }

// HLine adds a horizontal dashed line at y, with a name for the legend or "", and
// returns the chart. It does not extend the axis.
func (c *Chart) HLine(y float64, name string) *Chart { return c.rule(y, false, name) }

func (c *Chart) rule(at float64, vertical bool, name string) *Chart {
	r := &rule{at: at, vertical: vertical, style: draw.LineStyle{Color: ink, Width: 1.2, Dashes: dashes[1]}}
	c.Plot.Add(r)
	if name != "" {
		c.AddLegend(name, r)
	}
	return c
}

// rule is a line from edge to edge.
type rule struct {
	at       float64
	vertical bool
	style    draw.LineStyle
}

// Plot implements plot.Plotter.
func (r *rule) Plot(c draw.Canvas, p *plot.Plot) {
	switch {
	case r.vertical && r.at >= p.X.Min && r.at <= p.X.Max:
		x := c.X(p.X.Norm(r.at))
		c.StrokeLine2(r.style, x, c.Min.Y, x, c.Max.Y)
	case !r.vertical && r.at >= p.Y.Min && r.at <= p.Y.Max:
		y := c.Y(p.Y.Norm(r.at))
		c.StrokeLine2(r.style, c.Min.X, y, c.Max.X, y)
	}
}

// beyond reports a line that is not between the edges.
func (r *rule) beyond(p *plot.Plot) bool {
	axis := p.Y
	if r.vertical {
		axis = p.X
	}
	return axis.Min <= axis.Max && !(r.at >= axis.Min && r.at <= axis.Max)
}

// Thumbnail implements plot.Thumbnailer.
func (r *rule) Thumbnail(c *draw.Canvas) {
	c.StrokeLine2(r.style, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
}

// Note writes a few words next to the point (x, y) and returns the chart. If the
// point is not on a logarithmic axis, the words are at its lower end and include the
// value.
func (c *Chart) Note(x, y float64, words string) *Chart {
	c.words = append(c.words, words)
	c.Plot.Add(&note{at: plotter.XY{X: x, Y: y}, words: words, color: ink})
	return c
}

// note is text at a point. It is to the right of it, or to the left where there is no room.
type note struct {
	at    plotter.XY
	words string
	color color.Color
}

// Plot implements plot.Plotter.
func (n *note) Plot(c draw.Canvas, p *plot.Plot) {
	if !number.IsFinite(n.at.X) || !number.IsFinite(n.at.Y) {
		return
	}
	words := n.words
	for _, off := range []struct {
		axis plot.Axis
		at   float64
	}{{p.X, n.at.X}, {p.Y, n.at.Y}} {
		if isLog(off.axis) && off.at <= 0 {
			words += " (at " + short(off.at) + ")"
		}
	}
	sty := aligned(textStyle(tickSize, n.color), text.XLeft, text.YBottom)
	x, y := c.X(norm(p.X, n.at.X)), c.Y(norm(p.Y, n.at.Y))
	if width := sty.Width(words); x+4+width > c.Max.X && x-4-width > c.Min.X {
		sty.XAlign = text.XRight
		x -= 8
	}
	if y+2+sty.Height(words) > c.Max.Y {
		sty.YAlign = text.YTop
		y -= 4
	}
	c.FillText(sty, vg.Point{X: x + 4, Y: y + 2}, words)
}
