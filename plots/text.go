package plots

import (
	"math"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// A handler writes text that formulas need and the Liberation fonts lack: superscripts and subscripts such as 10⁻³
// and θₙ are ordinary characters made small and moved up or down, and ∇ is a Δ turned round.
type handler struct{ text.Plain }

const (
	scriptScale = 0.7
	superRise   = 0.38 // in units of the font size
	subRise     = -0.16
)

var scripts = func() map[rune]span {
	m := map[rune]span{}
	add := func(chars, base string, rise float64) {
		b := []rune(base)
		for i, r := range []rune(chars) {
			m[r] = span{text: string(b[i]), rise: rise}
		}
	}
	add("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀ", "0123456789+−nT", superRise)
	add("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙₘₜ", "0123456789+−ijknmt", subRise)
	return m
}()

// A span is text in one size and height.
type span struct {
	text   string
	rise   float64
	turned bool
}

func spans(s string) []span {
	var out []span
	for _, r := range s {
		next, ok := scripts[r]
		switch {
		case r == '∇':
			next = span{text: "Δ", turned: true}
		case !ok:
			next = span{text: string(r)}
		}
		if n := len(out); n > 0 && out[n-1].rise == next.rise && !out[n-1].turned && !next.turned {
			out[n-1].text += next.text
		} else {
			out = append(out, next)
		}
	}
	return out
}

func (h handler) face(s span, fnt font.Font) font.Face {
	if s.rise != 0 {
		fnt.Size *= scriptScale
	}
	return h.Fonts.Lookup(fnt, fnt.Size)
}

// Box returns the bounding box of one line.
func (h handler) Box(txt string, fnt font.Font) (width, height, depth vg.Length) {
	for _, s := range spans(txt) {
		f := h.face(s, fnt)
		width += f.Width(s.text)
	}
	ext := h.Extents(fnt)
	return width, ext.Ascent, ext.Descent
}

// Draw writes the lines of txt at pt, each in the middle of its box, where text.Plain is a little low.
func (h handler) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	txt = strings.TrimRight(txt, "\n")
	if txt == "" {
		return
	}
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
		sin64, cos64 := math.Sincos(sty.Rotation)
		sin, cos := vg.Length(sin64), vg.Length(cos64)
		pt.X, pt.Y = pt.Y*sin+pt.X*cos, pt.Y*cos-pt.X*sin
	}
	ext := h.Extents(sty.Font)
	lines := h.Lines(txt)
	pt.Y += sty.Height(txt)*vg.Length(sty.YAlign) + ext.Descent // the baseline of the last line
	for i, line := range lines {
		width, _, _ := h.Box(line, sty.Font)
		at := pt.Add(vg.Point{X: vg.Length(sty.XAlign) * width, Y: vg.Length(len(lines)-1-i) * ext.Height})
		for _, s := range spans(line) {
			at.X += h.write(c, s, sty.Font, at)
		}
	}
}

func (h handler) write(c vg.Canvas, s span, fnt font.Font, at vg.Point) (width vg.Length) {
	f := h.face(s, fnt)
	width = f.Width(s.text)
	if s.turned {
		const capHeight = 0.69 // of Liberation Sans, in units of the size
		c.Push()
		c.Translate(vg.Point{X: at.X + width/2, Y: at.Y + fnt.Size*capHeight/2})
		c.Rotate(math.Pi)
		c.FillString(f, vg.Point{X: -width / 2, Y: -fnt.Size * capHeight / 2}, s.text)
		c.Pop()
		return width
	}
	c.FillString(f, at.Add(vg.Point{Y: fnt.Size * vg.Length(s.rise)}), s.text)
	return width
}
