package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/metric"
)

// Image is a small image: a digit, a filter, the weights of a class.
type Image struct {
	Caption string
	Pixels  []float64 // row by row from the top
	Width   int       // pixels in a row
	Boxes   []LabelledBox
}

// LabelledBox is a frame on an Image, in pixels from its top left corner.
type LabelledBox struct {
	metric.Box
	Label  string
	Dashed bool // in another colour, to tell predictions from the truth
}

// Images shows small images in rows of the given number of columns, all on one scale.
// Without negative values it runs from white for 0 to black for the largest, like ink
// on paper; with negative ones from vermilion through white for 0 to blue, for
// weights and filters.
//
// It panics if the pixels do not fill rows of Width. No images, or a pixel that is
// NaN or infinite, are the chart's error.
func Images(title string, columns int, images ...Image) *Chart {
	if columns < 1 {
		panic(fmt.Sprintf("plots: images in %d columns, want at least 1", columns))
	}
	c := blank(title)
	c.need(len(images))
	g := &gallery{images: images, columns: min(columns, max(1, len(images)))}
	tallest := 1.0
	for i, img := range images {
		if img.Width < 1 || len(img.Pixels) == 0 || len(img.Pixels)%img.Width != 0 {
			panic(fmt.Sprintf("plots: image %d has %d pixels, which are no rows of %d", i, len(img.Pixels), img.Width))
		}
		tallest = max(tallest, float64(len(img.Pixels)/img.Width)/float64(img.Width))
		for _, v := range img.Pixels {
			if !number.IsFinite(v) {
				c.fail("image %d (%q) has a pixel that is %g", i, img.Caption, v)
			}
			g.lo, g.hi = min(g.lo, v), max(g.hi, v)
		}
		if img.Caption != "" {
			g.caption = tickSize * 1.5
		}
	}
	const gap = 9
	g.side = min(max(600/vg.Length(g.columns)-gap, 40), 240)
	if g.columns > 4 {
		g.side = min(g.side, 84)
	}
	g.tall = g.side * vg.Length(tallest)
	rows := (len(images) + g.columns - 1) / g.columns
	c.Width = vg.Length(g.columns)*(g.side+gap) + 2*margin
	c.Height = vg.Length(rows)*(g.tall+g.caption+gap) + 2*margin + 26
	c.fitTitle()
	c.Plot.Add(g)
	return c
}

// blank is a chart without axes.
func blank(title string) *Chart {
	c := New(title, "", "")
	c.ranges = flat("its picture has no axes")
	c.grid.Horizontal.Width, c.grid.Vertical.Width = 0, 0
	c.Plot.HideAxes()
	c.Plot.X.Padding, c.Plot.Y.Padding = 0, 0
	return c
}

// fitTitle widens a narrow chart so that its title has one line, if it is not very long.
func (c *Chart) fitTitle() {
	sty := c.Plot.Title.TextStyle
	c.Width = max(c.Width, min(480, sty.Width(c.Plot.Title.Text)+2*margin+1))
}

type gallery struct {
	images              []Image
	columns             int
	lo, hi              float64
	side, tall, caption vg.Length
}

// Plot implements plot.Plotter.
func (g *gallery) Plot(c draw.Canvas, _ *plot.Plot) {
	const gap = 9
	sty := aligned(textStyle(tickSize, ink), text.XCenter, text.YTop)
	for i, img := range g.images {
		x := c.Min.X + vg.Length(i%g.columns)*(g.side+gap)
		top := c.Max.Y - vg.Length(i/g.columns)*(g.tall+g.caption+gap)
		rows := len(img.Pixels) / img.Width
		high := g.side * vg.Length(rows) / vg.Length(img.Width)
		r := vg.Rectangle{Min: vg.Point{X: x, Y: top - high}, Max: vg.Point{X: x + g.side, Y: top}}
		c.DrawImage(r, g.enlarged(img, rows))
		c.StrokeLines(draw.LineStyle{Color: color.RGBA{0xbb, 0xbb, 0xbb, 0xff}, Width: 0.75},
			closed(rectangle(r.Min.X, r.Min.Y, r.Max.X, r.Max.Y)))
		scale := g.side / vg.Length(img.Width)
		for _, b := range img.Boxes {
			b.draw(c, x, top, top-high, scale)
		}
		if img.Caption != "" {
			c.FillText(sty, vg.Point{X: x + g.side/2, Y: top - g.tall - 2}, img.Caption)
		}
	}
}

// enlarged makes the pixels squares as large as they will be seen, with sharp edges.
func (g *gallery) enlarged(img Image, rows int) image.Image {
	times := max(1, int(math.Round(g.side.Dots(defaultDPI)/float64(img.Width))))
	out := image.NewRGBA(image.Rect(0, 0, img.Width*times, rows*times))
	for y := range rows * times {
		for x := range img.Width * times {
			out.SetRGBA(x, y, g.color(img.Pixels[y/times*img.Width+x/times]))
		}
	}
	return out
}

func (g *gallery) color(v float64) color.RGBA {
	if g.lo >= 0 {
		if g.hi == 0 {
			return white
		}
		return mix(white, color.RGBA{0, 0, 0, 0xff}, math.Round(v/g.hi*64)/64)
	}
	t := v / max(g.hi, -g.lo)
	side := okabeIto[0]
	if t < 0 {
		side = okabeIto[1]
	}
	return mix(white, side, math.Round(math.Abs(t)*64)/64)
}

// draw draws the box on a picture whose lower edge is at bottom, where no label may reach into the caption.
func (b LabelledBox) draw(c draw.Canvas, left, top, bottom, scale vg.Length) {
	sty := lineStyle(2)
	if b.Dashed {
		sty = lineStyle(1)
		sty.Dashes = []vg.Length{4, 2}
	}
	x0, y1 := left+vg.Length(b.X1)*scale, top-vg.Length(b.Y1)*scale
	x1, y0 := x0+vg.Length(b.X2-b.X1)*scale, y1-vg.Length(b.Y2-b.Y1)*scale
	c.StrokeLines(sty, closed(rectangle(x0, y0, x1, y1)))
	if b.Label != "" {
		t := aligned(textStyle(tickSize-2, sty.Color), text.XLeft, text.YBottom)
		if b.Dashed { // at the other corner, so that both can be read
			t.XAlign, t.YAlign, x0, y1 = text.XRight, text.YTop, x1, max(y0, bottom+t.Height(b.Label))
		}
		at := vg.Point{X: x0, Y: y1}
		r := t.Rectangle(b.Label).Add(at)
		c.FillPolygon(color.NRGBA{0xff, 0xff, 0xff, 0xd0}, rectangle(r.Min.X, r.Min.Y, r.Max.X, r.Max.Y))
		c.FillText(t, at, b.Label)
	}
}
