package plots

import (
	"image/color"
	"math"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes are in points of 1/72 inch; a CSS pixel is 3/4 of one.
const (
	titleSize  = vg.Length(13)
	labelSize  = vg.Length(11)
	tickSize   = vg.Length(10)
	margin     = vg.Length(10) // of the white card around the chart
	lineWidth  = vg.Length(1.6)
	markSize   = vg.Length(3)
	defaultDPI = 192 // two device pixels for a CSS pixel
)

var (
	ink   = color.RGBA{0x22, 0x22, 0x22, 0xff}
	faint = color.RGBA{0xe4, 0xe4, 0xe4, 0xff} // grid lines
	muted = color.RGBA{0x77, 0x77, 0x77, 0xff}
)

// okabeIto are the colours of Okabe and Ito (2008) that stand out on white: readers with any of the usual kinds of
// colour blindness can tell them apart.
var okabeIto = [...]color.RGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	{0x00, 0x9e, 0x73, 0xff}, // bluish green
	{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x56, 0xb4, 0xe9, 0xff}, // sky blue
	{0x00, 0x00, 0x00, 0xff}, // black
}

var dashes = [...][]vg.Length{nil, {7, 3}, {2, 2}, {7, 2, 2, 2}}

// Color returns the i-th of the seven colours of Okabe and Ito that charts use,
// repeating them.
func Color(i int) color.Color { return okabeIto[i%len(okabeIto)] }

// lineStyle is the i-th style; beyond the colours the dashes change.
func lineStyle(i int) draw.LineStyle {
	return draw.LineStyle{Color: Color(i), Width: lineWidth, Dashes: dashes[i/len(okabeIto)%len(dashes)]}
}

// mix returns the colour that lies t of the way from a to b.
func mix(a, b color.RGBA, t float64) color.RGBA {
	at := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + t*(float64(y)-float64(x)))) }
	return color.RGBA{at(a.R, b.R), at(a.G, b.G), at(a.B, b.B), 0xff}
}

// readable is the colour for words on c, black or white: that with the higher contrast, as the Web Content
// Accessibility Guidelines compute it. It is at least 4.58, and they ask for 4.5.
func readable(c color.RGBA) color.RGBA {
	if l := luminance(c); (1+0.05)/(l+0.05) > (l+0.05)/0.05 {
		return white
	}
	return color.RGBA{0, 0, 0, 0xff}
}

// luminance is the relative luminance of a colour of sRGB, from 0 for black to 1 for white.
func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		if s := float64(v) / 255; s > 0.04045 {
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

var white = color.RGBA{0xff, 0xff, 0xff, 0xff}

func textStyle(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		Handler: handler{text.Plain{Fonts: font.DefaultCache}},
	}
}

func bold(s text.Style) text.Style {
	s.Font.Weight = xfont.WeightBold
	return s
}

func aligned(s text.Style, x text.XAlignment, y text.YAlignment) text.Style {
	s.XAlign, s.YAlign = x, y
	return s
}

// styleAxis gives an axis the house's fonts, lines and ticks.
func styleAxis(a *plot.Axis, label string) {
	a.Label.Text = label
	restyle := func(s *text.Style, size vg.Length) {
		t := textStyle(size, ink)
		s.Color, s.Font, s.Handler = t.Color, t.Font, t.Handler
	}
	restyle(&a.Label.TextStyle, labelSize)
	restyle(&a.Tick.Label, tickSize)
	a.LineStyle = draw.LineStyle{Color: muted, Width: 0.75}
	a.Tick.LineStyle = draw.LineStyle{Color: muted, Width: 0.75}
	a.Tick.Length = 4
	a.Tick.Marker = linearTicks{}
	a.Padding = 2
}

// A shape is a marker. It is filled and has a thin white edge, so that markers that overlap can be told apart.
type shape int

const (
	circle shape = iota
	square
	triangle
	diamond
	triangleDown
	cross
	star
	triangleLeft
	shapes = int(star) // those that series take in turn
)

// DrawGlyph implements draw.GlyphDrawer.
func (s shape) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	var path vg.Path
	r := sty.Radius
	if s == circle {
		path.Move(vg.Point{X: at.X + r, Y: at.Y})
		path.Arc(at, r, 0, 2*math.Pi)
	} else {
		for i, p := range s.corners() {
			q := vg.Point{X: at.X + r*p.X, Y: at.Y + r*p.Y}
			if i == 0 {
				path.Move(q)
			} else {
				path.Line(q)
			}
		}
	}
	path.Close()
	c.SetColor(sty.Color)
	c.Fill(path)
	c.SetLineStyle(draw.LineStyle{Color: color.White, Width: 0.5})
	c.Stroke(path)
}

// corners of the shape around a circle of radius 1; all have about the same area.
func (s shape) corners() []vg.Point {
	switch s {
	case square:
		const h = 0.9
		return []vg.Point{{X: -h, Y: -h}, {X: h, Y: -h}, {X: h, Y: h}, {X: -h, Y: h}}
	case triangle:
		return []vg.Point{{X: -1.15, Y: -0.8}, {X: 1.15, Y: -0.8}, {X: 0, Y: 1.25}}
	case triangleDown:
		return []vg.Point{{X: -1.15, Y: 0.8}, {X: 1.15, Y: 0.8}, {X: 0, Y: -1.25}}
	case triangleLeft:
		return turned(math.Pi/2, triangle.corners())
	case diamond:
		return []vg.Point{{X: -1.2}, {Y: -1.35}, {X: 1.2}, {Y: 1.35}}
	case cross:
		const a, b = 0.35, 1.3 // half the width and the length of an arm, turned by 45°
		return turned(math.Pi/4, []vg.Point{
			{X: a, Y: a}, {X: a, Y: b}, {X: -a, Y: b}, {X: -a, Y: a}, {X: -b, Y: a}, {X: -b, Y: -a},
			{X: -a, Y: -a}, {X: -a, Y: -b}, {X: a, Y: -b}, {X: a, Y: -a}, {X: b, Y: -a}, {X: b, Y: a}})
	default: // star
		var p []vg.Point
		for i := range 10 {
			r := 1.7 - float64(i%2)*0.95
			sin, cos := math.Sincos(math.Pi/2 + float64(i)*math.Pi/5)
			p = append(p, vg.Point{X: vg.Length(r * cos), Y: vg.Length(r * sin)})
		}
		return p
	}
}

func turned(angle float64, p []vg.Point) []vg.Point {
	sin64, cos64 := math.Sincos(angle)
	sin, cos := vg.Length(sin64), vg.Length(cos64)
	for i, q := range p {
		p[i] = vg.Point{X: q.X*cos - q.Y*sin, Y: q.X*sin + q.Y*cos}
	}
	return p
}
