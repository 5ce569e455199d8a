package plots

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	xfont "golang.org/x/image/font"
)

// body is what f draws on a canvas of 40×30 CSS pixels.
func body(f func(c *drawing)) string {
	d := newDrawing(30, 22.5)
	f(d)
	d.end()
	d.setGroup("")
	return strings.TrimSpace(d.body.String())
}

func path(points ...vg.Point) (p vg.Path) {
	p.Move(points[0])
	for _, q := range points[1:] {
		p.Line(q)
	}
	return p
}

func TestSVGElements(t *testing.T) {
	red := color.NRGBA{0xff, 0, 0, 0x80}
	corner := path(vg.Point{X: 3, Y: 3}, vg.Point{X: 6, Y: 3}, vg.Point{X: 6, Y: 3.001}, vg.Point{X: 1.5, Y: 22.5})
	for name, test := range map[string]struct {
		draw func(c *drawing)
		want string
	}{
		"lines in one style are one path": {func(c *drawing) {
			c.SetLineWidth(0.75)
			c.Stroke(corner)
			c.Stroke(path(vg.Point{}, vg.Point{X: 3}))
		}, `<g stroke="#000000" stroke-width="10"><path d="M40 260l40 0-60-260M0 300l40 0"/></g>`},
		"but not if one would cover the other": {func(c *drawing) {
			c.SetColor(red)
			c.Stroke(path(vg.Point{}, vg.Point{X: 3}))
			c.Stroke(path(vg.Point{}, vg.Point{X: 3}))
		}, `<g stroke="#ff0000" stroke-opacity="0.5" stroke-width="13"><path d="M0 300l40 0"/><path d="M0 300l40 0"/></g>`},
		"a line that is filled and has dashes": {func(c *drawing) {
			c.SetColor(red)
			c.Fill(corner)
			c.SetColor(nil)
			c.SetLineDash([]vg.Length{3, 1.5}, 0.75)
			c.Stroke(corner)
		}, `<g fill="#ff0000" fill-opacity="0.5" stroke="#000000" stroke-width="13" stroke-dasharray="40 20" stroke-dashoffset="10">` +
			`<path d="M40 260l40 0-60-260"/></g>`},
		"a marker": {func(c *drawing) {
			dc := draw.New(c)
			circle.DrawGlyph(&dc, draw.GlyphStyle{Color: okabeIto[0], Radius: 3}, vg.Point{X: 15, Y: 7.5})
		}, `<g fill="#0072b2" stroke="#ffffff" stroke-width="7"><circle cx="200" cy="200" r="40"/></g>`},
		"curves": {func(c *drawing) {
			var p vg.Path
			p.Move(vg.Point{})
			p.QuadTo(vg.Point{X: 3}, vg.Point{X: 3, Y: 3})
			p.CubeTo(vg.Point{X: 3}, vg.Point{X: 6}, vg.Point{X: 6, Y: 3})
			p.Close()
			c.Fill(p)
		}, `<g fill="#000000"><path d="M0 300q40 0 40-40c0 40 40 40 40 0z"/></g>`},
		"arcs, from a point and in both directions": {func(c *drawing) {
			var p vg.Path
			p.Arc(vg.Point{X: 15, Y: 7.5}, 3, 0, math.Pi)
			c.Stroke(p)
			p = path(vg.Point{X: 15, Y: 7.5})
			p.Arc(vg.Point{X: 15, Y: 7.5}, 3, math.Pi/2, -math.Pi)
			c.Stroke(p)
		}, `<g stroke="#000000" stroke-width="13">` +
			`<path d="M240 200a40 40 0 0 0-40-40 40 40 0 0 0-40 40M200 200l0-40a40 40 0 0 1 40 40 40 40 0 0 1-40 40"/></g>`},
		"nothing": {func(c *drawing) {
			c.Stroke(nil)
			c.Fill(nil)
			c.SetLineWidth(0)
			c.Stroke(corner)
			c.FillString(font.DefaultCache.Lookup(textStyle(9, ink).Font, 9), vg.Point{}, " ")
		}, ``},
		"moved, turned and larger": {func(c *drawing) {
			c.Push()
			c.Translate(vg.Point{X: 15, Y: 7.5})
			c.Rotate(math.Pi / 2)
			c.Scale(2, 2)
			c.Stroke(path(vg.Point{}, vg.Point{X: 3}))
			c.Pop()
			c.Stroke(path(vg.Point{}, vg.Point{X: 3}))
		}, `<g stroke="#000000" stroke-width="27"><path d="M200 200l0-80"/></g>` + "\n" +
			`<g stroke="#000000" stroke-width="13"><path d="M0 300l40 0"/></g>`},
		"words, with spaces at the ends": {func(c *drawing) {
			sty := bold(textStyle(9, ink))
			c.SetColor(ink)
			c.FillString(font.DefaultCache.Lookup(sty.Font, 9), vg.Point{X: 3, Y: 3}, " a<b ")
			mono := sty.Font
			mono.Variant, mono.Style = "Mono", xfont.StyleItalic
			c.Rotate(math.Pi / 2)
			c.FillString(font.DefaultCache.Lookup(mono, 9), vg.Point{X: 3, Y: -3}, "&")
		}, `<g fill="#222222" font-size="120" font-weight="bold">` +
			`<text x="73" y="260" textLength="210" lengthAdjust="spacingAndGlyphs">a&lt;b</text></g>` + "\n" +
			`<g fill="#222222" font-size="120" font-weight="bold" font-style="italic" font-family="Liberation Mono,Courier New,monospace">` +
			`<text transform="translate(40 260)rotate(-90)" textLength="72" lengthAdjust="spacingAndGlyphs">&amp;</text></g>`},
	} {
		if got := body(test.draw); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

// TestSVGRoundsAlike: values that lie between two tenths go the same way, whichever way the machine has rounded them.
func TestSVGRoundsAlike(t *testing.T) {
	for i := range 1000 {
		tie := vg.Length(float64(i)+0.5) * 3 / 40
		down, up := vg.Length(math.Nextafter(float64(tie), 0)), vg.Length(math.Nextafter(float64(tie), 1e9))
		if tenths(down) != i+1 || tenths(up) != i+1 {
			t.Fatalf("%v is %d, and its neighbours are %d and %d", tie, tenths(tie), tenths(down), tenths(up))
		}
	}
}

// carried takes the SVG out of a PNG as the site does, and returns the PNG without it.
func carried(t *testing.T, file []byte) (svg string, bare []byte) {
	t.Helper()
	bare = append(bare, file[:8]...)
	for at := 8; at < len(file); {
		n := int(binary.BigEndian.Uint32(file[at:]))
		chunk := file[at : at+12+n]
		if crc32.ChecksumIEEE(chunk[4:8+n]) != binary.BigEndian.Uint32(chunk[8+n:]) {
			t.Fatalf("%s has a wrong sum", chunk[4:8])
		}
		if text, ok := bytes.CutPrefix(chunk[4:8+n], []byte("iTXtSVG\x00\x01\x00\x00\x00")); ok {
			r, err := zlib.NewReader(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			svg = string(b)
		} else {
			bare = append(bare, chunk...)
		}
		at += 12 + n
	}
	return svg, bare
}

func points(n int) *Chart {
	x, y := make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i] = float64(i), math.Sin(float64(i))
	}
	return Scatter("Points", "x", "y", Series{X: x, Y: y})
}

// TestPictures: a short SVG is in the PNG, which else is that of Chart.PNG; a long one, or one with pictures, is not.
func TestPictures(t *testing.T) {
	few, many := points(20), points(3000)
	gray := Images("Gray", 1, Image{Width: 2, Pixels: []float64{0, 1, 2, 3}})
	for name, test := range map[string]struct {
		chart *Chart
		svg   bool
	}{
		"few points": {few, true}, "many points": {many, false}, "an image": {gray, false},
		"a grid with an image": {Grid("", 2, few, gray), false}, "a grid": {Grid("", 2, few, few), true},
	} {
		p, err := test.chart.picture("A sentence.", false)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := test.chart.PNG()
		if err != nil {
			t.Fatal(err)
		}
		svg, bare := carried(t, p.png)
		if !bytes.Equal(bare, plain) {
			t.Errorf("%s: the PNG is not that of Chart.PNG", name)
		}
		if _, err := png.Decode(bytes.NewReader(p.png)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := svg != ""; got != test.svg {
			t.Errorf("%s: has an SVG: %t", name, got)
		}
		if len(svg) > light+light/10 {
			t.Errorf("%s: the SVG has %d bytes", name, len(svg))
		}
		if svg != "" && svg != string(test.chart.svg("A sentence.")) {
			t.Errorf("%s: the SVG is not the chart's", name)
		}

		page, err := test.chart.picture("A sentence.", true)
		if err != nil {
			t.Fatal(err)
		}
		data := page.bundle("id")
		if test.svg && (data.Content["image/svg+xml"] != svg || data.Metadata["image/svg+xml"] == nil ||
			data.Content["image/png"] != nil) {
			t.Errorf("%s: in a page it is not the SVG alone", name)
		}
		if !test.svg && !bytes.Equal(page.png, plain) {
			t.Errorf("%s: in a page it is not the PNG", name)
		}
	}
}

func TestPanels(t *testing.T) {
	a, b := points(5).Size(400, 300), points(6).Size(320, 240)
	p, err := Grid("Two", 2, a, b, b).picture("A sentence.", false)
	if err != nil {
		t.Fatal(err)
	}
	about := p.bundle("").Metadata["image/png"].(map[string]any)
	img, err := png.DecodeConfig(bytes.NewReader(p.png))
	if err != nil {
		t.Fatal(err)
	}
	if about["width"] != img.Width/2 || about["height"] != img.Height/2 || about["title"] != "Two" {
		t.Errorf("metadata are %v of a picture of %d×%d", about, img.Width, img.Height)
	}
	if about["panels"] != "13.3 43.4 400 300, 413.3 43.4 320 240, 13.3 343.4 320 240" {
		t.Errorf("panels are at %v", about["panels"])
	}
	alone, err := a.picture("A sentence.", false)
	if err != nil {
		t.Fatal(err)
	}
	if about := alone.bundle("").Metadata["image/png"].(map[string]any); about["panels"] != nil {
		t.Errorf("a chart alone has panels: %v", about)
	}
}

// TestSVGWithPictures: a file that is saved has them.
func TestSVGWithPictures(t *testing.T) {
	got := body(func(c *drawing) {
		c.pictures = true
		c.DrawImage(vg.Rectangle{Min: vg.Point{X: 3, Y: 3}, Max: vg.Point{X: 6, Y: 9}}, image.NewGray(image.Rect(0, 0, 1, 1)))
	})
	want := `<image x="40" y="180" width="40" height="80" preserveAspectRatio="none" href="data:image/png;base64,iVBORw0KGgo`
	if !strings.HasPrefix(got, want) {
		t.Error(got)
	}
}
