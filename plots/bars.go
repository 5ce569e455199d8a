package plots

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/number"
)

// Weights shows the weights of a model as horizontal bars with names, positive ones
// to the right in blue, negative ones to the left in vermilion, each with its value;
// exact zeros are written as 0. If sorted is true, the largest in absolute value come
// first. X names the axis, as in "weight (per standard deviation)". It panics if the
// numbers of names and weights differ; a NaN or infinite weight is the chart's error.
func Weights(title, x string, names []string, weights []float64, sorted bool) *Chart {
	if len(names) != len(weights) {
		panic(fmt.Sprintf("plots: %d names for %d weights", len(names), len(weights)))
	}
	largest := func(a, b float64) int { return cmp.Compare(math.Abs(b), math.Abs(a)) }
	if !sorted {
		largest = func(a, b float64) int { return 0 }
	}
	return sideways(title, x, "weight", names, weights, nil, largest)
}

// Importance shows how important features are to a model, as horizontal bars with names,
// the most important first: a bar for the mean over several shuffles, and a line across
// its end for one standard deviation to both sides, unless std is nil. X names the axis,
// as in "fall of the accuracy". It panics if the numbers of names, means and deviations
// differ; NaN and infinite values are the chart's error.
func Importance(title, x string, names []string, mean, std []float64) *Chart {
	if len(names) != len(mean) || std != nil && len(std) != len(mean) {
		panic(fmt.Sprintf("plots: %d names for %d importances and %d deviations", len(names), len(mean), len(std)))
	}
	return sideways(title, x, "importance", names, mean, std, func(a, b float64) int { return cmp.Compare(b, a) })
}

// sideways shows values as horizontal bars, in the order in which compare puts them.
func sideways(title, x, what string, names []string, weights, spread []float64, compare func(a, b float64) int) *Chart {
	c := New(title, x, "")
	c.need(len(weights))
	names = wrapAll(names, c.Plot.Y.Tick.Label, 0.4*c.Width)
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
		if !number.IsFinite(weights[i]) {
			c.fail("the %s of %q is %g", what, names[i], weights[i])
			return c
		}
		if spread != nil && !(spread[i] >= 0 && number.IsFinite(spread[i])) {
			c.fail("the deviation of %q is %g", names[i], spread[i])
			return c
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(weights[a], weights[b]) })
	n := len(order)
	b := &bars{horizontal: true, width: 0.7, label: true}
	var ticks plot.ConstantTicks
	for k, i := range order {
		col := okabeIto[0]
		if weights[i] < 0 {
			col = okabeIto[1]
		}
		one := bar{at: float64(n - 1 - k), to: weights[i], color: col}
		if spread != nil {
			one.spread = spread[i]
		}
		b.list = append(b.list, one)
		ticks = append(ticks, plot.Tick{Value: float64(n - 1 - k), Label: names[i]})
	}
	p := c.Plot
	p.Add(b)
	c.ranges = b
	p.Y.Tick.Marker, p.Y.Tick.Length = ticks, 0
	p.Y.Min, p.Y.Max = -0.6, float64(n)-0.4
	c.grid.Horizontal.Width = 0
	lines := 1
	for _, name := range names {
		lines = max(lines, 1+strings.Count(name, "\n"))
	}
	c.Height = max(150, vg.Length(4+12*lines)*vg.Length(n)+80)
	c.layout = func(p *plot.Plot) { b.roomForValues(p, names, c.Width) }
	return c
}

// roomForValues widens the x axis of horizontal bars where the values at their ends would lie on the names at the
// left or beyond the edge.
func (b *bars) roomForValues(p *plot.Plot, names []string, width vg.Length) {
	if isLog(p.X) {
		return
	}
	name := vg.Length(0)
	for _, n := range names {
		name = max(name, p.Y.Tick.Label.Width(n))
	}
	axis := max(width-name-2*margin-20, width/4)
	sty := textStyle(tickSize-1, ink)
	for range 3 { // a wider axis makes the bars shorter
		for _, r := range b.list {
			need := float64((sty.Width(short(r.to))+5)/axis) * (p.X.Max - p.X.Min)
			if r.to < 0 {
				p.X.Min = min(p.X.Min, r.to-r.spread-need)
			} else {
				p.X.Max = max(p.X.Max, r.to+r.spread+need)
			}
		}
	}
}

// Bars shows values of several categories as upright bars with their values, side by
// side for several groups. A group's X is not used. It panics if the number of values
// of a group is not that of the categories; a NaN or infinite value is the chart's
// error.
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
	c.ranges = b
	p.X.Tick.Marker, p.X.Tick.Length = names(categories), 0
	c.Width = min(max(c.Width, 13*vg.Length(len(categories))+80), 960)
	c.layout = func(p *plot.Plot) { fitNames(p, categories, (c.Width-80)/vg.Length(max(1, len(categories)))) }
	p.X.LineStyle.Width, p.X.Padding = 0, 3
	p.X.Min, p.X.Max = -0.6, float64(len(categories))-0.4
	c.grid.Vertical.Width = 0
	return c
}

