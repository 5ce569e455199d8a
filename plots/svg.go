package plots

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	xfont "golang.org/x/image/font"
)

// svg returns the chart as an SVG file. The title and the description are for screen readers.
func (c *Chart) svg(description string) []byte {
	d := newDrawing(c.size())
	d.pictures = true
	c.drawOnBackground(draw.New(d))
	return d.file(c, description)
}

// light is the longest SVG that a chart in a notebook has, in bytes. Beyond it, a PNG is smaller and faster to show.
const light = 60_000

// A drawing is a canvas that writes SVG. Coordinates are whole tenths of a CSS pixel, which nobody sees and which
// makes the text short and the same on every machine. Words remain text, of the width that they have here, whatever
// the reader's font is.
type drawing struct {
	pen
	saved         []pen
	width, height vg.Length
	body          bytes.Buffer
	group         string // attributes of the open <g>
	last          figure // the shape that may still grow
	pictures      bool   // may it hold any, and be longer than light
	heavy         bool   // it would, and nothing more is drawn
}

// pen is the state that Push saves.
type pen struct {
	color  color.Color
	wide   vg.Length
	dashes []vg.Length
	offset vg.Length
	affine
}

// affine maps (x, y) to (a·x + c·y + e, b·x + d·y + f).
type affine struct{ a, b, c, d, e, f vg.Length }

func (m affine) at(p vg.Point) vg.Point {
	return vg.Point{X: m.a*p.X + m.c*p.Y + m.e, Y: m.b*p.X + m.d*p.Y + m.f}
}

// times is m after n.
func (m affine) times(n affine) affine {
	return affine{m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b, m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f}
}

// scale is by how much m makes lengths larger.
func (m affine) scale() vg.Length {
	return vg.Length(math.Sqrt(math.Abs(float64(m.a*m.d - m.b*m.c))))
}

// figure is a path that is filled, stroked, or both.
type figure struct {
	outline      string // a circle's attributes, or the data of a path
	circle       bool
	fill, stroke string // attributes
}

func newDrawing(width, height vg.Length) *drawing {
	d := &drawing{width: width, height: height}
	d.affine = affine{a: 1, d: 1}
	vg.Initialize(d)
	return d
}

// tenths is a length in tenths of a CSS pixel. The small number keeps a value that lies between two of them, but for
// the rounding of the machine, from going down on one machine and up on another.
func tenths(l vg.Length) int { return int(math.Floor(float64(l)*(40./3) + 0.5 + 1e-6)) }

// place is a point in tenths of a pixel, from the upper left corner.
func (d *drawing) place(p vg.Point) (x, y int) {
	p = d.at(p)
	return tenths(p.X), tenths(d.height - p.Y)
}

