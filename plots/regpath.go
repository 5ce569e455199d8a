package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/number"
)

// RegularizationPath shows how the coefficients shrink as the penalty λ grows: one
// line for each, named at its left end, λ on a logarithmic axis, and above the axis
// the number of coefficients that are exactly zero (with L1 they become zero, with L2
// they do not). Coefficients[k] are those for lambda[k]; lambda may be in any order.
//
// It panics if there is not one row of coefficients for each λ and one name for each
// coefficient. A λ that is not positive, and NaN or infinite coefficients, are the
// chart's error.
func RegularizationPath(title string, lambda []float64, coefficients [][]float64, names []string) *Chart {
	if len(coefficients) != len(lambda) {
		panic(fmt.Sprintf("plots: %d rows of coefficients for %d λ", len(coefficients), len(lambda)))
	}
	c := New(title, "strength of the penalty λ", "coefficient").Size(720, 440)
	c.need(len(lambda))
	order := make([]int, len(lambda))
	for k, row := range coefficients {
		order[k] = k
		if len(row) != len(names) {
			panic(fmt.Sprintf("plots: %d coefficients for λ = %g and %d names", len(row), lambda[k], len(names)))
		}
		if !(lambda[k] > 0) || !number.IsFinite(lambda[k]) {
			c.fail("λ = %g has no place on a logarithmic axis: leave it out or draw it apart", lambda[k])
		}
		for j, v := range row {
			if !number.IsFinite(v) {
				c.fail("the coefficient of %q is %g for λ = %g", names[j], v, lambda[k])
			}
		}
	}
	if c.err != nil {
		return c
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(lambda[a], lambda[b]) })
	c.LogX()
	labels := &endLabels{}
	zeros := &zeroCount{}
	for j, name := range names {
		s := Series{}
		for _, k := range order {
			s.X, s.Y = append(s.X, lambda[k]), append(s.Y, coefficients[k][j])
		}
		l := c.addLine(s, lineStyle(j), noMarks)
		l.style.Dashes = dashes[j/len(okabeIto)%len(dashes)]
		labels.add(name, s.Y[0], l.style.Color)
	}
	for _, k := range order {
		n := 0
		for _, v := range coefficients[k] {
			if v == 0 {
				n++
			}
		}
		zeros.lambda, zeros.count = append(zeros.lambda, lambda[k]), append(zeros.count, n)
	}
	p := c.Plot
	d := 0.04 * (p.Y.Max - p.Y.Min)
	p.Y.Min -= d
	p.Y.Max += 3 * d // for the counts
	labels.at = p.X.Min
	c.layout = func(p *plot.Plot) { // the axis begins further left, so that there is room for the labels
		room := labels.width()
		p.X.Min /= math.Pow(p.X.Max/p.X.Min, float64(room/max(room, c.Width-90-room)))
	}
	p.X.Tick.Marker = ticksFrom{labels.at}
	c.words = append(c.words, names...)
	p.Add(labels, zeros)
	return c
}

// ticksFrom are logTicks from a value on: left of it are labels, not data.
type ticksFrom struct{ lo float64 }

// Ticks implements plot.Ticker.
func (t ticksFrom) Ticks(lo, hi float64) []plot.Tick { return logTicks{}.Ticks(max(lo, t.lo), hi) }

// endLabels writes names left of the ends of lines, moved apart where they would overlap.
type endLabels struct {
	at     float64 // x
	names  []string
	values []float64
	colors []color.Color
}

const endLabelSize = tickSize - 1

func (e *endLabels) add(name string, y float64, c color.Color) {
	e.names, e.values, e.colors = append(e.names, name), append(e.values, y), append(e.colors, c)
}

// width that the labels take.
func (e *endLabels) width() vg.Length {
	widest := textStyle(tickSize, ink).Width(exactZeros)
	for _, name := range e.names {
		widest = max(widest, textStyle(endLabelSize, ink).Width(name))
	}
	return widest + 20
}

// Plot implements plot.Plotter.
func (e *endLabels) Plot(c draw.Canvas, p *plot.Plot) {
	order := make([]int, len(e.names))
	want := make([]vg.Length, len(e.names))
	for i := range order {
		order[i] = i
		want[i] = c.Y(norm(p.Y, e.values[i]))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(want[a], want[b]) })
	sorted := make([]vg.Length, len(order))
	for k, i := range order {
		sorted[k] = want[i]
	}
	step := min(endLabelSize*1.15, (c.Max.Y-c.Min.Y)/vg.Length(len(order)))
	places := apart(sorted, step, c.Min.Y+step/2, c.Max.Y-step/2)
	x := c.X(p.X.Norm(e.at))
	for k, i := range order {
		sty := aligned(textStyle(endLabelSize, ink), text.XRight, text.YCenter)
		c.FillText(sty, vg.Point{X: x - 14, Y: places[k]}, e.names[i])
		c.StrokeLines(draw.LineStyle{Color: e.colors[i], Width: 0.5}, []vg.Point{{X: x - 12, Y: places[k]}, {X: x - 1, Y: want[i]}})
	}
}

// apart moves increasing places as little as it can until neighbours are step apart and all lie between lo and hi:
// places that collide form a block around their mean.
func apart(want []vg.Length, step, lo, hi vg.Length) []vg.Length {
	type block struct {
		n   int
		sum vg.Length // of want − offset in the block
	}
	first := func(b block) vg.Length {
		return max(lo, min(b.sum/vg.Length(b.n), hi-vg.Length(b.n-1)*step))
	}
	var blocks []block
	for _, w := range want {
		b := block{1, w}
		for len(blocks) > 0 {
			before := blocks[len(blocks)-1]
			if first(before)+vg.Length(before.n)*step <= first(b) {
				break
			}
			b = block{before.n + b.n, before.sum + b.sum - vg.Length(before.n*b.n)*step}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	var out []vg.Length
	for _, b := range blocks {
		for i := range b.n {
			out = append(out, first(b)+vg.Length(i)*step)
		}
	}
	return out
}

const exactZeros = "exact zeros:"

// zeroCount writes the number of exact zeros along the top.
type zeroCount struct {
	lambda []float64
	count  []int
}

// Plot implements plot.Plotter.
func (z *zeroCount) Plot(c draw.Canvas, p *plot.Plot) {
	sty := aligned(textStyle(tickSize, ink), text.XRight, text.YTop)
	c.FillText(sty, vg.Point{X: c.X(p.X.Norm(z.lambda[0])) - 14, Y: c.Max.Y}, exactZeros)
	sty.XAlign = text.XCenter
	next := c.Min.X
	for i, l := range z.lambda {
		x := c.X(p.X.Norm(l))
		if x < next || i > 0 && i < len(z.lambda)-1 && z.count[i] == z.count[i-1] {
			continue
		}
		c.FillText(sty, vg.Point{X: x, Y: c.Max.Y}, strconv.Itoa(z.count[i]))
		next = x + 20
	}
}
