package plots

import (
	"image"
	"image/color"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/number"
)

// field is a function of two variables on a grid, drawn as bands of colour. Between the nodes it is interpolated, so
// that the bands are sharp.
type field struct {
	xmin, xmax, ymin, ymax float64
	cols, rows             int
	z                      []float64 // rows × cols, from the bottom
	band                   func(z float64) color.RGBA
	// exact, if not nil, is a function of whole numbers, between which there is nothing: where the nodes around a
	// point differ, it is asked.
	exact func(x, y float64) float64
}

const fieldCols, fieldRows = 161, 121

func newField(f func(x, y float64) float64, xmin, xmax, ymin, ymax float64) *field {
	g := &field{xmin: xmin, xmax: xmax, ymin: ymin, ymax: ymax, cols: fieldCols, rows: fieldRows}
	g.z = make([]float64, g.cols*g.rows)
	for r := range g.rows {
		for c := range g.cols {
			g.z[r*g.cols+c] = f(g.X(c), g.Y(r))
		}
	}
	return g
}

// Dims, X, Y and Z implement plotter.GridXYZ.
func (g *field) Dims() (c, r int)   { return g.cols, g.rows }
func (g *field) X(c int) float64    { return g.xmin + (g.xmax-g.xmin)*float64(c)/float64(g.cols-1) }
func (g *field) Y(r int) float64    { return g.ymin + (g.ymax-g.ymin)*float64(r)/float64(g.rows-1) }
func (g *field) Z(c, r int) float64 { return g.z[r*g.cols+c] }

// span returns the smallest and the largest finite value. Others become the largest: a loss that overflows is high.
func (g *field) span() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, z := range g.z {
		if number.IsFinite(z) {
			lo, hi = min(lo, z), max(hi, z)
		}
	}
	for i, z := range g.z {
		if !number.IsFinite(z) {
			g.z[i] = hi
		}
	}
	return lo, hi
}

// between interpolates at column c and row r, which need not be whole.
func (g *field) between(c, r float64) float64 {
	i, j := min(int(c), g.cols-2), min(int(r), g.rows-2)
	s, t := c-float64(i), r-float64(j)
	at := g.z[j*g.cols+i:]
	if g.exact != nil && (at[0] != at[1] || at[0] != at[g.cols] || at[0] != at[g.cols+1]) {
		return g.exact(g.X(0)+(g.X(1)-g.X(0))*c, g.Y(0)+(g.Y(1)-g.Y(0))*r)
	}
	low := at[0] + s*(at[1]-at[0])
	high := at[g.cols] + s*(at[g.cols+1]-at[g.cols])
	return low + t*(high-low)
}

// Plot implements plot.Plotter.
func (g *field) Plot(c draw.Canvas, p *plot.Plot) {
	lower := vg.Point{X: c.X(p.X.Norm(g.xmin)), Y: c.Y(p.Y.Norm(g.ymin))}
	upper := vg.Point{X: c.X(p.X.Norm(g.xmax)), Y: c.Y(p.Y.Norm(g.ymax))}
	width := int(math.Round((upper.X - lower.X).Dots(defaultDPI)))
	height := int(math.Round((upper.Y - lower.Y).Dots(defaultDPI)))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		r := (1 - (float64(y)+0.5)/float64(height)) * float64(g.rows-1)
		for x := range width {
			z := g.between((float64(x)+0.5)/float64(width)*float64(g.cols-1), r)
			img.SetRGBA(x, y, g.band(z))
		}
	}
	c.DrawImage(vg.Rectangle{Min: lower, Max: upper}, img)
}

// DataRange implements plot.DataRanger.
func (g *field) DataRange() (xmin, xmax, ymin, ymax float64) { return g.xmin, g.xmax, g.ymin, g.ymax }

// room for the field up to the frame, and no grid over it.
func (c *Chart) background(g *field) {
	c.ranges = flat("a map has linear axes: give it the logarithms as coordinates")
	c.Plot.X.Padding, c.Plot.Y.Padding = 0, 0
	c.grid.Horizontal.Width, c.grid.Vertical.Width = 0, 0
	c.Plot.Add(g)
	c.frame(g)
}

// frame keeps the axes at the field, even if something else is drawn.
func (c *Chart) frame(g *field) {
	c.Plot.X.Min, c.Plot.X.Max, c.Plot.Y.Min, c.Plot.Y.Max = g.xmin, g.xmax, g.ymin, g.ymax
}

// colorBar explains colours: bands from bottom to top, with labels at edges of bands.
type colorBar struct {
	title  string
	colors []color.RGBA
	labels map[int]string // by the number of bands below
}

// draw draws the bar at the right of the plot and returns what remains for the plot.
func (b *colorBar) draw(dc draw.Canvas, p *plot.Plot) draw.Canvas {
	const gap, thick = 14, 11
	sty := aligned(textStyle(tickSize, ink), text.XLeft, text.YCenter)
	var widest vg.Length
	for _, l := range b.labels {
		widest = max(widest, sty.Width(l))
	}
	right := vg.Length(gap+thick+4) + widest
	title := aligned(textStyle(labelSize, ink), text.XCenter, text.YTop)
	if b.title != "" {
		right += title.Font.Size * 1.5
	}
	rest := draw.Crop(dc, 0, -right, 0, 0)
	data := p.DataCanvas(rest)
	x, step := rest.Max.X+gap, (data.Max.Y-data.Min.Y)/vg.Length(len(b.colors))
	for i, c := range b.colors {
		y := data.Min.Y + vg.Length(i)*step
		dc.FillPolygon(c, rectangle(x, y, x+thick, y+step))
	}
	dc.StrokeLines(draw.LineStyle{Color: muted, Width: 0.5}, closed(rectangle(x, data.Min.Y, x+thick, data.Max.Y)))
	for _, i := range slices.Sorted(maps.Keys(b.labels)) { // always in one order
		dc.FillText(sty, vg.Point{X: x + thick + 4, Y: data.Min.Y + vg.Length(i)*step}, b.labels[i])
	}
	if b.title != "" {
		title.Rotation = math.Pi / 2
		title.YAlign = text.YBottom
		dc.FillText(title, vg.Point{X: dc.Max.X, Y: data.Center().Y}, b.title)
	}
	return rest
}

func rectangle(x0, y0, x1, y1 vg.Length) []vg.Point {
	return []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

func closed(p []vg.Point) []vg.Point { return append(p, p[0]) }
