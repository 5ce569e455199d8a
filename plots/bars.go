package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/number"
)

// Weights shows the weights of a model as horizontal bars with names, positive ones to the right in blue, negative
// ones to the left in vermilion, each with its value; exact zeros are written as 0. Sorted puts the largest in size
// first. X names the axis, as in "weight (per standard deviation)". It panics if there are not as many names as
// weights; NaN or an infinite weight is the chart's error.
func Weights(title, x string, names []string, weights []float64, sorted bool) *Chart {
	if len(names) != len(weights) {
		panic(fmt.Sprintf("plots: %d names for %d weights", len(names), len(weights)))
	}
	c := New(title, x, "")
	c.need(len(weights))
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
		if !number.IsFinite(weights[i]) {
			c.fail("the weight of %q is %g", names[i], weights[i])
			return c
		}
	}
	if sorted {
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(math.Abs(weights[b]), math.Abs(weights[a]))
		})
	}
	n := len(order)
	b := &bars{horizontal: true, width: 0.7, label: true}
	var ticks plot.ConstantTicks
	for k, i := range order {
		col := okabeIto[0]
		if weights[i] < 0 {
			col = okabeIto[1]
		}
		b.list = append(b.list, bar{at: float64(n - 1 - k), to: weights[i], color: col})
		ticks = append(ticks, plot.Tick{Value: float64(n - 1 - k), Label: names[i]})
	}
	p := c.Plot
	p.Add(b)
	p.Y.Tick.Marker, p.Y.Tick.Length = ticks, 0
	p.Y.Min, p.Y.Max = -0.6, float64(n)-0.4
	c.grid.Horizontal.Width = 0
	c.Height = max(150, 16*vg.Length(n)+80)
	return c
}

// Bars shows values of several categories as upright bars with their values, side by side for several groups. A
// group's X is not used. It panics if a group has not one value for each category; NaN or an infinite value is the
// chart's error.
func Bars(title, x, y string, categories []string, groups ...Series) *Chart {
	c := New(title, x, y)
	c.need(len(groups) * len(categories))
	b := &bars{width: 0.8 / float64(max(1, len(groups))), label: len(groups)*len(categories) <= 16}
	for g, s := range groups {
		if len(s.Y) != len(categories) {
			panic(fmt.Sprintf("plots: group %q has %d values for %d categories", s.Name, len(s.Y), len(categories)))
		}
		for i, v := range s.Y {
			if !number.IsFinite(v) {
				c.fail("%q of %q is %g", s.Name, categories[i], v)
				return c
			}
			at := float64(i) + (float64(g)-float64(len(groups)-1)/2)*b.width
			b.list = append(b.list, bar{at: at, to: v, color: okabeIto[g%len(okabeIto)]})
		}
		if s.Name != "" {
			c.AddLegend(s.Name, patch{okabeIto[g%len(okabeIto)], g})
		}
	}
	p := c.Plot
	p.Add(b)
	p.X.Tick.Marker, p.X.Tick.Length = names(categories), 0
	p.X.LineStyle.Width, p.X.Padding = 0, 3
	p.X.Min, p.X.Max = -0.6, float64(len(categories))-0.4
	c.grid.Vertical.Width = 0
	return c
}

