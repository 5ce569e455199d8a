package plots

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/train"
)

// Surface is a function of two parameters, such as the loss, over a rectangle.
type Surface struct {
	F func(a, b float64) float64
	// AMin to AMax and BMin to BMax is the rectangle. If both pairs are equal, such
	// as all 0, it is chosen around the paths and the minima.
	AMin, AMax, BMin, BMax float64
	// Log puts the levels closer together near the lowest value, to show detail in a
	// flat valley.
	Log    bool
	Levels int // number of bands; 0 means 12
	// Minima are marked with a star.
	Minima [][2]float64
	Name   string // what F is, for the scale; "" means "loss"
}

// A Path is the path of an optimizer over a surface.
type Path struct {
	Name   string
	Points [][2]float64
}

// PathOf returns the path of parameters i and j of a run with Options.RecordPath. It
// panics if there is no path or no such parameter.
func PathOf(name string, h *train.History, i, j int) Path {
	if len(h.Path) == 0 {
		panic("plots: the history of " + name + " has no path: set RecordPath in the options")
	}
	p := Path{Name: name}
	for _, theta := range h.Path {
		if i >= len(theta) || j >= len(theta) || i < 0 || j < 0 {
			panic(fmt.Sprintf("plots: path of parameters %d and %d, but there are %d", i, j, len(theta)))
		}
		p.Points = append(p.Points, [2]float64{theta[i], theta[j]})
	}
	return p
}

// Contour shows a surface as a map, lighter where it is lower, with the paths of
// optimizers: a dot at the start, a larger marker at the end, a cross where a path
// leaves the map for good. The axes are named a and b, after the two parameters. A
// surface without a finite value, or for which no rectangle can be chosen, is the
// chart's error.
func Contour(title, a, b string, s Surface, paths ...Path) *Chart {
	return contours(title, a, b, s, paths, [][]Path{paths})[0]
}

// ContourFrames returns n charts on which the paths of [Contour] grow from the start to the end, for [Animate] or
// [Player]. It panics if n < 1.
func ContourFrames(n int, title, a, b string, s Surface, paths ...Path) []*Chart {
	if n < 1 {
		panic(fmt.Sprintf("plots: %d frames, want at least 1", n))
	}
	grown := make([][]Path, n)
	for k := range n {
		for _, p := range paths {
			p.Points = p.Points[:(len(p.Points)*(k+1)+n-1)/n]
			grown[k] = append(grown[k], p)
		}
	}
	return contours(title, a, b, s, paths, grown)
}

// contours draws several charts on one surface, whose rectangle holds all paths.
func contours(title, a, b string, s Surface, all []Path, frames [][]Path) []*Chart {
	if s.AMin == s.AMax && s.BMin == s.BMax {
		s.around(all)
	}
	charts := make([]*Chart, len(frames))
	for k := range charts {
		charts[k] = New(title, a, b).Size(640, 440)
	}
	fail := func(format string, args ...any) []*Chart {
		for _, c := range charts {
			c.fail(format, args...)
		}
		return charts
	}
	if !(s.AMin < s.AMax) || !(s.BMin < s.BMax) {
		return fail("the surface of %q has no area: a from %g to %g, b from %g to %g", title, s.AMin, s.AMax, s.BMin, s.BMax)
	}
	g := newField(s.F, s.AMin, s.AMax, s.BMin, s.BMax)
	lo, hi := g.span()
	if !(lo <= hi) {
		return fail("the surface of %q has no finite value", title)
	}
	for k, c := range charts {
		c.background(g)
		s.bands(c, g, lo, hi)
		for i, p := range frames[k] {
			c.addPath(p, i)
		}
		s.stars(c)
		c.frame(g)
	}
	return charts
}

// stars marks the minima.
func (s Surface) stars(c *Chart) {
	for i, m := range s.Minima {
		l := &line{x: m[:1], y: m[1:], mark: star, size: 1.2 * markSize, every: 1, style: draw.LineStyle{Color: ink}}
		c.Plot.Add(l)
		if i == 0 {
			c.AddLegend("minimum", l)
		}
	}
}

