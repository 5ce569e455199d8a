// Package display shows data in a notebook cell. It speaks the protocol of the GoNB
// kernel: messages in the format of encoding/gob, over two named pipes. It does not
// import GoNB's packages, which would make the program of each cell that draws
// larger. In a web page, where a cell is a program for js/wasm, it calls the page.
package display

import (
	"fmt"
	"math/rand/v2"
	"runtime"
)

// Page says that the program is one for a web page, if it is in a notebook at all.
const Page = runtime.GOOS == "js"

// Data is the content of Jupyter's display_data message.
type Data struct {
	Content  map[string]any // by MIME type, each a string or a []byte
	Metadata map[string]any // of strings, ints and such maps
	ID       string         // of an element that the next data with the ID replaces, or ""
}

// MIME types for Data.Content.
const (
	HTML = "text/html"
	Text = "text/plain"
	PNG  = "image/png"
	SVG  = "image/svg+xml"
)

// NewID returns a unique ID for an element.
func NewID() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }
