package plots

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"

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
	data, err := c.PNG()
	p := picture{png: data, description: description}
	p.width, p.height = c.size()
	if err = errors.Join(err, p.check()); err != nil {
		panic(err)
	}
	if display.Notebook() {
		send(p.bundle(id))
		return
	}
	write(slug(c.Plot.Title.Text)+".png", data, description)
}

// write writes a file instead of showing it, and says so.
func write(name string, data []byte, description string) {
	file := filepath.Join(os.Getenv(Folder), name)
	if err := os.WriteFile(file, data, 0o666); err != nil {
		panic(fmt.Errorf("plots: %w", err))
	}
	fmt.Printf("%s: %s\n", file, description)
}

// picture is a PNG and what belongs to it.
type picture struct {
	png           []byte
	width, height vg.Length
	description   string
}

func (p picture) check() error {
	if strings.TrimSpace(p.description) == "" {
		return errors.New("plots: the description is empty: say in one sentence what there is to see, " +
			"for readers who cannot see the picture")
	}
	return nil
}

// bundle is the picture for a notebook: with its size in CSS pixels, half of its own, and the text alternative in
// both places where readers look for it.
func (p picture) bundle(id string) display.Data {
	return display.Data{
		Content: map[string]any{display.PNG: p.png, display.Text: p.description},
		Metadata: map[string]any{display.PNG: map[string]any{
			"width": pixels(p.width), "height": pixels(p.height), "alt": p.description}},
		ID: id,
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
