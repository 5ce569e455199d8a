package plots

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// PNG returns the chart as a PNG file with two pixels for each CSS pixel and at most 128 colours. The same data give
// the same bytes. The error is that of [Chart.Err].
func (c *Chart) PNG() ([]byte, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	return encode(c.canvas(defaultDPI))
}

// still is a smaller PNG, with one pixel for each CSS pixel, which replaces charts
// that move where they cannot.
func (c *Chart) still() ([]byte, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	return encode(c.canvas(defaultDPI / 2))
}

func encode(img *image.RGBA) ([]byte, error) {
	var out bytes.Buffer
	// The best compression takes three times as long as everything else together, for 15 % less.
	if err := png.Encode(&out, reduce(img)); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	return out.Bytes(), nil
}

// Image returns the chart as an image with two pixels for each CSS pixel. The error
// is that of [Chart.Err].
func (c *Chart) Image() (*image.Paletted, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	return reduce(c.canvas(defaultDPI)), nil
}

// canvas draws the chart in all its colours.
func (c *Chart) canvas(dpi int) *image.RGBA { return c.canvases(dpi, nil) }

// canvases does that, and draws it on a second canvas too, if there is one.
func (c *Chart) canvases(dpi int, vector *drawing) *image.RGBA {
	// Filling the whole picture as a path would take a quarter of the time of a simple chart.
	background := cmp.Or(c.Plot.BackgroundColor, color.Color(color.White))
	canvas := vgimg.NewWith(vgimg.UseWH(c.size()), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(background))
	if vector != nil {
		c.drawOnBackground(draw.New(twice{canvas, vector}))
	} else {
		c.drawOnBackground(draw.New(canvas))
	}
	return canvas.Image().(*image.RGBA)
}

// Save writes the chart to a file whose name must end in .png or .svg.
func Save(c *Chart, file string) error {
	if err := c.Err(); err != nil {
		return err
	}
	var data []byte
	var err error
	switch format := strings.ToLower(filepath.Ext(file)); format {
	case ".png":
		data, err = c.PNG()
	case ".svg":
		data = c.svg("")
	default:
		return fmt.Errorf("plots: saving %s: the format %q is not known, want .png or .svg", file, format)
	}
	if err == nil {
		err = os.WriteFile(file, data, 0o666)
	}
	if err != nil {
		return fmt.Errorf("plots: saving %s: %w", file, err)
	}
	return nil
}

// reduce turns each colour into the nearest of at most 128. A chart has a handful of colours; the others are the soft
// edges of letters and lines, so that nobody sees a difference, and the file becomes four times smaller.
func reduce(img *image.RGBA) *image.Paletted {
	type run struct { // of pixels of one colour
		color  uint32
		length int
	}
	var runs []run
	count := map[uint32]int{}
	for pix := img.Pix; len(pix) > 0; {
		r := run{color: binary.BigEndian.Uint32(pix)}
		for len(pix) > 0 && binary.BigEndian.Uint32(pix) == r.color {
			r.length++
			pix = pix[4:]
		}
		runs = append(runs, r)
		count[r.color] += r.length
	}

	order := slices.SortedFunc(maps.Keys(count), func(a, b uint32) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	colors := make([]color.RGBA, len(order))
	for i, c := range order {
		colors[i] = color.RGBA{uint8(c >> 24), uint8(c >> 16), uint8(c >> 8), uint8(c)}
	}
	kept := choose(colors)
	out := image.NewPaletted(img.Rect, make(color.Palette, len(kept)))
	for i, c := range kept {
		out.Palette[i] = c
	}

	index := make(map[uint32]uint8, len(colors))
	for i, c := range colors {
		index[order[i]] = nearest(kept, c)
	}
	at := 0
	for _, r := range runs {
		if i := index[r.color]; i != 0 {
			for j := range out.Pix[at : at+r.length] {
				out.Pix[at+j] = i
			}
		}
		at += r.length
	}
	return out
}

// choose returns at most 128 of the colours, which come in the order of how often
// they occur: the first as they are, and of the others those that represent all
// colours near them.
func choose(colors []color.RGBA) []color.RGBA {
	const first, others = 32, 96
	if len(colors) <= first+others {
		return colors
	}
	for shift := 1; ; shift++ { // ends at 8, where all are one
		cells := map[color.RGBA]bool{}
		var rest []color.RGBA
		for _, c := range colors[first:] {
			cell := color.RGBA{c.R >> shift, c.G >> shift, c.B >> shift, c.A}
			if !cells[cell] {
				cells[cell] = true
				rest = append(rest, c)
			}
		}
		if len(rest) <= others {
			return append(slices.Clone(colors[:first]), rest...)
		}
	}
}

func nearest(palette []color.RGBA, c color.RGBA) uint8 {
	best, least := 0, 1<<30
	for i, p := range palette {
		if p.A != c.A { // nothing is not near to black
			continue
		}
		r, g, b := int(p.R)-int(c.R), int(p.G)-int(c.G), int(p.B)-int(c.B)
		if d := 3*r*r + 6*g*g + b*b; d < least {
			best, least = i, d
		}
	}
	return uint8(best)
}
