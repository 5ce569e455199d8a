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

// Folder is the environment variable that says where [Show] writes files outside a notebook.
const Folder = "DESCENT_PLOTS"

// Show puts a chart into the notebook's cell. Outside a notebook it writes a PNG file, named after the title, into
// the current folder or the one that the environment variable DESCENT_PLOTS names, and prints where.
//
// The description is one sentence that says what there is to see. It is the text alternative, for readers who cannot
// see the picture and for forms of the notebook that have none.
//
// Show is for cells and small programs: it panics if the chart has an error, the description is empty or the file
// cannot be written. [Save] and [Chart.PNG] return errors.
func Show(c *Chart, description string) { ShowIn("", c, description) }

// ShowIn is [Show] in an element of the notebook that has an id, any text that no other element has: the first time it
// puts the chart there, and from then on it replaces it.
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
