package plots

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Vertex is a circle of a [Graph]: a number in a computation.
type Vertex struct {
	X, Y     float64 // column and row; y grows upwards
	Name     string  // in the circle: two or three letters
	Value    string  // above it, in black
	Gradient string  // below it, in vermilion
	Marked   bool    // filled: where the computation is
}

// Edge is an arrow of a [Graph].
type Edge struct {
	From, To int    // vertices, counted from 0
	Value    string // above the arrow, in black: a weight, or a derivative
	Gradient string // below it, in vermilion
	Marked   bool   // drawn in vermilion, and wide
}

// Graph draws a computation: circles with their values, and arrows from what is used to what is made of it. Gradients,
// which flow against the arrows, are written below. Two columns are a little further apart than two rows.
//
// It panics at an edge to a vertex that is not there. Without vertices, or with one that has no finite place, it is the
// chart's error.
func Graph(title string, vertices []Vertex, edges []Edge) *Chart {
	c := blank(title)
	c.need(len(vertices))
	x, y := reach{math.Inf(1), math.Inf(-1)}, reach{math.Inf(1), math.Inf(-1)}
	for i, v := range vertices {
		if math.IsInf(v.X, 0) || math.IsNaN(v.X) || math.IsInf(v.Y, 0) || math.IsNaN(v.Y) {
			c.fail("vertex %d (%q) has no finite place: (%g, %g)", i, v.Name, v.X, v.Y)
		}
		x, y = x.with(v.X), y.with(v.Y)
		c.words = append(c.words, v.Name, v.Value, v.Gradient)
	}
	for i, e := range edges {
		if min(e.From, e.To) < 0 || max(e.From, e.To) >= len(vertices) {
			panic(fmt.Sprintf("plots: edge %d goes from %d to %d, and there are %d vertices", i, e.From, e.To, len(vertices)))
		}
		c.words = append(c.words, e.Value, e.Gradient)
	}
	const column, row = 96, 78
	if c.err == nil {
		c.Width = max(240, vg.Length(x.hi-x.lo)*column+90) + 2*margin
		c.Height = vg.Length(y.hi-y.lo)*row + 70 + 2*margin + 26
	}
	c.fitTitle()
	c.Plot.Add(graph{vertices, edges, x, y})
	return c
}

// reach is a range that grows.
type reach struct{ lo, hi float64 }

func (s reach) with(v float64) reach { return reach{min(s.lo, v), max(s.hi, v)} }

// share says how far v lies from lo to hi, and ½ where both are the same.
func (s reach) share(v float64) float64 {
	if s.lo == s.hi {
		return 0.5
	}
	return (v - s.lo) / (s.hi - s.lo)
}

type graph struct {
	vertices []Vertex
	edges    []Edge
	x, y     reach
}

const radius = vg.Length(14) // of a vertex

// Plot implements plot.Plotter.
func (g graph) Plot(c draw.Canvas, _ *plot.Plot) {
	at := func(v Vertex) vg.Point {
		const aside, above = 40, 34
		return vg.Point{
			X: c.Min.X + aside + vg.Length(g.x.share(v.X))*(c.Max.X-c.Min.X-2*aside),
			Y: c.Min.Y + above + vg.Length(g.y.share(v.Y))*(c.Max.Y-c.Min.Y-2*above),
		}
	}
	for _, e := range g.edges {
		e.arrow(c, at(g.vertices[e.From]), at(g.vertices[e.To]))
	}
	for _, e := range g.edges {
		e.write(c, at(g.vertices[e.From]), at(g.vertices[e.To]))
	}
	for _, v := range g.vertices {
		v.draw(c, at(v))
	}
}

// arrow draws the line from circle to circle, and its head.
func (e Edge) arrow(c draw.Canvas, from, to vg.Point) {
	style := draw.LineStyle{Color: muted, Width: 1}
	if e.Marked {
		style = draw.LineStyle{Color: okabeIto[1], Width: 2.5}
	}
	length := vg.Length(math.Hypot(float64(to.X-from.X), float64(to.Y-from.Y)))
	if length <= 2*radius {
		return
	}
	ux, uy := (to.X-from.X)/length, (to.Y-from.Y)/length
	from = vg.Point{X: from.X + radius*ux, Y: from.Y + radius*uy}
	to = vg.Point{X: to.X - radius*ux, Y: to.Y - radius*uy}
	const head = 7
	neck := vg.Point{X: to.X - head*ux, Y: to.Y - head*uy}
	c.StrokeLines(style, []vg.Point{from, neck})
	c.FillPolygon(style.Color, []vg.Point{to,
		{X: neck.X - head*uy/2, Y: neck.Y + head*ux/2}, {X: neck.X + head*uy/2, Y: neck.Y - head*ux/2}})
}

// write puts the numbers of an edge a third of the way from its beginning: there, arrows that cross are apart.
func (e Edge) write(c draw.Canvas, from, to vg.Point) {
	middle := vg.Point{X: from.X + 0.36*(to.X-from.X), Y: from.Y + 0.36*(to.Y-from.Y)}
	label(c, middle, e.Value, ink, text.YBottom)
	label(c, middle, e.Gradient, okabeIto[1], text.YTop)
}

// label writes words above or below a place, on white.
func label(c draw.Canvas, at vg.Point, words string, col color.Color, y text.YAlignment) {
	if words == "" {
		return
	}
	sty := aligned(textStyle(tickSize, col), text.XCenter, y)
	wide, high := sty.Width(words)/2+1.5, sty.Font.Size
	const gap = 1.5
	lo, hi := at.Y+gap, at.Y+gap+high
	if y == text.YTop {
		lo, hi = at.Y-gap-high, at.Y-gap
	}
	c.FillPolygon(white, rectangle(at.X-wide, lo, at.X+wide, hi))
	at.Y = lo
	sty.YAlign = text.YBottom
	c.FillText(sty, at, words)
}

func (v Vertex) draw(c draw.Canvas, at vg.Point) {
	fill, letters := white, ink
	if v.Marked {
		fill, letters = okabeIto[1], readable(okabeIto[1])
	}
	disc := func(r vg.Length, col color.Color) {
		c.DrawGlyph(draw.GlyphStyle{Color: col, Radius: r, Shape: draw.CircleGlyph{}}, at)
	}
	disc(radius, ink)
	disc(radius-1.2, fill)
	sty := aligned(textStyle(tickSize, letters), text.XCenter, text.YCenter)
	c.FillText(sty, at, v.Name)
	label(c, vg.Point{X: at.X, Y: at.Y + radius}, v.Value, ink, text.YBottom)
	label(c, vg.Point{X: at.X, Y: at.Y - radius}, v.Gradient, okabeIto[1], text.YTop)
}