// bands divides the values from lo to hi, gives each band its colour and draws the lines between them.
func (s Surface) bands(c *Chart, g *field, lo, hi float64) {
	n := s.Levels
	if n <= 0 {
		n = 12
	}
	// level(t) is the value at the share t of the scale, share its inverse.
	level := func(t float64) float64 { return lo + t*(hi-lo) }
	share := func(z float64) float64 { return (z - lo) / (hi - lo) }
	if s.Log {
		const decades = 1e3
		level = func(t float64) float64 { return lo + (hi-lo)/decades*math.Expm1(t*math.Log1p(decades)) }
		share = func(z float64) float64 { return math.Log1p(decades*(z-lo)/(hi-lo)) / math.Log1p(decades) }
	}
	low, high := color.RGBA{0xfc, 0xfd, 0xff, 0xff}, color.RGBA{0x93, 0xab, 0xc6, 0xff}
	bar := &colorBar{title: s.Name, labels: map[int]string{0: short(lo), n: short(hi)}}
	if s.Name == "" {
		bar.title = "loss"
	}
	var levels []float64
	for i := range n {
		bar.colors = append(bar.colors, mix(low, high, float64(i)/float64(n-1)))
		if i > 0 {
			levels = append(levels, level(float64(i)/float64(n)))
		}
		if i > 0 && i%2 == 0 && i < n-1 {
			bar.labels[i] = short(level(float64(i) / float64(n)))
		}
	}
	g.band = func(z float64) color.RGBA {
		if hi == lo {
			return low
		}
		return bar.colors[min(max(int(share(z)*float64(n)), 0), n-1)]
	}
	if hi > lo {
		c.bar = bar
		c.Plot.Add(g.isolines(levels, draw.LineStyle{Color: color.RGBA{0x74, 0x8a, 0xa3, 0xff}, Width: 0.5}))
	}
}

// around chooses a rectangle that holds the paths and the minima with a margin of a quarter.
func (s *Surface) around(paths []Path) {
	s.AMin, s.AMax, s.BMin, s.BMax = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	grow := func(p [2]float64) {
		if number.IsFinite(p[0]) && number.IsFinite(p[1]) {
			s.AMin, s.AMax = min(s.AMin, p[0]), max(s.AMax, p[0])
			s.BMin, s.BMax = min(s.BMin, p[1]), max(s.BMax, p[1])
		}
	}
	for _, p := range paths {
		for _, q := range p.Points {
			grow(q)
		}
	}
	for _, m := range s.Minima {
		grow(m)
	}
	margin := func(lo, hi *float64) {
		d := (*hi - *lo) / 4
		if d == 0 {
			d = 1
		}
		*lo, *hi = *lo-d, *hi+d
	}
	margin(&s.AMin, &s.AMax)
	margin(&s.BMin, &s.BMax)
}

func (c *Chart) addPath(p Path, i int) {
	if len(p.Points) == 0 {
		c.fail("path %q has no points", p.Name)
		return
	}
	l := &line{style: lineStyle(i), mark: shape(i % shapes), every: 1}
	for _, q := range p.Points {
		l.x, l.y = append(l.x, q[0]), append(l.y, q[1])
	}
	c.Plot.Add(walk{l})
	if p.Name != "" {
		c.AddLegend(p.Name, l)
	}
}

// walk draws the path of an optimizer: small dots where it stepped, so that their distance shows its pace, a dark dot
// at the start and a large marker at the end.
type walk struct{ *line }

// Plot implements plot.Plotter.
func (w walk) Plot(c draw.Canvas, p *plot.Plot) {
	inside := func(i int) bool { return w.drawable(i, p) && c.Contains(w.at(i, &c, p)) }
	last := -1
	for i := range w.x {
		if inside(i) {
			last = i
		}
	}
	if last < 0 {
		return
	}
	var points []vg.Point
	for i := range min(last+2, len(w.x)) {
		if w.drawable(i, p) {
			points = append(points, w.at(i, &c, p))
		}
	}
	pieces := c.ClipLinesXY(points)
	c.StrokeLines(w.style, pieces...)
	for i := 0; i <= last && len(w.x) <= 200; i++ {
		if inside(i) {
			c.DrawGlyph(draw.GlyphStyle{Color: w.style.Color, Radius: 1.5, Shape: draw.CircleGlyph{}}, w.at(i, &c, p))
		}
	}
	if inside(0) {
		c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: markSize, Shape: circle}, w.at(0, &c, p))
	}
	end := draw.GlyphStyle{Color: w.style.Color, Radius: 1.6 * markSize, Shape: w.mark}
	if last < len(w.x)-1 && len(pieces) > 0 {
		end.Shape = cross
		piece := pieces[len(pieces)-1]
		c.DrawGlyphNoClip(end, piece[len(piece)-1])
		return
	}
	c.DrawGlyph(end, w.at(last, &c, p))
}

// GlyphBoxes implements plot.GlyphBoxer: a path needs no room beyond the map.
func (w walk) GlyphBoxes(*plot.Plot) []plot.GlyphBox { return nil }
