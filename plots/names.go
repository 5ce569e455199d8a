package plots

import (
	"errors"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// flat is why a chart has no logarithmic axes.
type flat string

// logRange implements ranger.
func (f flat) logRange(bool) (lo, hi float64, err error) { return 0, 0, errors.New(string(f)) }

// upright is the longest line of a name that is written upright.
const upright = vg.Length(120)

// fitNames writes the names below the x axis so that they do not overlap, when each has a place of the given width:
// upright where they are too wide, and only some of them where even that is too narrow.
func fitNames(p *plot.Plot, list []string, place vg.Length) {
	sty := &p.X.Tick.Label
	widest := vg.Length(0)
	for _, name := range list {
		widest = max(widest, sty.Width(name))
	}
	if widest+4 <= place {
		return
	}
	sty.Rotation, sty.XAlign, sty.YAlign = math.Pi/2, text.XRight, text.YCenter
	// gonum writes turned names higher by their descent. It keeps the length of ticks only if they are drawn.
	p.X.Tick.Length, p.X.Tick.LineStyle.Color = 4+sty.FontExtents().Descent, color.Transparent
	every := int(math.Ceil(float64(sty.Font.Size / place)))
	ticks := names(wrapAll(list, *sty, upright))
	for i := range ticks {
		if i%every != 0 {
			ticks[i].Label = ""
		}
	}
	p.X.Tick.Marker = ticks
}

// wrapAll breaks names that are wider than width into lines.
func wrapAll(names []string, sty text.Style, width vg.Length) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name
		if sty.Width(name) > width {
			out[i] = wrap(name, sty, width)
		}
	}
	return out
}
