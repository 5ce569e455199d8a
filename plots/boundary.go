package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg/draw"
)

// DecisionBoundary shows the probability of the second class over the plane as bands
// of colour, the boundary at p = 0.5 as a black line, and the samples of both
// classes. Groups usually come from [ByClass]; the first has the colour of p = 0, the
// second that of p = 1.
//
//	plots.DecisionBoundary(title, "x₁", "x₂", func(a, b float64) float64 { return … }, plots.ByClass(x, 0, 1, y, names...)...)
//
// A group without finite points is the chart's error.
func DecisionBoundary(title, x, y string, p func(x1, x2 float64) float64, groups ...Series) *Chart {
	c := New(title, x, y).Size(640, 440)
	g := c.plane(p, groups)
	if g == nil {
		return c
	}
	const n = 10
	bar := &colorBar{labels: map[int]string{0: "0", n / 2: "0.5", n: "1"}, title: "probability of the second group"}
	if len(groups) > 1 {
		bar.title = "probability of " + groups[1].Name
	}
	for i := range n {
		t := (float64(i)+0.5)/n*2 - 1
		side := okabeIto[0]
		if t > 0 {
			side = okabeIto[1]
		}
		bar.colors = append(bar.colors, mix(white, side, 0.5*math.Abs(t)))
	}
	g.band = func(z float64) color.RGBA {
		if math.IsNaN(z) {
			return white
		}
		return bar.colors[min(max(int(z*n), 0), n-1)]
	}
	c.bar = bar
	c.background(g)
	edge := draw.LineStyle{Color: color.Black, Width: 1.6}
	c.Plot.Add(g.isolines([]float64{0.5}, edge))
	c.Points(groups...)
	c.AddLegend("p = 0.5", &rule{style: edge})
	c.frame(g)
	return c
}

// DecisionRegions shows the regions of the plane in which a model predicts each
// class: class returns the index of the group. A group without finite points is the
// chart's error.
func DecisionRegions(title, x, y string, class func(x1, x2 float64) int, groups ...Series) *Chart {
	c := New(title, x, y).Size(640, 440)
	at := func(x1, x2 float64) float64 { return float64(class(x1, x2)) }
	g := c.plane(at, groups)
	if g == nil {
		return c
	}
	g.exact = at
	g.band = func(z float64) color.RGBA {
		if int(z) < 0 {
			return white
		}
		return mix(white, okabeIto[int(z)%len(okabeIto)], 0.28)
	}
	c.background(g)
	c.Points(groups...)
	c.frame(g)
	return c
}

// plane evaluates f over the rectangle of the groups.
func (c *Chart) plane(f func(x, y float64) float64, groups []Series) *field {
	c.need(len(groups))
	sample := New("", "", "").Points(groups...)
	if c.err == nil {
		c.err = sample.err
	}
	if c.err != nil {
		return nil
	}
	p := sample.Plot
	pad(&p.X, 0.06)
	pad(&p.Y, 0.06)
	return newField(f, p.X.Min, p.X.Max, p.Y.Min, p.Y.Max)
}
