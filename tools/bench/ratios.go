package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	glyphs "gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/plots"
)

// drawRatios writes a chart of how many times faster each work is than its best peer, the slowest at the bottom, and returns
// it as Markdown with a sentence that counts.
func drawRatios(folder string, results []result) (string, error) {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, func(a, b result) int {
		x, _, _ := a.ratio()
		y, _, _ := b.ratio()
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	var names []string
	var ahead, behind plotter.XYs
	least, most := 1.0, 1.0
	for i, r := range sorted {
		middle, _, _ := r.ratio()
		names = append(names, fmt.Sprintf("%s, %s, %d threads", shortened(r.work), r.precision, r.threads))
		at := plotter.XY{X: middle, Y: float64(i)}
		if middle < 1 {
			behind = append(behind, at)
		} else {
			ahead = append(ahead, at)
		}
		least, most = min(least, middle), max(most, middle)
	}
	c := plots.New(fmt.Sprintf("Ahead of the best peer in %d of %d rows", len(ahead), len(sorted)), "times faster than the best peer (log scale)", "").
		Size(900, 110+13*len(sorted))
	p := c.Plot
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.ConstantTicks(times(least, most))
	p.X.Min, p.X.Max = least/1.1, most*1.1
	p.NominalY(names...)
	p.Y.Tick.Label.Font.Size = 7.5
	p.Y.Min, p.Y.Max = -1, float64(len(sorted))
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
	return fmt.Sprintf("![A chart of %d rows of work: how many times faster each is here than with the best peer; %d are faster, %d are not.](performance-ratios.png)\n",
		len(sorted), len(ahead), len(behind)), nil
}

// times are the ticks 1, 2, 5, 10 … and their inverses between two ratios.
func times(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for e := math.Floor(math.Log10(least)); e <= math.Log10(most); e++ {
		for _, digit := range []float64{1, 2, 5} {
			if v := digit * math.Pow(10, e); v >= least/1.1 && v <= most*1.1 {
				ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.3g", v)})
			}
		}
	}
	return ticks
}

// shortened is a name that leaves room for the dots.
func shortened(name string) string {
	r := []rune(name)
	if len(r) > 58 {
		return string(r[:57]) + "…"
	}
	return name
}