// Histogram shows how often values fall into bins of equal width, which all groups share. A group's values are its
// Y; its X is not used. Values that are NaN or infinite are left out; a group without others is the chart's error.
// It panics if bins < 1.
func Histogram(title, x string, bins int, groups ...Series) *Chart {
	if bins < 1 {
		panic(fmt.Sprintf("plots: a histogram of %d bins, want at least 1", bins))
	}
	c := New(title, x, "count")
	c.need(len(groups))
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range groups {
		if !anyFinite(s.Y) {
			c.fail("%q has no finite value", s.Name)
			return c
		}
		for _, v := range s.Y {
			if number.IsFinite(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if lo == hi {
		lo, hi = lo-0.5, hi+0.5
	}
	for g, s := range groups {
		h := &steps{lo: lo, hi: hi, count: make([]float64, bins), style: lineStyle(g), hatch: g}
		for _, v := range s.Y {
			if number.IsFinite(v) {
				h.count[min(int((v-lo)/(hi-lo)*float64(bins)), bins-1)]++
			}
		}
		c.Plot.Add(h)
		if s.Name != "" {
			c.AddLegend(s.Name, h)
		}
	}
	c.Plot.Y.Padding = 0
	return c
}

// bar goes from 0 to a value.
type bar struct {
	at, to float64
	color  color.RGBA
}

type bars struct {
	list       []bar
	width      float64
	horizontal bool
	label      bool // write the value at the end
}

// DataRange implements plot.DataRanger; zero is always on the axis, and there is room for the numbers.
func (b *bars) DataRange() (xmin, xmax, ymin, ymax float64) {
	lo, hi := 0.0, 0.0
	for _, r := range b.list {
		lo, hi = min(lo, r.to), max(hi, r.to)
	}
	room := 0.06
	if b.horizontal {
		room = 0.12
	}
	grow := (hi - lo) * room
	if grow == 0 {
		grow = 1
	}
	if lo < 0 {
		lo -= grow
	}
	if hi > 0 || lo == 0 {
		hi += grow
	}
	if b.horizontal {
		return lo, hi, math.Inf(1), math.Inf(-1)
	}
	return math.Inf(1), math.Inf(-1), lo, hi
}

// Plot implements plot.Plotter.
func (b *bars) Plot(c draw.Canvas, p *plot.Plot) {
	sty := aligned(textStyle(tickSize-1, ink), text.XCenter, text.YBottom)
	for _, r := range b.list {
		if b.horizontal {
			zero, end := c.X(p.X.Norm(0)), c.X(p.X.Norm(r.to))
			y0, y1 := c.Y(p.Y.Norm(r.at-b.width/2)), c.Y(p.Y.Norm(r.at+b.width/2))
			c.FillPolygon(r.color, rectangle(zero, y0, end, y1))
			sty.XAlign, sty.YAlign = text.XLeft, text.YCenter
			x := end + 3
			if r.to < 0 {
				sty.XAlign, x = text.XRight, end-3
			}
			c.FillText(sty, vg.Point{X: x, Y: (y0 + y1) / 2}, short(r.to))
			continue
		}
		zero, end := c.Y(p.Y.Norm(0)), c.Y(p.Y.Norm(r.to))
		x0, x1 := c.X(p.X.Norm(r.at-b.width/2)), c.X(p.X.Norm(r.at+b.width/2))
		c.FillPolygon(r.color, rectangle(x0+0.5, zero, x1-0.5, end))
		if b.label {
			sty.YAlign = text.YBottom
			y := end + 1
			if r.to < 0 {
				sty.YAlign, y = text.YTop, end-1
			}
			c.FillText(sty, vg.Point{X: (x0 + x1) / 2, Y: y}, short(r.to))
		}
	}
	axis := &rule{vertical: b.horizontal, style: draw.LineStyle{Color: muted, Width: 0.75}}
	axis.Plot(c, p)
}

// patch is a square of colour for the legend.
type patch struct {
	color color.RGBA
	index int
}

// Thumbnail implements plot.Thumbnailer.
func (t patch) Thumbnail(c *draw.Canvas) {
	c.FillPolygon(t.color, rectangle(c.Min.X+4, c.Min.Y-1, c.Max.X-4, c.Max.Y+1))
}

// steps is a histogram: an outline with a light filling, through which the others can be seen.
type steps struct {
	lo, hi float64
	count  []float64
	style  draw.LineStyle
	hatch  int
}

// DataRange implements plot.DataRanger.
func (s *steps) DataRange() (xmin, xmax, ymin, ymax float64) {
	return s.lo, s.hi, 0, slices.Max(s.count) * 1.04
}

// Plot implements plot.Plotter.
func (s *steps) Plot(c draw.Canvas, p *plot.Plot) {
	n := float64(len(s.count))
	var outline []vg.Point
	point := func(i int, count float64) {
		x := s.lo + (s.hi-s.lo)*float64(i)/n
		outline = append(outline, vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(p.Y.Norm(count))})
	}
	point(0, 0)
	for i, count := range s.count {
		point(i, count)
		point(i+1, count)
	}
	point(len(s.count), 0)
	c.FillPolygon(translucent(s.style.Color), outline)
	sty := s.style
	sty.Dashes = dashes[s.hatch%len(dashes)]
	c.StrokeLines(sty, outline)
}

// Thumbnail implements plot.Thumbnailer.
func (s *steps) Thumbnail(c *draw.Canvas) {
	box := rectangle(c.Min.X+1, c.Min.Y-1, c.Max.X-1, c.Max.Y+1)
	c.FillPolygon(translucent(s.style.Color), box)
	sty := s.style
	sty.Dashes = dashes[s.hatch%len(dashes)]
	c.StrokeLines(sty, closed(box))
}

func translucent(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0x50}
}