// file is the whole file. If its paper is white, it is dark on dark pages.
func (d *drawing) file(c *Chart, description string) []byte {
	d.end()
	d.setGroup("")
	var out bytes.Buffer
	w, h := tenths(d.width), tenths(d.height)
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"`+
		` font-family="Liberation Sans,Arial,Helvetica,sans-serif" fill="none" stroke-linejoin="round">`,
		w/10, h/10, w, h)
	if c.Plot.Title.Text != "" {
		fmt.Fprintf(&out, "<title>%s</title>", xmlText.Replace(c.Plot.Title.Text))
	}
	if description != "" {
		fmt.Fprintf(&out, "<desc>%s</desc>", xmlText.Replace(description))
	}
	background := c.Plot.BackgroundColor
	if background == nil {
		background = white
	}
	if paint("fill", background) == paint("fill", white) {
		out.WriteString(dark)
	}
	fmt.Fprintf(&out, `<g%s><path d="M0 0h%dv%dh-%dz"/></g>`, paint("fill", background), w, h, w)
	out.Write(d.body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// dark replaces paper, grid and ink, and the two blues, where the page is dark. Words on coloured cells stay black or white.
var dark = func() string {
	var rules strings.Builder
	for _, pair := range []struct {
		light color.RGBA
		dark  string
		words bool
	}{
		{white, "#1b1b1f", false}, {faint, "#3c3f44", false}, {muted, "#98989f", true}, {ink, "#dfdfd6", true},
		{okabeIto[6], "#fff", false}, {okabeIto[0], "#3a97d9", true}, {okabeIto[5], "#93d5fa", true},
	} {
		fill, stroke := strings.TrimSpace(paint("fill", pair.light)), strings.TrimSpace(paint("stroke", pair.light))
		shapes := "g[" + fill + "]"
		if !pair.words {
			shapes = fmt.Sprintf("g[%s]>path,g[%s]>circle", fill, fill)
		}
		fmt.Fprintf(&rules, "%s{fill:%s}g[%s]{stroke:%s}", shapes, pair.dark, stroke, pair.dark)
	}
	return "<style>@media(prefers-color-scheme:dark){" + rules.String() + "}</style>"
}()

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// paint is the attribute of a colour.
func paint(attribute string, c color.Color) string {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	s := fmt.Sprintf(` %s="#%02x%02x%02x"`, attribute, n.R, n.G, n.B)
	if n.A != 0xff {
		s += fmt.Sprintf(` %s-opacity="%.2g"`, attribute, float64(n.A)/0xff)
	}
	return s
}

// SetLineWidth implements vg.Canvas.
func (d *drawing) SetLineWidth(w vg.Length) { d.wide = w }

// SetLineDash implements vg.Canvas.
func (d *drawing) SetLineDash(pattern []vg.Length, offset vg.Length) {
	d.dashes, d.offset = pattern, offset
}

// SetColor implements vg.Canvas.
func (d *drawing) SetColor(c color.Color) {
	if c == nil {
		c = color.Black
	}
	d.color = c
}

// Rotate implements vg.Canvas.
func (d *drawing) Rotate(angle float64) {
	sin, cos := math.Sincos(angle)
	d.affine = d.times(affine{a: vg.Length(cos), b: vg.Length(sin), c: vg.Length(-sin), d: vg.Length(cos)})
}

// Translate implements vg.Canvas.
func (d *drawing) Translate(p vg.Point) { d.affine = d.times(affine{a: 1, d: 1, e: p.X, f: p.Y}) }

// Scale implements vg.Canvas.
func (d *drawing) Scale(x, y float64) {
	d.affine = d.times(affine{a: vg.Length(x), d: vg.Length(y)})
}

// Push implements vg.Canvas.
func (d *drawing) Push() { d.saved = append(d.saved, d.pen) }

// Pop implements vg.Canvas.
func (d *drawing) Pop() {
	d.pen = d.saved[len(d.saved)-1]
	d.saved = d.saved[:len(d.saved)-1]
}

// Size implements vg.CanvasSizer.
func (d *drawing) Size() (w, h vg.Length) { return d.width, d.height }

// Stroke implements vg.Canvas. Lines in one style that follow each other are one path.
func (d *drawing) Stroke(p vg.Path) {
	if d.heavy || d.wide <= 0 || len(p) == 0 {
		return
	}
	style := paint("stroke", d.color) + fmt.Sprintf(` stroke-width="%d"`, max(1, tenths(d.wide*d.scale())))
	if len(d.dashes) > 0 {
		var list []string
		for _, l := range d.dashes {
			list = append(list, strconv.Itoa(tenths(l*d.scale())))
		}
		style += fmt.Sprintf(` stroke-dasharray="%s"`, strings.Join(list, " "))
		if at := tenths(d.offset * d.scale()); at != 0 {
			style += fmt.Sprintf(` stroke-dashoffset="%d"`, at)
		}
	}
	s := d.outline(p)
	s.stroke = style
	switch l := &d.last; {
	case l.outline == s.outline && l.fill != "" && l.stroke == "":
		l.stroke = style
	case l.stroke == style && l.fill == "" && !l.circle && !s.circle && !strings.Contains(style, "opacity"):
		l.outline += s.outline
	default:
		d.end()
		d.last = s
	}
}

// Fill implements vg.Canvas.
func (d *drawing) Fill(p vg.Path) {
	if d.heavy || len(p) == 0 {
		return
	}
	d.end()
	d.last = d.outline(p)
	d.last.fill = paint("fill", d.color)
}

// end writes the shape that has been growing.
func (d *drawing) end() {
	s := d.last
	if s.outline == "" {
		return
	}
	d.last = figure{}
	d.setGroup(s.fill + s.stroke)
	if s.circle {
		fmt.Fprintf(&d.body, "<circle %s/>", s.outline)
	} else {
		fmt.Fprintf(&d.body, `<path d="%s"/>`, s.outline)
	}
	d.heavy = d.heavy || !d.pictures && d.body.Len() > light
}

// setGroup opens a <g> with these attributes, if it is not that of the last element.
func (d *drawing) setGroup(attributes string) {
	if attributes == d.group {
		return
	}
	if d.group != "" {
		d.body.WriteString("</g>\n")
	}
	if attributes != "" {
		fmt.Fprintf(&d.body, "<g%s>", attributes)
	}
	d.group = attributes
}

// outline is the path in SVG's words. After its first point all others are given by their distance from the last.
func (d *drawing) outline(p vg.Path) figure {
	if len(p) == 3 && p[0].Type == vg.MoveComp && p[1].Type == vg.ArcComp && p[2].Type == vg.CloseComp &&
		math.Abs(p[1].Angle) >= 2*math.Pi {
		x, y := d.place(p[1].Pos)
		return figure{circle: true, outline: fmt.Sprintf(`cx="%d" cy="%d" r="%d"`, x, y, tenths(p[1].Radius*d.scale()))}
	}
	var b []byte
	var x, y int     // where the pen is
	var x0, y0 int   // where the part of the path began
	var command byte // the last one
	say := func(c byte, numbers ...int) {
		if c != command || c == 'M' {
			b = append(b, c)
			command = c
		} else if len(numbers) > 0 && numbers[0] >= 0 {
			b = append(b, ' ')
		}
		for i, n := range numbers {
			if i > 0 && n >= 0 {
				b = append(b, ' ')
			}
			b = strconv.AppendInt(b, int64(n), 10)
		}
	}
	line := func(q vg.Point) {
		if u, v := d.place(q); u != x || v != y {
			say('l', u-x, v-y)
			x, y = u, v
		}
	}
	for _, part := range p {
		switch part.Type {
		case vg.MoveComp:
			x, y = d.place(part.Pos)
			x0, y0 = x, y
			say('M', x, y)
		case vg.LineComp:
			line(part.Pos)
		case vg.CurveComp:
			u, v := d.place(part.Pos)
			var numbers []int
			for _, q := range part.Control {
				a, b := d.place(q)
				numbers = append(numbers, a-x, b-y)
			}
			say([]byte{'q', 'c'}[len(part.Control)-1], append(numbers, u-x, v-y)...)
			x, y = u, v
		case vg.ArcComp:
			on := func(angle float64) vg.Point {
				sin, cos := math.Sincos(angle)
				return vg.Point{X: part.Pos.X + part.Radius*vg.Length(cos), Y: part.Pos.Y + part.Radius*vg.Length(sin)}
			}
			if start := on(part.Start); len(b) == 0 {
				x, y = d.place(start)
				x0, y0 = x, y
				say('M', x, y)
			} else {
				line(start)
			}
			r, sweep := tenths(part.Radius*d.scale()), 0
			if part.Angle < 0 {
				sweep = 1
			}
			for i := range 2 { // half of it each, since SVG has no whole circles
				u, v := d.place(on(part.Start + part.Angle*float64(i+1)/2))
				say('a', r, r, 0, 0, sweep, u-x, v-y)
				x, y = u, v
			}
		case vg.CloseComp:
			say('z')
			x, y = x0, y0
		}
	}
	return figure{outline: string(b)}
}

// FillString implements vg.Canvas.
func (d *drawing) FillString(f font.Face, at vg.Point, s string) {
	word := strings.TrimSpace(s)
	if d.heavy || word == "" {
		return
	}
	at.X += f.Width(s[:strings.Index(s, word)]) // SVG drops spaces at the ends
	d.end()
	style := paint("fill", d.color) + fmt.Sprintf(` font-size="%d"`, tenths(f.Font.Size*d.scale()))
	if f.Font.Weight >= xfont.WeightBold {
		style += ` font-weight="bold"`
	}
	if f.Font.Style == xfont.StyleItalic {
		style += ` font-style="italic"`
	}
	switch f.Font.Variant {
	case "Mono":
		style += ` font-family="Liberation Mono,Courier New,monospace"`
	case "Serif":
		style += ` font-family="Liberation Serif,Times New Roman,serif"`
	}
	d.setGroup(style)
	x, y := d.place(at)
	where := fmt.Sprintf(`x="%d" y="%d"`, x, y)
	if angle := int(math.Round(math.Atan2(float64(d.b), float64(d.a)) * 180 / math.Pi)); angle != 0 {
		where = fmt.Sprintf(`transform="translate(%d %d)rotate(%d)"`, x, y, -angle)
	}
	fmt.Fprintf(&d.body, `<text %s textLength="%d" lengthAdjust="spacingAndGlyphs">%s</text>`,
		where, tenths(f.Width(word)*d.scale()), xmlText.Replace(word))
}

// DrawImage implements vg.Canvas.
func (d *drawing) DrawImage(r vg.Rectangle, img image.Image) {
	if !d.pictures {
		d.heavy = true
		return
	}
	d.end()
	d.setGroup("")
	x, y := d.place(vg.Point{X: r.Min.X, Y: r.Max.Y})
	u, v := d.place(vg.Point{X: r.Max.X, Y: r.Min.Y})
	fmt.Fprintf(&d.body, `<image x="%d" y="%d" width="%d" height="%d" preserveAspectRatio="none" href="data:image/png;base64,`,
		x, y, u-x, v-y)
	in := base64.NewEncoder(base64.StdEncoding, &d.body)
	_ = png.Encode(in, img) // a buffer takes everything
	_ = in.Close()
	d.body.WriteString("\"/>\n")
}

// inside returns the PNG with the SVG in it, compressed, as a text with the keyword SVG. What shows a PNG ignores texts.
func inside(picture, svg []byte) []byte {
	const end = 12 // bytes of the last chunk, IEND
	var text bytes.Buffer
	text.WriteString("iTXtSVG\x00\x01\x00\x00\x00") // compressed by zlib, in no language
	w := zlib.NewWriter(&text)
	_, _ = w.Write(svg) // a buffer takes everything
	_ = w.Close()
	at := len(picture) - end
	out := binary.BigEndian.AppendUint32(slices.Clone(picture[:at]), uint32(text.Len()-4))
	out = append(out, text.Bytes()...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(text.Bytes()))
	return append(out, picture[at:]...)
}

// A twice draws on two canvases at once.
type twice struct {
	vg.CanvasSizer
	vector *drawing
}

func (t twice) SetLineWidth(w vg.Length) { t.CanvasSizer.SetLineWidth(w); t.vector.SetLineWidth(w) }
func (t twice) SetLineDash(p []vg.Length, offset vg.Length) {
	t.CanvasSizer.SetLineDash(p, offset)
	t.vector.SetLineDash(p, offset)
}
func (t twice) SetColor(c color.Color) { t.CanvasSizer.SetColor(c); t.vector.SetColor(c) }
func (t twice) Rotate(angle float64)   { t.CanvasSizer.Rotate(angle); t.vector.Rotate(angle) }
func (t twice) Translate(p vg.Point)   { t.CanvasSizer.Translate(p); t.vector.Translate(p) }
func (t twice) Scale(x, y float64)     { t.CanvasSizer.Scale(x, y); t.vector.Scale(x, y) }
func (t twice) Push()                  { t.CanvasSizer.Push(); t.vector.Push() }
func (t twice) Pop()                   { t.CanvasSizer.Pop(); t.vector.Pop() }
func (t twice) Stroke(p vg.Path)       { t.CanvasSizer.Stroke(p); t.vector.Stroke(p) }
func (t twice) Fill(p vg.Path)         { t.CanvasSizer.Fill(p); t.vector.Fill(p) }
func (t twice) FillString(f font.Face, at vg.Point, s string) {
	t.CanvasSizer.FillString(f, at, s)
	t.vector.FillString(f, at, s)
}
func (t twice) DrawImage(r vg.Rectangle, img image.Image) {
	t.CanvasSizer.DrawImage(r, img)
	t.vector.DrawImage(r, img)
}
