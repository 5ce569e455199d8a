package plots

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
)

// Err returns the error of the chart, or nil: data that cannot be drawn, an axis
// beyond the range of float64, letters that its font lacks. [Show], [Save] and
// [Chart.PNG] report it. A single value that cannot be drawn is not an error; it is
// marked.
func (c *Chart) Err() error {
	if c.err != nil {
		return c.err
	}
	if err := c.noPlace(); err != nil {
		return fmt.Errorf("plots: %q: %w", c.Plot.Title.Text, err)
	}
	if err := c.noGlyph(); err != nil {
		return fmt.Errorf("plots: %w", err)
	}
	return nil
}

// noPlace reports axes on which the data have no place.
func (c *Chart) noPlace() error {
	p := c.Plot
	for _, axis := range []struct {
		name string
		plot.Axis
	}{{"x", p.X}, {"y", p.Y}} {
		switch {
		case math.IsNaN(axis.Min) || math.IsNaN(axis.Max):
			return fmt.Errorf("an end of the %s axis is NaN", axis.name)
		case axis.Min <= axis.Max && math.IsInf(axis.Max-axis.Min, 0):
			return fmt.Errorf("the %s axis from %g to %g is longer than a float64 can say: draw the values divided by 2 or more, or their logarithms",
				axis.name, axis.Min, axis.Max)
		}
	}
	for _, l := range c.lines {
		any := false
		for i := range l.x {
			if any = l.drawable(i, p); any {
				break
			}
		}
		if !any {
			return fmt.Errorf("series %q has no value above 0, and an axis is logarithmic: nothing of it can be drawn", l.name)
		}
	}
	return nil
}

// noGlyph reports words that the font cannot write.
func (c *Chart) noGlyph() error {
	p := c.Plot
	words := append([]string{p.Title.Text, p.X.Label.Text, p.Y.Label.Text}, c.words...)
	for _, e := range c.legend {
		words = append(words, e.name)
	}
	for _, marker := range []plot.Ticker{p.X.Tick.Marker, p.Y.Tick.Marker} {
		if ticks, ok := marker.(plot.ConstantTicks); ok {
			for _, t := range ticks {
				words = append(words, t.Label)
			}
		}
	}
	face := font.DefaultCache.Lookup(textStyle(labelSize, ink).Font, labelSize).Face
	var buffer sfnt.Buffer
	for _, s := range words {
		var missing []string
		for _, part := range spans(s) {
			for _, r := range part.text {
				if unicode.IsSpace(r) {
					continue
				}
				if glyph, err := face.GlyphIndex(&buffer, r); err != nil || glyph == 0 {
					missing = append(missing, string(r))
				}
			}
		}
		if missing != nil {
			return fmt.Errorf("%q has letters that the font of charts lacks: %s; it has Latin, Greek and Cyrillic ones",
				s, strings.Join(missing, " "))
		}
	}
	return nil
}
