package plots

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// isolines are the curves on which a field has the given values, by marching
// squares.
//
// plotter.Contour joins the pieces of a curve where their ends are the same
// numbers. Where a machine fuses they are not, and it draws the pieces in the
// order of a map. Here an end is the edge of the grid that the curve crosses.
type isolines struct {
	g      *field
	levels []float64
	style  draw.LineStyle
}

func (g *field) isolines(levels []float64, sty draw.LineStyle) isolines {
	return isolines{g, levels, sty}
}

// Plot implements plot.Plotter.
func (l isolines) Plot(c draw.Canvas, p *plot.Plot) {
	for _, level := range l.levels {
		for _, curve := range l.g.curves(level) {
			points := make([]vg.Point, len(curve))
			for i, e := range curve {
				x, y := l.g.crossing(e, level)
				points[i] = vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(p.Y.Norm(y))}
			}
			c.StrokeLines(l.style, points)
		}
	}
}

// An edge of the grid goes from its node to the next on the right, or above.
type edge struct {
	c, r int
	up   bool
}

// crossing returns where the field has the level on an edge.
func (g *field) crossing(e edge, level float64) (x, y float64) {
	c, r := e.c+1, e.r
	if e.up {
		c, r = e.c, e.r+1
	}
	from, to := g.Z(e.c, e.r), g.Z(c, r)
	t := (level - from) / (to - from)
	return g.X(e.c) + t*(g.X(c)-g.X(e.c)), g.Y(e.r) + t*(g.Y(r)-g.Y(e.r))
}

// curves returns the curves of a level as the edges that they cross. A closed one
// ends with the edge at which it begins.
func (g *field) curves(level float64) [][]edge {
	next := map[edge][]edge{}
	var order []edge
	join := func(a, b edge) {
		for _, e := range []edge{a, b} {
			if next[e] == nil {
				order = append(order, e)
			}
		}
		next[a], next[b] = append(next[a], b), append(next[b], a)
	}
	for r := range g.rows - 1 {
		for c := range g.cols - 1 {
			// Around the square: what its corners have, and the edges from each to the next.
			z := [4]float64{g.Z(c, r), g.Z(c+1, r), g.Z(c+1, r+1), g.Z(c, r+1)}
			edges := [4]edge{{c, r, false}, {c + 1, r, true}, {c, r + 1, false}, {c, r, true}}
			middle := z[0]/4 + z[1]/4 + z[2]/4 + z[3]/4
			if math.IsNaN(middle) {
				continue
			}
			var crossed []edge
			for i, e := range edges {
				if (z[i] > level) != (z[(i+1)%4] > level) {
					crossed = append(crossed, e)
				}
			}
			switch {
			case len(crossed) == 2:
				join(crossed[0], crossed[1])
			case len(crossed) == 4 && (z[0] > level) == (middle > level): // corners 1 and 3 are cut off
				join(crossed[0], crossed[1])
				join(crossed[2], crossed[3])
			case len(crossed) == 4:
				join(crossed[3], crossed[0])
				join(crossed[1], crossed[2])
			}
		}
	}
	var curves [][]edge
	seen := map[edge]bool{}
	follow := func(e edge) {
		var curve []edge
		for more := true; more; {
			seen[e], more = true, false
			curve = append(curve, e)
			for _, n := range next[e] {
				if !seen[n] {
					e, more = n, true
					break
				}
			}
		}
		if first := curve[0]; len(next[first]) == 2 {
			curve = append(curve, first)
		}
		curves = append(curves, curve)
	}
	for _, ends := range []int{1, 2} { // open curves from their ends, then closed ones
		for _, e := range order {
			if !seen[e] && len(next[e]) == ends {
				follow(e)
			}
		}
	}
	return curves
}
