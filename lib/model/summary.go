package model

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A summaryRow describes one layer.
type summaryRow struct {
	name   string
	depth  int // within how many Residuals it lies
	output Shape
	params int // those of layers within it included
}

// Summary returns a table with the layers in order, the shape of one sample
// after each (channels × height × width for an image), and its number of
// parameters that are trained. Layers within a Residual are indented, and their parameters are
// counted at the Residual.
func (n *Network) Summary() string {
	table := [][3]string{
		{"layer", "output", "parameters"},
		{"input", n.input.String(), ""},
	}
	for _, r := range n.rows {
		table = append(table, [3]string{
			strings.Repeat("  ", r.depth) + r.name, r.output.String(), strconv.Itoa(r.params),
		})
	}
	table = append(table, [3]string{"total", "", strconv.Itoa(len(n.theta))})
	if n.frozen > 0 {
		table = append(table, [3]string{"frozen", "", strconv.Itoa(n.frozen)})
	}
	if running := len(n.buffers) - n.frozen; running > 0 {
		table = append(table, [3]string{"running statistics", "", strconv.Itoa(running)})
	}
	return align(table)
}

// align pads the cells of a column to one width, the last column on the left.
func align(table [][3]string) string {
	var width [3]int
	for _, row := range table {
		for j, cell := range row {
			width[j] = max(width[j], utf8.RuneCountInString(cell))
		}
	}
	var s strings.Builder
	for _, row := range table {
		line := fmt.Sprintf("%-*s  %-*s  %*s", width[0], row[0], width[1], row[1], width[2], row[2])
		s.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return s.String()
}