// Histogram shows how often values fall into bins of equal width, which all groups
// share. A group's values are its Y; its X is not used. NaN and infinite values are
// omitted; a group without finite values is the chart's error. It panics if bins < 1.
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
	lowest := lo
	if lo == hi {
		room := max(0.5, math.Abs(lo)/10)
		lo, hi = lo-room, hi+room
	}
	var all histogram
	for g, s := range groups {
		h := &steps{lo: lo, hi: hi, least: lowest, count: make([]float64, bins), style: lineStyle(g), hatch: g}
		for _, v := range s.Y {
			if number.IsFinite(v) { // halves, since the whole range may be longer than a float64 can say
				h.count[min(int((v/2-lo/2)/(hi/2-lo/2)*float64(bins)), bins-1)]++
			}
		}
		c.Plot.Add(h)
		all = append(all, h)
		if s.Name != "" {
			c.AddLegend(s.Name, h)
		}
	}
	c.Plot.Y.Padding = 0
	c.ranges = all
	return c
}

// bar goes from 0 to a value.
type bar struct {
	at, to float64
	spread float64 // drawn across the end of a horizontal one
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
		lo, hi = min(lo, r.to-r.spread), max(hi, r.to+r.spread)
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

// logRange implements ranger: the axis begins at half of the smallest value above 0, since it has no 0.
func (b *bars) logRange(vertical bool) (lo, hi float64, err error) {
	if vertical == b.horizontal {
		return 0, 0, errors.New("the axis of the bars' names cannot be logarithmic")
	}
	lo, hi = math.Inf(1), 0
	for _, r := range b.list {
		if r.to > 0 {
			lo, hi = min(lo, r.to), max(hi, r.to)
		}
	}
	if hi == 0 {
		return 0, 0, errors.New("no value is above 0: a logarithmic axis has no place for any")
	}
	return lo / 2, hi * math.Pow(2*hi/lo, 0.1), nil
}

// Plot implements plot.Plotter. A value that a logarithmic axis has no place for is a number at its lower end.
func (b *bars) Plot(c draw.Canvas, p *plot.Plot) {
	sty := aligned(textStyle(tickSize-1, ink), text.XCenter, text.YBottom)
	upright := false // numbers that are wider than their bars
	if !b.horizontal {
		wide := c.X(p.X.Norm(b.width)) - c.X(p.X.Norm(0))
		for _, r := range b.list {
			upright = upright || sty.Width(short(r.to)) > wide
		}
	}
	for _, r := range b.list {
		if b.horizontal {
			zero, end := c.X(norm(p.X, 0)), c.X(norm(p.X, r.to))
			y0, y1 := c.Y(p.Y.Norm(r.at-b.width/2)), c.Y(p.Y.Norm(r.at+b.width/2))
			c.FillPolygon(r.color, rectangle(zero, y0, end, y1))
			left, right := end, end
			if r.spread > 0 {
				left, right = c.X(norm(p.X, r.to-r.spread)), c.X(norm(p.X, r.to+r.spread))
				c.StrokeLines(draw.LineStyle{Color: ink, Width: 1}, []vg.Point{{X: left, Y: (y0 + y1) / 2}, {X: right, Y: (y0 + y1) / 2}})
			}
			sty.XAlign, sty.YAlign = text.XLeft, text.YCenter
			x := right + 3
			if r.to < 0 && !isLog(p.X) {
				sty.XAlign, x = text.XRight, left-3
			}
			c.FillText(sty, vg.Point{X: x, Y: (y0 + y1) / 2}, short(r.to))
			continue
		}
		zero, end := c.Y(norm(p.Y, 0)), c.Y(norm(p.Y, r.to))
		x0, x1 := c.X(p.X.Norm(r.at-b.width/2)), c.X(p.X.Norm(r.at+b.width/2))
		c.FillPolygon(r.color, rectangle(x0+0.5, zero, x1-0.5, end))
		if b.label || isLog(p.Y) && r.to <= 0 {
			sty.YAlign = text.YBottom
			y := end + 1
			if r.to < 0 && !isLog(p.Y) {
				sty.YAlign, y = text.YTop, end-1
			}
			if upright {
				sty.Rotation, sty.XAlign, sty.YAlign = math.Pi/2, text.XLeft, text.YCenter
				if y < end {
					sty.XAlign = text.XRight
				}
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
	least  float64 // of all values
	count  []float64
	style  draw.LineStyle
	hatch  int
}

// histogram is all that a histogram shows.
type histogram []*steps

// logRange implements ranger.
func (h histogram) logRange(vertical bool) (lo, hi float64, err error) {
	if !vertical {
		if h[0].lo <= 0 {
			return 0, 0, fmt.Errorf("the smallest value is %g: a logarithmic axis has no place for it", h[0].least)
		}
		return h[0].lo, h[0].hi, nil
	}
	for _, s := range h {
		hi = max(hi, slices.Max(s.count))
	}
	return 0.5, 1.3 * hi, nil // between 0 and 1 there is no count
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
		outline = append(outline, vg.Point{X: c.X(norm(p.X, x)), Y: c.Y(norm(p.Y, count))})
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
