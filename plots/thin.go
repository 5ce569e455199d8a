package plots

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// device is a length as a number of device pixels.
func device(l vg.Length) int { return int(math.Floor(l.Dots(defaultDPI))) }

// A thinner leaves out points of a line that make no difference to the picture: of neighbours in one column of pixels
// it keeps the first, the lowest, the highest and the last, in the order in which they came.
type thinner struct {
	column                 int
	n                      int // points in this column
	first, low, high, last vg.Point
	lowAt, highAt          int // when they came
}

// add takes the next point, and appends to out what is kept of a column that has ended.
func (t *thinner) add(out []vg.Point, p vg.Point) []vg.Point {
	if column := device(p.X); t.n == 0 || column != t.column {
		out = t.flush(out)
		*t = thinner{column: column, n: 1, first: p, low: p, high: p, last: p}
		return out
	}
	if p.Y < t.low.Y {
		t.low, t.lowAt = p, t.n
	}
	if p.Y > t.high.Y {
		t.high, t.highAt = p, t.n
	}
	t.last = p
	t.n++
	return out
}

// flush appends what is kept of the column, and begins a new one.
func (t *thinner) flush(out []vg.Point) []vg.Point {
	if t.n == 0 {
		return out
	}
	a, b := t.low, t.high
	atA, atB := t.lowAt, t.highAt
	if atB < atA {
		a, b, atA, atB = b, a, atB, atA
	}
	out = append(out, t.first)
	if atA > 0 && atA < t.n-1 {
		out = append(out, a)
	}
	if atB > atA && atB < t.n-1 {
		out = append(out, b)
	}
	if t.n > 1 {
		out = append(out, t.last)
	}
	t.n = 0
	return out
}

// stroke draws lines. The rasterizer takes time that grows with the square of a path's length, so a long one is drawn
// in pieces, each of which begins with the segment before it, for the corner between them. In an SVG it stays whole.
func stroke(c draw.Canvas, style draw.LineStyle, lines [][]vg.Point) {
	switch both := c.Canvas.(type) {
	case *drawing:
		c.StrokeLines(style, lines...)
		return
	case twice:
		(&draw.Canvas{Canvas: both.vector, Rectangle: c.Rectangle}).StrokeLines(style, lines...)
		c.Canvas = both.CanvasSizer
	}
	const whole, piece = 300, 12
	for _, line := range lines {
		if len(line) <= whole {
			c.StrokeLines(style, line)
			continue
		}
		sty, length := style, vg.Length(0)
		for from := 0; from < len(line)-1; from += piece {
			to := min(from+piece, len(line)-1)
			start := max(from-1, 0)
			if len(style.Dashes) > 0 { // a repeated segment would fill the gaps
				start = from
				sty.DashOffs = style.DashOffs + length
				for i := from; i < to; i++ {
					d := line[i+1].Sub(line[i])
					length += vg.Length(math.Hypot(float64(d.X), float64(d.Y)))
				}
			}
			c.StrokeLines(sty, line[start:to+1])
		}
	}
}

// stamps are the pixels on which a marker has been drawn. Another one there would change nothing.
type stamps map[[2]int]bool

// add reports whether the pixel of p is new.
func (s stamps) add(p vg.Point) bool {
	at := [2]int{device(p.X), device(p.Y)}
	if s[at] {
		return false
	}
	s[at] = true
	return true
}
