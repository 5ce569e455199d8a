package plots

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/draw"
	"math"
	"strings"

	"github.com/descent-go/descent/internal/display"
)

// SameAxes sets the axes of charts to a common range, so that they can be compared.
func SameAxes(charts ...*Chart) {
	xmin, xmax, ymin, ymax := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, c := range charts {
		xmin, xmax = min(xmin, c.Plot.X.Min), max(xmax, c.Plot.X.Max)
		ymin, ymax = min(ymin, c.Plot.Y.Min), max(ymax, c.Plot.Y.Max)
	}
	for _, c := range charts {
		c.Plot.X.Min, c.Plot.X.Max, c.Plot.Y.Min, c.Plot.Y.Max = xmin, xmax, ymin, ymax
	}
}

// Player shows one of several charts in the cell, chosen by a slider with a name, and
// a label for each chart. It starts with the middle chart, and works with the mouse,
// a finger and the arrow keys.
//
// The charts are drawn beforehand, so a player needs no kernel and works in a trusted
// notebook and on a web page. Where the slider cannot work, the middle chart is
// shown, smaller. A player takes about 60 kB, and about 8 kB for each further chart
// if the axes are the same (see [SameAxes]; a [Surface] has its own rectangle). Ten
// charts are a good number.
//
// Outside a notebook Player writes an HTML file. It panics as [Show] does, and if the
// numbers of labels and charts differ.
func Player(name string, labels []string, charts []*Chart, description string) {
	if len(labels) != len(charts) || len(charts) == 0 {
		panic(fmt.Sprintf("plots: a player of %d charts with %d labels", len(charts), len(labels)))
	}
	page, middle, err := player(name, labels, charts, description)
	if err != nil {
		panic(err)
	}
	if display.Notebook() {
		d := middle.bundle("")
		d.Content[display.HTML] = string(page)
		send(d)
		return
	}
	title := charts[0].Plot.Title.Text
	head := "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>" + html.EscapeString(title) + "</title>\n"
	write(slug(title)+".html", append([]byte(head), page...), description)
}

// sameSize returns an error that names the first chart of another size than the first one.
func sameSize(charts []*Chart) error {
	width, height := charts[0].size()
	for i, c := range charts {
		if w, h := c.size(); w != width || h != height {
			return fmt.Errorf("plots: chart %d of %q is %v×%v points and chart 0 %v×%v: give all the same size",
				i, c.Plot.Title.Text, w, h, width, height)
		}
	}
	return nil
}

// player returns the page and the picture that it begins with. All frames but that one are layers: what differs from
// it, on nothing. Axes, letters and data that stay are stored once, and a frame takes a fraction of a picture.
func player(name string, labels []string, charts []*Chart, description string) (page []byte, middle picture, err error) {
	if err := sameSize(charts); err != nil {
		return nil, picture{}, err
	}
	start := len(charts) / 2
	first := charts[start]
	for _, c := range charts {
		if err := c.Err(); err != nil {
			return nil, picture{}, err
		}
	}
	middle = picture{description: description}
	middle.width, middle.height = first.size()
	if middle.png, err = first.still(); err != nil {
		return nil, picture{}, err
	}
	if err := middle.check(); err != nil {
		return nil, picture{}, err
	}
	base := first.canvas(defaultDPI)
	whole, err := encode(base)
	if err != nil {
		return nil, picture{}, err
	}
	layers := make([]string, len(charts))
	for i, c := range charts {
		layer, err := encode(difference(base, c.canvas(defaultDPI)))
		if err != nil {
			return nil, picture{}, err
		}
		layers[i] = dataURL("image/png", layer)
	}
	page = fmt.Appendf(nil, playerPage, html.EscapeString(list(layers)), html.EscapeString(list(labels)),
		pixels(middle.width), dataURL("image/png", whole), html.EscapeString(description),
		html.EscapeString(name), len(charts)-1, start, html.EscapeString(labels[start]))
	return page, middle, nil
}

// list is a list of strings in JSON. Package encoding/json would be linked into every cell that draws.
func list(all []string) string {
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		for _, r := range s {
			switch {
			case r == '"' || r == '\\':
				b.WriteByte('\\')
				b.WriteRune(r)
			case r < ' ' || strings.ContainsRune("<>&\u2028\u2029", r):
				fmt.Fprintf(&b, `\u%04x`, r)
			default:
				b.WriteRune(r)
			}
		}
		b.WriteByte('"')
	}
	return "[" + b.String() + "]"
}

// difference is now wherever it differs from base, and near there, and transparent elsewhere. A browser that shows
// the pictures smaller mixes neighbours, so what differs needs a margin that does not.
func difference(base, now *image.RGBA) *image.RGBA {
	const tile, margin = 8, 2
	out := image.NewRGBA(now.Rect)
	for y := 0; y < now.Rect.Dy(); y += tile {
		for x := 0; x < now.Rect.Dx(); x += tile {
			box := image.Rect(x, y, x+tile, y+tile)
			if differ(base, now, box.Inset(-margin)) {
				draw.Draw(out, box, now, box.Min, draw.Src)
			}
		}
	}
	return out
}

func differ(a, b *image.RGBA, box image.Rectangle) bool {
	box = box.Intersect(a.Rect)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		from, to := a.PixOffset(box.Min.X, y), a.PixOffset(box.Max.X, y)
		if !bytes.Equal(a.Pix[from:to], b.Pix[from:to]) {
			return true
		}
	}
	return false
}

// The layers lie in an attribute, which a front end that does not trust the notebook takes away together with the
// script; what it leaves is the picture in the middle. The front ends' own styles for pictures are overruled.
const playerPage = `<figure data-frames="%[1]s" data-labels="%[2]s" style="margin:0;max-width:%[3]dpx">
<div style="position:relative"><img src="%[4]s" alt="%[5]s" style="display:block;width:100%%;height:auto;margin:0">
<img alt="" style="display:none;position:absolute;left:0;top:0;width:100%%;height:100%%;max-width:none;margin:0;background:none"></div>
<figcaption><label>%[6]s <input type="range" min="0" max="%[7]d" value="%[8]d" aria-valuetext="%[9]s" style="width:60%%;vertical-align:middle" oninput="
const f = this.closest('figure'), label = JSON.parse(f.dataset.labels)[this.value], layer = f.querySelectorAll('img')[1];
layer.src = JSON.parse(f.dataset.frames)[this.value]; layer.style.display = 'block';
f.querySelector('output').value = label; this.setAttribute('aria-valuetext', label);"></label>
<output>%[9]s</output></figcaption>
</figure>
`
