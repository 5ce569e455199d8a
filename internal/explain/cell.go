package explain

import (
	"regexp"
	"strings"
)

// A Place is a message about a line of a cell. Line is 0 where only the message is known.
type Place struct {
	Cell, Line int
	Text       string
}

// shownPlaces is how many messages of the compiler a cell shows.
const shownPlaces = 10

// Failure returns the lines that say why a cell did not compile: each message with its
// place and, behind an arrow, what it means. Names are what could have been meant by a
// name that is not defined; failed returns the number of the cell that alone declares a
// name and did not compile, or 0.
func (c Catalogue) Failure(places []Place, names []string, failed func(name string) int) []string {
	var lines []string
	for i, p := range places {
		if p.Text == "" || i >= shownPlaces {
			continue
		}
		line := p.Text
		if p.Line > 0 {
			line = c.Say("where", p.Cell, p.Line, p.Text)
		}
		lines = append(lines, line)
		if says := c.Compile(p.Text, names); says != "" {
			lines = append(lines, "→ "+says)
		}
		if name, ok := strings.CutPrefix(p.Text, "undefined: "); ok {
			if n := failed(name); n > 0 {
				lines = append(lines, "→ "+c.Say("only-failed", name, n))
			}
		}
	}
	return lines
}

var endings = regexp.MustCompile(`(?m)^(?:panic: |fatal error: ).*$`)

// FirstPanic returns the line of a program's output that says why it ended, or "".
func FirstPanic(output string) string {
	return strings.TrimSuffix(endings.FindString(output), " [recovered]")
}
