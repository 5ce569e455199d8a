package plots

import (
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/descent-go/descent/internal/display"
)

// Folder is the environment variable that names the folder in which [Show] writes
// files outside a notebook.
const Folder = "DESCENT_PLOTS"

// Show shows a chart in the notebook's cell. Outside a notebook it writes a PNG file,
// named after the title, to the folder in the environment variable DESCENT_PLOTS or
// else to the current folder, and prints its path.
//
// The description is a sentence that says what the chart shows. It is the text
// alternative, for readers who cannot see the image.
//
// Show panics if the chart has an error, the description is empty or the file cannot
// be written. [Save] and [Chart.PNG] return errors.
func Show(c *Chart, description string) { ShowIn("", c, description) }

// ShowIn is [Show] in the notebook's element with the given id, which must be unique.
// Each call replaces the chart of the previous one.
func ShowIn(id string, c *Chart, description string) {
	err := errors.Join(c.Err(), picture{description: description}.check())
	if err == nil && display.Notebook() {
		var p picture
		if p, err = c.picture(description, display.Page); err == nil {
			send(p.bundle(id))
			return
		}
	}
	var data []byte
	if err == nil {
		data, err = c.PNG()
	}
	if err != nil {
		panic(err)
	}
	write(slug(c.Plot.Title.Text)+".png", data, description)
}

// picture draws the chart for a notebook: as a PNG, which everything can show, with the SVG inside of it, which the
// site takes out; for a cell in a web page, as SVG alone. A chart that would be a long SVG is a PNG only.
func (c *Chart) picture(description string, page bool) (picture, error) {
	p := picture{description: description, title: c.Plot.Title.Text}
	p.width, p.height = c.size()
	vector := newDrawing(p.width, p.height)
	var img *image.RGBA
	if page {
		c.drawOnBackground(draw.New(vector))
	} else {
		img = c.canvases(defaultDPI, vector)
	}
	if c.tiles != nil {
		p.panels = c.tiles.list(p.height)
	}
	svg := vector.file(c, description)
	switch {
	case !vector.heavy && page:
		p.svg = svg
		return p, nil
	case page:
		img = c.canvas(defaultDPI)
	}
	var err error
	if p.png, err = encode(img); err == nil && !vector.heavy {
		p.png = inside(p.png, svg)
	}
	return p, err
}

// write writes a file instead of showing it, and says so.
func write(name string, data []byte, description string) {
	file := filepath.Join(os.Getenv(Folder), name)
	if err := os.WriteFile(file, data, 0o666); err != nil {
		panic(fmt.Errorf("plots: %w", err))
	}
	fmt.Printf("%s: %s\n", file, description)
}

// picture is a PNG or an SVG and what belongs to it.
type picture struct {
	png, svg           []byte
	width, height      vg.Length
	title, description string
	panels             string
}

func (p picture) check() error {
	if strings.TrimSpace(p.description) == "" {
		return errors.New("plots: the description is empty: say in one sentence what there is to see, " +
			"for readers who cannot see the picture")
	}
	return nil
}

// bundle is the picture for a notebook: with its size in CSS pixels, half of its own, and the text alternative in
// both places where readers look for it. Web pages also want the title, and where the panels of a grid are.
func (p picture) bundle(id string) display.Data {
	about := map[string]any{"width": pixels(p.width), "height": pixels(p.height), "alt": p.description}
	if p.title != "" {
		about["title"] = p.title
	}
	if p.panels != "" {
		about["panels"] = p.panels
	}
	mime, data := display.PNG, any(p.png)
	if p.svg != nil {
		mime, data = display.SVG, string(p.svg)
	}
	return display.Data{
		Content:  map[string]any{mime: data, display.Text: p.description},
		Metadata: map[string]any{mime: about},
		ID:       id,
	}
}

func pixels(l vg.Length) int { return int(l.Dots(defaultDPI)+0.5) / 2 }

// send displays data between what was printed before and what will be printed afterwards: display data and standard
// output reach the notebook on two ways.
func send(data display.Data) {
	display.Sync()
	display.Show(data)
	display.Sync()
}

// slug makes a file name of a title: small letters and digits, joined by hyphens.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if len(words) == 0 {
		return "chart"
	}
	return strings.Join(words, "-")
}
