package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	glyphs "gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/plots"
)

// drawRatios writes a chart of how many times faster each work is than its best peer, a line for each row, and
// returns it as Markdown with a sentence that counts.
func drawRatios(folder string, results []result) (string, error) {
	results = slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.rival.name == ownLayers })
	var names []string
	var ahead, behind plotter.XYs
	least, most := 1.0, 1.0
	for i, r := range slices.Backward(rows) {
		faster, all := 0, 0
		for _, x := range results {
			if x.row() != r.name {
				continue
			}
			middle, _, _ := x.ratio()
			at := plotter.XY{X: middle, Y: float64(len(names))}
			if all++; middle < 1 {
				behind = append(behind, at)
			} else {
				faster++
				ahead = append(ahead, at)
			}
			least, most = min(least, middle), max(most, middle)
		}
		if all > 0 {
			names = append(names, fmt.Sprintf("%s: %d of %d", rows[i].about, faster, all))
		}
	}
	c := plots.New(fmt.Sprintf("Faster than the best peer in %d of %d", len(ahead), len(results)), "times faster than the best peer (log scale)", "").
		Size(900, 110+22*len(names))
	p := c.Plot
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.ConstantTicks(times(least, most))
	p.X.Min, p.X.Max = least/1.1, most*1.1
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.7, float64(len(names))-0.3
	one, err := plotter.NewLine(plotter.XYs{{X: 1, Y: p.Y.Min}, {X: 1, Y: p.Y.Max}})
	if err != nil {
		return "", err
	}
	p.Add(one)
	for i, part := range []struct {
		dots  plotter.XYs
		shape glyphs.GlyphDrawer
	}{{ahead, glyphs.CircleGlyph{}}, {behind, glyphs.TriangleGlyph{}}} {
		if len(part.dots) == 0 {
			continue
		}
		dots, err := plotter.NewScatter(part.dots)
		if err != nil {
			return "", err
		}
		dots.Color, dots.Shape, dots.Radius = plots.Color(i), part.shape, 2.5
		p.Add(dots)
	}
	if err := plots.Save(c, filepath.Join(folder, "performance-ratios.png")); err != nil {
		return "", err
	}
	return fmt.Sprintf("![A chart of %d pieces of work in %d lines: how many times faster each is here than with the best peer; %d are faster, %d are not.](performance-ratios.png)\n\n"+
		"A point is a piece of work with a number of threads. Of two precisions and of one and all cores each counts.\n",
		len(results), len(names), len(ahead), len(behind)), nil
}

// row is the name of the row that a result belongs to.
func (r result) row() string { return strings.TrimRight(r.place, "0123456789 ") }

// times are the ticks 1, 2, 5, 10 … and their inverses between two ratios.
func times(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for e := math.Floor(math.Log10(least)); e <= math.Log10(most); e++ {
		for _, digit := range []float64{1, 2, 5} {
			if v := digit * math.Pow(10, e); v >= least/1.1 && v <= most*1.1 {
				ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
			}
		}
	}
	return ticks
}
